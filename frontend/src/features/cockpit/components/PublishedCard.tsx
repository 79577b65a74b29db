import { Check, ChevronRight, EqualNot } from "lucide-react";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { fen, shown } from "@/shared/money";
import { To } from "@/shared/To";
import type { Published } from "../api";
import css from "./tables.module.css";

interface Props {
  items: readonly Published[];
  href: string;
}

export function PublishedCard({ items, href }: Props) {
  const { t } = useTranslation("cockpit");
  const compared = items.filter((one) => one.is_equal !== null);
  return (
    <Card
      title={t("published.title")}
      extra={
        <To href={href} className={css.more}>
          {t("published.explain")}
          <ChevronRight size={14} strokeWidth={1.75} aria-hidden="true" />
        </To>
      }
      className={css.card}
    >
      {compared.length ? (
        <table className={`${css.table} ${css.published}`}>
          <thead>
            <tr>
              <th scope="col">{t("published.figure")}</th>
              <th scope="col" colSpan={2} className={css.right}>
                {t("published.said")}
              </th>
              <th scope="col" className={css.right}>
                {t("published.ours")}
              </th>
            </tr>
          </thead>
          <tbody>
            {compared.map((one) => (
              <Row key={one.published.id} item={one} href={href} />
            ))}
          </tbody>
        </table>
      ) : (
        <p className={css.empty}>{t("published.none")}</p>
      )}
    </Card>
  );
}

function Row({ item, href }: { item: Published; href: string }) {
  const { t } = useTranslation("cockpit");
  const { published, system } = item;
  const yi = (yuan: string) => shown(fen(yuan), "yi", 1);
  return (
    <tr className={item.is_equal ? "" : css.differs}>
      <th scope="row" title={published.caliber ?? undefined}>
        {published.min_planned_total ? t("published.from", { amount: shown(fen(published.min_planned_total), "yi", 0) }) : said(item.label)}
      </th>
      <td className={css.right}>
        {published.count !== null && t("totals:rankCount", { count: published.count })}
      </td>
      <td className={`${css.right} ${css.strong}`}>{published.amount && yi(published.amount)}</td>
      <td className={css.right}>
        <To href={href} className={item.is_equal ? css.agrees : css.differs}>
          {item.is_equal ? (
            <>
              <Check size={13} strokeWidth={1.75} aria-hidden="true" />
              {t("agreesShort")}
            </>
          ) : (
            <>
              <EqualNot size={13} strokeWidth={1.75} aria-hidden="true" />
              {system.count !== null && t("published.system", { count: system.count })} {system.amount && yi(system.amount)}
            </>
          )}
        </To>
      </td>
    </tr>
  );
}
