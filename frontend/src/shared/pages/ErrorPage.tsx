import { useTranslation } from "react-i18next";
import { Offline } from "@/api/problems";
import css from "./pages.module.css";

/** The service could not be reached when the page was opened: nothing else can be shown yet. */
export function ErrorPage({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation("common");
  return (
    <main className={css.page}>
      <h1>{t("state.error")}</h1>
      <p>{error instanceof Offline ? t("state.offline") : error.message}</p>
      <button type="button" onClick={onRetry}>
        {t("retry")}
      </button>
    </main>
  );
}
