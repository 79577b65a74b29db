/** Of which kind the properties of records are, by their names: how they are shown and filled in. */
import type { Schemas } from "@/api/client";
import type { Enumeration } from "@/app/who";

export type FieldKind =
  | { type: "text" | "long" | "day" | "past" | "money" | "decimal" | "industry" | "flag" }
  | { type: "ref"; kind: Schemas["Kind"] }
  | { type: "enum"; of: Enumeration };

const KINDS: Record<string, FieldKind> = {
  on: { type: "past" },
  happened_on: { type: "past" },
  signed_on: { type: "past" },
  ruled_on: { type: "past" },
  actual_on: { type: "past" },
  progress_on: { type: "past" },
  effective_on: { type: "past" },
  forecast_on: { type: "day" },
  planned_on: { type: "day" },
  reason: { type: "long" },
  note: { type: "long" },
  description: { type: "long" },
  progress: { type: "long" },
  next_steps: { type: "long" },
  energy_note: { type: "long" },
  agreed_amount: { type: "money" },
  estimate_from: { type: "money" },
  estimate_to: { type: "money" },
  annual_revenue: { type: "money" },
  annual_tax: { type: "money" },
  land_area: { type: "decimal" },
  plant_area: { type: "decimal" },
  energy_use: { type: "decimal" },
  jobs: { type: "decimal" },
  longitude: { type: "decimal" },
  latitude: { type: "decimal" },
  investor_id: { type: "ref", kind: "enterprise" },
  unit_id: { type: "ref", kind: "unit" },
  place_unit_id: { type: "ref", kind: "unit" },
  task_force_id: { type: "ref", kind: "task_force" },
  official_id: { type: "ref", kind: "official" },
  industry_code: { type: "industry" },
  channel: { type: "enum", of: "Channel" },
  chain_role: { type: "enum", of: "ChainRole" },
  construction_nature: { type: "enum", of: "ConstructionNature" },
  confidentiality: { type: "enum", of: "Confidentiality" },
  program: { type: "enum", of: "Program" },
  reason_code: { type: "enum", of: "TerminationReason" },
};

export function kindOf(name: string): FieldKind {
  return KINDS[name] ?? { type: "text" };
}
