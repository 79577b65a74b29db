import { Reply, Scale, SquareKanban } from "lucide-react";
import { useMeta } from "@/app/who";
import { titled } from "@/i18n";
import type { LeadRow } from "../api";
import css from "../leads.module.css";

export const ICONS = { answer: Reply, assess: Scale, convert: SquareKanban } as const;

/** Returns the act that takes the lead on: to be offered first, where the reader may do it. */
export function nextAct(lead: Pick<LeadRow, "clock" | "status"> & { may: readonly string[] }): keyof typeof ICONS | null {
  const act = lead.clock?.code ?? (lead.status === "follow_up" ? "convert" : null);
  return act && lead.may.includes(act) ? act : null;
}

export function StatusTag({ status }: { status: string }) {
  const { label } = useMeta();
  return <span className={css.status}>{titled(label("LeadStatus", status))}</span>;
}
