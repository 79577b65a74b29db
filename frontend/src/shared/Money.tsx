import { useTranslation } from "@/i18n";
import { fen, type MoneyUnit, shown, unitOf } from "./money";
import css from "./text.module.css";

interface Props {
  /** In yuan, as the API writes it; null is shown as «not filled in». */
  yuan: string | null | undefined;
  /** The unit of the column; by default 亿元 from one 亿, else 万元. */
  unit?: MoneyUnit;
  decimals?: number;
  /** False where the head of the column has the unit. */
  hasUnit?: boolean;
  /** Shown where there is no amount. */
  none?: string;
}

/** An amount, with the whole of it in yuan in its title. */
export function Money({ yuan, unit, decimals, hasUnit = true, none }: Props) {
  const { t } = useTranslation("common");
  if (yuan === null || yuan === undefined) return <span className={css.none}>{none ?? t("notFilled")}</span>;
  const amount = fen(yuan);
  const inUnit = unit ?? (amount ? unitOf(amount) : "yi");
  // Below one 亿, in a column of 亿元, one decimal would round too much away.
  const places = decimals ?? (inUnit !== "yi" || (hasUnit && !amount) ? 0 : hasUnit && unitOf(amount) === "yi" ? 1 : 2);
  return (
    <span className={css.figure} title={`${shown(amount, "yuan", amount % 100n ? 2 : 0)} ${t("unit.yuan")}`}>
      {shown(amount, inUnit, places)}
      {hasUnit && <small className={css.unit}> {t(`unit.${inUnit}`)}</small>}
    </span>
  );
}
