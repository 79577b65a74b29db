import { ShieldAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { recall, remember } from "./memory";
import styles from "./Page.module.css";
import { SignInForm } from "./SignInForm";
import { LANGUAGES, TEXTS, type CameBack, type Language } from "./texts";

const OWN_NAMES: Record<Language, string> = { "zh-CN": "中文", en: "English" };

/** The page on which everybody signs in. */
export function Page({ address }: { address: URLSearchParams }) {
  const [language, setLanguage] = useState<Language>(() => (recall("language") === "en" ? "en" : "zh-CN"));
  const texts = TEXTS[language];
  const other = LANGUAGES.find((one) => one !== language)!;
  const back = address.get("problem");

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = texts.title;
  }, [language, texts]);

  function change(): void {
    remember("language", other);
    setLanguage(other);
  }

  return (
    <div className={styles.page}>
      <header className={styles.side}>
        <p className={styles.brand}>
          <Mark />
          {texts.system}
        </p>
        <h1 className={styles.product}>{texts.product}</h1>
        <p className={styles.promise}>{texts.promise}</p>
        <ul className={styles.strokes}>
          {texts.strokes.map((stroke) => (
            <li key={stroke}>{stroke}</li>
          ))}
        </ul>
        <p className={styles.caliber}>{texts.caliber}</p>
      </header>
      <main className={styles.main}>
        <div className={styles.column}>
          <SignInForm
            language={language}
            withHeading
            next={address.get("next") ?? "/"}
            cameBack={back !== null && Object.hasOwn(texts.cameBack, back) ? (back as CameBack) : null}
            onDone={(answer) => location.replace(answer.onward)}
          />
          <p className={styles.secrets}>
            <ShieldAlert size={16} strokeWidth={1.75} aria-hidden />
            <span>
              <strong>{texts.secrets}</strong>
              <br />
              {texts.recorded}
            </span>
          </p>
          <footer className={styles.foot}>
            <button type="button" lang={other} onClick={change}>
              {OWN_NAMES[other]}
            </button>
            <span>{texts.browsers}</span>
          </footer>
        </div>
      </main>
    </div>
  );
}

function Mark() {
  return (
    <svg className={styles.mark} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="7" fill="#fff" />
      <path fill="currentColor" d="M6 8h2.6v12H6zm4.4 0H13v12h-2.6zm4.4 0h2.6v12h-2.6zm4.4 0h2.6v12h-2.6zm4.4 0h2.6v17h-2.6z" />
    </svg>
  );
}
