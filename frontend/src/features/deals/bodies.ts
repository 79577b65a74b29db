/** What the forms of deals send, made of what is in them. */
import type { Schemas } from "@/api/client";
import type { Deal } from "./api";

/** Returns what was given of the values: nothing that is empty. */
export function given<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "")) as T;
}

/** Leaves the fate of the project out where it is to stay as it is. */
export function fated<T extends { project?: Schemas["ProjectFate"] | null }>({ project, ...values }: T): T {
  return { ...given(values), ...(project?.becomes ? { project: given(project) } : {}) } as T;
}

export interface CorrectValues extends Omit<Schemas["DealCorrect"], "never_a_deal" | "withdraw"> {
  what: "values" | "withdraw" | "never";
}

export function correction({ what, ...values }: CorrectValues): Schemas["DealCorrect"] {
  const { fact_id, reason, project } = values;
  if (what === "never") return fated({ reason, project, never_a_deal: true });
  if (what === "withdraw") return fated({ reason, project, fact_id, withdraw: true });
  return fated(values);
}

/** Returns the correction to preview, before its reason is typed; null while nothing is said to be wrong. */
export function wouldCorrect(values: Partial<CorrectValues>): Schemas["DealCorrect"] | null {
  const body = correction({ what: "values", ...values, reason: values.reason || "—" } as CorrectValues);
  const says = Object.keys(body).filter((name) => !["reason", "fact_id", "project"].includes(name));
  return says.length ? body : null;
}

export const EDITED = [
  "title", "agreement_no", "signed_on", "investor_id", "source", "currency", "agreed_amount", "original_amount", "rate", "rate_on", "rate_source",
] as const;
const MONEY = ["currency", "agreed_amount", "original_amount", "rate", "rate_on", "rate_source"] as const;

/** Returns what was changed of a draft; the fields of money go together, those of the other kind of money are left out. */
export function changes(deal: Pick<Deal, (typeof EDITED)[number]>, values: Partial<Schemas["DealCreate"]>): Schemas["DealUpdate"] {
  const is = (name: (typeof EDITED)[number]) => values[name] || null;
  const changed = EDITED.filter((name) => is(name) !== (deal[name] ?? null));
  const isMoney = changed.some((name) => MONEY.includes(name as never));
  const isForeign = (values.currency ?? "CNY") !== "CNY";
  const sent = isMoney ? [...new Set([...changed, ...MONEY])] : changed;
  const left = isForeign ? ["agreed_amount"] : ["original_amount", "rate", "rate_on", "rate_source"];
  return Object.fromEntries(sent.filter((name) => !left.includes(name)).map((name) => [name, is(name)])) as Schemas["DealUpdate"];
}

/** Returns the first and the last day of the quarter of a day. */
export function quarterOf(day: string): [string, string] {
  const year = day.slice(0, 4);
  const quarter = Math.floor((Number(day.slice(5, 7)) - 1) / 3);
  const ends = ["03-31", "06-30", "09-30", "12-31"] as const;
  return [`${year}-${String(quarter * 3 + 1).padStart(2, "0")}-01`, `${year}-${ends[quarter]}`];
}
