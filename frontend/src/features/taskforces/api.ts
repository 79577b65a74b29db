import { queries, type Schemas } from "@/api/client";

export type TaskForce = Schemas["TaskForceWithRights"];
export type Performance = Schemas["PerformanceFigures"];

export function performancesOptions(year: number) {
  return queries.queryOptions("get", "/api/v1/task-forces/performance", { params: { query: { year } } });
}

export function performanceOptions(id: string, year: number) {
  return queries.queryOptions("get", "/api/v1/task-forces/{task_force_id}/performance", {
    params: { path: { task_force_id: id }, query: { year } },
  });
}

export function taskForceOptions(id: string) {
  return queries.queryOptions("get", "/api/v1/task-forces/{task_force_id}", { params: { path: { task_force_id: id } } });
}

export function projectsOptions(id: string) {
  return queries.queryOptions("get", "/api/v1/projects", {
    params: { query: { task_force_id: id, is_leaf: true, status: "active", limit: 10, with: "count", sort: "-planned_total" } },
  });
}
