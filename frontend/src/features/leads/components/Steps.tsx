import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { useMeta, useToday } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { shortDay } from "@/shared/days";
import { RecordName } from "@/shared/RecordName";
import { To } from "@/shared/To";
import type { Lead } from "../api";
import css from "./steps.module.css";

interface Step {
  key: string;
  title: string;
  done: string | null;
  due?: string | null;
  text?: ReactNode;
  /** Not to be: the lead goes no further. */
  isOff?: boolean;
}

/** How far a lead has come: reported, answered, assessed, made a project; each with its day, or the day it is due. */
export function Steps({ lead }: { lead: Lead }) {
  const { t } = useTranslation("leads");
  const { label } = useMeta();
  const today = useToday();
  const last = lead.assessments.at(-1);
  const steps: Step[] = [
    { key: "reported", title: t("steps.reported"), done: lead.reported_on, text: shortNameOf(lead.first_unit) },
    { key: "answer", title: t("act.answer"), done: lead.answered_on, due: lead.answer_due_on, text: lead.answer_note },
    {
      key: "assess",
      title: t("act.assess"),
      done: lead.assessed_on,
      due: lead.assess_due_on,
      text: last && [said(label("Outcome", last.outcome)), last.reason].filter(Boolean).join("："),
    },
    {
      key: "convert",
      title: t("act.convert"),
      done: lead.converted_on,
      isOff: lead.status === "decline" || lead.status === "reserve",
      text: lead.project && (
        <To href={`/projects/${lead.project.id}`}>
          <RecordName of={lead.project} />
        </To>
      ),
    },
  ];
  const at = steps.findIndex((step) => !step.done);
  return (
    <ol className={css.steps}>
      {steps.map((step, index) => {
        const isOver = !step.done && step.due !== undefined && step.due !== null && step.due < today && lead.status === "registered";
        const state = step.done ? css.done : isOver ? css.over : index === at && !step.isOff ? css.now : css.ahead;
        return (
          <li key={step.key} className={`${css.step} ${state}`}>
            <span className={css.dot} aria-hidden="true">
              {step.done ? <Check size={12} strokeWidth={2.5} /> : index + 1}
            </span>
            <div>
              <strong>{step.title}</strong>
              <span className={css.day}>
                {step.done
                  ? shortDay(step.done, today)
                  : step.isOff
                    ? t("steps.off")
                    : step.due && lead.status === "registered"
                      ? t(isOver ? "steps.over" : "steps.due", { day: shortDay(step.due, today) })
                      : ""}
              </span>
              {step.text && <p title={typeof step.text === "string" ? step.text : undefined}>{step.text}</p>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
