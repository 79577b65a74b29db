import { Segmented } from "antd";
import { ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useIsPhone } from "@/app/phone";
import { said } from "@/i18n";
import i18next from "i18next";
import { Card } from "@/shared/Card";
import { fen, scaleOf, share, shown } from "@/shared/money";
import { Ranking, type RankRow } from "@/shared/Ranking";
import { pageOf, To } from "@/shared/To";
import { type Dimension, DIMENSIONS, type Group } from "../api";
import css from "./tables.module.css";
import own from "./rank.module.css";

/** Returns groups as rows of a ranking: largest first, the one without a value last. */
export function useRank(groups: readonly Group[] | undefined): { rows: RankRow[]; unit: "yi" | "wan" } {
  const { t } = useTranslation("cockpit");
  const sorted = [...(groups ?? [])].sort((a, b) => {
    if ((a.key === "none") !== (b.key === "none")) return a.key === "none" ? 1 : -1;
    const difference = fen(b.amount) - fen(a.amount);
    return difference > 0n ? 1 : difference < 0n ? -1 : b.count - a.count;
  });
  const amounts = sorted.map((group) => fen(group.amount));
  const largest = sorted.reduce((most, group) => (group.key !== "none" && fen(group.amount) > most ? fen(group.amount) : most), 0n);
  const most = amounts.reduce((a, b) => (b > a ? b : a), largest);
  const { unit, decimals } = scaleOf(amounts);
  const rows = sorted.map((group) => ({
    key: group.key,
    name: (i18next.language !== "en" && group.label.short_name) || said(group.label),
    title: said(group.label),
    value: shown(fen(group.amount), unit, decimals),
    length: share(fen(group.amount), most),
    count: t("rankCount", { count: group.count }),
    href: pageOf(group.entries_url) ?? undefined,
    isNone: group.key === "none",
  }));
  return { rows, unit: unit === "wan" ? "wan" : "yi" };
}

export function UnitCard({ groups, allHref }: { groups: readonly Group[] | undefined; allHref: string | null }) {
  const { t } = useTranslation("cockpit");
  const { t: common } = useTranslation("common");
  const isPhone = useIsPhone();
  const { rows, unit } = useRank(groups);
  return (
    <Card
      title={t(isPhone ? "byUnitShort" : "byUnit")}
      note={t("rankNote", { unit: common(`unit.${unit}`) })}
      extra={
        allHref && (
          <To href={allHref} className={css.more}>
            {t("allDimensions")}
            <ChevronRight size={14} strokeWidth={1.75} aria-hidden="true" />
          </To>
        )
      }
      className={css.card}
    >
      {rows.length ? <Ranking rows={rows} highlight={1} /> : <p className={css.empty}>{t("noGroups")}</p>}
    </Card>
  );
}

interface Props {
  groups: { [dimension: string]: readonly Group[] };
  dimension: Dimension;
  onChange: (dimension: Dimension) => void;
}

export function DimensionCard({ groups, dimension, onChange }: Props) {
  const { t } = useTranslation("cockpit");
  const { t: totals } = useTranslation("totals");
  const { rows } = useRank(groups[dimension]);
  return (
    <Card
      title={
        <span className={own.title}>
          {t("by")}
          <Segmented
            size="small"
            aria-label={t("byDimension")}
            value={dimension}
            options={DIMENSIONS.map((one) => ({ value: one, label: totals(`dimension.${one}`) }))}
            onChange={onChange}
          />
        </span>
      }
      className={`${css.card} ${own.card}`}
    >
      {rows.length ? <Ranking rows={rows} /> : <p className={css.empty}>{t("noGroups")}</p>}
    </Card>
  );
}
