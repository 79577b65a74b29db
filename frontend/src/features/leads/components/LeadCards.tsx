import { Button } from "antd";
import type { ReactNode } from "react";
import { useMeta } from "@/app/who";
import { nameOf, said, shortNameOf, useTranslation } from "@/i18n";
import { Estimate } from "@/shared/Estimate";
import { plainName, RecordName } from "@/shared/RecordName";
import { To } from "@/shared/To";
import type { LeadAct, LeadRow } from "../api";
import css from "../leads.module.css";
import { LeadClock } from "./LeadClock";
import { nextAct, StatusTag } from "./parts";

interface Props {
  leads: readonly LeadRow[];
  empty: ReactNode;
  onAct: (lead: LeadRow, act: LeadAct) => void;
  onEnd?: () => void;
}

/** The list on a phone. */
export function LeadCards({ leads, empty, onAct, onEnd }: Props) {
  const { t } = useTranslation("leads");
  const { label } = useMeta();
  if (!leads.length) return empty;
  return (
    <div className={css.cards}>
      {leads.map((lead) => {
        const act = nextAct(lead);
        return (
          <article key={lead.id} className={`${css.card} ${lead.is_overdue ? css.cardUrgent : ""}`}>
            <div className={css.cardHead}>
              <To href={`/leads/${lead.id}`} className={`${css.name} thumb`}>
                <RecordName of={lead} illustrative={lead.is_illustrative} />
              </To>
              <Estimate from={lead.estimate_from} to={lead.estimate_to} unit="yi" />
            </div>
            <div className={css.cardLine}>
              {[shortNameOf(lead.unit ?? lead.first_unit), said(label("Channel", lead.channel)), lead.handler && plainName(nameOf(lead.handler))]
                .filter(Boolean)
                .join(" · ")}
            </div>
            <div className={css.cardFoot}>
              {lead.clock ? <LeadClock clock={lead.clock} /> : <StatusTag status={lead.status} />}
              {act && <Button onClick={() => onAct(lead, act)}>{t(`act.${act}`)}</Button>}
            </div>
          </article>
        );
      })}
      {onEnd && <Button onClick={onEnd}>{t("more")}</Button>}
    </div>
  );
}
