/** A day, as «2023-03-31». The calendar opens on the business day of the office, never on this machine's. */
import { DatePicker, type DatePickerProps } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useMemo, useState } from "react";
import { useIsPhone } from "@/app/phone";
import { useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import { type Day, typedDay } from "./days";
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

export function DayField({ label, ...props }: Props) {
  const today = useToday();
  const { t } = useTranslation("common");
  const isPhone = useIsPhone();
  const { value, onChange, min, max } = props;
  if (isPhone) {
    return (
      <input
        type="date"
        id={props.id}
        className={`${css.native} ${props.variant === "borderless" ? css.bare : ""}`}
        value={value ?? ""}
        min={min}
        max={max}
        aria-label={label}
        style={props.style}
        onChange={(event) => onChange?.(event.target.value || null)}
      />
    );
  }
  return (
    <DayPicker
      {...props}
      aria-label={label}
      presets={isWithin(today, min, max) ? [{ label: t("today"), value: dayjs(today) }] : undefined}
    />
  );
}

interface PickerProps extends Omit<DatePickerProps<Dayjs, false>, "value" | "onChange" | "onBlur" | "onKeyDown" | "format"> {
  value?: Day | null;
  onChange?: (day: Day | null) => void;
  min?: Day;
  max?: Day;
}

/** The picker of a desk. What is typed is read when it is done, at Enter or on leaving: read at each key, «2023-3-28»
 * would be the 2nd on the way. What is not understood changes nothing and is said. */
export function DayPicker({ value, onChange, min, max, ...rest }: PickerProps) {
  const { t } = useTranslation("common");
  const today = useToday();
  const [refusal, setRefusal] = useState<string | null>(null);
  const [refused, setRefused] = useState(0);
  // The same object for the same day: a picker takes another one for a new value, and forgets what is being typed.
  const shown = useMemo(() => (value ? dayjs(value) : null), [value]);
  const change = (day: Day | null) => {
    setRefusal(null);
    if (day !== (value ?? null)) onChange?.(day);
  };
  /** Takes what was typed. Returns whether it is a day, or none. */
  const take = (text: string): boolean => {
    const day = typedDay(text, today);
    if (!text.trim()) {
      if (rest.allowClear !== false) change(null);
      return true;
    }
    if (day && isWithin(day, min, max)) {
      change(day);
      return true;
    }
    if (!day) setRefusal(t("day.unclear", { text, today, short: today.slice(5) }));
    else setRefusal(t(min && max ? "day.between" : max ? "day.until" : "day.since", { day, min, max }));
    return false;
  };
  return (
    <>
      <DatePicker
        {...rest}
        format="YYYY-MM-DD"
        value={shown}
        defaultPickerValue={dayjs(value ?? today)}
        minDate={min ? dayjs(min) : undefined}
        maxDate={max ? dayjs(max) : undefined}
        showNow={false}
        // Left with a text that is refused, the field shows its day again.
        key={refused}
        // A day that the pointer merely passes over is not shown in the field, from where it would be taken.
        previewValue={false}
        status={refusal ? "error" : rest.status}
        onBlur={(event) => {
          if (event.target instanceof HTMLInputElement && !take(event.target.value)) setRefused(refused + 1);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
          event.preventDefault(); // Enter takes the day, and sends no form
          take(event.target.value);
        }}
        onChange={(day) => change(day ? day.format("YYYY-MM-DD") : null)}
      />
      {refusal && (
        <span className={css.refusal} role="alert">
          {refusal}
        </span>
      )}
    </>
  );
}

function isWithin(day: Day, min?: Day, max?: Day): boolean {
  return (!min || day >= min) && (!max || day <= max);
}
