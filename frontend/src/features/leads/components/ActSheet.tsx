import { useQuery } from "@tanstack/react-query";
import { nameOf, useTranslation } from "@/i18n";
import { RecordName } from "@/shared/RecordName";
import { Sheet } from "@/shared/Sheet";
import { QueryView } from "@/shared/StateView";
import { leadQuery, type LeadAct } from "../api";
import { AnswerForm, AssessForm } from "./acts";
import { ConvertForm } from "./ConvertForm";
import css from "../leads.module.css";

interface Props {
  leadId: string;
  act: LeadAct;
  onClose: () => void;
}

/** One act on one lead, beside what it was called from. */
export function ActSheet({ leadId, act, onClose }: Props) {
  const { t } = useTranslation("leads");
  const lead = useQuery(leadQuery(leadId));
  const title = (
    <div className={css.two}>
      <span>{t(`act.${act}`)}</span>
      {lead.data && (
        <small className={css.second} title={nameOf(lead.data)}>
          <RecordName of={lead.data} illustrative={lead.data.is_illustrative} /> · {lead.data.code}
        </small>
      )}
    </div>
  );
  return (
    <Sheet open title={title} onClose={onClose}>
      <QueryView query={lead}>
        {(data) => (
          <>
            {act === "answer" && <AnswerForm lead={data} onDone={onClose} />}
            {act === "assess" && <AssessForm lead={data} onDone={onClose} />}
            {act === "convert" && <ConvertForm lead={data} onDone={onClose} />}
          </>
        )}
      </QueryView>
    </Sheet>
  );
}
