import i18next from "i18next";
import { expect, test } from "vitest";
import { textFor } from "./index";
import type { Key } from "./keys";

// @ts-expect-error: tsc fails here where keys are no longer checked.
export const MISSPELT: Key<"common"> = "requird";

const FILES = import.meta.glob<Record<string, unknown>>("./*/*.json", { import: "default", eager: true });

function textsOf(texts: Record<string, unknown>): Map<string, string> {
  const entries = Object.entries(texts).flatMap(([key, value]): [string, string][] =>
    typeof value === "object" ? [...textsOf(value as Record<string, unknown>)].map(([rest, text]) => [`${key}.${rest}`, text]) : [[key, String(value)]],
  );
  return new Map(entries);
}

function keysOf(texts: Record<string, unknown>): string[] {
  return [...textsOf(texts).keys()];
}

/** What may be one: not the characters of a password, nor the seconds until something is masked again. */
const COUNTED = /\{\{\w+\}\} (\w+ )?(days|workdays|months|projects|leads(?! to)|deals|entries|rows|columns|others|drafts|signings|frameworks|records|people|phases|milestones)\b/;

/** English has a form for one beside each text with a number. */
function known(key: string): string {
  return key.replace(/_one$/, "");
}

const namespaces = [...new Set(Object.keys(FILES).map((path) => path.split("/")[2]!))];

test.each(namespaces)("%s says the same in both languages", (name) => {
  const keys = ["zh-CN", "en"].map((language) => [...new Set(keysOf(FILES[`./${language}/${name}`] ?? {}).map(known))].sort());
  expect(keys[1]).toEqual(keys[0]);
});

test.each(namespaces)("%s counts one thing as one in English", (name) => {
  const texts = textsOf(FILES[`./en/${name}`] ?? {});
  const lacking = [...texts].filter(([key, text]) => COUNTED.test(text) && !key.endsWith("_one") && !texts.has(`${key}_one`));
  expect(lacking).toEqual([]);
});

test("a code that has no text is said as it is", async () => {
  await i18next.init({ lng: "zh-CN", resources: { "zh-CN": { admin: FILES["./zh-CN/admin.json"]! } } });
  const said = ["inbox.apply", "inbox", "new.kind"].map((code) => textFor("admin:jobs.kinds", code));
  expect(said).toEqual(["办理收到的推送", "inbox", "new.kind"]);
});
