/** The form of one request that a gate offers: what is given already is sent as it stands, the rest is asked for. */
import { Button, Segmented } from "antd";
import { useId, useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { fieldErrors } from "@/api/problems";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { FieldInput } from "../forms/FieldInput";
import { FollowUpForm } from "../forms/FollowUpForm";
import { type FieldKind, kindOf } from "../forms/kinds";
import { LeaderForm } from "../forms/LeaderForm";
import { PlanForm } from "../forms/PlanForm";
import { useRefusals } from "../forms/refusals";
import { TeamForm } from "../forms/TeamForm";
import { Skeleton } from "../StateView";
import { useAct } from "../useAct";
import { useDraft } from "../useDraft";
import type { GateAct } from "./types";
import { headOf, namesOf } from "./types";
import css from "./gates.module.css";

interface Props {
  /** Acts that differ only in their content: the first, or what stands for it. */
  acts: readonly GateAct[];
  project: { id: string; version: number };
  onDone?: () => void;
}

export function ActForm({ acts, project, onDone }: Props) {
  const [at, setAt] = useState(0);
  const act = acts[at] ?? acts[0]!;
  switch (act.operation) {
    case "add_follow_up":
      return <FollowUpForm of={{ type: "project", id: project.id }} autoFocus onDone={onDone} />;
    case "appoint_leader":
      return <LeaderForm projectId={project.id} onDone={onDone} />;
    case "set_team":
      return <TeamForm projectId={project.id} onDone={onDone} />;
    case "publish_plan":
      return <PlanForm projectId={project.id} version={project.version} onDone={onDone} />;
  }
  return (
    <div className={css.form}>
      {acts.length > 1 && (
        <Segmented
          size="small"
          value={at}
          options={namesOf(acts.map(said)).map((label, value) => ({ value, label }))}
          onChange={setAt}
        />
      )}
      {act.operation === "draft_deal" ? (
        <DealForm key={at} act={act} project={project} onDone={onDone} />
      ) : (
        <PlainForm key={at} act={act} version={project.version} onDone={onDone} />
      )}
    </div>
  );
}

/** Which record of the dictionary names the fields of an operation. */
const RECORDS: Record<string, string> = {
  add_project_evidence: "evidence",
  update_project: "project",
  draft_deal: "deal",
  update_deal: "deal",
  update_enterprise: "enterprise",
  report_milestone: "milestone",
};

type Call = (method: string, path: string, init: object) => Promise<{ data?: unknown }>;
const call = api.request as unknown as Call;

/** A deal starts from the investor of its project. */
function DealForm({ act, project, onDone }: { act: GateAct; project: Props["project"]; onDone?: () => void }) {
  const read = queries.useQuery("get", "/api/v1/projects/{project_id}", { params: { path: { project_id: project.id } } });
  if (read.isPending) return <Skeleton rows={3} columns={2} />;
  return <PlainForm act={act} version={project.version} investor={read.data?.investor} onDone={onDone} />;
}

interface PlainProps {
  act: GateAct;
  version: number;
  investor?: Schemas["Ref"] | null;
  onDone?: () => void;
}

function PlainForm({ act, version, investor, onDone }: PlainProps) {
  const { t } = useTranslation("gates");
  const { field, evidenceKind } = useMeta();
  const today = useToday();
  const id = useId();
  const days = Object.fromEntries(act.required.filter((name) => kindOf(name).type === "past").map((name) => [name, today]));
  const first = { ...days, ...(investor && { investor_id: investor.id }) };
  const [values, change, drop] = useDraft<Record<string, string | null>>(`act.${act.path}.${JSON.stringify(act.body)}`, first);
  const [errors, setErrors] = useRefusals(values);
  const kind = evidenceKind(String(act.body.kind ?? ""));
  const record = RECORDS[act.operation] ?? "project";

  const send = useAct<Record<string, unknown>, unknown>({
    act: (body, sent) => call(act.method.toLowerCase(), act.path, { body, headers: { ...sent.headers, "If-Match": sent.header["if-match"] } }),
    version: () => version,
    mine: (body) => body,
    onDone: () => {
      drop();
      onDone?.();
    },
    onRefused: (problem) => {
      const found = fieldErrors(problem);
      setErrors(found);
      return Object.keys(found).some((name) => act.fields.includes(name));
    },
  });

  const lacking = act.required.filter((name) => !values[name]?.trim());
  function save() {
    if (lacking.length) return setErrors(Object.fromEntries(lacking.map((name) => [name, t("common:required")])));
    setErrors({});
    const filled = act.fields.filter((name) => values[name]?.trim()).map((name) => [name, values[name]!.trim()]);
    send.mutate({ ...act.body, ...Object.fromEntries(filled) });
  }

  const fieldKind = (name: string): FieldKind => {
    if (name !== "value") return kindOf(name);
    return { type: kind?.value_unit === "yuan" ? "money" : "decimal" };
  };
  return (
    <form
      className={css.fields}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      {act.fields.map((name, index) => (
        <div key={name} className={fieldKind(name).type === "long" ? css.wide : undefined}>
          <label htmlFor={`${id}${name}`}>
            {said(field(record, name))}
            {act.required.includes(name) && <b aria-hidden="true">*</b>}
          </label>
          <FieldInput
            name={name}
            id={`${id}${name}`}
            kind={fieldKind(name)}
            value={values[name]}
            known={name === "investor_id" ? investor : undefined}
            unit={name === "value" && kind?.value_unit === "percent" ? "%" : undefined}
            autoFocus={index === 0 && fieldKind(name).type !== "past"}
            onChange={(value) => change({ [name]: value })}
          />
          {errors[name] && (
            <p className={css.error} role="alert">
              {errors[name]}
            </p>
          )}
        </div>
      ))}
      <div className={css.formFoot}>
        <Button type="primary" htmlType="submit" loading={send.isPending}>
          {act.method === "PATCH" ? t("common:save") : headOf(said(act))}
        </Button>
        {act.operation === "add_project_evidence" && <small>{t("evidenceHint")}</small>}
      </div>
    </form>
  );
}

