/** The records that a person has opened last, kept with their preferences. */
import { useEffect } from "react";
import type { Schemas } from "@/api/client";
import { useChangePreference, usePreference } from "./preferences";

export interface Seen {
  type: Schemas["Kind"];
  id: string;
  name: string;
  stage?: string | null;
}

const KEPT = 12;

function seenOf(kept: unknown): Seen[] {
  return Array.isArray(kept) ? (kept as Seen[]).filter((one) => one && typeof one.id === "string" && typeof one.type === "string") : [];
}

/** Returns the records opened last, the latest first. */
export function useRecent(): Seen[] {
  return usePreference("recent", seenOf)[0];
}

/** Notes that the page of a record is open; pass nothing until it is read. */
export function useSeen(record: Seen | null | undefined): void {
  const change = useChangePreference("recent", seenOf);
  const recent = useRecent();
  const first = recent[0];
  const isFirst = record && first?.id === record.id && first.name === record.name && first.stage === record.stage;
  const { type, id, name, stage } = record ?? {};
  useEffect(() => {
    if (!type || !id || !name || isFirst) return;
    change((kept) => [{ type, id, name, stage: stage ?? null }, ...kept.filter((one) => one.id !== id)].slice(0, KEPT));
    // Noted once for each record opened; what others note meanwhile is no reason to note it again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [type, id, name, stage, change]);
}
