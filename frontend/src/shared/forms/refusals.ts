import type { FormInstance } from "antd";
import type { Problem } from "@/api/problems";
import { fieldErrors } from "@/api/problems";

/** Shows what the service refuses at the fields it names. Returns whether all of it has found its field. */
export function showAtFields(form: FormInstance, problem: Problem): boolean {
  const errors = Object.entries(fieldErrors(problem));
  if (!errors.length) return false;
  const names = new Set(Object.keys(form.getFieldsValue(true) as object));
  const fields = errors.filter(([name]) => names.has(name.split(".")[0]!));
  form.setFields(fields.map(([name, error]) => ({ name: name.split(".")[0]!, errors: [error] })));
  if (fields.length) form.scrollToField(fields[0]![0].split(".")[0]!, { block: "center" });
  return fields.length === errors.length;
}
