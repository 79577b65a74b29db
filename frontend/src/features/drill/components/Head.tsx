import { CircleAlert, CircleCheck } from "lucide-react";
import { useTranslation } from "@/i18n";
import { fen, shown, unitOf, withUnit } from "@/shared/money";
import { Money } from "@/shared/Money";
import type { Figure, Proof, Total } from "../rows";
import { type Amount, PartsBar } from "./PartsBar";
import css from "../pages/drill.module.css";

interface Props {
  name: Figure;
  total: Total;
  /** What the rows or groups add up to; null while they are still read. */
  proof: Proof | null;
  /** How many rows were read. */
  read?: number;
  /** Whether it is groups that are added up. */
  isGrouped?: boolean;
  parts: readonly Amount[];
  marked: string | null;
  onMark: (key: string | null) => void;
}

/** The figure again, its parts, and whether the rows or groups add up to it. */
export function Head({ name, total, proof, read, isGrouped, parts, marked, onMark }: Props) {
  const { t } = useTranslation("drill");
  const { t: common } = useTranslation("common");
  return (
    <section className={css.head}>
      <div className={css.figures}>
        {total.amount !== null && (
          <span className={css.large}>
            <Money yuan={total.amount} />
          </span>
        )}
        <span className={css.small}>
          {t(name === "signings" ? "count" : "projects")}
          <b>
            {total.count.toLocaleString("en")} <small>{common("unit.project", { count: total.count })}</small>
          </b>
        </span>
        {name === "signings" && (
          <span className={css.small}>
            {t("landed")}
            <b>
              {total.landed} <small>{common("unit.project", { count: total.landed })}</small>
            </b>
          </span>
        )}
        {proof ? <Verdict total={total} proof={proof} isGrouped={isGrouped} /> : <span className={css.reading}>{t("reading", { count: read })}</span>}
      </div>
      <PartsBar parts={parts} marked={marked} onMark={onMark} />
    </section>
  );
}

function Verdict({ total, proof, isGrouped }: { total: Total; proof: Proof; isGrouped?: boolean }) {
  const { t } = useTranslation("drill");
  const amount = total.amount === null ? null : fen(total.amount);
  const isEqual = proof.count === total.count && (amount === null || proof.amount === amount) && proof.landed === total.landed;
  const unit = amount === null ? "yi" : unitOf(amount);
  const value = amount === null ? "" : withUnit(shown(proof.amount, unit, unit === "yi" ? 1 : 0), t(`common:unit.${unit}`));
  const parts = t(isGrouped ? "groups" : "rows", { count: proof.rows });
  const numbers = { parts, count: proof.count, amount: value && t("amountToo", { value }) };
  const Sign = isEqual ? CircleCheck : CircleAlert;
  return (
    <span className={isEqual ? css.equal : css.unequal}>
      <Sign size={15} strokeWidth={1.75} aria-hidden="true" />
      {t(isEqual ? "equal" : "unequal", numbers)}
    </span>
  );
}
