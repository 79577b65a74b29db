import { expect, test } from "vitest";
import { changes, correction, fated, quarterOf, wouldCorrect } from "./bodies";

const deal = {
  title: "协议", agreement_no: null, signed_on: "2023-03-31", investor_id: null, source: null, currency: "CNY",
  agreed_amount: "100000000.00", original_amount: null, rate: null, rate_on: null, rate_source: null,
};

test("an edit of a draft sends what was changed, and money as a whole", () => {
  expect(changes(deal, { ...deal })).toEqual({});
  expect(changes(deal, { ...deal, agreement_no: "1 号" })).toEqual({ agreement_no: "1 号" });
  expect(changes(deal, { ...deal, agreed_amount: "200000000.00" })).toEqual({ currency: "CNY", agreed_amount: "200000000.00" });
  const foreign = { currency: "USD", original_amount: "1000", rate: "6.8", rate_on: "2023-03-31", rate_source: "中间价" };
  expect(changes(deal, { ...deal, ...foreign })).toEqual(foreign);
});

test("the fate of a project is sent where it is to have another", () => {
  expect(fated({ reason: "放弃", project: { becomes: "" as never } })).toEqual({ reason: "放弃" });
  expect(fated({ reason: "放弃", project: { becomes: "terminated", reason_code: "market" } })).toEqual({
    reason: "放弃",
    project: { becomes: "terminated", reason_code: "market" },
  });
});

test("a correction sends one kind of wrong alone, and is previewed once it says something", () => {
  const values = { fact_id: "f", amount: "1.00", reason: "记错" };
  expect(correction({ what: "values", ...values })).toEqual(values);
  expect(correction({ what: "never", ...values })).toEqual({ reason: "记错", never_a_deal: true });
  expect(correction({ what: "withdraw", ...values })).toEqual({ reason: "记错", fact_id: "f", withdraw: true });
  expect(wouldCorrect({ what: "values", fact_id: "f" })).toBeNull();
  expect(wouldCorrect({ what: "values", fact_id: "f", amount: "1.00" })).toMatchObject({ amount: "1.00" });
});

test("a quarter has its first and last day", () => {
  expect(quarterOf("2023-03-31")).toEqual(["2023-01-01", "2023-03-31"]);
  expect(quarterOf("2023-11-02")).toEqual(["2023-10-01", "2023-12-31"]);
});
