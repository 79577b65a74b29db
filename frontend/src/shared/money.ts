/** Amounts come as strings of yuan («8680000000.00»). They are compared and added in fen as BigInt, never as Number. */

const YI = 10_000_000_000n; // fen in 亿元
const WAN = 1_000_000n; // fen in 万元

export type MoneyUnit = "yi" | "wan" | "yuan";

/** Returns the amount in fen. Throws where the text is no amount with two decimals at most. */
export function fen(yuan: string): bigint {
  const parts = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(yuan);
  if (!parts) throw new Error(`no amount: ${yuan}`);
  const value = BigInt(parts[2]!) * 100n + BigInt((parts[3] ?? "").padEnd(2, "0"));
  return parts[1] ? -value : value;
}

/** Whether a text is an amount of yuan as the API takes it, not below 0. */
export function isAmount(text: string): boolean {
  return /^\d+(\.\d{1,2})?$/.test(text);
}

/** Returns fen as the API writes yuan. */
export function yuanOf(amount: bigint): string {
  const sign = amount < 0n ? "-" : "";
  const whole = amount < 0n ? -amount : amount;
  return `${sign}${whole / 100n}.${String(whole % 100n).padStart(2, "0")}`;
}

export function sum(amounts: readonly (string | null | undefined)[]): bigint {
  return amounts.reduce((total, amount) => total + (amount ? fen(amount) : 0n), 0n);
}

/** Returns the unit an amount is shown in: 亿元 from one 亿, else 万元. */
export function unitOf(amount: bigint): MoneyUnit {
  return (amount < 0n ? -amount : amount) >= YI ? "yi" : "wan";
}

/** Returns the one unit of a column: 亿元 where the largest of its amounts, without its sign, reaches it. */
export function unitOfAll(yuan: readonly string[]): MoneyUnit {
  return yuan.some((one) => unitOf(fen(one)) === "yi") ? "yi" : "wan";
}

/** Returns the number of an amount in a unit, rounded half away from zero, with thousands separated by commas. */
export function shown(amount: bigint, unit: MoneyUnit, decimals: number): string {
  const size = unit === "yi" ? YI : unit === "wan" ? WAN : 100n;
  const scale = 10n ** BigInt(decimals);
  const sign = amount < 0n ? "−" : "";
  const scaled = ((amount < 0n ? -amount : amount) * scale * 2n + size) / (size * 2n);
  const whole = (scaled / scale).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return sign + (decimals ? `${whole}.${(scaled % scale).toString().padStart(decimals, "0")}` : whole);
}

/** Returns the fen that a number typed in a unit means, such as «1.5» of 亿元; null where it is no amount or finer than a fen. */
export function typed(text: string, unit: MoneyUnit): bigint | null {
  const parts = /^(\d{1,13})(?:\.(\d*))?$/.exec(text.trim().replaceAll(",", ""));
  if (!parts) return null;
  const places = unit === "yi" ? 10 : unit === "wan" ? 6 : 2;
  const decimals = (parts[2] ?? "").replace(/0+$/, "");
  return decimals.length > places ? null : BigInt(parts[1]! + decimals.padEnd(places, "0"));
}

/** Returns the number of an amount in a unit with the decimals it has and no more, to be typed over. */
export function exact(amount: bigint, unit: MoneyUnit): string {
  const places = unit === "yi" ? 10 : unit === "wan" ? 6 : 2;
  const digits = amount.toString().padStart(places + 1, "0");
  const decimals = digits.slice(-places).replace(/0+$/, "");
  return digits.slice(0, -places) + (decimals && `.${decimals}`);
}

/** Returns the part of a whole in per cent with one decimal, as a number for the width of a bar. */
export function share(part: bigint, whole: bigint): number {
  if (whole <= 0n || part <= 0n) return 0;
  return Number((part * 1000n * 2n + whole) / (whole * 2n)) / 10;
}

/** How the amounts of one column are shown: in one unit, with the decimals the smallest of them needs (two at most). */
export interface Scale {
  unit: MoneyUnit;
  decimals: number;
}

/** Returns one scale for amounts that stand in one column: never two units beside each other. */
export function scaleOf(amounts: readonly bigint[]): Scale {
  const sizes = amounts.map((amount) => (amount < 0n ? -amount : amount)).filter((amount) => amount > 0n);
  const unit = sizes.some((amount) => amount >= YI) || !sizes.length ? "yi" : "wan";
  if (unit === "wan") return { unit, decimals: 0 };
  return { unit, decimals: sizes.some((amount) => amount < YI / 20n) ? 2 : 1 };
}

/** Returns a number and its unit as one text, which no line parts. */
export function withUnit(number: string, unit: string): string {
  return `${number}\u00a0${unit}`;
}

interface Range {
  estimate_from?: string | null;
  estimate_to?: string | null;
}

/** Returns the values with a lone end of the estimate as both ends: whoever says one amount means that amount. */
export function bothEnds<T extends Range>(values: T): T {
  const lone = values.estimate_from || values.estimate_to;
  return lone ? { ...values, estimate_from: values.estimate_from || lone, estimate_to: values.estimate_to || lone } : values;
}
