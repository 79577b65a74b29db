import { expect, test } from "vitest";
import { isAnswered } from "./refusals";

test("a refusal goes when its field is changed, or the one judged with it", () => {
  expect(isAnswered(["channel"], { channel: "network" })).toBe(true);
  expect(isAnswered(["channel"], { name: "甲" })).toBe(false);
  expect(isAnswered(["estimate_to"], { estimate_from: null })).toBe(true);
  expect(isAnswered(["project", "reason_code"], { project: { reason_code: undefined } })).toBe(true);
  expect(isAnswered(["project", "reason_code"], { project: { becomes: "" } })).toBe(false);
  expect(isAnswered(["contacts", 1, "phone"], { contacts: [{}, { phone: "1" }] })).toBe(true);
});
