import { nameOf, useTranslation } from "@/i18n";
import css from "./text.module.css";

/** The prefix of made-up names; without a colon only before what is a name by itself, such as «示例干部03». */
const MADE_UP = /^(示例[：:]|示例(?=[一-鿿]{2,}\d)|示例(?=.*公司)|Sample: ?)/;

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
