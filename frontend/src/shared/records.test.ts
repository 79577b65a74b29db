import { expect, test } from "vitest";
import { pageOfRequest } from "./records";

const ID = "0198a1c2-7d3e-7f40-8a5b-6c7d8e9f0a1b";

test.each([
  [`/api/v1/projects/${ID}`, `/projects/${ID}`],
  [`/api/v1/projects/${ID}/leader-handovers`, `/projects/${ID}`],
  [`/api/v1/leads/${ID}/answer`, `/leads/${ID}`],
  [`/api/v1/task-forces/${ID}`, `/task-forces/${ID}`],
  [`/api/v1/deals/${ID}/approval`, `/deals?open=${ID}`],
])("a refused %s is about the record of %s", (path, page) => {
  expect(pageOfRequest(path)).toBe(page);
});

test.each([`/api/v1/units/${ID}`, "/api/v1/projects", "/api/v1/me/preferences", ""])("%s is about no record with a page", (path) => {
  expect(pageOfRequest(path)).toBeNull();
});
