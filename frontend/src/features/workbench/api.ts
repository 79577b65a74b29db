import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { queries, type Schemas } from "@/api/client";

export type Task = Schemas["Task"];
export type TaskKind = Schemas["TaskKind"];
export type Tasks = Schemas["TaskList"];

const MOST = 200;

/** What waits for the reader, of some kinds or of all; `kind` as the address has it. */
export function useTasks(kind: string | undefined) {
  return useQuery({
    ...queries.queryOptions("get", "/api/v1/me/tasks", { params: { query: { kind: kind || null, limit: MOST, with: "agenda,quarter" } } }),
    placeholderData: keepPreviousData,
    refetchInterval: 120_000,
  });
}

type Counter = "all" | "limits" | "leads" | "milestones" | "deals" | "five_ones" | "inbox";

/** The counters above the queue, each of some kinds of tasks. */
export const COUNTERS: readonly { key: Counter; kinds: readonly TaskKind[]; isOptional?: boolean }[] = [
  { key: "all", kinds: [] },
  { key: "limits", kinds: ["overdue", "idle_limit", "stage_limit"] },
  { key: "leads", kinds: ["answer", "assess"] },
  { key: "milestones", kinds: ["milestone", "next_step"] },
  { key: "deals", kinds: ["approval", "returned"] },
  { key: "five_ones", kinds: ["five_ones"], isOptional: true },
  { key: "inbox", kinds: ["inbox"], isOptional: true },
];

/** Returns how many tasks of some kinds there are, by how urgent; of all where none is named. */
export function urgencyOf(counts: Schemas["TaskCounts"], kinds: readonly string[]): Schemas["Urgency"] {
  if (!kinds.length) return { all: counts.all, past_due: counts.past_due, today: counts.today, soon: counts.soon };
  const total = { all: 0, past_due: 0, today: 0, soon: 0 };
  for (const kind of kinds) {
    const one = counts.by_kind[kind as TaskKind];
    if (!one) continue;
    total.all += one.all;
    total.past_due += one.past_due;
    total.today += one.today;
    total.soon += one.soon;
  }
  return total;
}
