import { useTranslation } from "react-i18next";
import { nameOf } from "@/i18n";
import css from "./text.module.css";

const MADE_UP = /^(示例[：:]?|Sample: ?)/;

/** The name of a record; made-up ones bear the 示例 mark in place of their prefix, everywhere. */
export function RecordName({ of, illustrative }: { of: { name: string; name_en?: string | null }; illustrative?: boolean }) {
  const { t } = useTranslation("common");
  const name = nameOf(of);
  const isMadeUp = illustrative || MADE_UP.test(name);
  return (
    <>
      {isMadeUp && <span className={css.mark}>{t("illustrative")}</span>}
      {name.replace(MADE_UP, "")}
    </>
  );
}

/** Returns the name without the prefix of made-up records, for places that hold text alone. */
export function plainName(name: string): string {
  return name.replace(MADE_UP, "");
}
