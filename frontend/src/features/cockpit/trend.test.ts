import { expect, test } from "vitest";
import { axisNames, monthsShown } from "./trend";

function months(first: string, count: number, inPeriod: number) {
  const [year, month] = first.split("-").map(Number) as [number, number];
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(Date.UTC(year, month - 1 + index)).toISOString();
    return { month: at.slice(0, 7), name: String(Number(at.slice(5, 7))), year: at.slice(0, 4), is_in_period: index >= count - inPeriod };
  });
}

test("a year is shown by its own months, a quarter with those before it", () => {
  expect(monthsShown(months("2021-12", 13, 12), 13).map((one) => one.month)).toEqual(months("2022-01", 12, 12).map((one) => one.month));
  expect(monthsShown(months("2022-03", 13, 3), 13)).toHaveLength(13);
  expect(monthsShown(months("2021-12", 13, 12), 6).map((one) => one.month).at(0)).toBe("2022-07");
});

test("January has its year and its name, and the month before it does not stand in its way", () => {
  expect(axisNames(months("2021-12", 3, 3))).toEqual(["12", "1\n2022", "2"]);
  expect(axisNames(months("2022-03", 3, 3))).toEqual(["3\n2022", "4", "5"]);
  expect(axisNames(months("2022-01", 2, 2))).toEqual(["1\n2022", "2"]);
});
