import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Button } from "antd";
import { Pencil, Target } from "lucide-react";
import { useState } from "react";
import { Title } from "@/app/shell/title";
import { useMeta, useToday } from "@/app/who";
import { nameOf, said, shortNameOf, useTranslation } from "@/i18n";
import { Activity } from "@/shared/Activity";
import { Card } from "@/shared/Card";
import { Money } from "@/shared/Money";
import { ProjectTable } from "@/shared/ProjectTable";
import { plainName, RecordName } from "@/shared/RecordName";
import { Columns, Facts, Figure, MiniTable, Nothing, RecordHead, Tag, useEditKey } from "@/shared/RecordPage";
import { useMarkSeen } from "@/shared/seen";
import { QueryView, Skeleton } from "@/shared/StateView";
import { pageOf, To } from "@/shared/To";
import { performanceOptions, projectsOptions, type TaskForce, taskForceOptions } from "../api";
import { TargetBar } from "../components/TargetBar";
import { TargetForm, TaskForceForm } from "../components/TaskForceForm";
import { useYear, YearSwitch } from "../components/YearSwitch";
import css from "../taskforces.module.css";

export function TaskForcePage() {
  const { taskForceId } = useParams({ strict: false }) as { taskForceId: string };
  const { t } = useTranslation("taskforces");
  const query = useQuery(taskForceOptions(taskForceId));
  const name = query.data ? plainName(nameOf(query.data)) : t("common:pages.taskforces");
  useMarkSeen(query.data ? { type: "task_force", id: query.data.id, code: null, name: query.data.name } : null);
  return (
    <>
      <Title text={name}>
        <To href="/task-forces">{t("common:pages.taskforces")}</To>
        <h1>{name}</h1>
      </Title>
      <QueryView query={query} skeleton={<Skeleton rows={10} columns={3} />}>
        {(taskForce) => <Page key={taskForce.id} taskForce={taskForce} />}
      </QueryView>
    </>
  );
}

function Page({ taskForce }: { taskForce: TaskForce }) {
  const { t } = useTranslation("taskforces");
  const { field } = useMeta();
  const today = useToday();
  const year = useYear();
  const [isEditing, setIsEditing] = useState(false);
  const [targetYear, setTargetYear] = useState<number | null>(null);
  const performance = useQuery({ ...performanceOptions(taskForce.id, year), placeholderData: (previous) => previous });
  const projects = useQuery(projectsOptions(taskForce.id));
  const of = (name: string) => said(field("task_force", name));
  const may = (act: string) => act in taskForce.may && taskForce.may[act] === null;
  useEditKey(may("edit") ? () => setIsEditing(true) : null);
  const figures = performance.data;
  const isClosed = taskForce.closed_on !== null && taskForce.closed_on <= today;
  return (
    <>
      <RecordHead
        name={<RecordName of={taskForce} />}
        figures={
          <>
            <Figure caption={t("projects")} href={pageOf(figures?.projects_url)}>
              {figures ? figures.projects : "…"} <small>{t("common:unit.project", { count: figures?.projects })}</small>
            </Figure>
            <Figure caption={t("overdue")} href={pageOf(figures?.overdue_url)} tone={figures?.overdue ? "danger" : undefined}>
              {figures ? figures.overdue : "…"} <small>{t("common:unit.project", { count: figures?.overdue })}</small>
            </Figure>
            <Figure caption={t("signedIn", { year })} href={pageOf(figures?.entries_url)}>
              {figures ? <Money yuan={figures.amount.reached} /> : "…"}
            </Figure>
          </>
        }
        acts={
          <>
            {may("edit") && (
              <Button icon={<Pencil size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setIsEditing(true)}>
                {t("common:edit")}
              </Button>
            )}
            {may("set_target") && (
              <Button type="primary" icon={<Target size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setTargetYear(year)}>
                {t("setTarget")}
              </Button>
            )}
          </>
        }
      >
        {isClosed && <Tag tone="warn">{t("closed", { day: taskForce.closed_on })}</Tag>}
        <span>
          {of("lead_official")}{" "}
          {taskForce.lead_official ? (
            <To href={`/officials/${taskForce.lead_official.id}`}>
              <RecordName of={taskForce.lead_official} />
            </To>
          ) : (
            t("common:notFilled")
          )}
        </span>
        {taskForce.lead_unit && (
          <span>
            · {of("lead_unit")} {shortNameOf(taskForce.lead_unit)}
          </span>
        )}
        {taskForce.cadence && (
          <span>
            · <RecordName of={{ name: taskForce.cadence }} />
          </span>
        )}
      </RecordHead>
      <Columns side={<Activity of="taskForce" id={taskForce.id} />}>
        <Card title={t("performance")} extra={<YearSwitch />}>
          <QueryView query={performance} skeleton={<Skeleton rows={2} columns={3} />}>
            {(year) => (
              <>
                <div className={css.targets}>
                  <div>
                    <div className={css.caption}>{t("amount")}</div>
                    <TargetBar figure={year.amount} isAmount href={pageOf(year.entries_url)} label={t("rowsOf", { name: nameOf(taskForce) })} />
                  </div>
                  <div>
                    <div className={css.caption}>{t("signings")}</div>
                    <TargetBar figure={year.signings} href={pageOf(year.entries_url)} label={t("rowsOf", { name: nameOf(taskForce) })} />
                  </div>
                  <div>
                    <div className={css.caption}>{t("landed")}</div>
                    <TargetBar figure={year.same_quarter_landed} label="" />
                  </div>
                </div>
                <p className={css.caliber}>{said(year.caliber)}</p>
              </>
            )}
          </QueryView>
        </Card>
        <Card title={t("targets")}>
          {taskForce.targets.length ? (
            <MiniTable
              label={t("targets")}
              head={[t("ofYear"), t("amount"), t("signings"), t("landed"), ""]}
              rows={taskForce.targets.map((target) => ({
                key: String(target.year),
                cells: [
                  target.year,
                  <Money key="amount" yuan={target.amount} unit="yi" decimals={2} none={t("noTarget")} />,
                  target.signings ?? t("noTarget"),
                  target.same_quarter_landed ?? t("noTarget"),
                  may("set_target") ? (
                    <span key="acts" className={css.acts}>
                      <Button type="link" size="small" onClick={() => setTargetYear(target.year)}>
                        {t("change")}
                      </Button>
                    </span>
                  ) : (
                    ""
                  ),
                ],
              }))}
            />
          ) : (
            <Nothing>{t("noTargets")}</Nothing>
          )}
        </Card>
        <Card
          title={t("projects")}
          note={projects.data?.count && projects.data.count.value > projects.data.items.length ? t("largest", { count: projects.data.items.length }) : undefined}
          extra={projects.data?.items.length ? <To href={`/projects?task_force_id=${taskForce.id}&is_leaf=true&status=active`}>{t("inLedger")}</To> : undefined}
        >
          <QueryView query={projects} skeleton={<Skeleton rows={5} />}>
            {(list) => (list.items.length ? <ProjectTable label={t("projects")} rows={list.items} /> : <Nothing>{t("noProjects")}</Nothing>)}
          </QueryView>
        </Card>
        <Card title={t("people")}>
          {taskForce.members.length ? (
            <MiniTable
              label={t("people")}
              head={[t("member"), t("duty")]}
              rows={taskForce.members.map((member) => ({
                key: member.official_id,
                cells: [
                  <To key="name" href={`/officials/${member.official_id}`}>
                    <RecordName of={member.official} />
                  </To>,
                  member.duty ? <RecordName key="duty" of={{ name: member.duty }} /> : t("common:notFilled"),
                ],
              }))}
            />
          ) : (
            <Nothing>{t("noPeople")}</Nothing>
          )}
        </Card>
        <Card title={t("facts")}>
          <Facts
            facts={[
              { label: of("short_name"), value: taskForce.short_name },
              { label: of("name_en"), value: taskForce.name_en },
              { label: of("lead_unit"), value: taskForce.lead_unit && nameOf(taskForce.lead_unit) },
              { label: of("cadence"), value: taskForce.cadence && <RecordName of={{ name: taskForce.cadence }} /> },
              { label: of("opened_on"), value: taskForce.opened_on },
              { label: of("closed_on"), value: taskForce.closed_on ?? t("open") },
              { label: of("unit_ids"), value: taskForce.units.map((unit) => shortNameOf(unit)).join(t("common:listSeparator")), isWide: true },
              { label: of("industries"), value: taskForce.industries.map(said).join(t("common:listSeparator")), isWide: true },
              { label: of("source"), value: taskForce.source, isWide: true },
            ]}
          />
        </Card>
      </Columns>
      <TaskForceForm open={isEditing} onClose={() => setIsEditing(false)} taskForce={taskForce} />
      <TargetForm taskForce={taskForce} year={targetYear} onClose={() => setTargetYear(null)} />
    </>
  );
}
