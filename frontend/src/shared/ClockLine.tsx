import { CircleAlert } from "lucide-react";
import type { Schemas } from "@/api/client";
import { useTranslation } from "@/i18n";
import css from "./clock.module.css";

type Clock = Schemas["Clock"];

interface Props {
  clock: Clock | null;
  daysInStage: number;
  /** The bar below, which shows the share of the limit that has passed. */
  hasBar?: boolean;
}

/** How long a project has stood, and how long it still may: «停留 17 天 · 还剩 73 天». */
export function ClockLine({ clock, daysInStage, hasBar = true }: Props) {
  const { t } = useTranslation("common");
  if (!clock) {
    return (
      <div className={css.line}>
        <span>{t("clock.inStage", { count: daysInStage })}</span>
        <span>{t("clock.noLimit")}</span>
      </div>
    );
  }
  const passed = clock.limit_days - clock.days_left;
  const isOver = clock.days_left < 0;
  return (
    <div>
      <div className={css.line}>
        <span>
          {clock.kind === "idle" ? t("clock.idle", { count: passed }) : t("clock.inStage", { count: daysInStage })}
        </span>
        {isOver ? (
          <span className={css.over}>
            <CircleAlert size={12} strokeWidth={1.75} aria-hidden="true" />
            {t("clock.over", { count: -clock.days_left })}
          </span>
        ) : (
          <span>{t("clock.left", { count: clock.days_left })}</span>
        )}
      </div>
      {hasBar && <ShareBar share={clock.share} />}
    </div>
  );
}

/** What is left of the limit of a project alone, for rows: «还剩 73 天». */
export function ClockLeft({ clock }: { clock: Clock | null }) {
  const { t } = useTranslation("common");
  if (!clock) return <>{t("clock.noLimit")}</>;
  if (clock.days_left >= 0) return <>{t("clock.left", { count: clock.days_left })}</>;
  return (
    <span className={css.over}>
      <CircleAlert size={12} strokeWidth={1.75} aria-hidden="true" />
      {t("clock.over", { count: -clock.days_left })}
    </span>
  );
}

/** The share of a limit that has passed: amber from 70 %, red and full where it is over. */
export function ShareBar({ share }: { share: number }) {
  const state = share > 1 ? css.barOver : share >= 0.7 ? css.barSoon : css.barRest;
  return (
    <div className={css.bar} aria-hidden="true">
      <i className={state} style={{ width: `${Math.min(share, 1) * 100}%` }} />
    </div>
  );
}
