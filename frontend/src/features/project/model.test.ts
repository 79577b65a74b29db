import { expect, test } from "vitest";
import { commonRefusal, linesOf, stepsOf, versionsOf } from "./model";

const stages = ["screened", "negotiating", "framework", "signed", "landed"].map(
  (code) => ({ code, for_promotion: true, for_construction: code === "screened" }) as never,
);
const move = (seq: number, kind: string, to_stage: string, happened_on: string, is_withdrawn = false) =>
  ({ seq, kind, to_stage, happened_on, is_withdrawn }) as never;

test("the stepper has days of stay between stages passed, and what was skipped", () => {
  const moves = [
    move(1, "entry", "screened", "2023-01-13"),
    move(2, "forward", "negotiating", "2023-01-28"),
    move(3, "forward", "signed", "2023-03-14"),
  ];
  const planned = [{ stage: "landed", original_on: "2023-06-12", current_on: "2023-06-12", forecast_on: null, actual_on: null }];
  expect(stepsOf(stages, "promotion", "signed", moves, planned)).toEqual([
    { stage: "screened", state: "passed", on: "2023-01-13", stay: 15 },
    { stage: "negotiating", state: "passed", on: "2023-01-28", stay: 45 },
    { stage: "framework", state: "skipped", on: null, stay: null },
    { stage: "signed", state: "here", on: "2023-03-14", stay: null },
    { stage: "landed", state: "ahead", on: "2023-06-12", stay: null },
  ]);
});

test("a move back leaves the stages after it, a withdrawn move counts for nothing", () => {
  const moves = [
    move(1, "entry", "screened", "2023-01-01"),
    move(2, "forward", "negotiating", "2023-01-10"),
    move(3, "forward", "signed", "2023-01-20"),
    move(4, "back", "negotiating", "2023-01-25"),
    move(5, "forward", "signed", "2023-01-26", true),
  ];
  const steps = stepsOf(stages, "promotion", "negotiating", moves, []);
  expect(steps.map((step) => step.state)).toEqual(["passed", "here", "ahead", "ahead", "ahead"]);
  expect(steps[1]!.on).toBe("2023-01-10");
});

test("a milestone that moved shows where it was, one past its day is late", () => {
  const milestone = (leads_to: string, planned_on: string, forecast_on: string | null, actual_on: string | null) =>
    ({ id: leads_to, leads_to, planned_on, forecast_on, actual_on, name: "", line_id: "" }) as never;
  const dates = [{ stage: "landed", original_on: "2023-05-01", current_on: "2023-06-01", forecast_on: null, actual_on: null }];
  const lines = linesOf(
    [milestone("landed", "2023-06-01", null, null), milestone("signed", "2023-03-01", null, null)],
    dates,
    "2023-01-01",
    "2023-03-31",
  );
  expect(lines[0]).toMatchObject({ ghost: "2023-05-01", day: "2023-06-01", from: "2023-01-01", state: "slipped" });
  expect(lines[1]).toMatchObject({ ghost: null, state: "late" });
});

test("amounts are versions of a kind and year, the latest first", () => {
  const row = (id: string, kind: string, effective_on: string, year: number | null = null) =>
    ({ id, kind, effective_on, recorded_at: "", year }) as never;
  const found = versionsOf([row("a", "planned_total", "2023-01-01"), row("b", "planned_total", "2023-02-01"), row("c", "done", "2023-01-01", 2023)]);
  expect(found.map((one) => one.rows.map((each) => each.id))).toEqual([["b", "a"], ["c"]]);
});

test("what refuses several acts alike is their common refusal", () => {
  const right = { code: "forbidden", zh: "你没有“登记”的权限。", en: "You do not have the right to write." };
  const parent = { code: "has_phases", zh: "分期项目各期分别办理。", en: "Each phase on its own." };
  expect(commonRefusal({ follow_up: right, edit: right, appoint: parent })).toBe(right);
  expect(commonRefusal({ follow_up: null, edit: null, appoint: parent, set_team: parent })).toBe(parent);
  expect(commonRefusal({ follow_up: right, edit: null, appoint: parent })).toBeNull();
});
