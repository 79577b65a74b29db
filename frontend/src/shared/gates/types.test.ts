import { expect, test } from "vitest";
import { type GateAct, groupsOf, headOf, namesOf } from "./types";

function act(operation: string, body: Record<string, unknown>): GateAct {
  return { operation, body, path: "/api/v1/x", method: "POST", zh: "", en: "", fields: [], required: [], may: null };
}

test("evidence and its «not needed» are one form, other kinds forms of their own", () => {
  const groups = groupsOf([
    act("add_project_evidence", { kind: "site_secured" }),
    act("add_project_evidence", { kind: "site_secured", is_not_needed: true }),
    act("add_project_evidence", { kind: "project_code" }),
    act("update_project", {}),
  ]);
  expect(groups.map((group) => group.length)).toEqual([2, 1, 1]);
});

test("the head of an act is what stands before its colon", () => {
  expect(headOf("登记依据：用地或厂房落实")).toBe("登记依据");
  expect(headOf("put on record: site secured")).toBe("put on record");
  expect(headOf("填写统一代码")).toBe("填写统一代码");
});

test("acts of one form are told apart", () => {
  expect(namesOf(["登记依据：用地", "无需：用地"])).toEqual(["登记依据", "无需"]);
  expect(namesOf(["修改投资方：统一社会信用代码", "修改投资方：境外注册号"])).toEqual(["统一社会信用代码", "境外注册号"]);
});
