import { keepPreviousData } from "@tanstack/react-query";
import { queries, type Schemas } from "@/api/client";
import type { Search } from "@/app/search";

export type LeadRow = Schemas["LeadRow"];
export type Lead = Schemas["LeadWithRights"];
export type LeadAct = LeadRow["may"][number];

/** The parameters of the list that an address may hold. */
const FILTERS = [
  "status", "channel", "program", "unit_id", "own_unit_id", "first_unit_id", "own_first_unit_id", "task_force_id", "industry_code",
  "investor_id", "referrer_id", "handler_id", "reported_from", "reported_to", "due_from", "due_to", "is_overdue", "clock",
  "is_illustrative", "waits_for", "ids", "q",
] as const;

/** What the tabs set; every other filter stands as a chip. */
export const TAB_FILTERS = ["status", "clock", "is_overdue"] as const;

export function filtersOf(search: Search): Record<string, string> {
  return Object.fromEntries(FILTERS.flatMap((name) => (search[name] ? [[name, search[name]]] : [])));
}

export function useLeads(search: Search) {
  const query = { ...filtersOf(search), sort: search.sort ?? "due_on", with: "count", limit: 100 };
  return queries.useInfiniteQuery(
    "get",
    "/api/v1/leads",
    { params: { query: query as never } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: (page) => page.next_cursor ?? undefined,
      placeholderData: keepPreviousData,
    },
  );
}

export const DIMENSIONS = [
  { by: "channel", field: "channel" },
  { by: "unit", field: "unit" },
  { by: "first_unit", field: "first_unit" },
  { by: "task_force", field: "task_force" },
  { by: "industry", field: "industry" },
  { by: "referrer", field: "referrer" },
  { by: "handler", field: "handler" },
  { by: "investor", field: "investor" },
  { by: "program", field: "program" },
] as const;

export function useFacets(search: Search) {
  const filters = filtersOf(search);
  const query = { ...filters, by: DIMENSIONS.map(({ by }) => by).join(","), ignore_own: true };
  return queries.useQuery("get", "/api/v1/leads/facets", { params: { query: query as never } }, { placeholderData: keepPreviousData });
}

/** Counts for the tabs: of the leads that meet all conditions but those of the tabs. */
export function useTabCounts(search: Search) {
  const filters = Object.fromEntries(Object.entries(filtersOf(search)).filter(([name]) => !TAB_FILTERS.includes(name as never)));
  const query = { ...filters, by: "status,clock,is_overdue" };
  const { data } = queries.useQuery(
    "get",
    "/api/v1/leads/facets",
    { params: { query: query as never } },
    { placeholderData: keepPreviousData },
  );
  return (by: string, key: string): number | undefined =>
    data && (data.facets[by]?.items.find((item) => item.key === key)?.count ?? 0);
}

export function leadQuery(leadId: string) {
  return queries.queryOptions("get", "/api/v1/leads/{lead_id}", { params: { path: { lead_id: leadId } } });
}
