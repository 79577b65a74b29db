import { CircleAlert, Clock3 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said } from "@/i18n";
import { shortDay } from "@/shared/days";
import css from "../leads.module.css";

interface Props {
  clock: Schemas["LeadClockLeft"] | null;
  /** Shown where no clock runs. */
  none?: string;
}

/** What a lead waits for, and how many working days are left. */
export function LeadClock({ clock, none }: Props) {
  const { t } = useTranslation("leads");
  const { label } = useMeta();
  const today = useToday();
  if (!clock) return <span className={css.none}>{none ?? t("clock.none")}</span>;
  const isOver = clock.days_left < 0;
  const isSoon = !isOver && clock.workdays_left <= 1;
  const Icon = isOver ? CircleAlert : Clock3;
  return (
    <div className={css.two}>
      <span className={isOver ? css.over : isSoon ? css.soon : undefined}>
        {(isOver || isSoon) && <Icon size={13} strokeWidth={1.75} aria-hidden="true" />}
        {isOver
          ? t("clock.over", { count: Math.max(-clock.workdays_left, 1) })
          : clock.days_left === 0
            ? t("clock.today")
            : t("clock.left", { count: clock.workdays_left })}
      </span>
      <span className={css.second}>{t("clock.due", { day: shortDay(clock.due_on, today), what: said(label("ClockCode", clock.code)) })}</span>
    </div>
  );
}
