import { type FormEvent, useEffect, useState } from "react";
import { api } from "@/api/calls";
import { Problem } from "@/api/problems";
import type { Texts } from "./texts";
import css from "./wall.module.css";

/** Sets up this screen by the code that an administrator was shown. The link that he was given has it after its «#». */
export function BegunForm({ texts, onDone }: { texts: Texts; onDone: () => void }) {
  const [code, setCode] = useState(() => decodeURIComponent(location.hash.slice(1)));
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(location.hash !== "");

  async function begin(sent: string): Promise<void> {
    try {
      await api.POST("/api/v1/display-session", { body: { code: sent } });
      onDone();
    } catch (error) {
      setRefusal(error instanceof Problem ? error.message : texts.offline);
    } finally {
      setIsBusy(false);
    }
  }

  useEffect(() => {
    if (!location.hash) return;
    // It works once, and stays in no history.
    history.replaceState(null, "", location.pathname + location.search);
    void Promise.resolve(code).then(begin);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, by the link
  }, []);

  return (
    <main className={css.empty}>
      <form
        className={css.form}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (!code.trim()) return;
          setIsBusy(true);
          setRefusal(null);
          void begin(code);
        }}
      >
        <h1>{texts.again}</h1>
        <p>{texts.againNote}</p>
        <label>
          {texts.code}
          <input
            value={code}
            autoFocus
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            maxLength={40}
            placeholder="XXXX-XXXX-XXXX"
            aria-invalid={refusal !== null}
            aria-describedby="refusal"
            onChange={(event) => setCode(event.target.value)}
          />
        </label>
        <p id="refusal" role="alert" className={css.refusal}>
          {refusal}
        </p>
        <div className={css.acts}>
          <button type="submit" disabled={isBusy || !code.trim()}>
            {texts.begin}
          </button>
          <a href={`/login?next=${encodeURIComponent(location.pathname + location.search)}`}>{texts.signIn}</a>
        </div>
      </form>
    </main>
  );
}
