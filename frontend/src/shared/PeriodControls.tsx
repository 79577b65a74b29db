/** The controls of every page of totals: the period with its steps and grain, and the moment as of which it is known. */
import { Segmented } from "antd";
import { ChevronLeft, ChevronRight, History } from "lucide-react";
import { useMemo } from "react";
import { useKeys } from "@/app/keys";
import { useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import { DayPicker } from "./DayField";
import { type Day, shortDay } from "./days";
import { firstDay, GRAINS, grainOf, numberOf, shift, withGrain } from "./periods";
import css from "./periodControls.module.css";

/** Returns the name of a month, such as 3月 or Mar. */
export function monthName(number: number, language: string): string {
  return new Intl.DateTimeFormat(language, { month: "short", timeZone: "UTC" }).format(Date.UTC(2023, number - 1, 1));
}

const PERIODS = {
  year: ["period.year"],
  half: ["period.half1", "period.half2"],
  quarter: ["period.quarter1", "period.quarter2", "period.quarter3", "period.quarter4"],
} as const;

/** Returns a function that names a period, such as 2023 年一季度. */
export function usePeriodName(): (period: string) => string {
  const { t, language } = useTranslation("totals");
  return (period) => {
    const grain = grainOf(period);
    const number = numberOf(period);
    const year = period.slice(0, 4);
    if (grain === "month") return t("period.month", { year, name: monthName(number, language) });
    return t(PERIODS[grain][number - 1]!, { year });
  };
}

interface StepsProps {
  period: string;
  onChange: (period: string) => void;
  /** Whether the grain may be chosen here. */
  hasGrain?: boolean;
}

export function PeriodSteps({ period, onChange, hasGrain = true }: StepsProps) {
  const { t } = useTranslation("totals");
  const today = useToday();
  const name = usePeriodName();
  const next = shift(period, 1);
  const hasNext = firstDay(next) <= today;
  useKeys(
    useMemo(
      () => [
        { key: "[", does: t("period.previous"), run: () => onChange(shift(period, -1)) },
        ...(hasNext ? [{ key: "]", does: t("period.next"), run: () => onChange(next) }] : []),
      ],
      [period, next, hasNext, onChange, t],
    ),
  );
  return (
    <>
      <div className={css.steps}>
        <button type="button" className={css.step} aria-label={t("period.previous")} onClick={() => onChange(shift(period, -1))}>
          <ChevronLeft size={18} strokeWidth={1.75} />
        </button>
        <h2 aria-live="polite">{name(period)}</h2>
        <button type="button" className={css.step} aria-label={t("period.next")} disabled={!hasNext} onClick={() => onChange(next)}>
          <ChevronRight size={18} strokeWidth={1.75} />
        </button>
      </div>
      {hasGrain && <GrainChoice period={period} onChange={onChange} />}
    </>
  );
}

export function GrainChoice({ period, onChange }: Omit<StepsProps, "hasGrain">) {
  const { t } = useTranslation("totals");
  const today = useToday();
  return (
    <Segmented
      aria-label={t("period.grain")}
      value={grainOf(period)}
      options={GRAINS.map((grain) => ({ value: grain, label: t(`grain.${grain}`) }))}
      onChange={(grain) => onChange(withGrain(period, grain, today))}
    />
  );
}

/** Returns the day of a moment in the time of the office; a day stays as it is. */
export function dayOfMoment(at: string): Day {
  return at.includes("T") ? new Date(at).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" }) : at;
}

interface KnownProps {
  /** As the address has it: a day, a moment, or nothing for the latest. */
  value: string | undefined;
  onChange: (day: Day | null) => void;
  isShort?: boolean;
}

export function KnownAt({ value, onChange, isShort }: KnownProps) {
  const { t } = useTranslation("totals");
  const today = useToday();
  return (
    <DayPicker
      className={`${css.known} ${isShort ? css.short : ""}`}
      aria-label={t("known.label")}
      value={value ? dayOfMoment(value) : null}
      onChange={onChange}
      max={today}
      prefix={
        <span className={css.prefix}>
          <History size={14} strokeWidth={1.75} aria-hidden="true" />
          {!isShort && t("known.label")}
        </span>
      }
      placeholder={isShort ? t("known.latestShort") : t("known.latest", { day: shortDay(today, today) })}
      suffixIcon={null}
    />
  );
}

interface NoticeProps {
  value: string;
  onLatest?: () => void;
  /** Where there is no room for the sentence, the way back bears it as its title. */
  isShort?: boolean;
}

/** Says that the page shows what was known then, with the way back. */
export function KnownNotice({ value, onLatest, isShort }: NoticeProps) {
  const { t } = useTranslation("totals");
  const notice = t("known.notice", { day: dayOfMoment(value) });
  return (
    <p className={css.notice} role="status">
      {!isShort && <History size={14} strokeWidth={1.75} aria-hidden="true" />}
      <span className={isShort ? "visually-hidden" : undefined}>{notice}</span>
      {onLatest && (
        <button type="button" className={css.latest} title={isShort ? `${notice}\n${t("known.back")}` : undefined} onClick={onLatest}>
          {t(isShort ? "known.latestShort" : "known.back")}
        </button>
      )}
    </p>
  );
}
