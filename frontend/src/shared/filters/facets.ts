import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, type Schemas } from "@/api/client";
import type { Search } from "@/app/search";

export type FacetRoom = "projects" | "leads" | "deals";
export type FacetLists = Record<string, { filter: string; is_whole: boolean; items: readonly Counted[] }>;

export interface Counted {
  key: string | null;
  zh: string;
  en: string;
  short_name?: string | null;
  count: number;
  sum?: Schemas["PoolSum"][];
  left_out?: Schemas["LeftOut"];
}

const PATHS = {
  projects: "/api/v1/projects/facets",
  leads: "/api/v1/leads/facets",
  deals: "/api/v1/deals/facets",
} as const;

/** Counts the rows of a filter by dimensions. With `ignoreOwn` each leaves its own condition out, to choose others. */
export function useFacets(room: FacetRoom, search: Search, by: readonly string[], { ignoreOwn = false, enabled = true } = {}) {
  return useQuery({
    queryKey: ["facets", room, search, by, ignoreOwn],
    queryFn: async ({ signal }) => {
      const query = { ...search, by: by.join(), ...(ignoreOwn && { ignore_own: true }) };
      // One of three operations alike, and the conditions as text: more than the types can follow.
      const { data } = await api.GET(PATHS[room] as "/api/v1/projects/facets", { params: { query: query as never }, signal });
      return data!.facets as FacetLists;
    },
    enabled: enabled && by.length > 0,
    placeholderData: keepPreviousData,
  });
}
