import { useTranslation } from "@/i18n";
import { Money } from "./Money";
import { fen, type MoneyUnit, unitOf } from "./money";
import css from "./text.module.css";

interface Props {
  from: string | null;
  to: string | null;
  /** In 亿元 without saying so: the head of the column does. */
  isColumn?: boolean;
  /** The unit of a list; by default that of the amount. */
  unit?: MoneyUnit;
}

/** From how much to how much is to be invested; the second amount names the unit. */
export function Estimate({ from, to, isColumn, unit: given }: Props) {
  const { t } = useTranslation("common");
  const last = to ?? from;
  if (!last) return <span className={css.none}>{t("notFilled")}</span>;
  const own = unitOf(fen(last));
  const unit: MoneyUnit = isColumn ? "yi" : (given ?? own);
  const shape = { unit, decimals: unit !== "yi" ? 0 : isColumn || own !== "yi" ? 2 : 1 };
  return (
    <span>
      {from && from !== last && (
        <>
          <Money yuan={from} {...shape} hasUnit={false} />
          <span className={css.none}> – </span>
        </>
      )}
      <Money yuan={last} {...shape} hasUnit={!isColumn} />
    </span>
  );
}
