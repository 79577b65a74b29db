import { Button } from "antd";
import { useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { addDays, daysBetween } from "@/shared/days";
import { Refusal } from "@/shared/Refusal";
import { StageRing } from "@/shared/StageTag";
import type { Milestone, Project } from "../api";
import { type Line, linesOf } from "../model";
import css from "./plan.module.css";

interface Props {
  project: Project;
  onReport: (milestone: Milestone) => void;
  onRevise: () => void;
}

/** The plan as a small Gantt: planned ◇, forecast, actual ◆; what has slipped in amber, with where it was as a ghost. */
export function Plan({ project, onReport, onRevise }: Props) {
  const { t } = useTranslation("project");
  const today = useToday();
  const plan = project.five_ones?.plan;
  const mayPublish = project.may.publish_plan === null;
  if (!plan || !plan.milestones.length) {
    return (
      <Card title={t("plan.title")}>
        <p className={css.none}>{t("plan.none")}</p>
        {mayPublish ? (
          <Button size="small" onClick={onRevise}>
            {t("five.publish")}
          </Button>
        ) : (
          <Refusal of={project.may.publish_plan} className={css.none} />
        )}
      </Card>
    );
  }
  const lines = linesOf(plan.milestones, project.five_ones!.plan_dates, plan.published_on, today);
  const days = [today, ...lines.flatMap((line) => [line.from, line.day, line.ghost ?? line.day])].sort();
  const first = addDays(days[0]!, -20);
  const span = Math.max(daysBetween(first, addDays(days.at(-1)!, 30)), 60);
  const at = (day: string) => `${(daysBetween(first, day) / span) * 100}%`;
  const years = yearsOf(first, addDays(first, span));
  const mayReport = project.may.report_milestone === null;
  return (
    <Card
      title={t("plan.title")}
      note={t("plan.note", { number: plan.number, day: plan.published_on })}
      extra={
        mayPublish && (
          <Button type="link" size="small" onClick={onRevise}>
            {t("five.revise")}
          </Button>
        )
      }
    >
      <div className={css.gantt}>
        <div className={css.scale} aria-hidden="true">
          {years.map((year) => (
            <span key={year.day} style={{ left: at(year.day) }}>
              {year.text}
            </span>
          ))}
          <b style={{ left: at(today) }}>{t("common:today")}</b>
        </div>
        <ol>
          {lines.map((line) => (
            <li key={line.milestone.id} className={css[line.state]}>
              <span className={css.name}>
                {line.milestone.leads_to && <StageRing stage={line.milestone.leads_to} />}
                <span title={line.milestone.name}>{line.milestone.name}</span>
              </span>
              <span className={css.track} aria-hidden="true">
                {years.map((year) => (
                  <u key={year.day} style={{ left: at(year.day) }} />
                ))}
                <s style={{ left: at(today) }} />
                <i className={css.bar} style={{ left: at(line.from), width: `calc(${at(line.day)} - ${at(line.from)})` }} />
                {line.ghost && <i className={css.ghost} style={{ left: at(line.ghost) }} />}
                <i className={css.mark} style={{ left: at(line.day) }} />
              </span>
              <span className={css.day}>
                <DayText line={line} today={today} />
              </span>
              <span className={css.act}>
                {mayReport && !line.milestone.actual_on && (
                  <Button type="link" size="small" aria-label={t("plan.reportOf", { name: line.milestone.name })} onClick={() => onReport(line.milestone)}>
                    {t("plan.report")}
                  </Button>
                )}
              </span>
            </li>
          ))}
        </ol>
      </div>
    </Card>
  );
}

function DayText({ line, today }: { line: Line; today: string }) {
  const { t } = useTranslation("project");
  const left = daysBetween(today, line.day);
  const moved = line.ghost ? daysBetween(line.ghost, line.day) : 0;
  return (
    <>
      {line.day}
      <small>
        {line.state === "done"
          ? t("plan.done")
          : line.state === "late"
            ? t("plan.late", { count: -left })
            : line.milestone.forecast_on
              ? t("plan.forecast", { count: left })
              : t("plan.left", { count: left })}
        {moved > 0 && <em>{t("plan.moved", { count: moved })}</em>}
      </small>
    </>
  );
}

function yearsOf(from: string, to: string): { day: string; text: string }[] {
  const years = [];
  for (let year = Number(from.slice(0, 4)) + 1; year <= Number(to.slice(0, 4)); year++) years.push({ day: `${year}-01-01`, text: String(year) });
  return years;
}
