import { useNavigate } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { Plus, Search as SearchIcon } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useKeys } from "@/app/keys";
import { useIsPhone } from "@/app/phone";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMe, useMeta } from "@/app/who";
import { said } from "@/i18n";
import { CountTabs } from "@/shared/CountTabs";
import { FacetChips } from "@/shared/FacetChips";
import { Empty, NoResult, QueryView } from "@/shared/StateView";
import { DIMENSIONS, filtersOf, type LeadAct, type LeadRow, TAB_FILTERS, useFacets, useLeads, useTabCounts } from "../api";
import { ActSheet } from "../components/ActSheet";
import { LeadCards } from "../components/LeadCards";
import { LeadTable } from "../components/LeadTable";
import { RegisterSheet } from "../components/RegisterSheet";
import css from "../leads.module.css";

const TABS = [
  { key: "all", filters: {} },
  { key: "answer", filters: { clock: "answer" } },
  { key: "assess", filters: { clock: "assess" } },
  { key: "overdue", filters: { is_overdue: "true" } },
  { key: "follow_up", filters: { status: "follow_up" } },
  { key: "reserve", filters: { status: "reserve" } },
  { key: "decline", filters: { status: "decline" } },
  { key: "converted", filters: { status: "converted" } },
] as const satisfies readonly { key: string; filters: Partial<Record<(typeof TAB_FILTERS)[number], string>> }[];

export function LeadsPage() {
  const { t } = useTranslation("leads");
  const { label, field } = useMeta();
  const me = useMe();
  const isPhone = useIsPhone();
  const navigate = useNavigate();
  const [search, change] = usePageSearch();
  const [acting, setActing] = useState<{ lead: LeadRow; act: LeadAct } | null>(null);
  const leads = useLeads(search);
  const facets = useFacets(search);
  const count = useTabCounts(search);
  const mayRegister = me.permissions.some((one) => one.code === "write");

  const register = () => change({ new: 1 }, { push: true });
  useKeys(
    useMemo(
      () =>
        mayRegister
          ? ["L", "N"].map((key) => ({ key, does: t("register"), run: () => change({ new: 1 }, { push: true }) }))
          : [],
      [mayRegister, t, change],
    ),
  );

  const tab = TABS.find(({ filters }) => TAB_FILTERS.every((name) => search[name] === (filters as Record<string, string>)[name]));
  const countOf = (filters: Record<string, string>) => {
    const [[by, key] = ["", ""]] = Object.entries(filters);
    return by ? count(by, key) : undefined;
  };
  const whole = ["registered", "follow_up", "reserve", "decline", "converted"].map((status) => count("status", status));
  const tabs = TABS.map(({ key, filters }) => ({
    key,
    label: "status" in filters ? said(label("LeadStatus", filters.status)) : "clock" in filters ? said(label("RunningClock", filters.clock)) : t(`tabs.${key}`),
    count: key === "all" ? (whole.includes(undefined) ? undefined : whole.reduce<number>((sum, one) => sum + one!, 0)) : countOf(filters),
    isUrgent: key === "overdue",
  }));
  const rows = leads.data?.pages.flatMap((page) => page.items) ?? [];
  const others = ["waits_for", "reported_from", "reported_to", "due_from", "due_to", "ids", "is_illustrative"].map((name) => ({
    name,
    text: name === "waits_for" ? said(label("LeadWait", search[name] ?? "")) : t(`chip.${name}`, { value: search[name], count: search[name]?.split(",").length ?? 0 }),
  }));
  const isFiltered = Object.keys(filtersOf(search)).length > 0;
  const open = (lead: LeadRow) => void navigate({ to: "/leads/$leadId", params: { leadId: lead.id } });
  const empty = isFiltered ? (
    <NoResult>
      <Button onClick={() => change(Object.fromEntries(Object.keys(filtersOf(search)).map((name) => [name, null])))}>{t("showAll")}</Button>
    </NoResult>
  ) : (
    <Empty title={t("empty")} text={t("emptyText")}>
      {mayRegister && <Button onClick={register}>{t("register")}</Button>}
    </Empty>
  );
  const onEnd = leads.hasNextPage && !leads.isFetchingNextPage ? () => void leads.fetchNextPage() : undefined;

  return (
    <>
      <Title text={t("title")} />
      <CountTabs
        label={t("tabs.label")}
        tabs={tabs}
        current={tab?.key ?? null}
        onChange={(key) => {
          const { filters } = TABS.find((one) => one.key === key)!;
          change({ ...Object.fromEntries(TAB_FILTERS.map((name) => [name, null])), ...filters });
        }}
      />
      <div className={css.bar}>
        <Input
          className={css.search}
          prefix={<SearchIcon size={15} strokeWidth={1.75} aria-hidden="true" />}
          placeholder={t("searchPlaceholder")}
          aria-label={t("searchPlaceholder")}
          defaultValue={search.q}
          key={search.q ?? ""}
          allowClear
          onPressEnter={(event) => change({ q: event.currentTarget.value.trim() || null })}
          onClear={() => change({ q: null })}
        />
        <FacetChips record="lead" dimensions={DIMENSIONS} facets={facets.data?.facets} search={search} change={change} others={others} />
        {mayRegister && (
          <Button type="primary" icon={<Plus size={15} strokeWidth={1.75} aria-hidden="true" />} onClick={register}>
            {t("register")}
            {!isPhone && <kbd className={css.key}>L</kbd>}
          </Button>
        )}
      </div>
      <QueryView query={leads}>
        {() =>
          isPhone ? (
            <LeadCards leads={rows} empty={empty} onAct={(lead, act) => setActing({ lead, act })} onEnd={onEnd} />
          ) : (
            <LeadTable
              leads={rows}
              label={said(field("project", "lead_id"))}
              empty={empty}
              sort={search.sort ?? "due_on"}
              onSort={(sort) => change({ sort })}
              onOpen={open}
              onAct={(lead, act) => setActing({ lead, act })}
              onEnd={onEnd}
            />
          )
        }
      </QueryView>
      {acting && <ActSheet leadId={acting.lead.id} act={acting.act} onClose={() => setActing(null)} />}
      {search.new && <RegisterSheet onClose={() => change({ new: null })} />}
    </>
  );
}
