import { expect, test } from "vitest";
import { conditionsOf, type FilterField, isSame, textOf } from "./fields";

const fields: FilterField[] = [
  { kind: "choice", param: "stage", title: "阶段", options: [{ value: "signed", label: "签约" }, { value: "landed", label: "落地" }] },
  { kind: "records", param: "unit_id", title: "单位", record: "unit" },
  { kind: "days", from: "due_from", to: "due_to", title: "到期" },
  { kind: "amounts", from: "planned_total_min", to: "planned_total_max", title: "总投资" },
];
const words = {
  record: (_: string, id: string) => `单位${id}`,
  until: (day: string) => `至 ${day}`,
  since: (day: string) => `${day} 起`,
  between: (from: string, to: string) => `${from} 至 ${to}`,
  yi: "亿元",
  separator: "、",
};

test("the list gets its own parameters and no others", () => {
  expect(conditionsOf({ stage: "signed", q: "氢", view: "1", group: "unit", due_to: "" }, fields)).toEqual({ stage: "signed", q: "氢" });
});

test("the order of parameters and values does not make another filter", () => {
  expect(isSame({ stage: "signed,landed", q: "a" }, { q: "a", stage: "landed,signed" })).toBe(true);
  expect(isSame({ stage: "signed" }, { stage: "signed", q: "a" })).toBe(false);
});

test("each kind of condition has its text", () => {
  const search = { stage: "signed,landed", unit_id: "7", due_to: "2023-03-31", planned_total_min: "100000000" };
  expect(fields.map((field) => textOf(field, search, words))).toEqual(["签约、落地", "单位7", "至 2023-03-31", "≥ 1 亿元"]);
  expect(fields.map((field) => textOf(field, {}, words))).toEqual([null, null, null, null]);
  expect(textOf(fields[3]!, { planned_total_max: "五亿" }, words)).toBe("≤ 五亿 亿元");
});
