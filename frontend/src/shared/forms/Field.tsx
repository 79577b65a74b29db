import type { ReactNode } from "react";
import css from "./form.module.css";

interface Props {
  label: ReactNode;
  id?: string;
  hint?: ReactNode;
  error?: string;
  isWide?: boolean;
  isRequired?: boolean;
  children: ReactNode;
}

/** A field with its label above, and below it a hint or why it was refused. */
export function Field({ label, id, hint, error, isWide, isRequired, children }: Props) {
  const text = (
    <>
      {label}
      {isRequired && (
        <span aria-hidden="true" style={{ color: "var(--danger)", marginLeft: 2 }}>
          *
        </span>
      )}
    </>
  );
  return (
    <div className={isWide ? css.wide : undefined}>
      {id ? <label htmlFor={id}>{text}</label> : <div className={css.label}>{text}</div>}
      {children}
      {error ? (
        <p className={css.error} role="alert">
          {error}
        </p>
      ) : (
        hint && <p className={css.hint}>{hint}</p>
      )}
    </div>
  );
}
