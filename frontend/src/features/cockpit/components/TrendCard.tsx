import { Segmented } from "antd";
import { lazy, Suspense } from "react";
import { useIsPhone } from "@/app/phone";
import { useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { fen, scaleOf, shown } from "@/shared/money";
import { monthName } from "@/shared/PeriodControls";
import { pageOf, To } from "@/shared/To";
import type { Overview } from "../api";
import { monthsShown } from "../trend";
import tables from "./tables.module.css";
import css from "./trend.module.css";

/** Without a line, or after an update, the part with the chart cannot be had: only the chart is missing then. */
const TrendChart = lazy(() => import("./TrendChart").catch(() => ({ default: NotLoaded })));

function NotLoaded() {
  const { t } = useTranslation("cockpit");
  return <p className={css.notLoaded}>{t("trend.notLoaded")}</p>;
}

interface Props {
  signings: Overview["signings"];
  /** The name of the period, for the sentence that names the chart. */
  name: string;
  isTable: boolean;
  onTable: (isTable: boolean) => void;
}

/** Returns the sentence that stands for the chart, and its months with their amounts as shown. */
export function useTrend(signings: Overview["signings"], name: string, months: number) {
  const { t, language } = useTranslation("cockpit");
  const { t: common } = useTranslation("common");
  const trend = monthsShown(signings.trend, months);
  const { unit, decimals } = scaleOf(trend.map((month) => fen(month.amount)));
  const places = Math.max(1, decimals) === 2 ? 1 : Math.max(decimals, unit === "yi" ? 1 : 0);
  const bars = trend.map((month) => ({
    ...month,
    name: monthName(Number(month.month.slice(5)), language),
    year: month.month.slice(0, 4),
    text: shown(fen(month.amount), unit, places),
  }));
  const inPeriod = bars.filter((bar) => bar.is_in_period).map((bar) => `${bar.name} ${bar.text}`);
  const label = t("trend.label", {
    name,
    amount: `${shown(fen(signings.amount), unit, places)} ${common(`unit.${unit}`)}`,
    months: inPeriod.join(common("listSeparator")),
  });
  return { bars, unit, label };
}

export function TrendCard({ signings, name, isTable, onTable }: Props) {
  const { t } = useTranslation("cockpit");
  const { t: common } = useTranslation("common");
  const { bars, unit, label } = useTrend(signings, name, useIsPhone() ? 6 : 13);
  return (
    <Card
      title={t("trend.title")}
      note={t("trend.note", { unit: common(`unit.${unit}`) })}
      extra={
        <Segmented
          size="small"
          className={css.switch}
          value={isTable ? "table" : "chart"}
          options={[
            { value: "chart", label: t("trend.showChart") },
            { value: "table", label: t("trend.showTable") },
          ]}
          onChange={(value) => onTable(value === "table")}
        />
      }
      className={css.card}
    >
      <div className={isTable ? css.onlyPrint : css.chart}>
        {!isTable && (
          <Suspense fallback={null}>
            <TrendChart bars={bars} unit={unit} label={label} />
          </Suspense>
        )}
      </div>
      <div className={isTable ? css.scroll : css.onlyPrint}>
        <table className={tables.table}>
          <thead>
            <tr>
              <th scope="col">{t("trend.month")}</th>
              <th scope="col" className={tables.right}>
                {t("trend.amount", { unit: common(`unit.${unit}`) })}
              </th>
              <th scope="col" className={tables.right}>
                {t("trend.count")}
              </th>
            </tr>
          </thead>
          <tbody>
            {bars.map((bar) => (
              <tr key={bar.month}>
                <th scope="row" className={bar.is_in_period ? tables.strong : ""}>
                  {bar.month}
                </th>
                <td className={`${tables.right} ${tables.strong}`}>
                  <To href={pageOf(bar.entries_url) ?? "#"}>{bar.text}</To>
                </td>
                <td className={tables.right}>{bar.count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
