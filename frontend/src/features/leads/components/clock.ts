import type { Schemas } from "@/api/client";
import { daysBetween } from "@/shared/days";
import type { Lead } from "../api";

/** The working days left are known to the rows of the list alone. */
export type RunningClock = Omit<Schemas["LeadClockLeft"], "workdays_left"> & { workdays_left: number | null };

/** Returns the open clock of a whole lead. */
export function clockOf(lead: Pick<Lead, "due_on" | "answered_on" | "answer_due_on">, today: string): RunningClock | null {
  if (!lead.due_on) return null;
  const code = !lead.answered_on && lead.due_on === lead.answer_due_on ? "answer" : "assess";
  const days = daysBetween(today, lead.due_on);
  return { code, due_on: lead.due_on, days_left: days, workdays_left: null };
}
