import { queries, type Schemas } from "@/api/client";

export type Project = Schemas["ProjectPage"];
export type Milestone = Schemas["MilestoneRead"];
export type Ref = Schemas["Ref"];

/** All that the page shows beside the timeline comes in one answer: one snapshot, one version. */
const PARTS = "clock,five_ones,gates,amounts,moves,milestones,deals,evidence,contacts,plans";

export function projectOf(id: string) {
  return queries.queryOptions("get", "/api/v1/projects/{project_id}", {
    params: { path: { project_id: id }, query: { include: PARTS } },
  });
}
