/** Periods as the API names them: 2023, 2023H1, 2023Q1, 2023-03. A period is known by its first month and its grain. */
import { type Day, addDays } from "./days";

export const GRAINS = ["month", "quarter", "half", "year"] as const;
export type Grain = (typeof GRAINS)[number];

const MONTHS: Record<Grain, number> = { month: 1, quarter: 3, half: 6, year: 12 };

export function grainOf(period: string): Grain {
  return period.includes("-") ? "month" : period.includes("Q") ? "quarter" : period.includes("H") ? "half" : "year";
}

/** Returns the number of the period within its year, from 1. */
export function numberOf(period: string): number {
  return Number(period.slice(5) || 1);
}

/** Returns the first month, counted in months from the year 0. */
function firstMonth(period: string): number {
  return Number(period.slice(0, 4)) * 12 + (numberOf(period) - 1) * MONTHS[grainOf(period)];
}

function named(month: number, grain: Grain): string {
  const year = Math.floor(month / 12);
  const number = Math.floor((month % 12) / MONTHS[grain]) + 1;
  if (grain === "month") return `${year}-${String(number).padStart(2, "0")}`;
  return grain === "year" ? String(year) : `${year}${grain === "half" ? "H" : "Q"}${number}`;
}

/** Returns the period of a grain that holds the day. */
export function periodOf(day: Day, grain: Grain): string {
  return named(Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1, grain);
}

export function shift(period: string, by: number): string {
  const grain = grainOf(period);
  return named(firstMonth(period) + by * MONTHS[grain], grain);
}

export function firstDay(period: string): Day {
  return `${named(firstMonth(period), "month")}-01`;
}

export function lastDay(period: string): Day {
  return addDays(firstDay(shift(period, 1)), -1);
}

/** Returns the period of another grain that holds the period's last day, or the day at hand where that is earlier. */
export function withGrain(period: string, grain: Grain, today: Day): string {
  const last = lastDay(period);
  return periodOf(last > today && firstDay(period) <= today ? today : last, grain);
}

/** Returns the periods of one grain that a year consists of, in order. */
export function periodsOf(year: string, grain: Grain): string[] {
  const months = MONTHS[grain];
  return Array.from({ length: 12 / months }, (_, index) => named(Number(year) * 12 + index * months, grain));
}

const PERIOD = /^\d{4}(H[12]|Q[1-4]|-(0[1-9]|1[0-2]))?$/;

export function isPeriod(text: string | undefined): text is string {
  return text !== undefined && PERIOD.test(text);
}
