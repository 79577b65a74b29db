/** What this browser remembers between sign-ins: the language (shared with the application) and the name, never the
 * password. A browser may forbid it. */
const KEYS = { language: "five-ones.language", name: "five-ones.sign-in-name" } as const;

export function recall(what: keyof typeof KEYS): string {
  try {
    return localStorage.getItem(KEYS[what]) ?? "";
  } catch {
    return "";
  }
}

export function remember(what: keyof typeof KEYS, value: string): void {
  try {
    localStorage.setItem(KEYS[what], value);
  } catch {
    // It is asked for again next time.
  }
}
