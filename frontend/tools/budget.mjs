/** Prints what each page of the build loads, in kB gzip of scripts, styles and the texts of one language, and fails
 * where one is larger than it may be. The font, which is loaded once a year, is left out. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const dist = join(import.meta.dirname, "..", "dist");
const chunks = JSON.parse(readFileSync(join(dist, ".vite", "manifest.json"), "utf8"));

const MOST = { signIn: 110, page: 540, part: 220 };

/** Adds the files that a chunk needs at once to a set, and returns it. */
function atOnce(key, files = new Set()) {
  const chunk = chunks[key];
  for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
  for (const needed of chunk.imports ?? []) if (!files.has(chunks[needed].file)) atOnce(needed, files);
  return files;
}

/** Yields the chunks that are loaded later than `key`, by it or by what it loads. */
function* later(key, seen = new Set()) {
  if (seen.has(key)) return;
  seen.add(key);
  for (const needed of chunks[key].imports ?? []) yield* later(needed, seen);
  for (const part of chunks[key].dynamicImports ?? []) {
    if (!seen.has(part)) yield part;
    yield* later(part, seen);
  }
}

const size = (files) => [...files].reduce((total, file) => total + statSync(join(dist, `${file}.gz`)).size, 0) / 1000;
const without = (files, others) => new Set([...files].filter((file) => !others.has(file)));

const start = atOnce("index.html");
const loaded = [...new Set(later("index.html"))];
for (const key of loaded.filter((part) => part.startsWith("src/i18n/zh-CN/"))) atOnce(key, start);
const isPage = (key) => key.startsWith("src/features/");
const pages = loaded.filter(isPage);
const parts = new Set([...loaded, ...later("login.html")].filter((key) => !isPage(key) && !key.startsWith("src/i18n/")));

const rows = [["login.html", size(atOnce("login.html")), MOST.signIn]];
for (const key of pages) rows.push([key, size(atOnce(key, new Set(start))), MOST.page]);
for (const key of parts) rows.push([`later: ${key}`, size(without(atOnce(key), start)), MOST.part]);
if (pages.length === 0) rows.push(["index.html", size(start), MOST.page]);

const width = Math.max(...rows.map(([name]) => name.length));
let isOver = false;
for (const [name, kilobytes, most] of rows.sort(([, a], [, b]) => b - a)) {
  const isTooLarge = kilobytes > most;
  isOver ||= isTooLarge;
  console.log(`${name.padEnd(width)}  ${kilobytes.toFixed(1).padStart(6)} / ${most} kB${isTooLarge ? "  超出 too large" : ""}`);
}
process.exit(isOver ? 1 : 0);
