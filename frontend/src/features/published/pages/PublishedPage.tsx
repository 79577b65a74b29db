import { Check, EqualNot, Minus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useToday } from "@/app/who";
import { said } from "@/i18n";
import { fen, shown, unitOf } from "@/shared/money";
import { Money } from "@/shared/Money";
import { dayOfMoment, KnownAt, KnownNotice, PeriodSteps } from "@/shared/PeriodControls";
import { isPeriod, periodOf } from "@/shared/periods";
import { Empty, QueryView } from "@/shared/StateView";
import { pageOf, To } from "@/shared/To";
import css from "./published.module.css";

type Line = Schemas["PublishedBesideOurs"];

/** What was published beside what the rows give now: agreement, or the difference in words and the reason. */
export function PublishedPage() {
  const { t } = useTranslation("published");
  const [search, change] = usePageSearch();
  const today = useToday();
  const period = isPeriod(search.period) ? search.period : periodOf(today, "quarter");
  const knownAt = search.known_at && dayOfMoment(search.known_at) < today ? search.known_at : undefined;
  const figures = queries.useQuery("get", "/api/v1/published-figures", {
    params: { query: { period, ...(knownAt && { known_at: knownAt }) } },
  });
  return (
    <div className={css.page}>
      <Title text={t("title")} />
      <div className={css.controls}>
        <PeriodSteps period={period} onChange={(next) => change({ period: next, known_at: null })} />
        <KnownAt value={knownAt} onChange={(day) => change({ known_at: day })} />
      </div>
      {knownAt && <KnownNotice value={knownAt} onLatest={() => change({ known_at: null })} />}
      <QueryView query={figures}>
        {({ items }) =>
          items.length ? (
            <ul className={css.lines}>
              {items.map((line) => (
                <Published key={line.published.id} line={line} />
              ))}
            </ul>
          ) : (
            <Empty title={t("none")} text={t("noneText")} />
          )
        }
      </QueryView>
      <p className={css.foot}>{t("foot")}</p>
    </div>
  );
}

function Published({ line }: { line: Line }) {
  const { t } = useTranslation("published");
  const { published, system } = line;
  const href = pageOf(system.rows_url);
  const hasNone = system.count == null && system.amount == null;
  return (
    <li className={hasNone ? css.noRoom : line.is_equal === false ? css.differs : undefined}>
      <div className={css.line}>
        <div className={css.name}>
          <h2>
            {said(line.label)}
            {published.min_planned_total && ` · ${t("from", { amount: shown(fen(published.min_planned_total), "yi", 0) })}`}
          </h2>
          <p>
            {published.caliber} · {published.source}
          </p>
        </div>
        <Figures head={t("published")} figures={published} />
        <Figures head={t("ours")} figures={system} href={href} none={said({ zh: system.reason_zh ?? "", en: system.reason_en ?? "" })} />
        <Verdict line={line} />
      </div>
      {line.is_equal === false && <Explanation line={line} />}
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
          {figures.count.toLocaleString("en")} <small>{common("unit.project")}</small>
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
  if (line.is_equal === null) {
    return (
      <span className={css.unknown}>
        <Minus size={15} strokeWidth={1.75} aria-hidden="true" />
        {t("unknown")}
      </span>
    );
  }
  return line.is_equal ? (
    <span className={css.agrees}>
      <Check size={15} strokeWidth={1.75} aria-hidden="true" />
      {t("agrees")}
    </span>
  ) : (
    <span className={css.unequal}>
      <EqualNot size={15} strokeWidth={1.75} aria-hidden="true" />
      {t("differs")}
    </span>
  );
}

/** The difference in words, signless, then why. */
function Explanation({ line }: { line: Line }) {
  const { t } = useTranslation("published");
  const { t: common } = useTranslation("common");
  const { difference, published, system } = line;
  const parts = [
    difference.count ? `${Math.abs(difference.count).toLocaleString("en")} ${common("unit.project")}` : "",
    difference.amount && fen(difference.amount) !== 0n ? amountOf(difference.amount) : "",
  ].filter(Boolean);
  function amountOf(yuan: string): string {
    const amount = fen(yuan);
    const size = amount < 0n ? -amount : amount;
    const unit = unitOf(size);
    return `${shown(size, unit, unit === "yi" ? 1 : 0)} ${common(`unit.${unit}`)}`;
  }
  const isMore =
    difference.count != null && difference.count !== 0
      ? (system.count ?? 0) > (published.count ?? 0)
      : fen(system.amount ?? "0") > fen(published.amount ?? "0");
  const why = said({ zh: published.explanation ?? "", en: published.explanation_en ?? published.explanation ?? "" });
  return (
    <div className={css.explanation}>
      <p className={css.difference}>{t(isMore ? "more" : "less", { what: parts.join(common("listSeparator")) })}</p>
      {why && <p>{why}</p>}
    </div>
  );
}
