/** Industries as they are looked for: by code, name, everyday word, pinyin and initials. */
import type { Schemas } from "@/api/client";
import { said } from "@/i18n";

export type Industry = Schemas["IndustryRead"];

/** Returns whether what was typed begins at a syllable, as pinyin or as initials. */
function isRead(pinyin: string, typed: string): boolean {
  const syllables = pinyin.split(" ");
  return syllables.some((_, at) => {
    const rest = syllables.slice(at);
    return rest.join("").startsWith(typed) || rest.map((one) => one[0]).join("").startsWith(typed);
  });
}

/** Returns how well an industry fits what was typed, 0 the best; null where it does not. */
export function rankOf({ code, name_zh, name_en, pinyin, words }: Industry, typed: string): number | null {
  const text = typed.trim().toLowerCase();
  const letters = text.replaceAll(" ", "");
  if (code.toLowerCase().startsWith(letters)) return 0;
  const names = [name_zh, name_en, ...words.flatMap((word) => [word.zh, word.en])].map((name) => name.toLowerCase());
  if (names.includes(text)) return 1;
  if (names.some((name) => name.includes(text))) return 2;
  return [pinyin, ...words.map((word) => word.pinyin)].some((one) => isRead(one, letters)) ? 3 : null;
}

export function nameOfIndustry(industry: Industry): string {
  return said({ zh: industry.name_zh, en: industry.name_en });
}

/** The industries of the dictionary as the values of a condition. */
export function industryOptions(industries: readonly Industry[]) {
  return industries.map((one) => ({
    value: one.code,
    label: `${nameOfIndustry(one)} ${one.code}`,
    isFound: (typed: string) => rankOf(one, typed) !== null,
  }));
}

export interface Hit {
  industry: Industry;
  /** What it belongs to, the section first. */
  above: Industry[];
  /** The everyday word by which it was found. */
  word: Industry["words"][number] | undefined;
}

/** Returns the industries that fit what was typed, the best first, else in the order of the classification. */
export function findIndustries(industries: readonly Industry[], typed: string): Hit[] {
  const byCode = new Map(industries.map((one) => [one.code, one]));
  const above = (one: Industry): Industry[] => {
    const parent = one.parent_code ? byCode.get(one.parent_code) : undefined;
    return parent ? [...above(parent), parent] : [];
  };
  const ranked = industries.flatMap((industry) => {
    const rank = rankOf(industry, typed);
    return rank === null ? [] : [{ industry, rank }];
  });
  ranked.sort((one, other) => one.rank - other.rank);
  return ranked.map(({ industry }) => {
    const own = rankOf({ ...industry, words: [] }, typed) !== null;
    const word = own ? undefined : industry.words.find((one) => rankOf({ ...industry, name_zh: "", name_en: "", pinyin: "", words: [one] }, typed) !== null);
    return { industry, above: above(industry), word };
  });
}
