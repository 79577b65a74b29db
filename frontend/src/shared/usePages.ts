/** Reads a list page by page as its end comes into view. */
import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { Schemas } from "@/api/client";

interface Page<Row> {
  items: readonly Row[];
  next_cursor: string | null;
  count?: Schemas["Count"] | null;
}

export interface Asked {
  limit: number;
  cursor?: string;
}

/** `read` asks for one page. What was shown stays while another filter is read. */
export function usePages<Row, P extends Page<Row>>(key: QueryKey, read: (asked: Asked) => Promise<P>, limit = 100) {
  const query = useInfiniteQuery({
    queryKey: key,
    initialPageParam: "",
    queryFn: ({ pageParam }) => read({ limit, ...(pageParam && { cursor: pageParam }) }),
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (previous) => previous,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const pages = query.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.items as Row[]) ?? [], [pages]);
  return { query, first: pages?.[0], rows, onEnd };
}
