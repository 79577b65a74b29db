import { expect, test } from "vitest";

const FILES = import.meta.glob<Record<string, unknown>>("./*/*.json", { import: "default", eager: true });

function keysOf(texts: Record<string, unknown>, before = ""): string[] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "object" ? keysOf(value as Record<string, unknown>, `${before}${key}.`) : [before + key],
  );
}

/** English has a form for one beside each text with a number. */
function known(key: string): string {
  return key.replace(/_one$/, "");
}

const namespaces = [...new Set(Object.keys(FILES).map((path) => path.split("/")[2]!))];

test.each(namespaces)("%s says the same in both languages", (name) => {
  const keys = ["zh-CN", "en"].map((language) => [...new Set(keysOf(FILES[`./${language}/${name}`] ?? {}).map(known))].sort());
  expect(keys[1]).toEqual(keys[0]);
});
