import { said } from "@/i18n";
import { useMeta } from "@/app/who";
import css from "./stage.module.css";

/** A small pie, filled as far as the stage is along the pipeline: stages need no colours of their own. */
export function StageRing({ stage, size = 13 }: { stage: string; size?: number }) {
  const { stages } = useMeta();
  const index = stages.findIndex((one) => one.code === stage);
  const part = stages.length ? Math.max(index + 1, 0) / (stages.length + 1) : 0;
  const angle = part * 2 * Math.PI;
  const end = `${8 + 6 * Math.sin(angle)} ${8 - 6 * Math.cos(angle)}`;
  return (
    <svg className={css.ring} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="7" />
      <path d={`M8 8 L8 2 A6 6 0 ${part > 0.5 ? 1 : 0} 1 ${end} Z`} />
    </svg>
  );
}

/** The name of a stage with its ring. */
export function StageTag({ stage, size }: { stage: string; size?: number }) {
  const { stage: find } = useMeta();
  const found = find(stage);
  return (
    <span className={css.tag}>
      <StageRing stage={stage} size={size} />
      {found ? said({ zh: found.name_zh, en: found.name_en }) : stage}
    </span>
  );
}
