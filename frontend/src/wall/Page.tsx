import { useEffect, useState } from "react";
import { RefreshCw, Unplug } from "lucide-react";
import { BegunForm } from "./BegunForm";
import { Board } from "./Board";
import { periodName, TEXTS, type Language } from "./texts";
import { useReadings } from "./readings";
import css from "./wall.module.css";

function languageOf(address: URLSearchParams): Language {
  const kept = address.get("language") ?? localStorage.getItem("five-ones.language");
  return kept === "en" ? "en" : "zh-CN";
}

/** The page of a screen that nobody operates: it reads the figures by itself, and keeps the last ones while it cannot. */
export function Page({ address }: { address: URLSearchParams }) {
  const [language] = useState(() => languageOf(address));
  const texts = TEXTS[language];
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = texts.title;
  }, [language, texts]);
  const { wall, readAt, trouble, read } = useReadings(address.get("grain"), language);
  if (!wall) {
    if (trouble === "ended") return <BegunForm texts={texts} onDone={read} />;
    return (
      <main className={css.empty}>
        <p role="status">{trouble ? texts.offline : texts.waiting}</p>
      </main>
    );
  }
  const since = clockOf(readAt, language);
  return (
    <div className={css.page}>
      <header className={css.head}>
        <Mark />
        <h1>{texts.of(language === "en" ? wall.scope.en : wall.scope.zh)}</h1>
        <p className={css.period}>{periodName(texts, wall.period)}</p>
        {wall.is_day_set && <span className={css.chip}>{texts.illustrative}</span>}
        <p className={css.day}>
          <b>{wall.today}</b> {weekday(wall.today, language)}
        </p>
      </header>
      <Board wall={wall} texts={texts} language={language} />
      <footer className={css.foot}>
        <span>{texts.foot}</span>
        <span role="status" className={trouble ? css.trouble : undefined}>
          {trouble ? <Unplug aria-hidden="true" /> : <RefreshCw aria-hidden="true" />}
          {trouble === "lost" ? texts.lost(since) : trouble === "ended" ? texts.ended(since) : since}
        </span>
      </footer>
    </div>
  );
}

function Mark() {
  return (
    <svg className={css.mark} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="currentColor" />
      <path fill="#0b1317" d="M6 8h2.6v12H6zm4.4 0H13v12h-2.6zm4.4 0h2.6v12h-2.6zm4.4 0h2.6v12h-2.6zm4.4 0h2.6v17h-2.6z" />
    </svg>
  );
}

function weekday(day: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

/** Returns the time of a reading by the clock of this machine, with its day where that is not today. */
function clockOf(at: number, language: Language): string {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  const day = isToday ? {} : ({ month: "2-digit", day: "2-digit" } as const);
  return new Intl.DateTimeFormat(language, { ...day, hour: "2-digit", minute: "2-digit", hour12: false }).format(at);
}
