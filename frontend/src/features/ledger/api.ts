import { type InfiniteData, keepPreviousData, type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, queries, type Schemas } from "@/api/client";
import type { Search } from "@/app/search";

export type Row = Schemas["ProjectRow"];
type List = Schemas["ProjectList"];

const PAGE = 100;
const KEY = ["projects", "rows"];

/** Reads the list page by page; the first has the count and the sums of the whole filter. */
export function useProjects(conditions: Search, sort: string, enabled = true) {
  const query = useInfiniteQuery({
    queryKey: [...KEY, conditions, sort],
    queryFn: async ({ pageParam, signal }) => {
      const page = { ...conditions, sort, limit: PAGE, ...(pageParam ? { cursor: pageParam } : { with: "count,sum" }) };
      // The conditions come from the address as text; the service says which it does not take.
      return (await api.GET("/api/v1/projects", { params: { query: page as never }, signal })).data!;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    enabled,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const { hasNextPage, isFetchingNextPage, isPlaceholderData, fetchNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isPlaceholderData) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isPlaceholderData, fetchNextPage]);
  return { ...query, rows, first: query.data?.pages[0], more };
}

/** Returns the row as it was read last, with the version it then had; undefined where it is on no page. */
export function rowOf(client: QueryClient, id: string): Row | undefined {
  return client
    .getQueriesData<InfiniteData<List>>({ queryKey: KEY, type: "active" })
    .flatMap(([, data]) => data?.pages.flatMap((page) => page.items) ?? [])
    .find((row) => row.id === id);
}

/** Returns when the rows shown have been read again. */
export async function whenRead(client: QueryClient): Promise<void> {
  await client.refetchQueries({ queryKey: KEY, type: "active" }, { cancelRefetch: false });
}

/** Returns the function that shows a row as it will be, and returns the one that puts it back. */
export function usePatchRow() {
  const client = useQueryClient();
  return useCallback(
    (id: string, change: Partial<Row>) => {
      const set = (patch: (row: Row) => Row) =>
        client.setQueriesData<InfiniteData<List>>({ queryKey: KEY }, (data) =>
          data && {
            ...data,
            pages: data.pages.map((page) => ({ ...page, items: page.items.map((row) => (row.id === id ? patch(row) : row)) })),
          },
        );
      const before = new Map<string, Partial<Row>>();
      set((row) => {
        before.set(id, Object.fromEntries(Object.keys(change).map((name) => [name, row[name as keyof Row]])) as Partial<Row>);
        return { ...row, ...change };
      });
      return () => set((row) => ({ ...row, ...before.get(id) }));
    },
    [client],
  );
}

/** The sums of the rows chosen, as the service sums them. */
export function useChosen(ids: readonly string[]) {
  return useQuery({
    ...queries.queryOptions("get", "/api/v1/projects", { params: { query: { ids: ids.join(), limit: 1, with: "count,sum" } } }),
    enabled: ids.length > 0 && ids.length <= MOST_CHOSEN,
    placeholderData: keepPreviousData,
  });
}

/** The most ids that the service takes at once. */
export const MOST_CHOSEN = 200;
