import { expect, test } from "vitest";
import { KEY_LISTS } from "./keyLists";

const SOURCES = import.meta.glob<string>("/src/**/*.tsx", { query: "?raw", import: "default", eager: true });

test("every key that a page declares is in the list", () => {
  const listed = new Set(KEY_LISTS.flatMap((group) => group.keys.map(([key, does]) => `${key} ${does.replace(/^\w+:/, "")}`)));
  const declared = Object.values(SOURCES).flatMap((source) =>
    [...source.matchAll(/\bkey: "([^"]+)", does: t\("([^"]+)"\)/g)].map(([, key, does]) => `${key} ${does}`),
  );
  expect(declared.length).toBeGreaterThan(20);
  expect(declared.filter((one) => !listed.has(one))).toEqual([]);
});
