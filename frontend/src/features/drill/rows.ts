/** The rows behind a figure, of whichever figure, in one shape. */
import { api, type Schemas } from "@/api/client";
import type { Search } from "@/app/search";
import { sum } from "@/shared/money";
import type { RankGroup } from "@/shared/useRank";

export const FIGURES = ["signings", "collective-start", "started-or-resumed", "planned-year", "awaiting-signed", "funnel"] as const;
export type Figure = (typeof FIGURES)[number];

/** What each figure is shown grouped by. */
export const DIMENSIONS = {
  signings: ["unit", "task_force", "month", "industry", "origin", "ownership", "size"],
  "collective-start": ["unit", "task_force", "program", "size"],
  "started-or-resumed": ["unit", "task_force", "program", "size", "kind"],
  "planned-year": ["unit", "task_force", "program", "size"],
  "awaiting-signed": ["unit", "task_force", "program", "size"],
  funnel: [],
} as const satisfies Record<Figure, readonly Schemas["GroupBy"][]>;
export type Dimension = Schemas["GroupBy"];

/** A figure itself, as the service adds it up over the whole filter. */
export interface Total {
  count: number;
  amount: string | null;
  landed: number;
}

export interface Grouped {
  groups: readonly (RankGroup & { same_quarter_landed?: number })[];
  total: Total;
  known_at: string;
  scope: Schemas["ScopeRead"];
  caliber: Schemas["Label"];
}

export interface Line {
  key: string;
  day: string | null;
  /** The kind of the entry, or the stage of a row of the funnel. */
  kind: string | null;
  project: { id: string | null; name: string | null; code: string };
  deal: string | null;
  unit: Schemas["Ref"] | null;
  taskForce: Schemas["Ref"] | null;
  industry: Schemas["Label"] | null;
  isIllustrative: boolean;
  count: number;
  /** In yuan. */
  amount: string | null;
  landed: number;
}

export interface Page {
  items: Line[];
  next_cursor: string | null;
  known_at: string;
  scope: Schemas["ScopeRead"];
  caliber: Schemas["Label"] | null;
  total: Total;
}

type Asked = Search & { limit: number; cursor?: string };

const entry = (row: Schemas["EntryRow"]): Line => ({
  key: row.id,
  day: row.effective_on,
  kind: row.kind,
  project: { id: row.deal.project_id, name: row.deal.project_name ?? row.deal.title, code: row.deal.code },
  deal: row.deal.code,
  unit: row.unit,
  taskForce: row.task_force,
  industry: row.industry,
  isIllustrative: row.is_illustrative,
  count: row.count,
  amount: row.amount,
  landed: row.landed,
});

const figure = (row: Schemas["FigureRow"]): Line => ({
  key: `${row.project.code} ${row.kind} ${row.day}`,
  day: row.day,
  kind: row.kind,
  project: row.project,
  deal: null,
  unit: row.unit,
  taskForce: row.task_force,
  industry: null,
  isIllustrative: row.is_illustrative,
  count: 1,
  amount: row.planned_total,
  landed: 0,
});

const stay = (row: Schemas["FunnelRow"], index: number): Line => ({
  key: `${row.project.code} ${row.stage} ${row.entered_on} ${index}`,
  day: row.left_on ?? row.entered_on,
  kind: row.stage,
  project: row.project,
  deal: null,
  unit: row.unit,
  taskForce: row.task_force,
  industry: null,
  isIllustrative: row.is_illustrative,
  count: 1,
  amount: row.planned_total,
  landed: 0,
});

const awaiting = (row: Schemas["AwaitingRow"]): Line => ({
  key: row.deal.code,
  day: null,
  kind: null,
  project: { id: row.deal.project_id, name: row.deal.project_name ?? row.deal.title, code: row.deal.code },
  deal: row.deal.code,
  unit: row.unit,
  taskForce: row.task_force,
  industry: null,
  isIllustrative: row.is_illustrative,
  count: 1,
  amount: row.amount,
  landed: 0,
});

async function figures(path: "collective-start" | "started-or-resumed" | "planned-year", query: Asked): Promise<Page> {
  const { data } = await api.GET(`/api/v1/totals/${path}/rows`, { params: { query: { ...query, with: "count" } as never } });
  const answer = data as Schemas["FigureRows"];
  const total = { count: answer.count.value, amount: answer.sum.planned_total, landed: 0 };
  return { ...answer, items: answer.items.map(figure), total };
}

/** Reads a page of the rows of a figure, with the figure that they add up to. */
export async function read(name: Figure, query: Asked): Promise<Page> {
  if (name === "signings") {
    const { data } = await api.GET("/api/v1/totals/signings/entries", { params: { query: query as never } });
    return { ...data!, items: data!.items.map(entry), caliber: null, total: data!.sum };
  }
  if (name === "awaiting-signed") {
    const { data } = await api.GET("/api/v1/totals/awaiting-signed/rows", { params: { query: query as never } });
    return { ...data!, items: data!.items.map(awaiting), total: { ...data!.sum, landed: 0 } };
  }
  if (name === "funnel") {
    const { data } = await api.GET("/api/v1/totals/funnel/rows", { params: { query: query as never } });
    return { ...data!, items: data!.items.map(stay), total: { ...data!.sum, landed: 0 } };
  }
  return figures(name, query);
}

/** Reads the groups of a figure by one dimension, under the same conditions as its rows. */
export async function readGroups(name: Figure, query: Search, by: Dimension): Promise<Grouped> {
  if (name === "signings") {
    const { data } = await api.GET("/api/v1/totals/signings", { params: { query: { ...query, group_by: by } as never } });
    const answer = data!;
    return { ...answer, groups: answer.groups[by] ?? [], total: { count: answer.count, amount: answer.amount, landed: answer.same_quarter_landed } };
  }
  const path = name as "collective-start" | "started-or-resumed" | "planned-year" | "awaiting-signed";
  const { data } = await api.GET(`/api/v1/totals/${path}/rows`, { params: { query: { ...query, group_by: by, limit: 1 } as never } });
  const answer = data as Schemas["FigureRows"] | Schemas["AwaitingRows"];
  const amount = "amount" in answer.sum ? answer.sum.amount : answer.sum.planned_total;
  return { ...answer, groups: answer.groups[by] ?? [], total: { count: answer.count.value, amount, landed: 0 } };
}

/** Returns the rows as a CSV file. */
export async function exported(name: Figure, query: Search): Promise<Blob> {
  const path = name === "signings" ? ("/api/v1/totals/signings/entries/export" as const) : (`/api/v1/totals/${name}/rows/export` as const);
  const { data } = await api.GET(path, { params: { query: query as never }, parseAs: "blob" });
  return data as unknown as Blob;
}

export interface Proof {
  rows: number;
  count: number;
  amount: bigint;
  landed: number;
}

/** Adds up the rows. */
export function added(lines: readonly Line[]): Proof {
  return {
    rows: lines.length,
    count: lines.reduce((total, line) => total + line.count, 0),
    amount: sum(lines.map((line) => line.amount)),
    landed: lines.reduce((total, line) => total + line.landed, 0),
  };
}

export type Running = Line & { running: bigint };

/** Returns the rows with the total up to and with each, in fen. */
export function withRunning(lines: readonly Line[]): Running[] {
  let running = 0n;
  return lines.map((line) => {
    running += sum([line.amount]);
    return { ...line, running };
  });
}
