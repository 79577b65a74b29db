import { expect, test } from "vitest";
import { firstDay, grainOf, isPeriod, lastDay, periodOf, shift, withGrain } from "./periods";

test("a period is named by its grain and day", () => {
  expect(periodOf("2023-03-31", "quarter")).toBe("2023Q1");
  expect(periodOf("2023-12-01", "half")).toBe("2023H2");
  expect(periodOf("2023-03-31", "month")).toBe("2023-03");
  expect(periodOf("2023-03-31", "year")).toBe("2023");
  expect(["2023-03", "2023Q1", "2023H1", "2023"].map(grainOf)).toEqual(["month", "quarter", "half", "year"]);
});

test("steps cross the year", () => {
  expect(shift("2023Q1", -1)).toBe("2022Q4");
  expect(shift("2023-12", 1)).toBe("2024-01");
  expect(shift("2023H1", -1)).toBe("2022H2");
  expect(shift("2023", 1)).toBe("2024");
});

test("the days of a period", () => {
  expect([firstDay("2024-02"), lastDay("2024-02")]).toEqual(["2024-02-01", "2024-02-29"]);
  expect([firstDay("2023Q4"), lastDay("2023Q4")]).toEqual(["2023-10-01", "2023-12-31"]);
});

test("another grain keeps near the day at hand", () => {
  expect(withGrain("2023", "month", "2023-03-31")).toBe("2023-03");
  expect(withGrain("2022", "quarter", "2023-03-31")).toBe("2022Q4");
  expect(withGrain("2023-02", "half", "2023-03-31")).toBe("2023H1");
});

test("only periods are periods", () => {
  expect(isPeriod("2023Q5")).toBe(false);
  expect(isPeriod(undefined)).toBe(false);
  expect(isPeriod("2023-12")).toBe(true);
});
