import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { useTranslation } from "@/i18n";
import { Money } from "@/shared/Money";
import { To } from "@/shared/To";
import css from "../taskforces.module.css";

interface Props {
  figure: Schemas["TargetFigure"];
  /** Amounts are in yuan. */
  isAmount?: boolean;
  href?: string | null;
  label: string;
}

/** What was reached beside the target, and a bar of the share. */
export function TargetBar({ figure, isAmount, href, label }: Props) {
  const { t } = useTranslation("taskforces");
  const shown = (value: string): ReactNode => (isAmount ? <Money yuan={value} unit="yi" decimals={2} hasUnit={false} /> : value);
  const unit = isAmount ? t("common:unit.yi") : t("common:unit.project", { count: Number(figure.target ?? figure.reached) });
  const rate = figure.rate === null ? null : Number(figure.rate);
  const content = (
    <>
      <span className={css.line}>
        <span>
          <b>{shown(figure.reached)}</b>
          <span className={css.quiet}>
            {figure.target === null ? ` ${unit}` : <> / {shown(figure.target)} {unit}</>}
          </span>
        </span>
        <span className={css.small}>{figure.target === null ? t("noTarget") : rate === null ? "" : `${(rate * 100).toFixed(rate < 1 ? 1 : 0)}%`}</span>
      </span>
      {/* Without a rate, such as for a part of the city, the target is no measure. */}
      {rate !== null && (
        <span className={css.track} aria-hidden="true">
          <i style={{ width: `${Math.min(rate, 1) * 100}%` }} />
        </span>
      )}
    </>
  );
  return href ? (
    <To href={href} className={css.target} title={label}>
      {content}
    </To>
  ) : (
    <span className={css.target}>{content}</span>
  );
}
