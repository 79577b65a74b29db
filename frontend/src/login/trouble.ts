/** What went wrong, in words, and which field it is about. */
import { fieldErrors, Offline, Problem } from "@/api/problems";
import type { CameBack, Texts } from "./texts";

/** Names of the fields of the forms, as in the bodies of the service; `again` is of the form alone. */
export type FieldName = "name" | "password" | "code" | "new" | "again";

type Own = "nameMissing" | "passwordMissing" | "newPasswordMissing" | "againDiffers" | "codeDigits";

/** The form refuses by itself: a field is empty or cannot be right. */
export class Unfit extends Error {
  constructor(
    readonly field: FieldName,
    readonly say: Own,
  ) {
    super(say);
    this.name = "Unfit";
  }
}

/** Single sign-on came back without a sign-in. The words are of this page: a link may hold any. */
export class SignOnFailed extends Error {
  constructor(readonly code: CameBack) {
    super(code);
    this.name = "SignOnFailed";
  }
}

export interface Trouble {
  text: string;
  field: FieldName | null;
  /** When the pause after too many failures ends, in milliseconds since 1970. */
  until: number | null;
}

const FIELD_OF_CODE: Record<string, FieldName> = { sign_in_failed: "password", code_required: "code" };
const FIELDS: readonly string[] = ["name", "password", "code", "new", "again"] satisfies FieldName[];

/** Returns the failure in words. `at`: when it happened, in milliseconds since 1970. */
export function troubleOf(error: unknown, texts: Texts, at: number): Trouble {
  const plain = (text: string, field: FieldName | null = null): Trouble => ({ text, field, until: null });
  if (error instanceof Unfit) return plain(texts[error.say], error.field);
  if (error instanceof SignOnFailed) return plain(texts.cameBack[error.code]);
  if (error instanceof Offline) return plain(texts.offline);
  if (!(error instanceof Problem)) return plain(texts.unexpected);
  if (isPause(error)) {
    const until = at + error.retryAfter! * 1000;
    return { text: texts.paused(timeOfDay(until), Math.ceil(error.retryAfter! / 60)), field: null, until };
  }
  const refused = fieldErrors(error);
  const first = Object.keys(refused).find((name) => FIELDS.includes(name));
  const field = (first as FieldName | undefined) ?? FIELD_OF_CODE[error.code] ?? null;
  return plain(Object.values(refused).join(" ") || error.document.detail || texts.unexpected, field);
}

function isPause(problem: Problem): boolean {
  return problem.status === 429 && problem.retryAfter !== null;
}

/** Whether the words came from the service, in the language asked for then: they cannot be said in another. */
export function isWordOfService(error: unknown): boolean {
  return error instanceof Problem && !isPause(error);
}

/** Returns the minute of the day by the reader's clock, `14:05`; the next one where seconds are left, for by then a pause
 * is over. */
export function timeOfDay(milliseconds: number): string {
  const time = new Date(Math.ceil(milliseconds / 60_000) * 60_000);
  return [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}
