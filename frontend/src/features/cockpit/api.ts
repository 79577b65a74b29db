import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { queries, type Schemas } from "@/api/client";

export type Overview = Schemas["Overview"];
export type Funnel = Schemas["Funnel"];
export type Attention = Schemas["Attention"];
export type Published = Schemas["PublishedBesideOurs"];
export type Group = Schemas["Group"];

export const DIMENSIONS = ["task_force", "industry", "origin", "ownership", "size"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** What the figures are asked for, as the address of the page has it. */
export interface Asked {
  period: string;
  unit_id?: string;
  task_force_id?: string;
  known_at?: string;
}

const kept = { placeholderData: keepPreviousData } as const;

export function useOverview(asked: Asked) {
  const query = { ...asked, group_by: ["unit", ...DIMENSIONS].join(",") };
  return useQuery({ ...queries.queryOptions("get", "/api/v1/totals/overview", { params: { query } }), ...kept });
}

export function useFunnel(asked: Asked) {
  const query = { ...asked, pool: "promotion" as const };
  return useQuery({ ...queries.queryOptions("get", "/api/v1/totals/funnel", { params: { query } }), ...kept });
}

/** What needs attention is of today, whatever period is shown. */
export function useAttention({ unit_id, task_force_id }: Asked) {
  const query = { unit_id, task_force_id };
  return useQuery({ ...queries.queryOptions("get", "/api/v1/totals/attention", { params: { query } }), ...kept });
}

export function usePublished({ period, known_at }: Asked, enabled: boolean) {
  const query = { period, known_at };
  return useQuery({ ...queries.queryOptions("get", "/api/v1/published-figures", { params: { query } }), ...kept, enabled });
}

/** Asks once a minute whether anything was written since the figures were read, and asks for them again only then. */
export function useRefreshing(knownAt: string | undefined, isLatest: boolean): void {
  const client = useQueryClient();
  const head = useQuery({
    ...queries.queryOptions("get", "/api/v1/totals/head"),
    refetchInterval: 60_000,
    staleTime: Infinity,
    initialData: knownAt ? { known_at: knownAt } : undefined,
    enabled: isLatest && knownAt !== undefined,
  });
  const latest = head.data?.known_at;
  useEffect(() => {
    if (!isLatest || !knownAt || !latest || latest <= knownAt) return;
    void client.invalidateQueries({ predicate: ({ queryKey }) => /\/(totals|published-figures)/.test(String(queryKey[1])) });
  }, [client, isLatest, knownAt, latest]);
}
