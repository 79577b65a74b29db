/** The head of a project's page: its name with what places it, amounts, acts, and what is not as usual. */
import { Button } from "antd";
import { Printer } from "lucide-react";
import { useIsPhone } from "@/app/phone";
import { useMe, useMeta } from "@/app/who";
import { nameOf, said, shortNameOf, useTranslation } from "@/i18n";
import { Estimate } from "@/shared/Estimate";
import { blocks } from "@/shared/gates/types";
import { Money } from "@/shared/Money";
import { plainName, RecordName } from "@/shared/RecordName";
import { Strokes, useStrokesText } from "@/shared/Strokes";
import { To } from "@/shared/To";
import type { Project } from "../api";
import css from "../pages/project.module.css";
import { More, type MoreKey } from "./More";
import { useStageName } from "./Stepper";

export function MoveText({ project }: { project: Project }) {
  const { t } = useTranslation("project");
  const name = useStageName();
  const lacking = project.gates?.gates.filter(blocks).length ?? 0;
  return (
    <>
      {t("moveTo", { stage: name(project.gates?.to ?? "") })}
      {lacking > 0 && <span className={css.lacking}>{t("lacking", { count: lacking })}</span>}
    </>
  );
}

interface HeadProps {
  project: Project;
  mayMove: boolean;
  onNext: () => void;
  onMore: (key: MoreKey) => void;
}

export function Head({ project, mayMove, onNext, onMore }: HeadProps) {
  const { t } = useTranslation("project");
  const { label } = useMeta();
  const isPhone = useIsPhone();
  const states = Object.fromEntries((project.five_ones?.ones ?? []).map((one) => [one.code, one.state]));
  const strokes = useStrokesText(states);
  const agreed = (project.deals ?? []).find((deal) => deal.status === "live" && deal.agreed_amount)?.agreed_amount ?? null;
  const unit = project.unit && shortNameOf(project.unit);
  const force = project.task_force && <To href={`/task-forces/${project.task_force.id}`}>{shortNameOf(project.task_force)}</To>;
  if (isPhone) {
    return (
      <header className={css.phoneHead}>
        <div>
          <h1>
            <RecordName of={project} illustrative={project.is_illustrative} />
          </h1>
          <p>
            {[unit, project.task_force && shortNameOf(project.task_force)].filter(Boolean).join(" · ")}
            {" · "}
            <Money yuan={project.planned_total} />
          </p>
          <Estimated project={project} />
        </div>
        <More project={project} onAct={onMore} />
      </header>
    );
  }
  return (
    <header className={css.head}>
      <div className={css.name}>
        <h1>
          <RecordName of={project} illustrative={project.is_illustrative} />
        </h1>
        <p>
          <span className={css.program}>{said(label("Program", project.program))}</span>
          <span className={project.status === "active" ? css.active : css.inactive}>{said(label("Status", project.status))}</span>
          {unit && <span>{unit}</span>}
          {force}
          {project.investor && (
            <To href={`/enterprises/${project.investor.id}`}>{plainName(nameOf(project.investor))}</To>
          )}
          {project.five_ones && (
            <span className={css.strokes}>
              <Strokes states={states} size="large" />
              {strokes}
            </span>
          )}
        </p>
      </div>
      <dl className={css.amounts}>
        <div>
          <dt>{t("plannedTotal")}</dt>
          <dd>
            <Money yuan={project.planned_total} decimals={2} />
            <Estimated project={project} />
          </dd>
        </div>
        <div>
          <dt>{t("agreed")}</dt>
          <dd>
            <Money yuan={agreed} decimals={2} none={t("noAgreement")} />
          </dd>
        </div>
      </dl>
      <div className={css.acts}>
        <Button icon={<Printer size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => window.print()}>
          {t("print")}
        </Button>
        <More project={project} onAct={onMore} />
        {mayMove && (
          <Button type="primary" onClick={onNext}>
            <MoveText project={project} />
          </Button>
        )}
      </div>
    </header>
  );
}

/** What the lead said of the amount, until a planned total is on record. */
function Estimated({ project }: { project: Project }) {
  const { t } = useTranslation("project");
  const me = useMe();
  if (project.planned_total !== null || !project.estimate_to) return null;
  const text = (
    <>
      {t(project.lead_id ? "estimatedAsLead" : "estimated")} <Estimate from={project.estimate_from} to={project.estimate_to} />
    </>
  );
  return (
    <p className={css.estimated}>
      {project.lead_id && me.pages.includes("leads") ? <To href={`/leads/${project.lead_id}`}>{text}</To> : text}
    </p>
  );
}

/** What is not as usual: paused, ended, merged, made of phases, a phase of something. */
export function State({ project }: { project: Project }) {
  const { t } = useTranslation("project");
  const last = (project.moves ?? []).filter((move) => !move.is_withdrawn).at(-1);
  if (project.status === "paused") {
    return (
      <p className={css.state} role="status">
        {t("state.paused", { day: project.paused_on, until: project.resume_expected_on })}
        {last?.reason && ` ${last.reason}`}
      </p>
    );
  }
  if (project.status === "terminated") {
    return (
      <p className={css.state} role="status">
        {t("state.terminated", { day: last?.happened_on })} {last?.reason}
      </p>
    );
  }
  if (project.status === "merged") {
    const into = project.successor ?? project.merged_into;
    return (
      <p className={css.state} role="status">
        {t("state.merged")} {into && <To href={`/projects/${into.id}`}>{plainName(into.name)}</To>}
      </p>
    );
  }
  if (project.is_parent) return <p className={css.plain}>{t("state.parent", { count: project.phases.length })}</p>;
  return null;
}
