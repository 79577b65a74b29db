/** The conditions of a list as its address holds them, and what each is called. */
import type { Search } from "@/app/search";
import { exact, fen } from "@/shared/money";

export type RecordKind = "unit" | "task_force" | "official" | "enterprise";

export interface Option {
  value: string;
  label: string;
  /** Whether it is found by more than a part of its label. */
  isFound?: (typed: string) => boolean;
}

interface Field {
  title: string;
  /** Shown among the first in the panel. */
  isCommon?: boolean;
}

/** Values of a list, separated by commas. With `facet`, the dimension of the facets that counts them. */
export interface Choice extends Field {
  kind: "choice";
  param: string;
  options: readonly Option[];
  facet?: string;
}

/** Records by their ids, separated by commas; `extra` are words in place of an id, such as `me` and `none`. */
export interface Records extends Field {
  kind: "records";
  param: string;
  record: RecordKind;
  extra?: readonly Option[];
  facet?: string;
}

export interface Flag extends Field {
  kind: "flag";
  param: string;
  yes: string;
  no: string;
}

export interface Days extends Field {
  kind: "days";
  from: string;
  to: string;
}

/** Amounts in yuan, typed in 亿元. */
export interface Amounts extends Field {
  kind: "amounts";
  from: string;
  to: string;
}

/** A number, with its text around it such as «≥ {{value}} 天». */
export interface Whole extends Field {
  kind: "number";
  param: string;
  text: (value: string) => string;
}

/** Chosen rows: shown as a chip, not asked for in the panel. */
export interface Chosen extends Field {
  kind: "chosen";
  param: string;
  text: (count: number) => string;
}

export type FilterField = Choice | Records | Flag | Days | Amounts | Whole | Chosen;

export function paramsOf(field: FilterField): string[] {
  return "from" in field ? [field.from, field.to] : [field.param];
}

export function valuesOf(text: string | undefined): string[] {
  return text ? text.split(",").filter(Boolean) : [];
}

/** Returns what of the address the list takes: the parameters of the fields, and `q`. Anything else is of the page. */
export function conditionsOf(search: Search, fields: readonly FilterField[]): Search {
  const known = new Set(["q", ...fields.flatMap(paramsOf)]);
  return Object.fromEntries(Object.entries(search).filter(([name, value]) => known.has(name) && value));
}

/** Whether two sets of conditions ask for the same rows: the order of parameters and of values does not matter. */
export function isSame(one: Search, other: Search): boolean {
  const text = (search: Search) =>
    Object.entries(search)
      .map(([name, value]) => `${name}=${valuesOf(value).sort().join(",")}`)
      .sort()
      .join("&");
  return text(one) === text(other);
}

interface Words {
  record: (kind: RecordKind, id: string) => string;
  until: (day: string) => string;
  since: (day: string) => string;
  between: (from: string, to: string) => string;
  yi: string;
  separator: string;
}

/** Returns the text of a condition after its title; null where the address does not hold it. */
export function textOf(field: FilterField, search: Search, words: Words): string | null {
  if (field.kind === "days") {
    const [from, to] = [search[field.from], search[field.to]];
    if (from && to) return from === to ? from : words.between(from, to);
    return from ? words.since(from) : to ? words.until(to) : null;
  }
  if (field.kind === "amounts") {
    const [from, to] = [search[field.from], search[field.to]].map(inYi);
    if (from && to) return `${words.between(from, to)} ${words.yi}`;
    return from ? `≥ ${from} ${words.yi}` : to ? `≤ ${to} ${words.yi}` : null;
  }
  const value = search[field.param];
  if (!value) return null;
  if (field.kind === "flag") return value === "true" ? field.yes : field.no;
  if (field.kind === "number") return field.text(value);
  const values = valuesOf(value);
  if (field.kind === "chosen") return field.text(values.length);
  const options = field.kind === "choice" ? field.options : (field.extra ?? []);
  const labels = values.map((one) => {
    const option = options.find((found) => found.value === one);
    return option?.label ?? (field.kind === "records" ? words.record(field.record, one) : one);
  });
  return labels.length > 3 ? `${labels.slice(0, 2).join(words.separator)}… ${labels.length}` : labels.join(words.separator);
}

/** An address may hold any text in place of an amount: the service refuses it, the chip shows it as it is. */
function inYi(yuan: string | undefined): string | undefined {
  if (!yuan) return undefined;
  return /^\d+(\.\d{1,2})?$/.test(yuan) ? exact(fen(yuan), "yi") : yuan;
}
