import type { FormInstance } from "antd";
import { useState } from "react";
import { fieldErrors, type Problem } from "@/api/problems";

/** Fields that the service judges as one: it refuses the other when either is wrong. */
const PAIRS = [
  ["estimate_from", "estimate_to"],
  ["country", "registration_no"],
  ["active_from", "active_until"],
  ["opened_on", "closed_on"],
  ["started_on", "ended_on"],
  ["next_step", "next_step_on"],
] as const;

/** Returns the field and those that the service judges with it. */
function together(name: string): readonly string[] {
  return PAIRS.find((pair) => (pair as readonly string[]).includes(name)) ?? [name];
}

function has(changed: unknown, path: readonly (string | number)[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return true;
  return typeof changed === "object" && changed !== null && first in changed && has((changed as Record<string, unknown>)[first], rest);
}

/** Returns whether a refusal at the field goes by what was changed: the field itself, or one judged with it. */
export function isAnswered(name: readonly (string | number)[], changed: object): boolean {
  const before = name.slice(0, -1);
  return together(String(name.at(-1))).some((one) => has(changed, [...before, one])) || has(changed, name);
}

/** Takes the refusals off the fields that are changed: what is refused is what was sent, no more what stands there. */
export function release(form: FormInstance, changed: object): void {
  const answered = form.getFieldsError().filter((field) => field.errors.length && isAnswered(field.name, changed));
  if (answered.length) form.setFields(answered.map(({ name }) => ({ name, errors: [] })));
}

type Errors = Record<string, string>;

/** The refusals of a form without a form instance, and how to set them. Each stands while its field is as it was refused. */
export function useRefusals(values: Record<string, unknown>): [Errors, (errors: Errors) => void] {
  const [refused, setRefused] = useState<{ errors: Errors; values: Record<string, unknown> }>({ errors: {}, values });
  const standing = Object.entries(refused.errors).filter(([name]) => together(name.split(".")[0]!).every((one) => values[one] === refused.values[one]));
  return [Object.fromEntries(standing), (errors) => setRefused({ errors, values })];
}

/** Shows what the service refuses at the fields it names. Returns what is left to say, null where all stands at a field. */
export function atFields(form: FormInstance, problem: Problem): string | null {
  const errors = Object.entries(fieldErrors(problem));
  if (!errors.length) return problem.document.detail;
  // All fields of the form, also those that nobody has touched.
  const fields = form.getFieldsError().map((field) => field.name);
  const rest: string[] = [];
  let first: (typeof fields)[number] | undefined;
  for (const [pointer, detail] of errors) {
    const path = pointer.split(".");
    const name = fields.findLast((field) => field.every((part, index) => String(part) === path[index]));
    if (name) {
      form.setFields([{ name, errors: [detail] }]);
      first ??= name;
    } else rest.push(detail);
  }
  if (first) form.scrollToField(first, { block: "center" });
  return rest.join(" ") || null;
}

/** As `atFields`; returns whether all of it has found its field. */
export function showAtFields(form: FormInstance, problem: Problem): boolean {
  return atFields(form, problem) === null;
}
