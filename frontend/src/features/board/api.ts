import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, queries, type Schemas } from "@/api/client";
import type { Search } from "@/app/search";

export type Board = Schemas["Board"];
export type Column = Schemas["Column"];
export type Card = Schemas["Card"];

/** How many cards of a column come with the board; the rest are read as one scrolls. */
export const FIRST_CARDS = 20;

export function useBoard(conditions: Search) {
  return useQuery({
    ...queries.queryOptions("get", "/api/v1/pipeline/board", {
      // The conditions are text, as in the address; the service reads them.
      params: { query: { ...(conditions as object), cards: FIRST_CARDS } },
    }),
    placeholderData: keepPreviousData,
  });
}

/** All cards of a column, fifty a page, once somebody scrolls past the first ones. */
export function useCards(conditions: Search, stage: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["board-cards", conditions, stage],
    enabled,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...(conditions as object), stage, limit: 50, cursor: pageParam };
      return (await api.GET("/api/v1/pipeline/board/cards", { params: { query }, signal })).data!;
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}
