/** Days come as «2023-03-31» and are compared as text; a day is no moment. */

/** How a day may be typed; the first is how it is shown. */
export const TYPED_DAYS = ["YYYY-MM-DD", "YYYYMMDD", "YYYY-M-D", "YYYY/M/D", "YYYY.M.D", "YYYY年M月D日"];

export type Day = string;

/** Returns the day, without its year where that is the year at hand. */
export function shortDay(day: Day, today: Day): string {
  return day.slice(0, 4) === today.slice(0, 4) ? day.slice(5) : day;
}

function utc(day: Day): number {
  return Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8, 10)));
}

/** Returns the number of calendar days from one day to another. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((utc(to) - utc(from)) / 86_400_000);
}

export function addDays(day: Day, days: number): Day {
  return new Date(utc(day) + days * 86_400_000).toISOString().slice(0, 10);
}

const WEEKDAYS = [7, 1, 2, 3, 4, 5, 6] as const;

/** Returns 1 for Monday to 7 for Sunday. */
export function weekday(day: Day): (typeof WEEKDAYS)[number] {
  return WEEKDAYS[new Date(utc(day)).getUTCDay()]!;
}

/** Returns the day of a moment, in the time of the office. */
export function dayOf(at: string): Day {
  return new Date(at).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
}

/** Returns a moment as hour and minute on its own day, else as its day, in the time of the office. */
export function moment(at: string, today: Day): string {
  const text = new Date(at).toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" });
  const day = text.slice(0, 10);
  return day === today ? text.slice(11, 16) : shortDay(day, today);
}

/** Returns a moment to the minute, in the time of the office: «2023-03-31 14:05». */
export function stamp(at: string): string {
  return new Date(at).toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }).slice(0, 16);
}
