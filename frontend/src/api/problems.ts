import type { components } from "./schema.gen";

export type ProblemDocument = components["schemas"]["ProblemDocument"];

/** A refusal of the service (RFC 9457), with everything it says: fields, gates, the record as it is now. */
export class Problem extends Error {
  constructor(
    readonly document: ProblemDocument,
    /** Seconds after which the service asks to try again. */
    readonly retryAfter: number | null,
    /** The path of the request that was refused. */
    readonly path = "",
  ) {
    super(document.detail);
    this.name = "Problem";
  }

  get status(): number {
    return this.document.status;
  }

  get code(): string {
    return this.document.code;
  }
}

/** The service was not reached. */
export class Offline extends Error {
  constructor() {
    super("offline");
    this.name = "Offline";
  }
}

export async function problemOf(response: Response): Promise<Problem | Offline> {
  const isProblem = response.headers.get("content-type")?.includes("json");
  // A gateway that answers for a service that is down.
  if (!isProblem) return new Offline();
  const wait = Number(response.headers.get("retry-after"));
  const path = response.url && new URL(response.url).pathname;
  return new Problem((await response.json()) as ProblemDocument, wait > 0 ? wait : null, path);
}

/** Returns the refusal of a field by its name in the body, such as `name`; undefined where the field is not refused. */
export function fieldErrors(problem: Problem): Record<string, string> {
  const errors = problem.document.errors ?? [];
  return Object.fromEntries(errors.map((error) => [error.pointer.replace(/^#?\//, "").replaceAll("/", "."), error.detail]));
}
