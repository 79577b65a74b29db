import { answerOf, api, queries, type Schemas } from "@/api/client";
import type { Search } from "@/app/search";
import type { Asked } from "@/shared/usePages";

export type Referrer = Schemas["ReferrerRead"];

export function readReferrers({ q, kind }: Search, asked: Asked): Promise<Schemas["Page_ReferrerRead_"]> {
  const query = { ...asked, q, kind: kind as Schemas["ReferrerKind"] | undefined, ...(!asked.cursor && { with: "count" }) };
  return answerOf(api.GET("/api/v1/referrers", { params: { query } }));
}

export function referrerOptions(id: string) {
  return queries.queryOptions("get", "/api/v1/referrers/{referrer_id}", { params: { path: { referrer_id: id } } });
}

export function leadsOptions(id: string) {
  return queries.queryOptions("get", "/api/v1/leads", {
    params: { query: { referrer_id: id, limit: 20, with: "count", sort: "-reported_at" } },
  });
}
