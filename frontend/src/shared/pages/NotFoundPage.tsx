import { useTranslation } from "@/i18n";
import { To } from "@/shared/To";
import css from "./pages.module.css";

export function NotFoundPage() {
  const { t } = useTranslation("common");
  return (
    <div className={css.page}>
      <h1>{t("state.noPage")}</h1>
      <p>{t("state.noPageText")}</p>
      <To href="/">{t("state.home")}</To>
    </div>
  );
}
