import { expect, test } from "vitest";
import { bothEnds, exact, fen, isAmount, share, shown, typed, unitOf, withUnit, yuanOf } from "./money";

test("an amount is read in fen and written as the service writes it", () => {
  expect(fen("8680000000.00")).toBe(868_000_000_000n);
  expect(yuanOf(fen("0.05"))).toBe("0.05");
  expect(() => fen("1.234")).toThrow();
});

test("an amount is shown in its unit, rounded half up, beyond what a Number holds", () => {
  expect(unitOf(fen("99999999.99"))).toBe("wan");
  expect(shown(fen("13880000000.00"), "yi", 1)).toBe("138.8");
  expect(shown(fen("42150000.00"), "wan", 0)).toBe("4,215");
  expect(shown(fen("90071992547409930.01"), "yuan", 2)).toBe("90,071,992,547,409,930.01");
});

test("what is typed in 亿元 means exact yuan", () => {
  expect(yuanOf(typed("1.5", "yi")!)).toBe("150000000.00");
  expect(yuanOf(typed("0.1", "wan")!)).toBe("1000.00");
  expect(typed("1.00000000001", "yi")).toBeNull();
  expect(typed("一亿", "yi")).toBeNull();
  expect(exact(fen("150000000"), "yi")).toBe("1.5");
  expect(exact(fen("5000"), "wan")).toBe("0.5");
});

test("one end of an estimate alone is both of them", () => {
  expect(bothEnds({ name: "甲", estimate_from: "200000000.00" })).toEqual({ name: "甲", estimate_from: "200000000.00", estimate_to: "200000000.00" });
  expect(bothEnds({ estimate_from: "", estimate_to: "1.00" })).toEqual({ estimate_from: "1.00", estimate_to: "1.00" });
  expect(bothEnds({ estimate_from: null, estimate_to: null })).toEqual({ estimate_from: null, estimate_to: null });
});

test("a number and its unit stand on one line", () => {
  expect(withUnit(shown(fen("420000000.00"), "yi", 1), "亿元")).toBe("4.2\u00a0亿元");
});

test("a share has one decimal", () => {
  expect(share(868n, 1388n)).toBe(62.5);
  expect(share(1n, 0n)).toBe(0);
});

test("knows what is no amount, such as a Chinese full stop for the point", () => {
  expect(["8.50", "8", "8.5"].map(isAmount)).toEqual([true, true, true]);
  expect(["8。5", "8,000", "-1", "", "8.555"].map(isAmount)).toEqual([false, false, false, false, false]);
});
