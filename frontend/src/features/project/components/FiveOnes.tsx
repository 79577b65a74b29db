import { Button } from "antd";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { useIsPhone } from "@/app/phone";
import { useMeta, useToday } from "@/app/who";
import { nameOf, said, shortNameOf, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { daysBetween, shortDay } from "@/shared/days";
import { LeaderForm } from "@/shared/forms/LeaderForm";
import { PlanForm } from "@/shared/forms/PlanForm";
import { TeamForm } from "@/shared/forms/TeamForm";
import { plainName } from "@/shared/RecordName";
import { Refusal } from "@/shared/Refusal";
import { Sheet } from "@/shared/Sheet";
import { To } from "@/shared/To";
import type { Project } from "../api";
import css from "./fiveones.module.css";

type Stroke = Schemas["Stroke"];
export type OneForm = "leader" | "team" | "plan";

interface Props {
  project: Project;
  onForm: (form: OneForm) => void;
}

/** The five ones as five columns: what is there, since when, and the act that supplies or changes it. */
export function FiveOnes({ project, onForm }: Props) {
  const { t } = useTranslation("project");
  const isPhone = useIsPhone();
  const five = project.five_ones;
  if (!five) return null;
  const { continuity } = five;
  const since = continuity.days ? t("five.since", { count: continuity.days }) : undefined;
  return (
    <Card title={t("five.title")} note={isPhone ? undefined : since}>
      <ol className={css.ones}>
        {five.ones.map((one) => (
          <li key={one.code} className={css[one.state]}>
            <h3>
              <i aria-hidden="true" />
              {said(one)}
            </h3>
            <One stroke={one.code} one={one} project={project} five={five} onForm={onForm} />
          </li>
        ))}
      </ol>
    </Card>
  );
}

interface OneProps extends Props {
  stroke: Stroke;
  one: Schemas["FiveOne"];
  five: Schemas["FiveOnesRead"];
}

function One({ stroke, one, project, five, onForm }: OneProps) {
  const { t } = useTranslation("project");
  const { label } = useMeta();
  const today = useToday();
  const missing = one.missing_zh && <p className={css.missing}>{said({ zh: one.missing_zh, en: one.missing_en ?? "" })}</p>;
  const since = (day: string) => t("five.sinceDay", { day: shortDay(day, today), count: daysBetween(day, today) + 1 });
  switch (stroke) {
    case "project":
      return (
        <>
          <strong>{project.unit ? shortNameOf(project.unit) : t("noUnit")}</strong>
          <p>
            {project.parent ? (
              <To href={`/projects/${project.parent.id}`} className="thumb">{t("five.phase", { number: project.phase_no })}</To>
            ) : project.is_parent ? (
              t("five.phases", { count: project.phases.length })
            ) : (
              t("five.single")
            )}
          </p>
          {missing}
        </>
      );
    case "leader":
      return five.leader ? (
        <>
          <strong>
            <To href={`/officials/${five.leader.official_id}`} className="thumb">{plainName(five.leader.official_name)}</To>
          </strong>
          <p>{five.leader.capacities.map((one) => said(label("Capacity", one))).join(t("common:listSeparator"))}</p>
          <p>{since(five.leader.opened_on)}</p>
          {missing}
          <Act may={project.may.appoint} text={t("five.handOver")} onClick={() => onForm("leader")} />
        </>
      ) : (
        <>
          <strong className={css.none}>{t("five.none")}</strong>
          {missing}
          <Act may={project.may.appoint} text={t("five.appoint")} isWanted onClick={() => onForm("leader")} />
        </>
      );
    case "team":
      return five.team ? (
        <>
          <strong>{t("five.leads", { unit: shortNameOf(five.team.lead_unit) })}</strong>
          <p title={five.team.members.map((member) => plainName(nameOf(member.official))).join(t("common:listSeparator"))}>
            {t("five.team", { leader: plainName(nameOf(five.team.leader)), count: five.team.members.length })}
          </p>
          <p>{t("five.contact", { name: plainName(nameOf(five.team.contact)) })}</p>
          {missing}
          <Act may={project.may.set_team} text={t("five.changeTeam")} onClick={() => onForm("team")} />
        </>
      ) : (
        <>
          <strong className={css.none}>{t("five.none")}</strong>
          {missing}
          <Act may={project.may.set_team} text={t("five.setTeam")} isWanted onClick={() => onForm("team")} />
        </>
      );
    case "plan": {
      const slipped = five.plan_dates.filter((dates) => (dates.actual_on ?? dates.forecast_on ?? dates.current_on ?? "") > (dates.original_on ?? "9999")).length;
      return five.plan ? (
        <>
          <strong>{t("five.version", { number: five.plan.number })}</strong>
          <p>
            {t("five.milestones", { count: five.plan.milestones.length })}
            {slipped ? <span className={css.slipped}>{t("five.slipped", { count: slipped })}</span> : t("five.notSlipped")}
          </p>
          <p>{t("five.published", { day: shortDay(five.plan.published_on, today) })}</p>
          {missing}
          <Act may={project.may.publish_plan} text={t("five.revise")} onClick={() => onForm("plan")} />
        </>
      ) : (
        <>
          <strong className={css.none}>{t("five.none")}</strong>
          {missing}
          <Act may={project.may.publish_plan} text={t("five.publish")} isWanted onClick={() => onForm("plan")} />
        </>
      );
    }
    case "followed_through": {
      const { rate, days, covered_days, gaps } = five.continuity;
      const share = rate === null ? null : Math.round(Number(rate) * 1000) / 10;
      return (
        <>
          <strong>{share === null ? t("five.notYet") : `${share}%`}</strong>
          <p>{days === 0 ? t("five.notDue") : gaps.length ? t("five.gaps", { covered: covered_days, count: days }) : t("five.unbroken", { count: days })}</p>
          {share !== null && (
            <div className={css.bar} aria-hidden="true">
              <i style={{ width: `${share}%` }} />
            </div>
          )}
          {missing}
        </>
      );
    }
  }
}

interface ActProps {
  may: Schemas["Reason-Output"] | null | undefined;
  text: string;
  isWanted?: boolean;
  onClick: () => void;
}

/** An act that is not open says why, where it is wanted; where it would only change what is there it is left out. */
function Act({ may, text, isWanted, onClick }: ActProps) {
  if (may) return isWanted ? <Refusal of={may} className={css.why} /> : null;
  if (may === undefined) return null;
  return (
    <Button size="small" type={isWanted ? "default" : "link"} className={css.act} onClick={onClick}>
      {text}
    </Button>
  );
}

/** The form of one of the ones, beside the page. */
export function OneSheet({ project, form, onClose }: { project: Project; form: OneForm | null; onClose: () => void }) {
  const { t } = useTranslation("project");
  const [last, setLast] = useState(form);
  if (form && form !== last) setLast(form);
  const { leader, team, plan } = project.five_ones ?? {};
  const version = project.version;
  const titles = {
    leader: leader ? t("five.handOverTitle") : t("five.appoint"),
    team: team ? t("five.changeTeamTitle") : t("five.setTeam"),
    plan: plan ? t("five.reviseTitle") : t("five.publish"),
  };
  return (
    <Sheet open={form !== null} title={last ? titles[last] : ""} width={560} onClose={onClose}>
      {last === "leader" && (
        <LeaderForm
          projectId={project.id}
          handover={leader ? { version, from: plainName(leader.official_name) } : undefined}
          onDone={onClose}
        />
      )}
      {last === "team" && <TeamForm projectId={project.id} replaces={team ? { version, team } : undefined} onDone={onClose} />}
      {last === "plan" && <PlanForm projectId={project.id} version={version} onDone={onClose} />}
    </Sheet>
  );
}
