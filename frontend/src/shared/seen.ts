/** Records seen last, newest first: kept with the preferences, so that they are the same on a phone. */
import { useEffect } from "react";
import { usePreference } from "@/app/preferences";

export interface Seen {
  type: "project" | "lead" | "deal" | "enterprise" | "official" | "task_force";
  id: string;
  code: string | null;
  name: string;
}

const KEPT = 12;

export function useSeen(): Seen[] {
  return usePreference<Seen[]>("seen")[0] ?? [];
}

/** Puts the record on top of those seen last, once it is known. */
export function useMarkSeen(record: Seen | null): void {
  const [, set] = usePreference<Seen[]>("seen");
  const { type, id, code, name } = record ?? {};
  useEffect(() => {
    if (!type || !id || !name) return;
    set((now = []) => [{ type, id, code: code ?? null, name }, ...now.filter((one) => one.id !== id)].slice(0, KEPT));
  }, [set, type, id, code, name]);
}
