/** What the pages keep in this browser. Passwords, codes, secrets and contacts are never among it. */

const OURS = "five-ones.";
const KINDS = ["language", "sign-in-name", "draft"] as const;
export type Kind = (typeof KINDS)[number] | "other";

export interface Kept {
  what: Kind;
  count: number;
  /** The value, where it says more than its count. */
  text: string | null;
}

function ours(room: Storage): string[] {
  return Object.keys(room).filter((key) => key.startsWith(OURS));
}

/** Returns what is kept, by kind. */
export function kept(): Kept[] {
  const found = [localStorage, sessionStorage].flatMap((room) =>
    ours(room).map((key) => {
      const name = key.slice(OURS.length).split(".")[0];
      const what = KINDS.find((kind) => kind === name) ?? "other";
      return { what, text: what === "sign-in-name" || what === "language" ? room.getItem(key) : null };
    }),
  );
  return ([...KINDS, "other"] as const)
    .map((what) => ({ what, of: found.filter((one) => one.what === what) }))
    .filter(({ of }) => of.length)
    .map(({ what, of }) => ({ what, count: of.length, text: of[0]!.text }));
}

/** Deletes all of it. The language of the page that is open stays until it is loaded again. */
export function forget(): void {
  for (const room of [localStorage, sessionStorage]) for (const key of ours(room)) room.removeItem(key);
}
