import { useParams } from "@tanstack/react-router";
import { Button } from "antd";
import { CircleAlert, CircleCheck, Download, Link2, X } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Search, usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMeta, useToday } from "@/app/who";
import { said } from "@/i18n";
import { copy } from "@/shared/copy";
import { save } from "@/shared/download";
import { fen, shown, unitOf } from "@/shared/money";
import { Money } from "@/shared/Money";
import { dayOfMoment, KnownAt, KnownNotice, PeriodSteps } from "@/shared/PeriodControls";
import { isPeriod, periodOf } from "@/shared/periods";
import { NoResult, QueryView, Skeleton } from "@/shared/StateView";
import { To } from "@/shared/To";
import { toast } from "@/shared/toast";
import { usePages } from "@/shared/usePages";
import { Lines } from "../components/Lines";
import { PartsBar } from "../components/PartsBar";
import { added, exported, type Figure, FIGURES, type Line, type Page, read } from "../rows";
import css from "./drill.module.css";

const MOST = 3000;
/** Parameters that have a control of their own. */
const CONTROLLED = new Set(["period", "from", "to", "known_at", "with", "by"]);

/** A figure opened into the rows that add up to it. The address carries all of it: a copied link shows the same. */
export function DrillPage() {
  const { t } = useTranslation("drill");
  const { t: totals } = useTranslation("totals");
  const name = useParams({ strict: false }).figure as Figure;
  const [search, change] = usePageSearch();
  const today = useToday();
  const [marked, setMarked] = useState<string | null>(null);
  const hasDays = Boolean(search.from || search.to);
  const query = useMemo((): Search => {
    const asked = Object.fromEntries(Object.entries(search).filter(([key]) => key !== "by" && key !== "with"));
    return hasDays || asked.period || name === "awaiting-signed" ? asked : { ...asked, period: periodOf(today, "quarter") };
  }, [search, hasDays, name, today]);
  const pages = usePages<Line, Page>(["rows", name, query], (asked) => read(name, { ...query, ...asked } as never), 200);
  const { first, rows, query: found } = pages;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && rows.length < MOST) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, rows.length]);

  if (!FIGURES.includes(name)) return <NoResult />;
  const title = totals(`figure.${name}`);
  const link = () => {
    const pinned = new URLSearchParams({ ...query, ...(first && { known_at: first.known_at }) });
    void copy(`${location.origin}/rows/${name}?${pinned}`).then(() => toast(t("copied")));
  };

  return (
    <div className={css.page}>
      <Title text={title}>
        <To href="/cockpit">{t("cockpit")}</To>
        <h1>{title}</h1>
      </Title>
      <div className={css.controls}>
        {isPeriod(query.period) && <PeriodSteps period={query.period} onChange={(period) => change({ period, known_at: null })} />}
        {hasDays && <span className={css.days}>{t("days", { from: query.from ?? "…", to: query.to ?? "…" })}</span>}
        <KnownAt value={search.known_at && dayOfMoment(search.known_at) < today ? search.known_at : undefined} onChange={(day) => change({ known_at: day })} />
        <Chips query={query} rows={rows} onDrop={(key) => change({ [key]: null })} />
        <span className={css.acts}>
          <Button icon={<Link2 size={14} strokeWidth={1.75} />} onClick={link}>
            {t("copy")}
          </Button>
          <Button
            icon={<Download size={14} strokeWidth={1.75} />}
            onClick={() => void exported(name, query).then((content) => save(content, `${title}.csv`))}
          >
            {t("export")}
          </Button>
        </span>
      </div>
      {search.known_at && dayOfMoment(search.known_at) < today && (
        <KnownNotice value={search.known_at} onLatest={() => change({ known_at: null })} />
      )}
      <QueryView query={found as never} skeleton={<Skeleton rows={12} columns={6} />}>
        {() => first && (
          <>
            <Head name={name} page={first} rows={rows} isWhole={!hasNextPage} marked={marked} onMark={setMarked} />
            {rows.length ? (
              <Lines name={name} rows={rows} page={first} marked={marked} onHover={setMarked} />
            ) : (
              <NoResult text={t("nothing")} />
            )}
            <p className={css.caliber}>
              {first.caliber ? `${said(first.caliber)} · ` : name === "signings" ? `${t("caliber")} ` : ""}
              {said(first.scope)} · {totals("workingCaliber")}
            </p>
          </>
        )}
      </QueryView>
    </div>
  );
}

interface HeadProps {
  name: Figure;
  page: Page;
  rows: readonly Line[];
  isWhole: boolean;
  marked: string | null;
  onMark: (key: string | null) => void;
}

/** The figure again, its parts, and whether the rows add up to it. */
function Head({ name, page, rows, isWhole, marked, onMark }: HeadProps) {
  const { t } = useTranslation("drill");
  const { t: common } = useTranslation("common");
  const { total } = page;
  const proof = useMemo(() => added(rows), [rows]);
  const amount = total.amount === null ? null : fen(total.amount);
  const isEqual = proof.count === total.count && (amount === null || proof.amount === amount) && proof.landed === total.landed;
  const unit = amount === null ? "yi" : unitOf(amount);
  const value = amount === null ? "" : `${shown(proof.amount, unit, unit === "yi" ? 1 : 0)} ${common(`unit.${unit}`)}`;
  const sumText = value && t("amountToo", { value });
  return (
    <section className={css.head}>
      <div className={css.figures}>
        {total.amount !== null && (
          <span className={css.large}>
            <Money yuan={total.amount} />
          </span>
        )}
        <span className={css.small}>
          {t(name === "signings" ? "count" : "projects")}
          <b>
            {total.count.toLocaleString("en")} <small>{common("unit.project")}</small>
          </b>
        </span>
        {name === "signings" && (
          <span className={css.small}>
            {t("landed")}
            <b>
              {total.landed} <small>{common("unit.project")}</small>
            </b>
          </span>
        )}
        {!isWhole ? (
          <span className={css.reading}>{t("reading", { count: rows.length })}</span>
        ) : (
          <span className={isEqual ? css.equal : css.unequal}>
            {isEqual ? <CircleCheck size={15} strokeWidth={1.75} aria-hidden="true" /> : <CircleAlert size={15} strokeWidth={1.75} aria-hidden="true" />}
            {t(isEqual ? "equal" : "unequal", { rows: proof.rows, count: proof.count, amount: sumText })}
          </span>
        )}
      </div>
      <PartsBar rows={rows} marked={marked} onMark={onMark} />
    </section>
  );
}

/** The other conditions of the address, each to be taken away. */
function Chips({ query, rows, onDrop }: { query: Search; rows: readonly Line[]; onDrop: (key: string) => void }) {
  const { t, i18n } = useTranslation("drill");
  const { label } = useMeta();
  const first = rows[0];
  const valueOf = (key: string, value: string): string => {
    if (key === "of_kind") return said(label("EntryKind", value));
    if (key === "size") return value.split(",").map((one) => said(label("SizeBand", one))).join(t("common:listSeparator"));
    if (key === "origin") return said(label("Origin", value));
    if (key === "ownership") return said(label("Ownership", value));
    if (key === "pool") return said(label("Pool", value));
    if (key === "program") return said(label("Program", value));
    if (key === "what") return said(label("FunnelWhat", value));
    if (key === "without") return said(label("WithoutAmount", value));
    if (key === "kind") return said(label("FigureKind", value).zh !== value ? label("FigureKind", value) : label("DealKind", value));
    if (key === "unit_id" || key === "own_unit_id") return first?.unit?.short_name ?? first?.unit?.name ?? "";
    if (key === "task_force_id") return value === "none" ? t("none") : (first?.taskForce?.short_name ?? first?.taskForce?.name ?? "");
    if (key === "industry_code") return first?.industry ? said(first.industry) : value;
    return value === "true" ? t("yes") : value === "false" ? t("no") : value;
  };
  const chips = Object.entries(query).filter(([key, value]) => value && !CONTROLLED.has(key));
  return (
    <>
      {chips.map(([key, value]) => {
        const word = i18n.exists(`drill:filter.${key}`) ? t(`filter.${key}`) : key;
        return (
          <span key={key} className={css.chip}>
            {word} {valueOf(key, value)}
            {key !== "what" && (
              <button type="button" aria-label={t("drop", { what: word })} onClick={() => onDrop(key)}>
                <X size={13} strokeWidth={1.75} />
              </button>
            )}
          </span>
        );
      })}
    </>
  );
}
