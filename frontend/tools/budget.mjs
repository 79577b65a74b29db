/** Prints what each page of the build loads, in kB gzip of scripts, styles and the texts of one language, and fails
 * where one is larger than it may be. What a page loads later, such as charts, is weighed apart, without what is there
 * by then. The font, which is loaded once a year, is left out. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const MOST = { signIn: 110, page: 540, part: 220 };
const dist = join(import.meta.dirname, "..", "dist");
const chunks = JSON.parse(readFileSync(join(dist, ".vite", "manifest.json"), "utf8"));

/** Returns the chunks that are loaded with one, added to others. */
function withNeeds(key, others = []) {
  const keys = new Set(others);
  const waiting = [key];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (keys.has(next)) continue;
    keys.add(next);
    waiting.push(...(chunks[next].imports ?? []));
  }
  return keys;
}

/** Returns what chunks may load later. */
function later(keys) {
  return new Set([...keys].flatMap((key) => chunks[key].dynamicImports ?? []));
}

function size(keys) {
  const files = new Set([...keys].flatMap((key) => [chunks[key].file, ...(chunks[key].css ?? [])]));
  return [...files].reduce((total, file) => total + statSync(join(dist, `${file}.gz`)).size, 0) / 1000;
}

const isPage = (key) => /^src\/features\/\w+\/index\.tsx$/.test(key);
const isText = (key) => key.startsWith("src/i18n/");
const rows = new Map();

function weigh(name, kilobytes, most) {
  rows.set(name, { kilobytes: Math.max(kilobytes, rows.get(name)?.kilobytes ?? 0), most });
}

/** Weighs each part that chunks load later, and that such parts load in turn, beside what is there from the start. */
function weighParts(there) {
  const weighed = new Set();
  const waiting = [...later(there)];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (weighed.has(part) || there.has(part) || isPage(part) || isText(part)) continue;
    weighed.add(part);
    const all = withNeeds(part, there);
    weigh(`… ${part}`, size(all) - size(there), MOST.part);
    waiting.push(...later(all));
  }
}

const signIn = withNeeds("login.html");
weigh("login.html", size(signIn), MOST.signIn);
weighParts(signIn);

weigh("wall.html", size(withNeeds("wall.html")), MOST.signIn);

let start = withNeeds("index.html");
for (const key of later(start)) if (key.startsWith("src/i18n/zh-CN/")) start = withNeeds(key, start);
weigh("index.html", size(start), MOST.page);
weighParts(start);
for (const page of later(start)) {
  if (!isPage(page)) continue;
  const there = withNeeds(page, start);
  weigh(page, size(there), MOST.page);
  weighParts(there);
}

const width = Math.max(...[...rows.keys()].map((name) => name.length));
let isOver = false;
for (const [name, { kilobytes, most }] of [...rows].sort(([, a], [, b]) => b.kilobytes - a.kilobytes)) {
  const isTooLarge = kilobytes > most;
  isOver ||= isTooLarge;
  console.log(`${name.padEnd(width)}  ${kilobytes.toFixed(1).padStart(6)} / ${most} kB${isTooLarge ? "  超出 too large" : ""}`);
}
process.exit(isOver ? 1 : 0);
