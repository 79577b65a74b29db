import { Segmented } from "antd";
import { ChevronRight } from "lucide-react";
import { useIsPhone } from "@/app/phone";
import { useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { Ranking } from "@/shared/Ranking";
import { To } from "@/shared/To";
import { useRank } from "@/shared/useRank";
import { type Dimension, DIMENSIONS, type Group } from "../api";
import css from "./tables.module.css";
import own from "./rank.module.css";

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
