import { describe, expect, it } from "vitest";
import { added, type Line } from "./rows";

const line = (count: number, amount: string | null, landed = 0): Line => ({
  key: "",
  day: null,
  kind: null,
  project: { id: null, name: null, code: "" },
  deal: null,
  unit: null,
  taskForce: null,
  industry: null,
  isIllustrative: false,
  count,
  amount,
  landed,
});

describe("the proof of a figure", () => {
  it("adds amounts in fen, without those that are not given", () => {
    const proof = added([line(1, "8680000000.10"), line(0, "-0.20"), line(1, null, 1)]);
    expect(proof).toEqual({ rows: 3, count: 2, amount: 867999999990n, landed: 1 });
  });
});
