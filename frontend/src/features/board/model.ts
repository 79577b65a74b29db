/** What the board shows, from what the service answered and the move that is under way. */
import type { Schemas } from "@/api/client";
import { fen, type Scale, scaleOf, unitOfAll, yuanOf } from "@/shared/money";
import type { Card, Column } from "./api";

/** A card on its way: shown where it goes until the service has answered, and the board was read again. */
export interface Flying {
  card: Card;
  to: string;
}

/** Returns the column as it is once the card has moved: without it, or with it by its day. */
export function afterMove(column: Column, flying: Flying | null): Column {
  if (!flying) return column;
  const { card, to } = flying;
  const isFrom = column.stage === card.stage;
  const isTo = column.stage === to;
  // Read again since: what the service says holds.
  const known = column.cards.find((one) => one.id === card.id);
  if ((isFrom && !known) || (isTo && known) || isFrom === isTo) return column;
  const sign = isTo ? 1 : -1;
  return {
    ...column,
    cards: isTo ? inserted(column.cards, { ...card, stage: to }) : column.cards.filter((one) => one.id !== card.id),
    count: column.count + sign,
    overdue: column.overdue + (card.is_overdue ? sign : 0),
    sum: column.sum.map((sum) => added(sum, card, sign)),
  };
}

/** Cards are in order of the day they are due; those without one come last. */
export function inserted(cards: readonly Card[], card: Card): Card[] {
  const at = cards.findIndex((one) => (one.due_on ?? "9999") > (card.due_on ?? "9999"));
  const index = at < 0 ? cards.length : at;
  return [...cards.slice(0, index), card, ...cards.slice(index)];
}

function added(sum: Schemas["PoolSum"], card: Card, sign: number): Schemas["PoolSum"] {
  const isOfPool = card.program === "both" || card.program === sum.pool;
  if (!isOfPool) return sum;
  const amount = card.planned_total ? fen(card.planned_total) * BigInt(sign) : 0n;
  return { ...sum, count: sum.count + sign, planned_total: yuanOf(fen(sum.planned_total) + amount) };
}

/** Returns the sums of a column that have an amount: where none was filled in, 0 would be a lie. */
export function sumsOf(column: Column): Schemas["PoolSum"][] {
  return column.sum.filter((sum) => fen(sum.planned_total) > 0n);
}

/** The columns, with neighbours that have no cards folded into one strip. */
export type Part = { kind: "column"; column: Column } | { kind: "strip"; columns: Column[] };

export function partsOf(columns: readonly Column[], isOpen: (stage: string) => boolean): Part[] {
  const parts: Part[] = [];
  for (const column of columns) {
    const last = parts.at(-1);
    if (column.count > 0 || isOpen(column.stage)) parts.push({ kind: "column", column });
    else if (last?.kind === "strip") last.columns.push(column);
    else parts.push({ kind: "strip", columns: [column] });
  }
  return parts;
}

/** Returns the sum over the board of each pool that has one. */
export function totalsOf(columns: readonly Column[]): { pool: Schemas["Pool"]; amount: bigint; count: number }[] {
  const totals = new Map<Schemas["Pool"], { amount: bigint; count: number }>();
  for (const sum of columns.flatMap((column) => column.sum)) {
    const total = totals.get(sum.pool) ?? { amount: 0n, count: 0 };
    totals.set(sum.pool, { amount: total.amount + fen(sum.planned_total), count: total.count + sum.count });
  }
  return [...totals].map(([pool, total]) => ({ pool, ...total }));
}

/** Returns the one scale of the sums over all columns, and of the sum of the board. */
export function headScale(columns: readonly Column[]): Scale {
  const sums = columns.flatMap(sumsOf).map((sum) => fen(sum.planned_total));
  return scaleOf([...sums, ...totalsOf(columns).map((total) => total.amount)]);
}

/** Returns the one scale of the cards of a column: with two decimals where some of them are below one 亿. */
export function cardScale({ cards }: Column): Scale {
  const amounts = cards.flatMap((card) => card.planned_total ?? []);
  const unit = unitOfAll(amounts);
  if (unit === "wan") return { unit, decimals: 0 };
  return { unit, decimals: amounts.some((amount) => unitOfAll([amount]) !== "yi") ? 2 : 1 };
}
