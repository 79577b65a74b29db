import { useEffect, useRef, useState } from "react";
import { answerOf, api, setLanguage, type Schemas } from "@/api/calls";
import { Problem } from "@/api/problems";
import type { Language } from "./texts";

type Wall = Schemas["Wall"];
type Grain = Schemas["WallGrain"];

const GRAINS: readonly Grain[] = ["month", "quarter", "half", "year"];
const EVERY = 300_000;
const AGAIN = 30_000;

interface Readings {
  wall: Wall | null;
  /** Milliseconds since 1970, by the clock of this machine. */
  readAt: number;
  /** Why the last reading failed: the line, or that nobody is let in any more. */
  trouble: "lost" | "ended" | null;
}

/** Reads the figures every five minutes, and twice a minute while it cannot. What was read last stays. */
export function useReadings(grain: string | null, language: Language): Readings & { read: () => void } {
  const [state, setState] = useState<Readings>({ wall: null, readAt: 0, trouble: null });
  const [asked, setAsked] = useState(0);
  const build = useRef<string | null>(null);

  useEffect(() => {
    let timer = 0;
    let isOver = false;
    const known = GRAINS.find((one) => one === grain);

    async function read(): Promise<void> {
      window.clearTimeout(timer);
      let wait = EVERY;
      try {
        const wall = await answerOf(api.GET("/api/v1/totals/wall", { params: { query: { grain: known } } }));
        if (!isOver) setState({ wall, readAt: Date.now(), trouble: null });
        await renewed(build);
      } catch (error) {
        wait = AGAIN;
        const hasEnded = error instanceof Problem && (error.status === 401 || error.status === 403);
        if (!isOver) setState((before) => ({ ...before, trouble: hasEnded ? "ended" : "lost" }));
      }
      if (!isOver) timer = window.setTimeout(() => void read(), wait);
    }

    setLanguage(language);
    void read();
    const onOnline = () => void read();
    window.addEventListener("online", onOnline);
    return () => {
      isOver = true;
      window.clearTimeout(timer);
      window.removeEventListener("online", onOnline);
    };
  }, [grain, language, asked]);
  return { ...state, read: () => setAsked((count) => count + 1) };
}

/** Opens the page anew where the service has been updated: a screen on a wall is never reloaded by hand. */
async function renewed(build: { current: string | null }): Promise<void> {
  const answer = await fetch("/wall", { method: "HEAD", headers: { Accept: "text/html" } }).catch(() => null);
  const tag = answer?.ok ? answer.headers.get("ETag") : null;
  if (!tag) return;
  if (build.current && build.current !== tag) location.reload();
  build.current = tag;
}
