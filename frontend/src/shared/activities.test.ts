import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { itemOfEvent } from "./activities";

const meta = {
  event_types: [{ code: "task_force.updated", zh: "专班修改", en: "task force edited" }],
  fields: { task_force: [{ code: "cadence", zh: "调度频次", en: "cadence" }] },
} as unknown as Schemas["Meta"];

function event(type: string, data: object): Schemas["EventRead"] {
  return { id: "1", at: "2023-03-31T01:00:00Z", type, data, actor_id: "a", actor_kind: "person", actor_name: "甲", subject_id: "2", subject_type: "task_force", subject_version: 2 } as Schemas["EventRead"];
}

test("names the fields that an event changed, in both languages", () => {
  const item = itemOfEvent(event("task_force.updated", { changes: { cadence: [null, "每周"], other: [1, 2] } }), meta);
  expect(item.zh).toBe("专班修改：调度频次、other");
  expect(item.en).toBe("task force edited: cadence, other");
});

test("says the year of what is set for one, and keeps an unknown type as it is", () => {
  expect(itemOfEvent(event("task_force.target_set", { year: 2023 }), meta).zh).toBe("task_force.target_set 2023");
});
