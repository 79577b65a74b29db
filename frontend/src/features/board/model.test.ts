import { expect, test } from "vitest";
import type { Card, Column } from "./api";
import { afterMove, cardScale, headScale, inserted, partsOf, totalsOf } from "./model";

function card(id: string, due_on: string | null = null, stage = "signed"): Card {
  return { id, due_on, stage, program: "promotion", planned_total: "100.00", is_overdue: false } as unknown as Card;
}

function column(stage: string, cards: Card[] = [], total = "0.00"): Column {
  const sum = cards.length ? [{ pool: "promotion", count: cards.length, planned_total: total, planned_total_yi: "", without_amount: 0 }] : [];
  return { stage, cards, count: cards.length, overdue: 0, sum } as unknown as Column;
}

test("a moved card leaves its column and stands in the other by its day", () => {
  const flying = { card: card("a", "2023-04-10"), to: "landed" };
  const from = afterMove(column("signed", [flying.card, card("b")], "200.00"), flying);
  const to = afterMove(column("landed", [card("c", "2023-04-01"), card("d")], "200.00"), flying);
  expect(from.cards.map((one) => one.id)).toEqual(["b"]);
  expect(from.sum[0]!.planned_total).toBe("100.00");
  expect(to.cards.map((one) => one.id)).toEqual(["c", "a", "d"]);
  expect(to.count).toBe(3);
  expect(to.sum[0]!.planned_total).toBe("300.00");
});

test("once the board was read again, the service's answer holds", () => {
  const flying = { card: card("a"), to: "landed" };
  const read = column("landed", [card("a", null, "landed")], "100.00");
  expect(afterMove(read, flying)).toBe(read);
});

test("cards without a day come last", () => {
  expect(inserted([card("a", "2023-01-01"), card("b")], card("c")).map((one) => one.id)).toEqual(["a", "b", "c"]);
});

test("neighbouring empty columns fold into one strip unless opened", () => {
  const columns = [column("a", [card("1")], "100.00"), column("b"), column("c"), column("d", [card("2")], "50.00")];
  expect(partsOf(columns, () => false).map((part) => part.kind)).toEqual(["column", "strip", "column"]);
  expect(partsOf(columns, (stage) => stage === "b").map((part) => part.kind)).toEqual(["column", "column", "strip", "column"]);
  expect(totalsOf(columns)).toEqual([{ pool: "promotion", amount: 15000n, count: 2 }]);
});

test("the heads have one unit over the board, the cards one in their column", () => {
  const priced = (planned_total: string | null) => ({ ...card("a"), planned_total }) as Card;
  const large = column("a", [priced("320000000.00"), priced("150000000.00"), priced(null)], "470000000.00");
  const mixed = column("b", [priced("143000000.00"), priced("32000000.00")], "175000000.00");
  const small = column("c", [priced("4000000.00")], "4000000.00");
  expect(headScale([large, mixed, small])).toEqual({ unit: "yi", decimals: 2 });
  expect(headScale([large, mixed])).toEqual({ unit: "yi", decimals: 1 });
  expect(headScale([small, column("d")])).toEqual({ unit: "wan", decimals: 0 });
  expect([large, mixed, small].map(cardScale)).toEqual([
    { unit: "yi", decimals: 1 },
    { unit: "yi", decimals: 2 },
    { unit: "wan", decimals: 0 },
  ]);
});
