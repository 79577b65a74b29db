import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Button } from "antd";
import { ChevronRight, PenLine } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { queries } from "@/api/client";
import { openFollowUp } from "@/app/followUp";
import { useKeys } from "@/app/keys";
import { useIsPhone } from "@/app/phone";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { nameOf, said, useTranslation } from "@/i18n";
import { Activity } from "@/shared/Activity";
import { Card } from "@/shared/Card";
import { FollowUpForm } from "@/shared/forms/FollowUpForm";
import { GateDialog } from "@/shared/gates/GateDialog";
import { GateItem } from "@/shared/gates/GateItem";
import { MoveMenu } from "@/shared/gates/MoveMenu";
import { blocks } from "@/shared/gates/types";
import { useUndo } from "@/shared/gates/useMove";
import { plainName } from "@/shared/RecordName";
import { Refusal, SaidAbove } from "@/shared/Refusal";
import { useMarkSeen } from "@/shared/seen";
import { QueryView, Skeleton } from "@/shared/StateView";
import { To } from "@/shared/To";
import { type Project, projectOf } from "../api";
import type { ActOf } from "../components/actSpecs";
import { ActSheet } from "../components/acts";
import { Brief } from "../components/Brief";
import { Facts } from "../components/Facts";
import { FiveOnes, type OneForm, OneSheet } from "../components/FiveOnes";
import { Head, MoveText, State } from "../components/Head";
import { Amounts, Contacts, Deals, Evidence, Phases } from "../components/Lists";
import { Merge } from "../components/Merge";
import type { MoreKey } from "../components/More";
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
