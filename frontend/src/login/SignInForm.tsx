import { CircleAlert, KeyRound } from "lucide-react";
import { useEffect, useId, useRef, useState, type FormEvent } from "react";
import { answerOf, api, setCsrfToken, setLanguage, type Schemas } from "@/api/calls";
import { Problem } from "@/api/problems";
import { QrCode } from "@/qr/QrCode";
import { CodeField, Field, FormContext, NameForManagers, PasswordField, Submit } from "./fields";
import { recall, remember } from "./memory";
import styles from "./SignInForm.module.css";
import { TEXTS, type CameBack, type Language } from "./texts";
import { isWordOfService, SignOnFailed, troubleOf, Unfit } from "./trouble";

type SignedIn = Schemas["SignedInRead"];
type Rules = Schemas["SignInRules"];

type Step =
  | { is: "password" }
  | { is: "code"; password: string }
  | { is: "new_password"; answer: SignedIn; password: string }
  | { is: "second_factor"; answer: SignedIn; begun: Schemas["SecondFactorBegun"] | null };

interface Failure {
  error: unknown;
  /** Milliseconds since 1970. */
  at: number;
  language: Language;
  isOver: boolean;
}

export interface SignInFormProps {
  language: Language;
  /** Called once the session may do everything: the password is changed and the second factor set up, where demanded. */
  onDone: (answer: SignedIn) => void | Promise<void>;
  /** The name remembered from the last sign-in, where none is given. */
  initialName?: string;
  /** Whether the first step has a heading: a dialog has a title of its own. */
  withHeading?: boolean;
  /** Where one wants to go on to: this page, where nothing is said. The service says where one may, in `onward`. */
  next?: string;
  /** Why single sign-on came back without a sign-in. */
  cameBack?: CameBack | null;
}

/** Signs in: name and password, then what the service demands. Has no frame of its own, for a page or a dialog. */
export function SignInForm(props: SignInFormProps) {
  const { language, onDone, withHeading = false, cameBack = null } = props;
  const next = props.next ?? location.pathname + location.search;
  const texts = TEXTS[language];
  const [step, setStep] = useState<Step>({ is: "password" });
  const [name, setName] = useState(() => props.initialName ?? recall("name"));
  const [rules, setRules] = useState<Rules | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(() =>
    cameBack ? { error: new SignOnFailed(cameBack), at: Date.now(), language, isOver: false } : null,
  );
  const isDone = useRef(false);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();

  // Said before the first question goes out, which an effect of this component sends.
  useEffect(() => {
    setLanguage(language);
  }, [language]);

  // Where they cannot be read the form still stands, and says at the attempt what is wrong.
  useEffect(() => void readRules().then(setRules, () => undefined), []);

  const isStale = failure !== null && isWordOfService(failure.error) && failure.language !== language;
  const trouble = failure && !isStale ? troubleOf(failure.error, texts, failure.at) : null;
  const until = failure?.isOver ? null : (trouble?.until ?? null);
  useEffect(() => {
    if (until === null) return;
    const timer = setTimeout(() => setFailure((old) => old && { ...old, isOver: true }), until - Date.now());
    return () => clearTimeout(timer);
  }, [until]);

  const hasBegun = step.is === "second_factor" && step.begun !== null;
  // A new step begins at its first empty field; a refusal leads to the field that it is about.
  useEffect(() => {
    const fields = [...(form.current?.querySelectorAll<HTMLInputElement>(`.${styles.input}`) ?? [])];
    (fields.find((field) => !field.value) ?? fields.at(-1))?.focus();
  }, [step.is, hasBegun]);
  // One answer for all that may be wrong: on the second step it is most likely the code.
  const field = step.is === "code" && trouble?.field === "password" ? "code" : (trouble?.field ?? null);
  useEffect(() => {
    const refused = field && form.current?.elements.namedItem(field);
    if (refused instanceof HTMLInputElement) {
      refused.focus();
      refused.select();
    }
  }, [failure, field]);

  /** Runs one act at a time, and keeps what went wrong. */
  async function run(act: () => Promise<void>): Promise<void> {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    try {
      await act();
    } catch (error) {
      isDone.current = false;
      setFailure({ error, at: Date.now(), language, isOver: false });
      if (error instanceof Problem && error.code === "password_sign_in_off") {
        setRules(await readRules().catch(() => rules));
      }
    }
    // The page that follows takes a moment to come.
    setBusy(isDone.current);
  }

  async function goOn(answer: SignedIn, password: string): Promise<void> {
    setCsrfToken(answer.csrf_token);
    const must = answer.must.map((one) => one.code);
    if (must.includes("change_password")) {
      setStep({ is: "new_password", answer, password });
    } else if (must.includes("set_second_factor")) {
      setStep({ is: "second_factor", answer, begun: null });
      await begin(answer);
    } else {
      isDone.current = true;
      await onDone(answer);
    }
  }

  async function begin(answer: SignedIn): Promise<void> {
    const begun = await answerOf(api.POST("/api/v1/me/second-factor"));
    setStep({ is: "second_factor", answer, begun });
  }

  async function signIn(asName: string, password: string, code?: string): Promise<void> {
    const body = { name: asName, password, next, ...(code && { code }) };
    try {
      const answer = await answerOf(api.POST("/api/v1/session", { body }));
      remember("name", asName);
      await goOn(answer, password);
    } catch (error) {
      if (code || !(error instanceof Problem) || error.code !== "code_required") throw error;
      remember("name", asName);
      setStep({ is: "code", password });
    }
  }

  /** After one demand is met: asks for what is left. */
  async function goOnWith(answer: SignedIn, password: string): Promise<void> {
    await goOn({ ...answer, ...(await answerOf(api.GET("/api/v1/session"))) }, password);
  }

  async function act(fields: FormData): Promise<void> {
    const value = (key: string) => String(fields.get(key) ?? "");
    if (step.is === "password") {
      const typed = value("name").trim();
      setName(typed);
      if (!typed) throw new Unfit("name", "nameMissing");
      if (!value("password")) throw new Unfit("password", "passwordMissing");
      await signIn(typed, value("password"));
    } else if (step.is === "code") {
      await signIn(name, step.password, codeOf(value("code")));
    } else if (step.is === "new_password") {
      const body = { current: step.password, new: value("new"), keep_tokens: fields.has("keep_tokens") };
      if (!body.new) throw new Unfit("new", "newPasswordMissing");
      if (body.new !== value("again")) throw new Unfit("again", "againDiffers");
      await api.PUT("/api/v1/me/password", { body });
      await goOnWith(step.answer, body.new);
    } else if (step.begun) {
      await api.POST("/api/v1/me/second-factor/confirmation", { body: { code: codeOf(value("code")) } });
      await goOnWith(step.answer, "");
    } else {
      await begin(step.answer);
    }
  }

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    void run(() => act(fields));
  }

  function back(): void {
    setFailure(null);
    setStep({ is: "password" });
  }

  const takesPasswords = rules?.ways.includes("password") ?? true;
  const isHeaded = withHeading || step.is !== "password";
  const isSignOnAlone = step.is === "password" && !takesPasswords;
  const hint = isSignOnAlone
    ? texts.signOnOnly
    : step.is === "new_password"
      ? texts.newPasswordHint(rules?.password_min_length ?? null)
      : texts.hint[step.is];
  return (
    <FormContext value={{ texts, refused: field, messageId: `${id}-message`, busy }}>
      <div className={styles.sheet}>
        {isHeaded && (
          <>
            <h2 className={styles.heading}>{texts.heading[step.is]}</h2>
            <p id={`${id}-hint`} className={styles.hint}>
              {hint}
            </p>
          </>
        )}
        <div id={`${id}-message`} role="alert">
          {trouble && (
            <p className={failure?.isOver ? styles.fine : styles.message}>
              <CircleAlert size={16} strokeWidth={1.75} aria-hidden />
              <span>{failure?.isOver ? texts.pauseOver : trouble.text}</span>
            </p>
          )}
        </div>
        {!isSignOnAlone && (
          <form
            key={step.is}
            ref={form}
            className={styles.form}
            noValidate
            aria-label={texts.heading[step.is]}
            aria-describedby={isHeaded ? `${id}-hint` : undefined}
            onSubmit={submit}
          >
            {step.is === "password" && (
              <>
                <Field
                  name="name"
                  label={texts.name}
                  defaultValue={name}
                  autoComplete="username"
                  autoCapitalize="none"
                  autoCorrect="off"
                  spellCheck={false}
                  maxLength={64}
                />
                <PasswordField
                  name="password"
                  label={texts.password}
                  autoComplete="current-password"
                  aside={<span className={styles.aside}>{texts.forgotten}</span>}
                />
                <Submit>{texts.signIn}</Submit>
              </>
            )}
            {step.is === "code" && (
              <>
                <NameForManagers name={name} />
                <CodeField />
                <Submit>{texts.signIn}</Submit>
              </>
            )}
            {step.is === "new_password" && (
              <>
                <NameForManagers name={name} />
                <PasswordField name="new" label={texts.newPassword} autoComplete="new-password" />
                <PasswordField name="again" label={texts.again} autoComplete="new-password" />
                <label className={styles.check}>
                  <input name="keep_tokens" type="checkbox" /> {texts.keepTokens}
                </label>
                <Submit>{texts.change}</Submit>
              </>
            )}
            {step.is === "second_factor" && step.begun && (
              <>
                <div className={styles.factor}>
                  <QrCode className={styles.qr} text={step.begun.address} label={texts.qr} />
                  <div>
                    <p className={styles.label}>{texts.key}</p>
                    <code className={styles.key}>{step.begun.key.replace(/(.{4})(?=.)/g, "$1 ")}</code>
                  </div>
                </div>
                <a className={styles.app} href={step.begun.address}>
                  {texts.openApp}
                </a>
                <CodeField />
                <Submit>{texts.enable}</Submit>
              </>
            )}
            {step.is === "second_factor" && !step.begun && <Submit>{texts.retry}</Submit>}
          </form>
        )}
        {step.is !== "password" && (
          <button type="button" className={styles.back} onClick={back}>
            {texts.back}
          </button>
        )}
        {step.is === "password" && rules?.ways.includes("single_sign_on") && (
          <>
            {takesPasswords && <p className={styles.or}>{texts.or}</p>}
            <a className={styles.secondary} href={`/api/v1/sign-on?next=${encodeURIComponent(next)}`}>
              <KeyRound size={17} strokeWidth={1.75} aria-hidden />
              {rules.sign_on_name}
            </a>
            <p className={styles.note}>{texts.signOnHint}</p>
          </>
        )}
      </div>
    </FormContext>
  );
}

function readRules(): Promise<Rules> {
  return answerOf(api.GET("/api/v1/sign-in"));
}

/** Returns the digits of a code, which apps show in two groups. Raises Unfit where they are not six. */
function codeOf(typed: string): string {
  const code = typed.replace(/\s/g, "");
  if (!/^[0-9]{6}$/.test(code)) throw new Unfit("code", "codeDigits");
  return code;
}
