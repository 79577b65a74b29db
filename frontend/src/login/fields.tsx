import { Eye, EyeOff } from "lucide-react";
import { createContext, use, useId, useState, type ComponentProps, type KeyboardEvent, type ReactNode } from "react";
import styles from "./SignInForm.module.css";
import type { Texts } from "./texts";
import type { FieldName } from "./trouble";

/** The texts, and which field the message in the live region (`messageId`) is about. */
export const FormContext = createContext<{ texts: Texts; refused: FieldName | null; messageId: string; busy: boolean }>(
  null!,
);

interface FieldProps extends ComponentProps<"input"> {
  name: FieldName;
  label: string;
  /** Stands right of the label. */
  aside?: ReactNode;
  /** Stands inside the field, on its right. */
  inside?: ReactNode;
  note?: string;
}

export function Field({ name, label, aside, inside, note, className, ...input }: FieldProps) {
  const { refused, messageId } = use(FormContext);
  const id = useId();
  const described = [refused === name && messageId, note && `${id}-note`].filter(Boolean).join(" ");
  return (
    <div className={styles.field}>
      <div className={styles.labels}>
        <label htmlFor={id}>{label}</label>
        {aside}
      </div>
      <div className={styles.box}>
        <input
          id={id}
          name={name}
          className={[styles.input, className].filter(Boolean).join(" ")}
          aria-invalid={refused === name || undefined}
          aria-describedby={described || undefined}
          aria-required
          {...input}
        />
        {inside}
      </div>
      {note && (
        <p id={`${id}-note`} className={styles.note}>
          {note}
        </p>
      )}
    </div>
  );
}

/** A password, hidden unless asked for. */
export function PasswordField(props: FieldProps) {
  const { texts } = use(FormContext);
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const look = (event: KeyboardEvent) => setCapsLock(event.getModifierState("CapsLock"));
  const Icon = shown ? EyeOff : Eye;
  return (
    <Field
      {...props}
      type={shown ? "text" : "password"}
      className={styles.secret}
      maxLength={256}
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      onKeyDown={look}
      onKeyUp={look}
      note={capsLock ? texts.capsLock : undefined}
      inside={
        <button
          type="button"
          className={styles.eye}
          aria-pressed={shown}
          aria-label={texts.showPassword}
          title={texts.showPassword}
          onClick={() => setShown(!shown)}
        >
          <Icon size={17} strokeWidth={1.75} aria-hidden />
        </button>
      }
    />
  );
}

/** The six digits of an authenticator app. */
export function CodeField() {
  const { texts } = use(FormContext);
  return (
    <Field
      name="code"
      label={texts.code}
      className={styles.code}
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={7}
    />
  );
}

/** Tells a password manager whose password a form without a field for the name is about. */
export function NameForManagers({ name }: { name: string }) {
  return <input className="visually-hidden" autoComplete="username" value={name} readOnly tabIndex={-1} aria-hidden />;
}

export function Submit({ children }: { children: string }) {
  const { texts, busy } = use(FormContext);
  return (
    <button type="submit" className={styles.primary} aria-disabled={busy || undefined}>
      {busy ? texts.working : children}
    </button>
  );
}
