import { Button, Select } from "antd";
import { Monitor, Printer, SlidersHorizontal, Table2 } from "lucide-react";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/client";
import { useKeys } from "@/app/keys";
import { useIsPhone } from "@/app/phone";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMe, useToday } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { dayOfMoment, GrainChoice, KnownAt, KnownNotice, PeriodSteps, usePeriodName } from "@/shared/PeriodControls";
import { grainOf, isPeriod, periodOf } from "@/shared/periods";
import { Card } from "@/shared/Card";
import { Sheet } from "@/shared/Sheet";
import { QueryView, Skeleton } from "@/shared/StateView";
import { pageOf } from "@/shared/To";
import { type Asked, type Dimension, DIMENSIONS, useAttention, useFunnel, useOverview, usePublished, useRefreshing } from "../api";
import { AttentionCard } from "../components/Attention";
import { FigureCards } from "../components/FigureCards";
import { FunnelCard } from "../components/FunnelCard";
import { PublishedCard } from "../components/PublishedCard";
import { DimensionCard, UnitCard } from "../components/RankCards";
import { SigningsCard } from "../components/SigningsCard";
import { TrendCard } from "../components/TrendCard";
import css from "./cockpit.module.css";

export function CockpitPage() {
  const { t, language } = useTranslation("cockpit");
  const { t: common } = useTranslation("common");
  const me = useMe();
  const today = useToday();
  const isPhone = useIsPhone();
  const name = usePeriodName();
  const [search, change] = usePageSearch();
  const asked: Asked = {
    period: isPeriod(search.period) ? search.period : periodOf(today, "quarter"),
    unit_id: search.unit_id,
    task_force_id: search.task_force_id,
    known_at: search.known_at,
  };
  // What was published is of the whole city; beside a part of it, it would only mislead.
  const isCompared = me.sees_all && me.pages.includes("published") && !asked.unit_id && !asked.task_force_id;
  const overview = useOverview(asked);
  const funnel = useFunnel(asked);
  const attention = useAttention(asked);
  const published = usePublished(asked, isCompared);
  useRefreshing(overview.data?.known_at, !asked.known_at);

  const isTable = search.look === "table";
  const dimension = DIMENSIONS.find((one) => one === search.by) ?? "task_force";
  const publishedHref = `/published?period=${asked.period}${asked.known_at ? `&known_at=${asked.known_at}` : ""}`;
  const onPeriod = useCallback((period: string) => change({ period }, { push: true }), [change]);
  const onTable = useCallback((isOn: boolean) => change({ look: isOn ? "table" : null }), [change]);
  useKeys(
    useMemo(
      () => [
        { key: "T", does: t("table"), run: () => onTable(!isTable) },
        { key: "P", does: t("print"), run: () => window.print() },
      ],
      [isTable, onTable, t],
    ),
  );
  const items = isCompared ? published.data?.items : undefined;

  return (
    <div className={css.page}>
      <Title text={common("pages.cockpit")} />
      <div className={`${css.controls} ${asked.known_at ? css.past : ""}`}>
        <PeriodSteps period={asked.period} onChange={onPeriod} hasGrain={!isPhone} />
        {isPhone ? (
          <PhoneFilters asked={asked} change={change} onPeriod={onPeriod} />
        ) : (
          <>
            <Scope asked={asked} change={change} />
            <KnownAt value={asked.known_at} onChange={(day) => change({ known_at: day })} />
          </>
        )}
        {asked.known_at && <KnownNotice value={asked.known_at} isShort={language === "en" && !isPhone} onLatest={() => change({ known_at: null })} />}
        {!isPhone && (
          <div className={css.acts}>
            <Button icon={<Table2 size={14} strokeWidth={1.75} />} aria-pressed={isTable} title={t(isTable ? "chart" : "table")} onClick={() => onTable(!isTable)}>
              {t(isTable ? "chart" : "table")}
            </Button>
            <Button icon={<Printer size={14} strokeWidth={1.75} />} title={t("print")} onClick={() => window.print()}>
              {t("print")}
            </Button>
            <Button icon={<Monitor size={14} strokeWidth={1.75} />} href={`/wall?grain=${grainOf(asked.period)}`} target="_blank" title={t("wall")}>
              {t("wall")}
            </Button>
          </div>
        )}
      </div>
      <QueryView query={overview} skeleton={<FirstLoad isCompared={isCompared} />}>
        {(data) => (
          <>
            <p className={css.printHead}>
              {t("printHead", { scope: said(data.scope), period: name(asked.period), known: dayOfMoment(data.known_at) })}
            </p>
            <div className={`${css.grid} ${overview.isPlaceholderData ? css.old : ""}`}>
              <div className={css.first}>
                <SigningsCard period={asked.period} signings={data.signings} awaiting={data.awaiting_signed} published={items} publishedHref={publishedHref} />
                <div className={css.figures}>
                  <FigureCards overview={data} published={items} publishedHref={publishedHref} />
                </div>
              </div>
              <div className={css.second}>
                <TrendCard signings={data.signings} name={name(asked.period)} isTable={isTable} onTable={onTable} />
                <UnitCard groups={data.signings.groups.unit} allHref={withBy(pageOf(data.signings.entries_url))} />
                <DimensionCard groups={data.signings.groups} dimension={dimension} onChange={(by: Dimension) => change({ by })} />
              </div>
              <div className={css.third}>
                <Slot query={funnel}>{(found) => <FunnelCard funnel={found} />}</Slot>
                <Slot query={attention}>{(found) => <AttentionCard attention={found} isNarrowed={Boolean(asked.unit_id ?? asked.task_force_id)} isPast={Boolean(asked.known_at)} />}</Slot>
                {isCompared && (
                  <Slot query={published}>{(found) => <PublishedCard items={found.items} href={publishedHref} />}</Slot>
                )}
              </div>
            </div>
          </>
        )}
      </QueryView>
      <p className={css.foot}>{t("foot")}</p>
    </div>
  );
}

function withBy(href: string | null): string | null {
  return href && `${href}&by=unit`;
}

/** A card whose content is asked for by itself: only it waits, only it fails. */
function Slot<T>({ query, children }: { query: Parameters<typeof QueryView<T>>[0]["query"]; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  return (
    <Card>
      <QueryView query={query} skeleton={<Skeleton rows={6} columns={3} />}>
        {children}
      </QueryView>
    </Card>
  );
}

/** The same controls in a sheet. */
function PhoneFilters({ asked, change, onPeriod }: { asked: Asked; change: ReturnType<typeof usePageSearch>[1]; onPeriod: (period: string) => void }) {
  const { t } = useTranslation("cockpit");
  const [isOpen, setIsOpen] = useState(false);
  const count = [asked.unit_id, asked.task_force_id, asked.known_at].filter(Boolean).length;
  return (
    <>
      <Button
        size="large"
        className={css.filter}
        icon={<SlidersHorizontal size={16} strokeWidth={1.75} aria-hidden="true" />}
        onClick={() => setIsOpen(true)}
      >
        {t("filter")} {count || ""}
      </Button>
      <Sheet open={isOpen} title={t("filter")} onClose={() => setIsOpen(false)}>
        <div className={css.filters}>
          <GrainChoice period={asked.period} onChange={onPeriod} />
          <Scope asked={asked} change={change} />
          <KnownAt value={asked.known_at} onChange={(day) => change({ known_at: day })} />
        </div>
      </Sheet>
    </>
  );
}

/** Units and task forces within the reader's scope. They are read when first wanted. */
function Scope({ asked, change }: { asked: Asked; change: ReturnType<typeof usePageSearch>[1] }) {
  const { t } = useTranslation("totals");
  const me = useMe();
  const units = useQuery({
    ...queries.queryOptions("get", "/api/v1/units", { params: { query: { limit: 200 } } }),
    enabled: Boolean(asked.unit_id),
    staleTime: 600_000,
  });
  const forces = useQuery({
    ...queries.queryOptions("get", "/api/v1/task-forces", { params: { query: { limit: 200 } } }),
    enabled: Boolean(asked.task_force_id),
    staleTime: 600_000,
  });
  const own = new Set(me.unit_ids);
  const within = (units.data?.items ?? []).filter((unit) => me.sees_all || own.has(unit.id) || (unit.parent_id && own.has(unit.parent_id)));
  const hasUnits = me.sees_all || me.unit_ids.length > 0;
  const hasForces = me.sees_all || me.unit_ids.length > 0 || me.task_force_ids.length > 1;
  return (
    <div className={css.scope}>
      {hasUnits && (
        <Select
          aria-label={t("scope")}
          className={css.select}
          prefix={<span className={css.prefix}>{t("scope")}</span>}
          value={asked.unit_id ?? ""}
          onOpenChange={(isOpen) => isOpen && !units.data && void units.refetch()}
          loading={units.isFetching}
          options={[{ value: "", label: said(me.scope) }, ...within.map((unit) => ({ value: unit.id, label: shortNameOf(unit), title: unit.name }))]}
          onChange={(id) => change({ unit_id: id || null })}
          popupMatchSelectWidth={false}
        />
      )}
      {hasForces && (
        <Select
          aria-label={t("taskForce")}
          className={css.select}
          prefix={<span className={css.prefix}>{t("taskForce")}</span>}
          value={asked.task_force_id ?? ""}
          onOpenChange={(isOpen) => isOpen && !forces.data && void forces.refetch()}
          loading={forces.isFetching}
          options={[
            { value: "", label: t("wholeScope") },
            ...(forces.data?.items ?? []).map((force) => ({ value: force.id, label: shortNameOf(force), title: force.name })),
            ...(forces.data ? [{ value: "none", label: t("noTaskForce") }] : []),
          ]}
          onChange={(id) => change({ task_force_id: id || null })}
          popupMatchSelectWidth={false}
        />
      )}
    </div>
  );
}

/** The first load, in the shape of the page. */
function FirstLoad({ isCompared }: { isCompared: boolean }) {
  return (
    <div className={css.grid} aria-busy="true">
      <div className={css.first}>
        <Card>
          <Skeleton rows={4} columns={2} />
        </Card>
        <div className={css.figures}>
          {[0, 1, 2].map((key) => (
            <Card key={key}>
              <Skeleton rows={4} columns={1} />
            </Card>
          ))}
        </div>
      </div>
      {[3, isCompared ? 3 : 2].map((cards, row) => (
        <div key={row} className={row ? css.third : css.second}>
          {Array.from({ length: cards }, (_, key) => (
            <Card key={key}>
              <Skeleton rows={7} columns={3} />
            </Card>
          ))}
        </div>
      ))}
    </div>
  );
}
