import { useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { queries, type Schemas } from "@/api/client";

/** Returns what the search of the service finds of one kind, by name, code, pinyin or initials. */
export function useHits(kind: Schemas["Kind"], text: string): Schemas["SearchHit"][] {
  const q = useDeferredValue(text.trim());
  const found = useQuery({
    ...queries.queryOptions("get", "/api/v1/search", { params: { query: { q, types: kind, limit: 20 } } }),
    enabled: q.length > 0,
    placeholderData: (previous) => previous,
  });
  return q ? (found.data?.items ?? []) : [];
}
