/** A form that stands within a page or a gate: two columns of fields, what was refused, one button and what it will do. */
import { Button } from "antd";
import type { ReactNode } from "react";
import { fieldErrors } from "@/api/problems";
import { type Sent, useAct } from "../useAct";
import { useRefusals } from "./refusals";
import css from "./form.module.css";

interface Options<Body> {
  act: (body: Body, sent: Sent) => Promise<{ data?: unknown }>;
  version?: number;
  onDone: () => void;
  /** The fields that show their own refusals; those of all others are said below. */
  fields: readonly string[];
  /** What is in the form, by the names of the body. */
  values: Record<string, unknown>;
}

/** Returns what was refused at which field, and a function that sends unless something is lacking. */
export function useInlineForm<Body>({ act, version = 0, onDone, fields, values }: Options<Body>) {
  const [errors, setErrors] = useRefusals(values);
  const sending = useAct<Body, unknown>({
    act,
    version: () => version,
    onDone,
    onRefused: (problem) => {
      const found = fieldErrors(problem);
      setErrors(found);
      return Object.keys(found).length > 0;
    },
  });
  const rest = Object.entries(errors).flatMap(([name, text]) => (fields.includes(name) ? [] : [text]));
  const send = (lacking: Record<string, string>, body: () => Body) => {
    setErrors(lacking);
    if (!Object.keys(lacking).length) sending.mutate(body());
  };
  return { errors, send, rest: rest.join(" "), isPending: sending.isPending };
}

interface Props {
  form: Pick<ReturnType<typeof useInlineForm>, "rest" | "isPending">;
  onSave: () => void;
  submit: string;
  /** What saving will do. */
  hint: string;
  children: ReactNode;
}

export function InlineForm({ form, onSave, submit, hint, children }: Props) {
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        onSave();
      }}
    >
      {children}
      {form.rest && (
        <p className={css.error} role="alert">
          {form.rest}
        </p>
      )}
      <div className={css.foot}>
        <Button type="primary" htmlType="submit" loading={form.isPending}>
          {submit}
        </Button>
        <small>{hint}</small>
      </div>
    </form>
  );
}
