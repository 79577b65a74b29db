import { answerOf, api, queries, type Schemas } from "@/api/client";
import type { Search } from "@/app/search";
import type { Asked } from "@/shared/usePages";

export type OfficialRow = Schemas["OfficialRow"];
export type Official = Schemas["OfficialWithRights"];
export type Post = Schemas["PostRead"];
export type GapRow = Schemas["GapRow"];
export type GapKind = Schemas["GapKind"];

export function readOfficials({ q, unit_id }: Search, asked: Asked): Promise<Schemas["Page_OfficialRow_"]> {
  const query = { ...asked, q, unit_id, with: asked.cursor ? "led" : "led,count" };
  return answerOf(api.GET("/api/v1/officials", { params: { query } }));
}

export function officialOptions(id: string) {
  return queries.queryOptions("get", "/api/v1/officials/{official_id}", { params: { path: { official_id: id } } });
}

export function readProjectsOf(id: string, asked: Asked): Promise<Schemas["Page_OfficialProject_"]> {
  const query = { ...asked, ...(!asked.cursor && { with: "count" }) };
  return answerOf(api.GET("/api/v1/officials/{official_id}/projects", { params: { path: { official_id: id }, query } }));
}

/** The conditions of the ledger under which an official's projects are counted. */
export const ledOf = (id: string) => ({ leader_id: id, is_leaf: true, status: "active,paused" });
export const overdueOf = (id: string) => ({ leader_id: id, is_leaf: true, is_overdue: true });

export function countOptions(query: ReturnType<typeof ledOf> | ReturnType<typeof overdueOf>) {
  return queries.queryOptions("get", "/api/v1/projects", { params: { query: { ...query, limit: 1, with: "count" } } });
}

export function gapCountOptions(id: string) {
  return queries.queryOptions("get", "/api/v1/five-ones/gaps", { params: { query: { leader_id: id, limit: 1, with: "count" } } });
}

export function readGaps(search: Search, asked: Asked): Promise<Schemas["Page_GapRow_"]> {
  const query = { ...search, ...asked, ...(!asked.cursor && { with: "count" }) };
  return answerOf(api.GET("/api/v1/five-ones/gaps", { params: { query } }));
}
