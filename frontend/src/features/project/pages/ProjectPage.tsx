import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Button } from "antd";
import { ChevronRight, PenLine, Printer } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { queries } from "@/api/client";
import { openFollowUp } from "@/app/followUp";
import { useKeys } from "@/app/keys";
import { useIsPhone } from "@/app/phone";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMe, useMeta } from "@/app/who";
import { nameOf, said, shortNameOf, useTranslation } from "@/i18n";
import { Activity } from "@/shared/Activity";
import { Card } from "@/shared/Card";
import { Estimate } from "@/shared/Estimate";
import { FollowUpForm } from "@/shared/forms/FollowUpForm";
import { GateDialog } from "@/shared/gates/GateDialog";
import { GateItem } from "@/shared/gates/GateItem";
import { MoveMenu } from "@/shared/gates/MoveMenu";
import { blocks } from "@/shared/gates/types";
import { useUndo } from "@/shared/gates/useMove";
import { Money } from "@/shared/Money";
import { plainName, RecordName } from "@/shared/RecordName";
import { Refusal, SaidAbove } from "@/shared/Refusal";
import { useMarkSeen } from "@/shared/seen";
import { QueryView, Skeleton } from "@/shared/StateView";
import { Strokes, useStrokesText } from "@/shared/Strokes";
import { To } from "@/shared/To";
import { type Project, projectOf } from "../api";
import type { ActOf } from "../components/actSpecs";
import { ActSheet } from "../components/acts";
import { Brief } from "../components/Brief";
import { Facts } from "../components/Facts";
import { FiveOnes, type OneForm, OneSheet } from "../components/FiveOnes";
import { Amounts, Contacts, Deals, Evidence, Phases } from "../components/Lists";
import { Merge } from "../components/Merge";
import { More, type MoreKey } from "../components/More";
import { Moves } from "../components/Moves";
import { Plan } from "../components/Plan";
import { PhoneStepper, Stepper, useStageName } from "../components/Stepper";
import { commonRefusal } from "../model";
import css from "./project.module.css";

export function ProjectPage() {
  const { projectId } = useParams({ strict: false }) as { projectId: string };
  const { t } = useTranslation("project");
  const query = useQuery(projectOf(projectId));
  const project = query.data;
  useMarkSeen(project ? { type: "project", id: project.id, code: project.code, name: project.name } : null);
  return (
    <>
      <Title text={project ? plainName(nameOf(project)) : t("title")}>
        <nav className={css.crumbs} aria-label={t("crumbs")}>
          <To href="/projects">{t("common:pages.ledger")}</To>
          <ChevronRight size={14} strokeWidth={1.75} aria-hidden="true" />
          <span className="tabular">{project?.code ?? t("title")}</span>
        </nav>
      </Title>
      <QueryView query={query} skeleton={<Skeleton rows={8} columns={3} />}>
        {(found) => <Page key={found.id} project={found} />}
      </QueryView>
    </>
  );
}

type Open =
  | { kind: "gate"; to: string }
  | { kind: "menu" }
  | { kind: "one"; form: OneForm }
  | { kind: "act"; act: ActOf }
  | { kind: "merge" }
  | { kind: "moves" };

function Page({ project }: { project: Project }) {
  const { t } = useTranslation("project");
  const isPhone = useIsPhone();
  const [search, setSearch] = usePageSearch();
  const next = project.gates?.to ?? null;
  const mayMove = project.may.move === null && next !== null;
  // A link may ask for an act at once: «?act=move», «?act=appoint».
  const asked = search.act;
  const [open, setOpen] = useState<Open | null>(() => {
    if (asked === "move" && mayMove) return { kind: "gate", to: next };
    return asked === "appoint" ? { kind: "one", form: "leader" } : null;
  });
  useEffect(() => {
    if (asked) setSearch({ act: null });
  }, [asked, setSearch]);
  const gates = useRef<HTMLDivElement>(null);
  const form = useRef<HTMLDivElement>(null);
  const undo = useUndo();
  const close = () => setOpen(null);
  const act = (key: ActOf["key"], rest: Partial<ActOf> = {}) => setOpen({ kind: "act", act: { key, ...rest } });

  const onMore = (key: MoreKey) => {
    if (key === "move") setOpen({ kind: "menu" });
    else if (key === "undo") undo.mutate({ id: project.id, version: project.version });
    else if (key === "merge") setOpen({ kind: "merge" });
    else if (key === "moves") setOpen({ kind: "moves" });
    else if (key === "print") window.print();
    else act(key);
  };
  const toFollowUp = () => {
    const field = form.current?.querySelector("textarea");
    if (field) {
      field.scrollIntoView({ block: "center" });
      field.focus();
    } else openFollowUp(project.id);
  };
  useKeys(
    useMemo(
      () => [
        ...(project.may.follow_up === null ? [{ key: "F", does: t("key.followUp"), run: toFollowUp }] : []),
        ...(mayMove ? [{ key: "M", does: t("key.move"), run: () => setOpen({ kind: "menu" }) }] : []),
        ...(project.may.edit === null ? [{ key: "E", does: t("key.edit"), run: () => act("edit") }] : []),
        { key: "G", does: t("key.gates"), run: () => gates.current?.querySelector<HTMLElement>("button, a, [tabindex]")?.focus() },
        { key: "P", does: t("key.print"), run: () => window.print() },
      ],
      // eslint-disable-next-line react-hooks/exhaustive-deps
      [project, mayMove, t],
    ),
  );

  const follow = project.may.follow_up === null;
  const refusal = commonRefusal(project.may);
  const timeline = (
    <Activity
      of="project"
      id={project.id}
      title={t("timeline")}
      top={
        follow && !isPhone ? (
          <div ref={form} className={css.follow}>
            <FollowUpForm of={{ type: "project", id: project.id }} clock={project.clock} />
          </div>
        ) : project.may.follow_up && project.may.follow_up.zh !== refusal?.zh ? (
          <p className={css.why}>{said(project.may.follow_up)}</p>
        ) : undefined
      }
      onUndo={() => undo.mutate({ id: project.id, version: project.version })}
    />
  );
  const gateCard = project.gates && next && (
    <div ref={gates}>
      <GatesCard project={project} onMenu={mayMove ? () => setOpen({ kind: "menu" }) : undefined} />
    </div>
  );
  const rest = (
    <>
      {gateCard}
      <Plan project={project} onReport={(milestone) => act("report_milestone", { milestone })} onRevise={() => setOpen({ kind: "one", form: "plan" })} />
      <Facts project={project} onEdit={() => act("edit")} />
      <Amounts project={project} onAdd={() => act("add_amount")} />
      <Deals project={project} onDraft={() => act("draft_deal")} />
      <Phases project={project} onAdd={() => act("add_phase")} />
      <Evidence project={project} onAdd={() => act("add_evidence")} onVoid={(evidence) => act("void_evidence", { evidence })} />
      <Contacts project={project} onAdd={() => act("add_contact")} />
    </>
  );
  const five = <FiveOnes project={project} onForm={(one) => setOpen({ kind: "one", form: one })} />;

  return (
    <>
      <div className={css.page}>
        <Head project={project} onNext={() => next && setOpen({ kind: "gate", to: next })} onMore={onMore} mayMove={mayMove} />
        <State project={project} />
        {refusal && <p className={css.plain}>{said(refusal)}</p>}
        {isPhone ? (
          <SaidAbove value={refusal}>
            <PhoneStepper project={project} onNext={mayMove ? () => setOpen({ kind: "gate", to: next }) : undefined} />
            {five}
            {timeline}
            {rest}
            {(mayMove || follow) && (
              <div className={css.bottom} data-bottom-bar>
                {mayMove && (
                  <Button size="large" onClick={() => setOpen({ kind: "gate", to: next })}>
                    <MoveText project={project} />
                  </Button>
                )}
                {follow && (
                  <Button size="large" type="primary" icon={<PenLine size={17} strokeWidth={1.75} aria-hidden="true" />} onClick={() => openFollowUp(project.id)}>
                    {t("followUp")}
                  </Button>
                )}
              </div>
            )}
          </SaidAbove>
        ) : (
          <SaidAbove value={refusal}>
            {!project.is_parent && <Stepper project={project} />}
            <div className={css.columns}>
              <div className={css.left}>
                {five}
                {rest}
              </div>
              <aside className={css.right} aria-label={t("timeline")}>
                {timeline}
              </aside>
            </div>
          </SaidAbove>
        )}
      </div>
      <Brief project={project} />
      {open?.kind === "gate" && (
        <GateDialog project={project} to={open.to} mayOverride={project.may.override === null} onClose={close} />
      )}
      {open?.kind === "menu" && (
        <MoveMenu project={project} onChoose={(target) => setOpen({ kind: "gate", to: target.to })} onClose={close} />
      )}
      <OneSheet project={project} form={open?.kind === "one" ? open.form : null} onClose={close} />
      {open?.kind === "act" && <ActOpened project={project} act={open.act} onClose={close} />}
      {open?.kind === "merge" && <Merge project={project} onClose={close} />}
      {open?.kind === "moves" && <Moves project={project} onClose={close} onCorrect={(move) => act("correct_move", { move })} />}
    </>
  );
}

/** Ruling on a first talk needs to know the disputes, which are read when they are asked for. */
function ActOpened({ project, act, onClose }: { project: Project; act: ActOf; onClose: () => void }) {
  const talk = useQuery({
    ...queries.queryOptions("get", "/api/v1/projects/{project_id}/first-talk", { params: { path: { project_id: project.id } } }),
    enabled: act.key === "rule",
  });
  if (act.key === "rule" && !talk.data) return null;
  return <ActSheet key={act.key} project={project} act={act} disputes={talk.data?.disputes} onClose={onClose} />;
}

function MoveText({ project }: { project: Project }) {
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

function Head({ project, mayMove, onNext, onMore }: HeadProps) {
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
function State({ project }: { project: Project }) {
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

function GatesCard({ project, onMenu }: { project: Project; onMenu?: () => void }) {
  const { t } = useTranslation("project");
  const name = useStageName();
  const gates = project.gates!;
  const lacking = gates.gates.filter(blocks).length;
  const seen = { id: project.id, version: project.version };
  return (
    <Card
      title={
        <>
          {t("gates.title", { stage: name(gates.to!) })}
          <span className={lacking ? css.tagBad : css.tagGood}>{lacking ? t("lacking", { count: lacking }) : t("gates.met")}</span>
        </>
      }
      extra={
        onMenu && (
          <Button type="link" size="small" onClick={onMenu}>
            {t("gates.later")}
          </Button>
        )
      }
    >
      {gates.refused_zh && <Refusal of={{ zh: gates.refused_zh, en: gates.refused_en ?? "" }} className={css.why} />}
      <ul className={css.gates}>
        {gates.gates.map((gate) => (
          <GateItem key={`${gate.stage} ${gate.code}`} gate={gate} project={seen} />
        ))}
      </ul>
      {gates.gates.length === 0 && <p className={css.why}>{t("gates.none")}</p>}
    </Card>
  );
}
