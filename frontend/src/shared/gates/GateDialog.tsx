/** What stands between a project and a stage: the result first, then each gate with the form that would satisfy it in
 * place. The move lights up when all are met; with the right to it, gates may be passed for a reason that stays. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Input, Modal } from "antd";
import { type ReactNode, useState } from "react";
import { queries, type Schemas } from "@/api/client";
import { useIsPhone } from "@/app/phone";
import { useMeta, useToday } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { DayField } from "../DayField";
import { Money } from "../Money";
import { RecordName } from "../RecordName";
import { Sheet } from "../Sheet";
import { StageRing } from "../StageTag";
import { QueryView, Skeleton } from "../StateView";
import { useDraft } from "../useDraft";
import { GateItem } from "./GateItem";
import { blocks, type Movable } from "./types";
import { useMove } from "./useMove";
import css from "./gates.module.css";

type Gates = Schemas["GatesRead"];

interface Props {
  project: Movable;
  to: string;
  /** Whether gates may be passed for a reason. */
  mayOverride: boolean;
  onClose: (moved: Schemas["ProjectRead"] | null) => void;
}

export function GateDialog({ project, to, mayOverride, onClose }: Props) {
  const isPhone = useIsPhone();
  const today = useToday();
  const [on, setOn] = useState<string | null>(null);
  const query = useQuery({
    ...queries.queryOptions("get", "/api/v1/projects/{project_id}/gates", {
      params: { path: { project_id: project.id }, query: { to, happened_on: on ?? undefined } },
    }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const close = () => onClose(null);
  const back = useDraft(`back.${project.id}`, NO_REASON);
  const parts = { project, to, mayOverride, on: on ?? today, onDay: setOn, back, onClose };
  const head = <Head project={project} to={to} gates={query.data} />;
  const body = (
    <QueryView query={query} skeleton={<Skeleton rows={3} columns={1} />}>
      {(gates) => <Body {...parts} gates={gates} />}
    </QueryView>
  );
  const foot = query.data ? <Foot {...parts} gates={query.data} /> : null;
  if (isPhone) {
    return (
      <Sheet open title={head} onClose={close} foot={foot}>
        {body}
      </Sheet>
    );
  }
  return (
    <Modal
      open
      centered={false}
      style={{ top: 64 }}
      width={680}
      title={head}
      footer={foot}
      onCancel={close}
      closable={false}
      className={css.dialog}
      styles={{ body: { maxHeight: "calc(100vh - 340px)", overflowY: "auto" } }}
    >
      {body}
    </Modal>
  );
}

function useStageName(): (code: string) => string {
  const { stage } = useMeta();
  return (code) => {
    const found = stage(code);
    return found ? said({ zh: found.name_zh, en: found.name_en }) : code;
  };
}

function Head({ project, to, gates }: { project: Movable; to: string; gates?: Gates }) {
  const { t } = useTranslation("gates");
  const name = useStageName();
  const kind = gates?.moves.find((move) => move.to === to)?.kind;
  const lacking = gates?.gates.filter(blocks).length ?? 0;
  const stage = name(to);
  const title = !gates
    ? t("move", { stage })
    : kind === "back"
      ? t("back", { stage })
      : lacking
        ? t("notYet", { stage, count: lacking })
        : t("ready", { stage });
  return (
    <div className={css.head}>
      <h2>{title}</h2>
      <p>
        <span>
          <RecordName of={project} illustrative={project.is_illustrative} />
        </span>
        <span className="tabular">{project.code}</span>
        {project.unit && <span>{shortNameOf(project.unit)}</span>}
        {project.planned_total && <Money yuan={project.planned_total} />}
      </p>
      <div className={css.way}>
        <span className={css.end}>
          <StageRing stage={project.stage} />
          {t("from", { stage: name(project.stage), count: project.days_in_stage })}
        </span>
        <span className={css.bars}>
          {gates?.gates.map((gate) => (
            <i
              key={`${gate.stage} ${gate.code}`}
              className={gate.is_met ? css.barMet : gate.strictness === "warn" ? css.barWarned : ""}
            />
          ))}
        </span>
        <span className={`${css.end} ${lacking ? css.closed : css.opened}`}>
          <StageRing stage={to} />
          {stage}
        </span>
      </div>
    </div>
  );
}

const NO_REASON = { reason: "" };

interface PartProps extends Props {
  gates: Gates;
  /** The reason of a move back, as far as it is typed. */
  back: ReturnType<typeof useDraft<typeof NO_REASON>>;
  on: string;
  onDay: (day: string | null) => void;
}

function Body({ project, gates, to, back }: PartProps) {
  const { t } = useTranslation("gates");
  const name = useStageName();
  const move = gates.moves.find((one) => one.to === to);
  const stages = [...new Set(gates.gates.map((gate) => gate.stage ?? to))];
  const seen = { id: project.id, version: gates.version };
  return (
    <>
      {move?.needs_catch_up && <p className={css.note}>{t("catchUp", { stages: stages.map(name).join(t("common:listSeparator")) })}</p>}
      {gates.refused_zh && <p className={css.refused}>{said({ zh: gates.refused_zh, en: gates.refused_en ?? "" })}</p>}
      {move?.refused && <p className={css.refused}>{said(move.refused)}</p>}
      {move?.kind === "back" && (
        <label className={css.reason}>
          {t("backReason")}
          <Input.TextArea
            autoFocus
            value={back[0].reason}
            autoSize={{ minRows: 2, maxRows: 6 }}
            onChange={(event) => back[1]({ reason: event.target.value })}
          />
          <small>{t("backHint")}</small>
        </label>
      )}
      {stages.map((stage) => (
        <section key={stage}>
          {stages.length > 1 && <h3 className={css.stage}>{t("gatesOf", { stage: name(stage) })}</h3>}
          <ul>
            {gates.gates
              .filter((gate) => (gate.stage ?? to) === stage)
              .map((gate) => (
                <GateItem key={gate.code} gate={gate} project={seen} onOtherDay={() => document.getElementById("move-day")?.focus()} />
              ))}
          </ul>
        </section>
      ))}
      {move?.kind !== "back" && gates.gates.length === 0 && !gates.refused_zh && <p className={css.note}>{t("noGates")}</p>}
    </>
  );
}

function Foot({ project, gates, to, mayOverride, on, onDay, back, onClose }: PartProps) {
  const { t } = useTranslation("gates");
  const name = useStageName();
  const today = useToday();
  const isPhone = useIsPhone();
  const [isOverriding, setIsOverriding] = useState(false);
  const [over, changeOver, dropOver] = useDraft(`override.${project.id}`, NO_REASON);
  const found = gates.moves.find((one) => one.to === to);
  const closed = gates.gates.filter(blocks);
  const act = useMove({
    onMoved: (moved) => {
      back[2]();
      dropOver();
      onClose(moved);
    },
    // Others changed what stands: the list is read again and says it.
    onRefused: (problem) => problem.code === "gates_unmet",
  });
  const isBack = found?.kind === "back";
  const mayMove = found !== undefined && found.refused === null && gates.refused_zh === null;
  const mayPass = mayMove && mayOverride && closed.length > 0 && closed.every((gate) => !gate.is_fixed);
  const move = (override?: Schemas["Override"]) => {
    const reason = isBack ? back[0].reason.trim() : "";
    act.mutate({
      project: { ...project, version: gates.version },
      body: {
        to,
        happened_on: on,
        ...(found?.needs_catch_up && { catch_up: true }),
        ...(reason && { reason }),
        ...(override && { override }),
      },
    });
  };
  const stage = name(to);
  const primary = (
    <Button
      type="primary"
      size={isPhone ? "large" : undefined}
      block={isPhone}
      disabled={!mayMove || !gates.is_open}
      loading={act.isPending && !isOverriding}
      onClick={() => move()}
    >
      {isBack ? t("moveBack", { stage }) : t("moveTo", { stage })}
    </Button>
  );
  const leave = (
    <Button size={isPhone ? "large" : undefined} type={isPhone ? "text" : "default"} block={isPhone} onClick={() => onClose(null)}>
      {t("common:cancel")}
    </Button>
  );
  const day: ReactNode = (
    <span className={css.day}>
      {gates.is_open ? t("dayOpen") : t("dayClosed")}
      <DayField
        id="move-day"
        size="small"
        value={on}
        max={today}
        allowClear={false}
        label={t("day")}
        style={{ width: 122 }}
        onChange={(chosen) => onDay(chosen === today ? null : chosen)}
      />
    </span>
  );
  return (
    <div className={css.foot}>
      {isOverriding && (
        <form
          className={css.override}
          onSubmit={(event) => {
            event.preventDefault();
            if (over.reason.trim()) move({ gates: closed.map((gate) => gate.code), reason: over.reason.trim() });
          }}
        >
          <label htmlFor="override-reason">{t("overrideReason", { what: closed.map(said).join(t("common:listSeparator")) })}</label>
          <Input.TextArea
            id="override-reason"
            autoFocus
            value={over.reason}
            autoSize={{ minRows: 2, maxRows: 6 }}
            onChange={(event) => changeOver({ reason: event.target.value })}
          />
          <div>
            <Button danger htmlType="submit" disabled={!over.reason.trim()} loading={act.isPending}>
              {t("override", { count: closed.length, stage })}
            </Button>
            <small>{t("overrideHint")}</small>
          </div>
        </form>
      )}
      <div className={css.buttons}>
        {primary}
        {day}
        <span className={css.gap} />
        {mayPass && (
          <Button type="text" aria-expanded={isOverriding} onClick={() => setIsOverriding(!isOverriding)}>
            {t("pass")}
          </Button>
        )}
        {leave}
      </div>
    </div>
  );
}
