/** What the page draws from the moves, milestones and amounts of a project. */
import type { Schemas } from "@/api/client";
import { daysBetween } from "@/shared/days";

type Move = Schemas["MoveRead"];
type Stage = Schemas["StageRead"];
type PlanDates = Schemas["PlanDates"];

export interface Step {
  stage: string;
  state: "passed" | "skipped" | "here" | "ahead";
  /** When it was entered; of a stage ahead, when it is planned. */
  on: string | null;
  /** Days from there to the next stage that was entered. */
  stay: number | null;
}

/** Returns the days on which stages were entered, as the moves in force have it: a move back leaves those after it. */
export function entriesOf(moves: readonly Move[], order: readonly string[]): Map<string, string> {
  const entered = new Map<string, string>();
  for (const move of moves.filter((one) => !one.is_withdrawn).sort((one, other) => one.seq - other.seq)) {
    if (move.kind === "back") {
      const at = order.indexOf(move.to_stage);
      for (const stage of order.slice(at + 1)) entered.delete(stage);
    } else if (move.kind === "entry" || move.kind === "forward") entered.set(move.to_stage, move.happened_on);
  }
  return entered;
}

/** Returns the stages that the program passes through, with what became of each. */
export function stepsOf(
  stages: readonly Stage[],
  program: Schemas["Program"],
  here: string,
  moves: readonly Move[],
  planned: readonly PlanDates[],
): Step[] {
  const entered = entriesOf(moves, stages.map((one) => one.code));
  const walked = stages.filter(
    (one) =>
      one.code === here ||
      entered.has(one.code) ||
      (one.for_promotion && program !== "construction") ||
      (one.for_construction && program !== "promotion"),
  );
  const at = walked.findIndex((one) => one.code === here);
  return walked.map((one, index) => {
    const on = entered.get(one.code) ?? null;
    if (index > at) {
      const plan = planned.find((dates) => dates.stage === one.code);
      return { stage: one.code, state: "ahead", on: plan?.forecast_on ?? plan?.current_on ?? null, stay: null };
    }
    if (index === at) return { stage: one.code, state: "here", on, stay: null };
    if (!on) return { stage: one.code, state: "skipped", on: null, stay: null };
    const next = walked.slice(index + 1, at + 1).find((later) => entered.has(later.code));
    const until = next ? entered.get(next.code)! : null;
    return { stage: one.code, state: "passed", on, stay: until ? daysBetween(on, until) : null };
  });
}

export interface Line {
  milestone: Schemas["MilestoneRead"];
  /** The day it was first planned for, where it has moved. */
  ghost: string | null;
  /** The day that counts: actual, else forecast, else planned. */
  day: string;
  from: string;
  state: "done" | "slipped" | "late" | "planned";
}

/** Returns the lines of the Gantt: each from the day of the one before it, the first from the day of the plan. */
export function linesOf(
  milestones: readonly Schemas["MilestoneRead"][],
  dates: readonly PlanDates[],
  start: string,
  today: string,
): Line[] {
  let before = start;
  return milestones.map((milestone) => {
    const day = milestone.actual_on ?? milestone.forecast_on ?? milestone.planned_on;
    const original = dates.find((one) => one.stage === milestone.leads_to)?.original_on ?? milestone.planned_on;
    const state = milestone.actual_on ? "done" : day < today ? "late" : day > original ? "slipped" : "planned";
    const from = before < day ? before : day;
    before = day;
    return { milestone, ghost: original !== day ? original : null, day, from, state };
  });
}

export interface Versions {
  kind: Schemas["AmountKind"];
  year: number | null;
  /** The latest first. */
  rows: Schemas["AmountRead"][];
}

/** Returns the amounts by kind and year, with the versions of each. */
export function versionsOf(amounts: readonly Schemas["AmountRead"][]): Versions[] {
  const groups = new Map<string, Versions>();
  for (const row of amounts) {
    const key = `${row.kind} ${row.year ?? ""}`;
    const group = groups.get(key) ?? { kind: row.kind, year: row.year, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  const order = (row: Schemas["AmountRead"]) => `${row.effective_on} ${row.recorded_at}`;
  for (const group of groups.values()) group.rows.sort((one, other) => (order(one) < order(other) ? 1 : -1));
  return [...groups.values()];
}

type May = Schemas["ProjectPage"]["may"];
/** The acts that say on the page why they are not open. */
const SAID = ["follow_up", "edit", "appoint", "set_team", "publish_plan"] as const;

/** Returns what refuses several acts alike, such as a missing right; null where no two have the same reason. */
export function commonRefusal(may: Partial<May>) {
  const reasons = SAID.map((act) => may[act]).filter((reason) => reason !== null && reason !== undefined);
  return reasons.find((reason, index) => reasons.findIndex((one) => one.zh === reason.zh) < index) ?? null;
}
