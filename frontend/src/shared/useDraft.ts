import { useCallback, useState } from "react";
import { drafts } from "@/app/session";

/** Keeps of a form what is not as it was when the form was opened. The rest is read again with the record: kept, it would
 * bring back what others have changed by then. */
export function keepDraft(form: string, values: object, initial: object): void {
  const before = new Map(Object.entries(initial));
  const text = (value: unknown) => JSON.stringify(value ?? null);
  const typed = Object.entries(values).filter(([name, value]) => text(value) !== text(before.get(name)));
  if (typed.length) drafts.keep(form, Object.fromEntries(typed.map(([name, value]) => [name, value ?? null])));
  else drafts.drop(form);
}

/** Keeps what is typed on this machine under the user's id, until it is saved or dropped. Never for passwords, codes,
 * secrets or contact fields. Returns the values, a function that changes some of them, one that drops the draft, and
 * whether a draft was found. */
export function useDraft<T extends object>(
  form: string,
  initial: T,
): [T, (change: Partial<T>) => void, () => void, boolean] {
  const [state, setState] = useState(() => {
    const kept = drafts.read(form) as Partial<T> | null;
    return { form, values: { ...initial, ...kept }, isFound: kept !== null };
  });
  let { values, isFound } = state;
  if (state.form !== form) {
    // Another record: its own draft.
    const kept = drafts.read(form) as Partial<T> | null;
    values = { ...initial, ...kept };
    isFound = kept !== null;
    setState({ form, values, isFound });
  }
  const change = useCallback(
    (some: Partial<T>) =>
      setState((now) => {
        const next = { ...now.values, ...some };
        keepDraft(form, next, initial);
        return { ...now, values: next };
      }),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [form],
  );
  const drop = useCallback(() => {
    drafts.drop(form);
    setState({ form, values: initial, isFound: false });
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [form]);
  return [values, change, drop, isFound];
}
