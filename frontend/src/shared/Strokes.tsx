import { said, useTranslation } from "@/i18n";
import { useMeta } from "@/app/who";
import type { Schemas } from "@/api/client";
import css from "./strokes.module.css";

type Stroke = Schemas["Stroke"];
export type StrokeStates = Partial<Record<Stroke, Schemas["StrokeState"]>>;

export const STROKES: readonly Stroke[] = ["project", "leader", "team", "plan", "followed_through"];

/** The five strokes: filled where the one is there, outlined where it is missing, amber where it is interrupted. */
export function Strokes({ states, size = "small" }: { states: StrokeStates; size?: "small" | "large" }) {
  const text = useStrokesText(states);
  return (
    <span className={`${css.strokes} ${css[size]}`} role="img" aria-label={text} title={text}>
      {STROKES.map((stroke) => (
        <i key={stroke} className={css[states[stroke] ?? "missing"]} />
      ))}
    </span>
  );
}

export function useStrokesText(states: StrokeStates): string {
  const { t } = useTranslation("common");
  const { label } = useMeta();
  const wrong = STROKES.filter((stroke) => states[stroke] !== "complete");
  if (!wrong.length) return t("strokes.complete");
  const named = wrong.map((stroke) => {
    const state = states[stroke] ?? "missing";
    return `${said(label("Stroke", stroke))} ${said(label("StrokeState", state))}`;
  });
  return t("strokes.lacking", { what: named.join(t("listSeparator")) });
}
