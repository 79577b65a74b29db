import type { Schemas } from "@/api/client";
import { daysBetween } from "@/shared/days";
import type { Lead } from "../api";

/** Returns the open clock of a whole lead, as the rows of the list have it; working days are known to the list alone. */
export function clockOf(lead: Pick<Lead, "due_on" | "answered_on" | "answer_due_on">, today: string): Schemas["LeadClockLeft"] | null {
  if (!lead.due_on) return null;
  const code = !lead.answered_on && lead.due_on === lead.answer_due_on ? "answer" : "assess";
  const days = daysBetween(today, lead.due_on);
  return { code, due_on: lead.due_on, days_left: days, workdays_left: days };
}
