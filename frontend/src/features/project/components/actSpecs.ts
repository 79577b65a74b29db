/** Every act on a project, as one list: which right opens it, what it will do, what it asks for, and what it sends. */
import { api, type Schemas } from "@/api/client";
import type { Texts } from "@/i18n";
import type { FieldKind } from "@/shared/forms/kinds";
import { bothEnds } from "@/shared/money";
import type { Sent } from "@/shared/useAct";
import type { Milestone, Project } from "../api";
import { EDITABLE } from "./Facts";

export type Values = Record<string, string | null | undefined>;
export type ActKey =
  | "edit" | "add_amount" | "add_evidence" | "add_contact" | "report_milestone" | "draft_deal" | "pause" | "reactivate" | "terminate"
  | "reinstate" | "transfer" | "change_program" | "add_phase" | "withdraw_phase" | "correct_move" | "void_evidence" | "dispute" | "rule"
  | "capacities";

export interface ActOf {
  key: ActKey;
  /** The record that the act is about, beneath the project. */
  milestone?: Milestone;
  move?: Schemas["MoveRead"];
  evidence?: Schemas["EvidenceRead"];
}

type OwnField = keyof Texts["project"]["field"];
type Described = "project" | "deal" | "evidence" | "milestone";

/** Its label stands in the dictionary, or is a text of the page: «-». */
export type FieldSpec = { kind?: FieldKind; isRequired?: boolean } & ({ name: OwnField; record: "-" } | { name: string; record?: Described });

interface Spec {
  fields: readonly FieldSpec[];
  isDanger?: boolean;
  /** Never kept on this machine. */
  isPrivate?: boolean;
  initial?: (project: Project, today: string) => Values;
  send: (project: Project, values: Values, sent: Sent, of: ActOf) => Promise<{ data?: unknown }>;
}

const at = (project: Project) => ({ project_id: project.id });
type Named = [name: OwnField, kind: FieldKind | undefined, record: "-"] | [name: string, kind?: FieldKind, record?: Described];
const may = (...[name, kind, record]: Named): FieldSpec => (record === "-" ? { name, kind, record } : { name, kind, record });
const must = (...named: Named): FieldSpec => ({ ...may(...named), isRequired: true });
/** Returns what was filled in; what was left empty is left out. */
function given(values: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1].trim() !== ""));
}
const day = (_: Project, today: string): Values => ({ happened_on: today });
const authority = (values: Values) =>
  values.official_id && values.decided_on && values.decision
    ? { authority: { official_id: values.official_id, decided_on: values.decided_on, document: values.decision } }
    : {};
const AUTHORITY = [may("official_id", undefined, "-"), may("decided_on", { type: "past" }, "-"), may("decision", undefined, "-")];
const OF_AUTHORITY = new Set(["official_id", "decided_on", "decision"]);
function withoutAuthority(values: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(given(values)).filter(([name]) => !OF_AUTHORITY.has(name)));
}

export const SPECS: Record<ActKey, Spec> = {
  edit: {
    fields: EDITABLE.map((name) => may(name)),
    initial: (project) => Object.fromEntries(EDITABLE.map((name) => [name, valueOf(project, name)])),
    send: (project, values, { header }) => {
      const changed = Object.entries(bothEnds(values)).filter(([name, value]) => (value || null) !== valueOf(project, name as (typeof EDITABLE)[number]));
      const body = Object.fromEntries(changed.map(([name, value]) => [name, name === "jobs" && value ? Number(value) : value || null]));
      return api.PATCH("/api/v1/projects/{project_id}", { params: { path: at(project), header }, body: body as Schemas["ProjectUpdate"] });
    },
  },
  capacities: {
    fields: [must("product", undefined, "-"), must("quantity", { type: "decimal" }, "-"), must("unit", undefined, "-")],
    send: (project, values, { header }) => {
      const one = given(values) as unknown as Schemas["CapacitySet"];
      const items = [...project.capacities.filter((kept) => kept.product !== one.product), one];
      return api.PUT("/api/v1/projects/{project_id}/capacities", { params: { path: at(project), header }, body: { items } });
    },
  },
  add_amount: {
    fields: [
      must("kind", { type: "enum", of: "AmountKind" }, "-"),
      must("value", { type: "money" }, "-"),
      must("effective_on", { type: "past" }, "-"),
      must("source", undefined, "project"),
      may("year", { type: "decimal" }, "-"),
      may("through_on", { type: "past" }, "-"),
    ],
    initial: (_, today) => ({ kind: "planned_total", effective_on: today }),
    send: (project, values, { headers }) => {
      const { year, ...rest } = given(values);
      const body = { ...rest, ...(year && { year: Number(year) }) } as unknown as Schemas["AmountCreate"];
      return api.POST("/api/v1/projects/{project_id}/amounts", { params: { path: at(project) }, body, headers });
    },
  },
  add_evidence: {
    fields: [
      must("kind", { type: "text" }, "evidence"),
      must("on", undefined, "evidence"),
      may("document_no", undefined, "evidence"),
      may("issuer", undefined, "evidence"),
      may("value", { type: "decimal" }, "evidence"),
      may("note", undefined, "evidence"),
    ],
    initial: (_, today) => ({ on: today }),
    send: (project, values, { headers }) =>
      api.POST("/api/v1/projects/{project_id}/evidence", {
        params: { path: at(project) },
        body: given(values) as unknown as Schemas["EvidenceCreate"],
        headers,
      }),
  },
  void_evidence: {
    fields: [must("reason", undefined, "evidence")],
    isDanger: true,
    send: (project, values, { headers }, of) =>
      api.POST("/api/v1/projects/{project_id}/evidence/{evidence_id}/void", {
        params: { path: { ...at(project), evidence_id: of.evidence!.id } },
        body: { reason: values.reason! },
        headers,
      }),
  },
  add_contact: {
    fields: [
      must("name", undefined, "-"),
      may("title", undefined, "-"),
      may("phone", undefined, "-"),
      may("email", undefined, "-"),
      must("purpose", undefined, "-"),
      must("consent", undefined, "-"),
      must("consent_on", { type: "past" }, "-"),
      must("keep_until", { type: "day" }, "-"),
      may("source", undefined, "project"),
    ],
    isPrivate: true,
    initial: (_, today) => ({ consent_on: today }),
    send: (project, values, { headers }) =>
      api.POST("/api/v1/projects/{project_id}/contacts", {
        params: { path: at(project) },
        body: given(values) as unknown as Schemas["ContactCreate"],
        headers,
      }),
  },
  report_milestone: {
    fields: [may("forecast_on", undefined, "milestone"), may("actual_on", undefined, "-"), may("note", undefined, "evidence")],
    send: (project, values, { headers }, of) =>
      api.POST("/api/v1/projects/{project_id}/milestones/{milestone_id}/reports", {
        params: { path: { ...at(project), milestone_id: of.milestone!.id } },
        body: given(values),
        headers,
      }),
  },
  draft_deal: {
    fields: [
      must("title", undefined, "deal"),
      must("kind", { type: "enum", of: "DealKind" }, "deal"),
      may("agreement_no", undefined, "deal"),
      may("signed_on", undefined, "deal"),
      may("agreed_amount", undefined, "deal"),
      may("investor_id", undefined, "deal"),
    ],
    initial: (project) => ({ title: project.name, kind: "formal", investor_id: project.investor_id }),
    send: (project, values, { headers }) =>
      api.POST("/api/v1/deals", { body: { project_id: project.id, ...given(values) } as unknown as Schemas["DealCreate"], headers }),
  },
  pause: {
    fields: [must("happened_on", undefined, "-"), must("resume_expected_on", { type: "day" }), must("reason", undefined, "evidence"), ...AUTHORITY],
    initial: day,
    send: (project, values, { header, headers }) =>
      api.POST("/api/v1/projects/{project_id}/pause", {
        params: { path: at(project), header },
        body: { ...withoutAuthority(values), ...authority(values) } as unknown as Schemas["PauseCreate"],
        headers,
      }),
  },
  reactivate: {
    fields: [must("happened_on", undefined, "-"), may("reason", undefined, "evidence")],
    initial: day,
    send: (project, values, { header, headers }) =>
      api.POST("/api/v1/projects/{project_id}/reactivation", {
        params: { path: at(project), header },
        body: given(values) as unknown as Schemas["ReactivationCreate"],
        headers,
      }),
  },
  terminate: {
    fields: [
      must("happened_on", undefined, "-"),
      must("reason_code", undefined, "-"),
      must("reason", undefined, "evidence"),
      may("document", undefined, "-"),
      ...AUTHORITY,
    ],
    isDanger: true,
    initial: day,
    send: (project, values, { header, headers }) =>
      api.POST("/api/v1/projects/{project_id}/termination", {
        params: { path: at(project), header },
        body: { ...withoutAuthority(values), ...authority(values) } as unknown as Schemas["TerminationCreate"],
        headers,
      }),
  },
  reinstate: {
    fields: [must("reason", undefined, "evidence"), may("before_signed", { type: "flag" }, "-")],
    send: (project, values, { header, headers }) =>
      api.POST("/api/v1/projects/{project_id}/reinstatement", {
        params: { path: at(project), header },
        body: { reason: values.reason!, ...(values.before_signed && { becomes: "before_signed" as const }) },
        headers,
      }),
  },
  transfer: {
    fields: [
      may("unit_id", undefined, "project"),
      may("task_force_id", undefined, "project"),
      must("document", undefined, "-"),
      must("ruled_on", undefined, "-"),
      must("reason", undefined, "evidence"),
    ],
    initial: (project, today) => ({ unit_id: project.unit_id, task_force_id: project.task_force_id, ruled_on: today }),
    send: (project, values, { header, headers }) =>
      api.POST("/api/v1/projects/{project_id}/transfers", {
        params: { path: at(project), header },
        body: {
          document: values.document!,
          reason: values.reason!,
          ruled_on: values.ruled_on!,
          ...(values.unit_id && values.unit_id !== project.unit_id && { unit_id: values.unit_id }),
          ...((values.task_force_id ?? null) !== project.task_force_id && { task_force_id: values.task_force_id ?? null }),
        },
        headers,
      }),
  },
  change_program: {
    fields: [must("program"), must("effective_on", { type: "past" }, "-"), must("reason", undefined, "evidence")],
    initial: (project, today) => ({ program: project.program, effective_on: today }),
    send: (project, values, { header, headers }) =>
      api.POST("/api/v1/projects/{project_id}/program-changes", {
        params: { path: at(project), header },
        body: given(values) as unknown as Schemas["ProgramChange"],
        headers,
      }),
  },
  add_phase: {
    fields: [
      must("name"),
      must("phase_no", { type: "decimal" }),
      must("relation", { type: "enum", of: "PhaseRelation" }),
      must("from_on", { type: "past" }, "-"),
      may("continues_parent", { type: "flag" }),
      may("unit_id"),
      may("place_unit_id"),
      may("investor_id"),
      may("industry_code"),
      may("description"),
    ],
    initial: (project, today) => ({
      name: `${project.name}（${project.phases.length + 1}）`,
      phase_no: String(Math.max(0, ...project.phases.map((one) => one.phase_no)) + 1),
      relation: "phase",
      from_on: today,
      unit_id: project.unit_id,
    }),
    send: (project, values, { header, headers }) => {
      const { phase_no, continues_parent, ...rest } = given(values);
      const body = { ...rest, phase_no: Number(phase_no), ...(continues_parent && { continues_parent: true }) };
      return api.POST("/api/v1/projects/{project_id}/phases", {
        params: { path: at(project), header },
        body: body as unknown as Schemas["PhaseCreate"],
        headers,
      });
    },
  },
  withdraw_phase: {
    fields: [must("reason", undefined, "evidence")],
    isDanger: true,
    send: (project, values, { header, headers }) =>
      api.POST("/api/v1/projects/{project_id}/phase-withdrawal", { params: { path: at(project), header }, body: { reason: values.reason! }, headers }),
  },
  correct_move: {
    fields: [may("happened_on", undefined, "-"), may("withdraw", { type: "flag" }, "-"), must("reason", undefined, "evidence")],
    send: (project, values, { header, headers }, of) =>
      api.POST("/api/v1/projects/{project_id}/moves/{move_id}/correction", {
        params: { path: { ...at(project), move_id: of.move!.id }, header },
        body: {
          reason: values.reason!,
          ...(values.withdraw ? { withdraw: true } : values.happened_on && { happened_on: values.happened_on }),
        },
        headers,
      }),
  },
  dispute: {
    fields: [must("claimant_unit_id", { type: "ref", kind: "unit" }, "-"), must("grounds", { type: "long" }, "-")],
    send: (project, values, { headers }) =>
      api.POST("/api/v1/projects/{project_id}/first-talk/disputes", {
        params: { path: at(project) },
        body: given(values) as unknown as Schemas["DisputeRaise"],
        headers,
      }),
  },
  rule: {
    fields: [
      must("dispute_id", { type: "text" }, "-"),
      must("unit_id", undefined, "-"),
      must("document", undefined, "-"),
      must("ruled_on", undefined, "-"),
      must("grounds", { type: "long" }, "-"),
      may("transfer", { type: "flag" }, "-"),
    ],
    initial: (_, today) => ({ ruled_on: today }),
    send: (project, values, { header, headers }) => {
      const { dispute_id, transfer, ...rest } = given(values);
      return api.POST("/api/v1/projects/{project_id}/first-talk/disputes/{dispute_id}/ruling", {
        params: { path: { ...at(project), dispute_id: dispute_id! }, header },
        body: { ...rest, ...(transfer && { transfer: true }) } as unknown as Schemas["DisputeRule"],
        headers,
      });
    },
  },
};

function valueOf(project: Project, name: (typeof EDITABLE)[number]): string | null {
  const value = project[name as keyof Project];
  return value === null || value === undefined ? null : String(value);
}
