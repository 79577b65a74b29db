import type { Schemas } from "@/api/client";

export type Gate = Schemas["GateRead"];
export type GateAct = Schemas["GateAct"];

/** What is known of the project that is to be moved: a card, a row or a page gives as much. */
export interface Movable {
  id: string;
  code: string;
  name: string;
  version: number;
  stage: string;
  days_in_stage: number;
  unit: Schemas["Ref"] | null;
  planned_total: string | null;
  is_illustrative: boolean;
}

/** Whether a gate refuses a move. One that only warns does not. */
export function blocks(gate: Gate): boolean {
  return !gate.is_met && gate.strictness === "block";
}

/** Acts that differ only in their content, such as «put on record» and «not needed» for one kind of evidence, stand side
 * by side in one form. */
export function groupsOf(acts: readonly GateAct[]): GateAct[][] {
  const groups = new Map<string, GateAct[]>();
  for (const act of acts) {
    const key = `${act.operation} ${act.path} ${String(act.body.kind ?? "")}`;
    groups.set(key, [...(groups.get(key) ?? []), act]);
  }
  return [...groups.values()];
}

/** Returns what stands before the colon of «登记依据：本地项目公司», where the rest is said by the gate already. */
export function headOf(text: string): string {
  return text.split(/[：:]/)[0]!.trim();
}

/** Returns what tells acts of one form from each other: their heads, or what stands behind the colon where those are the
 * same. */
export function namesOf(texts: readonly string[]): string[] {
  const heads = texts.map(headOf);
  return new Set(heads).size === heads.length ? heads : texts.map((text) => text.replace(/^[^：:]*[：:]/, "").trim());
}
