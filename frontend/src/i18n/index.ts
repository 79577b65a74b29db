/** Texts of the client, one namespace a feature. Chinese is the first language; both sets hold the same keys. */
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import i18next from "i18next";
import { createContext, useContext, useSyncExternalStore } from "react";
import { setLanguage } from "@/api/client";
import type { Branch, Namespace, Translate } from "./keys";

export type { Texts, Translate } from "./keys";

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const KEPT = "five-ones.language";
const FILES = import.meta.glob<Record<string, unknown>>("./*/*.json", { import: "default" });

async function texts(language: Language): Promise<Record<string, Record<string, unknown>>> {
  const files = Object.entries(FILES).filter(([path]) => path.startsWith(`./${language}/`));
  const loaded = await Promise.all(files.map(async ([path, load]) => [path.split("/")[2]!.replace(".json", ""), await load()]));
  return Object.fromEntries(loaded) as Record<string, Record<string, unknown>>;
}

export function keptLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  return LANGUAGES.find((language) => language === kept) ?? "zh-CN";
}

export async function start(): Promise<void> {
  const language = keptLanguage();
  await i18next.init({
    lng: language,
    fallbackLng: false,
    defaultNS: "common",
    interpolation: { escapeValue: false },
    returnNull: false,
    resources: { [language]: await texts(language) },
  });
  declare(language);
}

export async function changeLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "common")) {
    for (const [namespace, bundle] of Object.entries(await texts(language))) {
      i18next.addResourceBundle(language, namespace, bundle);
    }
  }
  localStorage.setItem(KEPT, language);
  declare(language);
  await i18next.changeLanguage(language);
}

function declare(language: Language): void {
  setLanguage(language);
  // The names of months and weekdays in calendars.
  dayjs.locale(language.toLowerCase());
  document.documentElement.lang = language;
}

/** The language that is read now; all that speaks is drawn anew when it changes. */
export const LanguageContext = createContext<string>(LANGUAGES[0]);

export function useLanguage(): string {
  return useSyncExternalStore(onLanguage, () => i18next.language);
}

function onLanguage(listener: () => void): () => void {
  i18next.on("languageChanged", listener);
  return () => i18next.off("languageChanged", listener);
}

/** Returns the texts of a namespace, as i18next has them, with keys that are checked. All texts of a language are there
 * before it is read, so that asking costs next to nothing: a table asks some hundred times at once. */
export function useTranslation<N extends Namespace>(namespace: N): { t: Translate<N>; language: string } {
  const language = useContext(LanguageContext);
  return { t: translator(language, namespace), language };
}

type Say = (key: string, values?: Record<string, unknown>) => string;
const translators = new Map<string, Say>();

function translator(language: string, namespace: Namespace): Say {
  const name = `${language} ${namespace}`;
  const found = translators.get(name);
  if (found) return found;
  const fixed = i18next.getFixedT(language, namespace);
  const words = new Map<string, string>();
  const say: Say = (key, values) => {
    if (values) return fixed(key, values);
    const known = words.get(key) ?? fixed(key);
    words.set(key, known);
    return known;
  };
  translators.set(name, say);
  return say;
}

/** Returns the text for a code that comes with data, or the words given where there is none. */
export function textFor(branch: Branch, code: string, otherwise = code): string {
  const key = `${branch}.${code}`;
  return i18next.exists(key, { returnObjects: false }) ? i18next.t(key) : otherwise;
}

/** Returns the words of a record that has them in both languages. */
export function said(words: { zh: string; en: string } | null | undefined): string {
  if (!words) return "";
  return i18next.language === "en" ? words.en : words.zh;
}

/** Returns the words as a heading or a label: with a capital in English. */
export function titled(words: { zh: string; en: string } | null | undefined): string {
  const text = said(words);
  return i18next.language === "en" ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** Returns the name of a record: the English one where the reader reads English and it has one. */
export function nameOf(record: { name: string; name_en?: string | null } | null | undefined): string {
  if (!record) return "";
  return (i18next.language === "en" && record.name_en) || record.name;
}

/** Returns the short name of a record, for axes and rows; its full name belongs into the title. */
export function shortNameOf(record: { name: string; name_en?: string | null; short_name?: string | null } | null): string {
  if (!record) return "";
  return i18next.language === "en" ? nameOf(record) : (record.short_name ?? record.name);
}
