import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { useTranslation } from "@/i18n";
import { fen, yuanOf } from "@/shared/money";
import { Money } from "@/shared/Money";
import css from "./arithmetic.module.css";

type Figure = Schemas["PublishedRead"];

export interface Rest {
  whole: Figure;
  count: number;
  /** In fen. */
  amount: bigint;
  each: bigint;
}

/** Returns what is left of a published figure without the part of it from a threshold on, where what is left reaches the
 * threshold on average and so cannot lie below it; null where the two figures do not speak against each other. */
export function contradiction(part: Figure, all: readonly Figure[]): Rest | null {
  if (!part.min_planned_total || part.count === null || part.amount === null) return null;
  const whole = all.find((one) => one.kind === part.kind && one.period === part.period && one.source === part.source && !one.min_planned_total);
  if (!whole || whole.count === null || whole.amount === null) return null;
  const count = whole.count - part.count;
  const amount = fen(whole.amount) - fen(part.amount);
  if (count <= 0 || amount <= 0n) return null;
  const each = amount / BigInt(count);
  return each < fen(part.min_planned_total) ? null : { whole, count, amount, each };
}

/** The two published figures, their difference, and why it cannot be. */
export function Arithmetic({ part, rest }: { part: Figure; rest: Rest }) {
  const { t } = useTranslation("published");
  const least = <Money yuan={part.min_planned_total} decimals={0} />;
  return (
    <ol className={css.steps} aria-label={t("arithmetic")}>
      <Step name={t("stepWhole")} count={rest.whole.count} yuan={rest.whole.amount} />
      <li className={css.sign}>−</li>
      <Step name={<>{t("stepPart")} {least}</>} count={part.count} yuan={part.amount} />
      <li className={css.sign}>=</li>
      <Step name={<>{t("stepRest")} {least}</>} count={rest.count} yuan={yuanOf(rest.amount)} />
      <li className={css.sign} aria-hidden="true">
        <ArrowRight size={16} strokeWidth={1.75} />
      </li>
      <Step isOdd name={t("stepEach")} yuan={yuanOf(rest.each)} decimals={2} />
    </ol>
  );
}

function Step({ name, count, yuan, decimals, isOdd }: { name: ReactNode; count?: number | null; yuan: string | null; decimals?: number; isOdd?: boolean }) {
  const { t } = useTranslation("common");
  return (
    <li className={`${css.step} ${isOdd ? css.odd : ""}`}>
      <span>{name}</span>
      <b>
        {count != null && (
          <>
            {count.toLocaleString("en")} <small>{t("unit.project", { count })}</small>{" "}
          </>
        )}
        <Money yuan={yuan} decimals={decimals} />
      </b>
    </li>
  );
}
