/** The keys of the texts, taken from the Chinese files; a test holds that the English ones have the same. */
export interface Texts {
  account: typeof import("./zh-CN/account.json");
  act: typeof import("./zh-CN/act.json");
  activity: typeof import("./zh-CN/activity.json");
  admin: typeof import("./zh-CN/admin.json");
  board: typeof import("./zh-CN/board.json");
  cockpit: typeof import("./zh-CN/cockpit.json");
  columns: typeof import("./zh-CN/columns.json");
  common: typeof import("./zh-CN/common.json");
  deals: typeof import("./zh-CN/deals.json");
  drill: typeof import("./zh-CN/drill.json");
  enterprises: typeof import("./zh-CN/enterprises.json");
  filters: typeof import("./zh-CN/filters.json");
  followup: typeof import("./zh-CN/followup.json");
  forms: typeof import("./zh-CN/forms.json");
  gates: typeof import("./zh-CN/gates.json");
  leads: typeof import("./zh-CN/leads.json");
  ledger: typeof import("./zh-CN/ledger.json");
  officials: typeof import("./zh-CN/officials.json");
  plan: typeof import("./zh-CN/plan.json");
  project: typeof import("./zh-CN/project.json");
  published: typeof import("./zh-CN/published.json");
  records: typeof import("./zh-CN/records.json");
  referrers: typeof import("./zh-CN/referrers.json");
  taskforces: typeof import("./zh-CN/taskforces.json");
  tokens: typeof import("./zh-CN/tokens.json");
  totals: typeof import("./zh-CN/totals.json");
  workbench: typeof import("./zh-CN/workbench.json");
}

export type Namespace = keyof Texts;

type Leaves<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}` }[keyof T & string];
type Branches<T> = { [K in keyof T & string]: T[K] extends string ? never : K | `${K}.${Branches<T[K]>}` }[keyof T & string];

type Own = { [N in Namespace]: Leaves<Texts[N]> };
type OfAll = { [N in Namespace]: `${N}:${Own[N]}` }[Namespace];

/** A key as the texts of a namespace take it: its own, or one of another namespace, «common:save». */
export type Key<N extends Namespace> = Own[N] | OfAll;
/** Texts that stand together, «admin:jobs.kinds». */
export type Branch = { [N in Namespace]: `${N}:${Branches<Texts[N]>}` }[Namespace];

export type Translate<N extends Namespace> = (key: Key<N>, values?: Record<string, string | number | null | undefined>) => string;
