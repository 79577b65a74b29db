/** A day, as «2023-03-31». The calendar opens on the business day of the office, never on this machine's. */
import { DatePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useMemo } from "react";
import { useIsPhone } from "@/app/phone";
import { useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import { type Day, TYPED_DAYS } from "./days";
import css from "./day.module.css";

interface Props {
  value?: Day | null;
  onChange?: (day: Day | null) => void;
  id?: string;
  min?: Day;
  max?: Day;
  allowClear?: boolean;
  placeholder?: string;
  label?: string;
  variant?: "outlined" | "borderless";
  size?: "small" | "middle" | "large";
  style?: React.CSSProperties;
  autoFocus?: boolean;
}

export function DayField({ value, onChange, min, max, label, ...rest }: Props) {
  const { t } = useTranslation("common");
  const today = useToday();
  const isPhone = useIsPhone();
  const shown = useShown(value);
  if (isPhone) {
    return (
      <input
        type="date"
        id={rest.id}
        className={`${css.native} ${rest.variant === "borderless" ? css.bare : ""}`}
        value={value ?? ""}
        min={min}
        max={max}
        aria-label={label}
        style={rest.style}
        onChange={(event) => onChange?.(event.target.value || null)}
      />
    );
  }
  return (
    <DatePicker
      {...rest}
      aria-label={label}
      format={TYPED_DAYS}
      value={shown}
      defaultPickerValue={dayjs(value ?? today)}
      minDate={min ? dayjs(min) : undefined}
      maxDate={max ? dayjs(max) : undefined}
      showNow={false}
      // Enter takes the day that was typed, and sends no form.
      onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
      presets={isWithin(today, min, max) ? [{ label: t("today"), value: dayjs(today) }] : undefined}
      onChange={(day) => onChange?.(day ? day.format("YYYY-MM-DD") : null)}
    />
  );
}

/** Returns a day for a picker, the same object for the same day: a picker takes another one for a new value, and forgets
 * the day that is being typed. */
export function useShown(day: Day | null | undefined): Dayjs | null {
  return useMemo(() => (day ? dayjs(day) : null), [day]);
}

function isWithin(day: Day, min?: Day, max?: Day): boolean {
  return (!min || day >= min) && (!max || day <= max);
}
