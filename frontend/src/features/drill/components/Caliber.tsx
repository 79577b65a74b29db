import type { Schemas } from "@/api/client";
import { said, useTranslation } from "@/i18n";
import type { Figure } from "../rows";
import css from "../pages/drill.module.css";

/** How the figure is counted, and of what the reader sees. */
export function Caliber({ name, caliber, scope }: { name: Figure; caliber: Schemas["Label"] | null; scope: Schemas["ScopeRead"] }) {
  const { t } = useTranslation("drill");
  return (
    <p className={css.caliber}>
      {caliber ? said(caliber) : `${name === "signings" ? t("caliber") : ""}${t("totals:workingCaliber")}`} · {said(scope)}
    </p>
  );
}
