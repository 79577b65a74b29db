import { Button } from "antd";
import { Check, ChevronRight, EqualNot, Minus, PenLine } from "lucide-react";
import type { Schemas } from "@/api/client";
import { said, titled, useTranslation } from "@/i18n";
import { fen, shown, unitOf, withUnit } from "@/shared/money";
import { Money } from "@/shared/Money";
import { usePeriodName } from "@/shared/PeriodControls";
import { pageOf, To } from "@/shared/To";
import { Arithmetic, contradiction } from "./Arithmetic";
import css from "./line.module.css";

export type Line = Schemas["PublishedBesideOurs"];

interface Props {
  line: Line;
  /** All that was published, of which a line may be a part. */
  all: readonly Line[];
  /** The period of the page: that of a line is said where it is another. */
  period: string;
  /** Where the reader may say that it was published anew. */
  onSupersede?: () => void;
}

export function PublishedLine({ line, all, period, onSupersede }: Props) {
  const { t } = useTranslation("published");
  const name = usePeriodName();
  const { published, system } = line;
  const href = pageOf(system.rows_url);
  const hasNone = system.count == null && system.amount == null;
  const source = [published.period === period ? null : name(published.period), published.caliber, published.source, published.published_on];
  return (
    <li className={hasNone ? css.noRoom : line.is_equal === false ? css.differs : undefined}>
      <div className={css.line}>
        <div className={css.name}>
          <h2>
            {titled(line.label)}
            {published.min_planned_total && ` · ${t("from", { amount: shown(fen(published.min_planned_total), "yi", 0) })}`}
          </h2>
          <p>{source.filter(Boolean).join(" · ")}</p>
        </div>
        <Figures head={t("published")} figures={published} />
        <Figures head={t("ours")} figures={system} href={href} none={said({ zh: system.reason_zh ?? "", en: system.reason_en ?? "" })} />
        <Verdict line={line} />
        <div className={css.acts}>
          {href && (
            <To href={href}>
              {t("rows")}
              <ChevronRight size={14} strokeWidth={1.75} aria-hidden="true" />
            </To>
          )}
          {onSupersede && (
            <Button
              type="text"
              size="small"
              aria-label={t("anew")}
              title={t("anew")}
              icon={<PenLine size={14} strokeWidth={1.75} aria-hidden="true" />}
              onClick={onSupersede}
            />
          )}
        </div>
      </div>
      {line.is_equal === false && <Explanation line={line} all={all} />}
    </li>
  );
}

/** What the columns hold; on a phone each figure says it itself. */
export function Heads() {
  const { t } = useTranslation("published");
  return (
    <li className={`${css.line} ${css.heads}`} aria-hidden="true">
      <span>{t("kind")}</span>
      <span>{t("published")}</span>
      <span>{t("ours")}</span>
      <span>{t("verdict")}</span>
    </li>
  );
}

interface Given {
  count?: number | null;
  amount?: string | null;
  planned_this_year?: string | null;
}

function Figures({ head, figures, href, none }: { head: string; figures: Given; href?: string | null; none?: string }) {
  const { t } = useTranslation("published");
  const { t: common } = useTranslation("common");
  const content = (
    <>
      {figures.count != null && (
        <b>
          {figures.count.toLocaleString("en")} <small>{common("unit.project", { count: figures.count })}</small>
        </b>
      )}
      {figures.amount != null && (
        <b>
          <Money yuan={figures.amount} />
        </b>
      )}
      {figures.planned_this_year != null && (
        <small>
          {t("thisYear")} <Money yuan={figures.planned_this_year} />
        </small>
      )}
    </>
  );
  const isEmpty = figures.count == null && figures.amount == null;
  return (
    <div className={css.figures}>
      <span>{head}</span>
      <p>{isEmpty ? <small>{none}</small> : href ? <To href={href}>{content}</To> : content}</p>
    </div>
  );
}

function Verdict({ line }: { line: Line }) {
  const { t } = useTranslation("published");
  const [word, Sign, tone] =
    line.is_equal === null
      ? (["unknown", Minus, css.unknown] as const)
      : line.is_equal
        ? (["agrees", Check, css.agrees] as const)
        : (["differs", EqualNot, css.unequal] as const);
  return (
    <span className={tone} title={said(line.comparison)}>
      <Sign size={15} strokeWidth={1.75} aria-hidden="true" />
      {t(word)}
    </span>
  );
}

/** The difference in words, signless, then why. */
function Explanation({ line, all }: { line: Line; all: readonly Line[] }) {
  const { t } = useTranslation("published");
  const { t: common } = useTranslation("common");
  const { difference, published, system } = line;
  const parts = [
    difference.count ? `${Math.abs(difference.count).toLocaleString("en")} ${common("unit.project", { count: Math.abs(difference.count) })}` : "",
    difference.amount && fen(difference.amount) !== 0n ? amountOf(difference.amount) : "",
  ].filter(Boolean);
  function amountOf(yuan: string): string {
    const amount = fen(yuan);
    const size = amount < 0n ? -amount : amount;
    const unit = unitOf(size);
    return withUnit(shown(size, unit, unit === "yi" ? 1 : 0), common(`unit.${unit}`));
  }
  const isMore =
    difference.count != null && difference.count !== 0
      ? (system.count ?? 0) > (published.count ?? 0)
      : fen(system.amount ?? "0") > fen(published.amount ?? "0");
  const why = said({ zh: published.explanation ?? "", en: published.explanation_en ?? published.explanation ?? "" });
  const rest = contradiction(published, all.map((one) => one.published));
  return (
    <div className={css.explanation}>
      <p className={css.difference}>{t(isMore ? "more" : "less", { what: parts.join(common("listSeparator")) })}</p>
      {rest && <Arithmetic part={published} rest={rest} />}
      {why && <p className={css.why}>{why}</p>}
    </div>
  );
}
