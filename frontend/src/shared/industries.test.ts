import { expect, test } from "vitest";
import { findIndustries, type Industry } from "./industries";

function industry(code: string, name_zh: string, name_en: string, pinyin: string, more: Partial<Industry> = {}): Industry {
  return { code, name_zh, name_en, pinyin, level: "division", parent_code: "C", sector: "secondary", words: [], ...more };
}

const BAIJIU = { zh: "白酒", en: "baijiu liquor", pinyin: "bai jiu" };
const INDUSTRIES = [
  industry("15", "酒、饮料和精制茶制造业", "Alcohol, beverages and refined tea", "jiu yin liao he jing zhi cha zhi zao ye", { words: [BAIJIU] }),
  industry("1522", "瓶（罐）装饮用水制造", "Bottled (canned) drinking water", "ping guan zhuang yin yong shui zhi zao", { level: "class", parent_code: "15" }),
  industry("26", "化学原料和化学制品制造业", "Chemical raw materials and chemical products", "hua xue yuan liao he hua xue zhi pin zhi zao ye"),
  industry("C", "制造业", "Manufacturing", "zhi zao ye", { level: "section", parent_code: null }),
];

function codes(typed: string): string[] {
  return findIndustries(INDUSTRIES, typed).map((hit) => hit.industry.code);
}

test.each([
  ["15", ["15", "1522"]],
  ["白酒", ["15"]],
  ["liquor", ["15"]],
  ["baij", ["15"]],
  ["bj", ["15"]],
  ["饮", ["15", "1522"]],
  ["yinliao", ["15"]],
  ["hxyl", ["26"]],
  ["chemical", ["26"]],
  ["制造业", ["C", "15", "26"]],
  // Not in the midst of a syllable: it is what «制» ends with.
  ["hizao", []],
])("%s finds %s", (typed, found) => {
  expect(codes(typed)).toEqual(found);
});

test("what is found says what it belongs to, and the word that led there", () => {
  const [water] = findIndustries(INDUSTRIES, "1522");
  expect(water?.above.map((one) => one.code)).toEqual(["C", "15"]);
  expect(findIndustries(INDUSTRIES, "白酒")[0]?.word).toBe(BAIJIU);
  expect(findIndustries(INDUSTRIES, "酒")[0]?.word).toBeUndefined();
});
