import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { homeOf } from "./navigation";

type Me = Schemas["MyRead"];

function me(roles: string[], pages: Me["pages"]) {
  return homeOf({ roles: roles.map((code) => ({ code })) as Me["roles"], pages });
}

test("a leader begins at the cockpit, a clerk at the tasks, an auditor at what is open", () => {
  expect(me(["leader"], ["workbench", "cockpit", "audit"])).toBe("/cockpit");
  expect(me(["leader"], ["workbench"])).toBe("/workbench");
  expect(me(["bureau"], ["workbench", "cockpit"])).toBe("/workbench");
  expect(me(["leader", "bureau"], ["workbench", "cockpit"])).toBe("/workbench");
  expect(me(["auditor"], ["audit"])).toBe("/admin");
  expect(me(["integration"], ["ledger"])).toBe("/projects");
  expect(me([], [])).toBe("/workbench");
});
