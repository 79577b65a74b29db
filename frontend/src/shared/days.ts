/** Days come as «2023-03-31» and are compared as text; a day is no moment. */

export type Day = string;

/** Returns the day, without its year where that is the year at hand. */
export function shortDay(day: Day, today: Day): string {
  return day.slice(0, 4) === today.slice(0, 4) ? day.slice(5) : day;
}

/** Returns the day that is meant by what was typed, such as «2023-3-31», «20230331», «2023年3月31日» or, in the year of
 * today, «3-31» and «0331»; null where it means none. */
export function typedDay(text: string, today: Day): Day | null {
  const plain = text.normalize("NFKC").trim().replace(/日$/, "").replace(/[年月/.]/g, "-");
  const parts = /^(?:(\d{4})-)?(\d{1,2})-(\d{1,2})$/.exec(plain) ?? /^(\d{4})?(\d{2})(\d{2})$/.exec(plain);
  if (!parts) return null;
  const day = [parts[1] ?? today.slice(0, 4), parts[2]!.padStart(2, "0"), parts[3]!.padStart(2, "0")].join("-");
  const moment = new Date(utc(day));
  return Number.isNaN(moment.getTime()) || moment.toISOString().slice(0, 10) !== day ? null : day;
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
