import i18next from "i18next";
import { expect, test } from "vitest";
import { textFor } from "./index";
import type { Key } from "./keys";

// @ts-expect-error: tsc fails here where keys are no longer checked.
export const MISSPELT: Key<"common"> = "requird";

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

test("a code that has no text is said as it is", async () => {
  await i18next.init({ lng: "zh-CN", resources: { "zh-CN": { admin: FILES["./zh-CN/admin.json"]! } } });
  const said = ["inbox.apply", "inbox", "new.kind"].map((code) => textFor("admin:jobs.kinds", code));
  expect(said).toEqual(["办理收到的推送", "inbox", "new.kind"]);
});
