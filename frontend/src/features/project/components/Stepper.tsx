import { Check } from "lucide-react";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { ShareBar } from "@/shared/ClockLine";
import { StageRing } from "@/shared/StageTag";
import type { Project } from "../api";
import { type Step, stepsOf } from "../model";
import css from "./stepper.module.css";

export function useSteps(project: Project): Step[] {
  const { stages } = useMeta();
  return stepsOf(stages, project.program, project.stage, project.moves ?? [], project.five_ones?.plan_dates ?? []);
}

export function useStageName(): (code: string) => string {
  const { stage } = useMeta();
  return (code) => {
    const found = stage(code);
    return found ? said({ zh: found.name_zh, en: found.name_en }) : code;
  };
}

/** The way through the stages, with days of stay between those passed, and the clock of the present one. */
export function Stepper({ project }: { project: Project }) {
  const { t } = useTranslation("project");
  const name = useStageName();
  const steps = useSteps(project);
  return (
    <section className={css.card} aria-label={t("stepper")}>
      <ol className={css.steps} style={{ gridTemplateColumns: `repeat(${steps.length}, minmax(0, 1fr))` }}>
        {steps.map((step) => (
          <li key={step.stage} className={css[step.state]} aria-current={step.state === "here" ? "step" : undefined}>
            {step.stay !== null && <span className={css.stay}>{t("days", { count: step.stay })}</span>}
            <i className={css.dot} aria-hidden="true">
              {step.state === "passed" && <Check size={11} strokeWidth={2.5} />}
            </i>
            <b>{name(step.stage)}</b>
            <small>
              {step.state === "skipped"
                ? t("skipped")
                : step.on && (step.state === "ahead" ? t("planned", { day: step.on.slice(2, 7) }) : step.on.slice(2))}
            </small>
          </li>
        ))}
      </ol>
      <Clock project={project} />
    </section>
  );
}

/** The limit that ends first, as one long bar. */
export function Clock({ project }: { project: Project }) {
  const { t } = useTranslation("project");
  const name = useStageName();
  const { clock } = project;
  const stage = name(project.stage);
  if (!clock) {
    return (
      <p className={css.clock}>
        <StageRing stage={project.stage} />
        <span>{t("clock.none", { stage, count: project.days_in_stage })}</span>
      </p>
    );
  }
  const isOver = clock.days_left < 0;
  return (
    <div className={css.clock}>
      <StageRing stage={project.stage} />
      <span>
        {t(`clock.${clock.kind}`, {
          stage,
          count: clock.kind === "idle" ? clock.limit_days - clock.days_left : project.days_in_stage,
          limit: clock.limit_days,
          day: clock.due_on,
        })}
      </span>
      <div className={css.bar}>
        <ShareBar share={clock.share} />
      </div>
      <span className={isOver ? css.over : ""}>
        {isOver ? t("common:clock.over", { count: -clock.days_left }) : t("common:clock.left", { count: clock.days_left })}
      </span>
    </div>
  );
}

/** On a phone: the stages as one bar of segments, and what comes next. */
export function PhoneStepper({ project, onNext }: { project: Project; onNext?: () => void }) {
  const { t } = useTranslation("project");
  const name = useStageName();
  const steps = useSteps(project);
  const { clock, gates } = project;
  const lacking = gates?.gates.filter((gate) => !gate.is_met && gate.strictness === "block").length ?? 0;
  return (
    <section className={css.card}>
      <div className={css.segments} role="img" aria-label={t("segments", { stage: name(project.stage), count: steps.length })}>
        {steps.map((step) => (
          <i key={step.stage} className={css[`seg_${step.state}`]} />
        ))}
      </div>
      <p className={css.now}>
        <StageRing stage={project.stage} size={15} />
        <strong>{name(project.stage)}</strong>
        <span className={clock && clock.days_left < 0 ? css.over : ""}>
          {!clock
            ? t("nowNoLimit", { count: project.days_in_stage })
            : clock.days_left < 0
              ? t("common:clock.over", { count: -clock.days_left })
              : clock.kind === "idle"
                ? t("nowIdle", { count: clock.limit_days - clock.days_left, limit: clock.limit_days })
                : t("nowLimit", { count: project.days_in_stage, limit: clock.limit_days })}
        </span>
      </p>
      {gates?.to && onNext && (
        <button type="button" className={lacking ? css.nextLacking : css.next} onClick={onNext}>
          <span>{lacking ? t("nextLacking", { stage: name(gates.to), count: lacking }) : t("nextReady", { stage: name(gates.to) })}</span>
          <span aria-hidden="true">›</span>
        </button>
      )}
    </section>
  );
}
