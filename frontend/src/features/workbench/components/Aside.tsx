/** Beside the queue: two weeks ahead, what was seen last, the quarter in one line. */
import { useQuery } from "@tanstack/react-query";
import { Building2, ChevronRight } from "lucide-react";
import { queries } from "@/api/client";
import { useMe, useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { shortDay } from "@/shared/days";
import { plainName, RecordName } from "@/shared/RecordName";
import { pageOfRecord } from "@/shared/records";
import { useSeen } from "@/shared/seen";
import { StageRing } from "@/shared/StageTag";
import { pageOf, To } from "@/shared/To";
import type { Tasks } from "../api";
import { pageOfTask } from "./TaskLine";
import css from "./aside.module.css";

export function TwoWeeks({ agenda }: { agenda: NonNullable<Tasks["agenda"]> }) {
  const { t } = useTranslation("workbench");
  const today = useToday();
  const last = agenda.days.at(-1)?.on ?? today;
  // The agenda tells of what comes later too, for a queue that is empty.
  const items = agenda.items.filter((task) => task.due_on !== null && task.due_on <= last);
  return (
    <Card title={t("twoWeeks")} note={t("twoWeeksNote")}>
      <div className={css.days}>
        {([1, 2, 3, 4, 5, 6, 7] as const).map((day) => (
          <span key={day} className={css.head}>
            {t(`weekdaysShort.${day}`)}
          </span>
        ))}
        {agenda.days.map((day) => (
          <span
            key={day.on}
            className={`${css.day} ${day.is_workday ? "" : css.rest} ${day.on === today ? css.today : ""}`}
            title={day.count ? t("onDay", { day: day.on, count: day.count }) : day.on}
          >
            <span>{Number(day.on.slice(8))}</span>
            {day.count > 0 && <i role="img" aria-label={t("onDay", { day: day.on, count: day.count })} />}
          </span>
        ))}
      </div>
      <ul className={css.next}>
        {items.map((task) => (
          <li key={`${task.kind}${task.id}`}>
            <span>{task.due_on && shortDay(task.due_on, today)}</span>
            <To href={pageOfTask(task)} title={said(task)}>
              {plainName(task.subject.name)} {task.milestone?.name ?? plainName(task.next_step ?? "")}
            </To>
          </li>
        ))}
        {items.length === 0 && <li className={css.nothing}>{t("nothingAhead")}</li>}
      </ul>
    </Card>
  );
}

const SHOWN = 6;

export function Recent() {
  const { t } = useTranslation("workbench");
  const { label, stage } = useMeta();
  const seen = useSeen().slice(0, SHOWN);
  const ids = seen.filter((one) => one.type === "project").map((one) => one.id);
  const projects = useQuery({
    ...queries.queryOptions("get", "/api/v1/projects", { params: { query: { ids: ids.join(), limit: SHOWN } } }),
    enabled: ids.length > 0,
    placeholderData: (previous) => previous,
  });
  if (!seen.length) return null;
  return (
    <Card title={t("recent")} isBare>
      <ul className={css.recent}>
        {seen.map((one) => {
          const project = projects.data?.items.find((row) => row.id === one.id);
          const at = project && stage(project.stage);
          const note = at ? said({ zh: at.name_zh, en: at.name_en }) : one.type === "project" ? "" : said(label("Kind", one.type));
          return (
            <li key={one.id}>
              <To href={pageOfRecord(one.type, one.id) ?? "/"}>
                {project ? <StageRing stage={project.stage} /> : <Building2 size={13} strokeWidth={1.75} aria-hidden="true" />}
                <span className={css.name}>
                  <RecordName of={project ?? one} illustrative={project?.is_illustrative} />
                </span>
                <small>{note}</small>
              </To>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

export function ThisQuarter({ quarter }: { quarter: NonNullable<Tasks["quarter"]> }) {
  const { t } = useTranslation("workbench");
  const me = useMe();
  const rows = pageOf(quarter.entries_url) ?? "/cockpit";
  const landed = pageOf(quarter.same_quarter_landed_url) ?? "/cockpit";
  const cockpit = me.pages.includes("cockpit") && (
    <To href="/cockpit">
      {t("common:pages.cockpit")}
      <ChevronRight size={13} strokeWidth={1.75} aria-hidden="true" />
    </To>
  );
  return (
    <Card title={t("quarter")} extra={cockpit}>
      <div className={css.quarter}>
        <To href={rows}>
          <b>{quarter.amount_yi}</b> {t("quarterSigned")}
        </To>
        <To href={rows}>
          <b>{quarter.count}</b> {t("common:unit.project", { count: quarter.count })}
        </To>
        <To href={landed}>
          <b>{quarter.same_quarter_landed}</b> {t("quarterLanded")}
        </To>
      </div>
    </Card>
  );
}
