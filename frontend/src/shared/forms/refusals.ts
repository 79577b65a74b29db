import type { FormInstance } from "antd";
import { fieldErrors, type Problem } from "@/api/problems";

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
