/** What the whole filter adds up to, by pool: a project of both counts in each, so the pools are never added. */
import type { Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import { Money } from "@/shared/Money";
import css from "./foot.module.css";

type List = Pick<Schemas["ProjectList"], "count" | "sum" | "left_out">;

/** What no sum counts, in words; empty where there is nothing. */
export function useLeftOut(leftOut: Schemas["LeftOut"] | null | undefined, without = 0): string {
  const { t } = useTranslation("ledger");
  const parts = leftOut
    ? (["parents", "terminated", "merged"] as const).filter((one) => leftOut[one] > 0).map((one) => t(`leftOut.${one}`, { count: leftOut[one] }))
    : [];
  if (without > 0) parts.push(t("leftOut.withoutAmount", { count: without }));
  return parts.length ? t("leftOut.all", { what: parts.join(t("common:listSeparator")) }) : "";
}

/** The sums of each pool with their counts. */
export function PoolSums({ sums }: { sums: readonly Schemas["PoolSum"][] | null | undefined }) {
  const { t } = useTranslation("ledger");
  const { label } = useMeta();
  return (
    <>
      {(sums ?? []).map((sum) => (
        <span key={sum.pool} className={css.pool}>
          {said(label("Pool", sum.pool))} {t("projects", { count: sum.count })}
          <b>
            <Money yuan={sum.planned_total} unit="yi" decimals={2} />
          </b>
        </span>
      ))}
    </>
  );
}

export function Foot({ list }: { list: List }) {
  const { t } = useTranslation("ledger");
  const without = (list.sum ?? []).reduce((total, sum) => total + sum.without_amount, 0);
  const leftOut = useLeftOut(list.left_out, without);
  return (
    <>
      <b>{t("total", { shown: countText(list.count) })}</b>
      <PoolSums sums={list.sum} />
      <span className={css.note}>
        {t("wholeFilter")}
        {leftOut && ` ${leftOut}`}
      </span>
    </>
  );
}
