import { ChevronRight } from "lucide-react";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { fen, scaleOf, shown } from "@/shared/money";
import { StageRing } from "@/shared/StageTag";
import { pageOf, To } from "@/shared/To";
import type { Funnel } from "../api";
import css from "./tables.module.css";

type Stage = Funnel["stages"][number];

/** The stages up to the last one in which anything happened or stands. */
export function stagesInUse(stages: readonly Stage[]): readonly Stage[] {
  const last = stages.findLastIndex((stage) => stage.entered || stage.left || stage.present?.count);
  return stages.slice(0, last + 1);
}

export function FunnelCard({ funnel }: { funnel: Funnel }) {
  const { t } = useTranslation("cockpit");
  const { t: common } = useTranslation("common");
  const stages = stagesInUse(funnel.stages);
  const most = Math.max(1, ...stages.map((stage) => stage.entered));
  const { unit, decimals } = scaleOf(stages.map((stage) => fen(stage.present?.amount ?? "0")));
  return (
    <Card
      title={t("funnel.title")}
      note={<span title={said(funnel.caliber)}>{t(stages.some((stage) => !stage.present) ? "funnel.notPast" : "funnel.note")}</span>}
      extra={
        <To href="/pipeline" className={css.more}>
          {t("funnel.board")}
          <ChevronRight size={14} strokeWidth={1.75} aria-hidden="true" />
        </To>
      }
      className={css.card}
    >
      <table className={`${css.table} ${css.funnel}`}>
        <thead>
          <tr>
            <th scope="col">{t("funnel.stage")}</th>
            <th scope="col" colSpan={2}>
              {t("funnel.entered")}
            </th>
            <th scope="col" className={css.right}>
              {t("funnel.forward")}
            </th>
            <th scope="col" className={`${css.right} ${css.wide}`}>
              {t("funnel.median")}
            </th>
            <th scope="col" className={css.right}>
              {t("funnel.present")}
            </th>
            <th scope="col" className={css.right}>
              {t("funnel.overdue")}
            </th>
            <th scope="col" className={`${css.right} ${css.wide}`}>
              {t("funnel.planned", { unit: common(`unit.${unit}`) })}
            </th>
          </tr>
        </thead>
        <tbody>
          {stages.map((stage) => (
            <tr key={stage.stage}>
              <th scope="row" title={said({ zh: stage.name_zh, en: stage.name_en })}>
                <StageRing stage={stage.stage} size={12} /> {said({ zh: stage.name_zh, en: stage.name_en })}
              </th>
              <td className={css.bar} aria-hidden="true">
                <i style={{ width: `${(stage.entered / most) * 100}%` }} />
              </td>
              <Cell value={stage.entered} url={stage.entered_url} isStrong />
              <Cell value={stage.left_forward} url={stage.left_forward_url} />
              <td className={`${css.right} ${css.wide} ${stage.median_days ? "" : css.none}`}>
                {stage.median_days === null ? "—" : t("funnel.days", { count: stage.median_days })}
              </td>
              <Cell value={stage.present?.count} url={stage.present?.rows_url} />
              <Cell value={stage.present?.overdue} url={stage.present?.overdue_url} isDanger />
              <td className={`${css.right} ${css.wide}`}>
                {stage.present?.count ? shown(fen(stage.present.amount), unit, decimals) : <span className={css.none}>—</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

interface CellProps {
  /** None where the API does not say it, such as what stood at a past moment. */
  value: number | undefined;
  url: string | undefined;
  isStrong?: boolean;
  isDanger?: boolean;
}

function Cell({ value, url, isStrong, isDanger }: CellProps) {
  const tone = value === 0 ? css.none : isDanger ? css.danger : isStrong ? css.strong : "";
  return (
    <td className={css.right}>
      {!value ? (
        <span className={css.none}>{value ?? "—"}</span>
      ) : (
        <To href={pageOf(url) ?? "#"} className={tone}>
          {value.toLocaleString("en")}
        </To>
      )}
    </td>
  );
}
