import { Reply, Scale, SquareKanban } from "lucide-react";
import { useMeta } from "@/app/who";
import { titled, useTranslation } from "@/i18n";
import { Money } from "@/shared/Money";
import type { MoneyUnit } from "@/shared/money";
import { fen, unitOf } from "@/shared/money";
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

interface EstimateProps {
  from: string | null;
  to: string | null;
  /** In 亿元 without saying so: the head of the column does. */
  isColumn?: boolean;
}

/** From how much to how much is to be invested; the second amount names the unit. */
export function Estimate({ from, to, isColumn }: EstimateProps) {
  const { t } = useTranslation("common");
  const last = to ?? from;
  if (!last) return <span className={css.none}>{t("notFilled")}</span>;
  const unit: MoneyUnit = isColumn ? "yi" : unitOf(fen(last));
  const shape = { unit, decimals: isColumn ? 2 : unit === "yi" ? 1 : 0 };
  return (
    <span>
      {from && from !== last && (
        <>
          <Money yuan={from} {...shape} hasUnit={false} />
          <span className={css.none}> – </span>
        </>
      )}
      <Money yuan={last} {...shape} hasUnit={!isColumn} />
    </span>
  );
}
