import { answerOf, api, queries, type Schemas } from "@/api/client";
import type { Search } from "@/app/search";
import type { Asked } from "@/shared/usePages";

export type EnterpriseRow = Schemas["EnterpriseRow"];
export type Enterprise = Schemas["EnterpriseWithRights"];

export function readEnterprises(search: Search, asked: Asked): Promise<Schemas["Page_EnterpriseRow_"]> {
  const { q, origin, ownership, parent_id } = search;
  const conditions = { q, origin, ownership, parent_id } as { origin?: Schemas["Origin"]; ownership?: Schemas["Ownership"] };
  const query = { ...asked, ...conditions, with: asked.cursor ? "business" : "business,count" };
  return answerOf(api.GET("/api/v1/enterprises", { params: { query } }));
}

export function enterpriseOptions(id: string) {
  return queries.queryOptions("get", "/api/v1/enterprises/{enterprise_id}", { params: { path: { enterprise_id: id } } });
}

/** The first projects it invests in, with the number and sums of all. */
export function projectsOptions(id: string) {
  return queries.queryOptions("get", "/api/v1/projects", {
    params: { query: { investor_id: id, limit: 8, with: "count,sum", sort: "-planned_total" } },
  });
}

/** Its first deals, with the number and sum of all that count. */
export function dealsOptions(id: string) {
  return queries.queryOptions("get", "/api/v1/deals", {
    params: { query: { investor_id: id, limit: 8, with: "count,sum", sort: "-signed_on" } },
  });
}

export function membersOptions(id: string) {
  return queries.queryOptions("get", "/api/v1/enterprises", { params: { query: { parent_id: id, limit: 50, with: "business" } } });
}
