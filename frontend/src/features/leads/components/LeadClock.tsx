import { CircleAlert, Clock3 } from "lucide-react";
import { useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import { shortDay } from "@/shared/days";
import type { RunningClock } from "./clock";
import css from "../leads.module.css";

interface Props {
  clock: RunningClock | null;
  /** Shown where no clock runs. */
  none?: string;
}

/** What a lead waits for, and how many working days are left. */
export function LeadClock({ clock, none }: Props) {
  const { t } = useTranslation("leads");
  const today = useToday();
  if (!clock) return <span className={css.none}>{none ?? t("clock.none")}</span>;
  const isOver = clock.days_left < 0;
  // Days count otherwise than working days: where these are not known, the due day says it.
  const left = clock.workdays_left;
  const isSoon = !isOver && (left ?? clock.days_left) <= 1;
  const Icon = isOver ? CircleAlert : Clock3;
  return (
    <div className={css.two}>
      <span className={isOver ? css.over : isSoon ? css.soon : undefined}>
        {(isOver || isSoon) && <Icon size={13} strokeWidth={1.75} aria-hidden="true" />}
        {isOver
          ? left === null
            ? t("clock.overDays", { count: -clock.days_left })
            : t("clock.over", { count: Math.max(-left, 1) })
          : clock.days_left === 0
            ? t("clock.today")
            : left === null
              ? null
              : t("clock.left", { count: left })}
      </span>
      <span className={css.second}>{t("clock.due", { day: shortDay(clock.due_on, today), what: t(`act.${clock.code}`) })}</span>
    </div>
  );
}
