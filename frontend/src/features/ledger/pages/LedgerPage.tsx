import { Button, Dropdown, Segmented, Tooltip } from "antd";
import { Download, Plus, Rows2, Rows3, SlidersHorizontal } from "lucide-react";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import type { Schemas } from "@/api/client";
import { useIsPhone } from "@/app/phone";
import { type Search, type SearchChange, usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useTranslation } from "@/i18n";
import { ColumnChooser } from "@/shared/columns/ColumnChooser";
import { useColumns } from "@/shared/columns/useColumns";
import { DataTable } from "@/shared/DataTable";
import { useDensity } from "@/shared/density";
import { conditionsOf, paramsOf } from "@/shared/filters/fields";
import { FilterChips, without } from "@/shared/filters/FilterChips";
import { FilterPanel } from "@/shared/filters/FilterPanel";
import { useProjectFields } from "@/shared/filters/projectFields";
import { QuickSearch } from "@/shared/filters/QuickSearch";
import { type Preset, useViews, ViewTabs } from "@/shared/filters/ViewTabs";
import { ErrorView, Skeleton } from "@/shared/StateView";
import { type Row, useProjects } from "../api";
import { BulkBar } from "../components/BulkBar";
import { DEFAULT_SHOWN, useLedgerColumns } from "../components/columns";
import { Foot } from "../components/Foot";
import { GROUPINGS, GroupLook } from "../components/GroupLook";
import { HandoverDialog } from "../components/HandoverDialog";
import { Nothing } from "../components/Nothing";
import { PhoneCards } from "../components/PhoneCards";
import { useExport } from "../components/useExport";
import { useCellEdit } from "../components/useCellEdit";
import bar from "@/shared/filters/listbar.module.css";
import css from "./ledger.module.css";

const DEFAULT_SORT = "-planned_total";
const LONGEST_OVERDUE = "due_on";

export function LedgerPage() {
  const { t } = useTranslation("ledger");
  const isPhone = useIsPhone();
  const [search, change] = usePageSearch();
  const fields = useProjectFields();
  const views = useViews("projects");
  const view = views.data?.find((one) => one.id === search.view);
  const conditions = useMemo(() => conditionsOf(search, fields), [search, fields]);
  const usual = search.is_overdue === "true" ? LONGEST_OVERDUE : DEFAULT_SORT;
  const sort = search.sort ?? usual;
  const group = GROUPINGS.find((one) => one === search.group);
  const list = useProjects(conditions, sort, !group);
  const [isFiltering, setIsFiltering] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { density, rowHeight, setDensity } = useDensity();
  const edit = useCellEdit();
  const all = useLedgerColumns(edit);
  const columns = useColumns(all, { list: "projects", initial: DEFAULT_SHOWN, view });
  const exported = useExport(columns.shown.map((one) => one.key));
  const navigate = useNavigate();
  const router = useRouter();

  const presets = useMemo(
    (): Preset[] => [
      { key: "all", title: t("common:all"), query: {} },
      { key: "mine", title: t("presets.mine"), query: { member_id: "me" } },
      { key: "overdue", title: t("presets.overdue"), query: { is_overdue: "true" } },
      { key: "gaps", title: t("presets.gaps"), query: { five_ones: "gap" } },
    ],
    [t],
  );

  /** Puts the conditions of a view in place of those in force; the look stays where the view has none. */
  const open = useCallback(
    (query: Search, opened: Schemas["ViewRead"] | null) => {
      if (opened?.layout === "board") {
        void navigate({ to: "/pipeline", search: (Object.keys(query).length ? query : { pool: "all" }) as never });
        return;
      }
      const gone = without(["q", "sort", "view", "group", ...fields.flatMap(paramsOf)]);
      const look = opened?.layout === "group" ? { group: group ?? GROUPINGS[0] } : {};
      change({ ...gone, ...query, view: opened?.id ?? null, ...look }, { push: true });
      setSelected(new Set());
    },
    [change, fields, group, navigate],
  );
  const filter = useCallback(
    (changes: SearchChange) => {
      change(changes);
      setSelected(new Set());
    },
    [change],
  );
  const onSearch = useCallback((q: string | null) => filter({ q }), [filter]);

  const count = list.first?.count;
  const isFiltered = Object.keys(conditions).length > 0;
  const clear = () => filter(without(["q", ...fields.flatMap(paramsOf)]));
  const toProject = (row: Row) => void navigate({ to: "/projects/$projectId", params: { projectId: row.id } });

  const looks = (
    <Segmented
      aria-label={t("look.title")}
      value={group ? "group" : "table"}
      options={[
        { value: "board", label: t("look.board") },
        { value: "table", label: t("look.table") },
        { value: "group", label: t("look.group") },
      ]}
      onChange={(look) => {
        if (look === "board") void navigate({ to: "/pipeline", search: (isFiltered ? conditions : { pool: "all" }) as never });
        else change({ group: look === "group" ? GROUPINGS[0] : null });
      }}
    />
  );
  const chips = <FilterChips fields={fields} search={search} onChange={filter} />;
  const add = (
    <button type="button" className={bar.add} onClick={() => setIsFiltering(true)}>
      {isPhone ? <SlidersHorizontal size={18} strokeWidth={1.75} aria-hidden="true" /> : <Plus size={15} strokeWidth={1.75} aria-hidden="true" />}
      {t("filters:add")}
    </button>
  );

  const rows = list.rows;
  const nothing = !list.isLoading && rows.length === 0 && (
    <Nothing fields={fields} search={search} onChange={filter} onClear={clear} isFiltered={isFiltered} />
  );

  return (
    <div className={css.page}>
      <Title text={t("common:pages.ledger")} />
      <div className={bar.tabs}>
        <ViewTabs
          room="projects"
          presets={presets}
          viewId={search.view}
          conditions={search.sort ? { ...conditions, sort: search.sort } : conditions}
          columns={columns.chosen}
          layout={group ? "group" : "table"}
          onOpen={open}
          onSaved={columns.reset}
        />
      </div>
      <div className={`${bar.tools} ${css.tools}`}>
        {!isPhone && looks}
        <QuickSearch value={search.q} onChange={onSearch} />
        {isPhone ? (
          add
        ) : (
          <>
            {chips}
            {add}
            {isFiltered && (
              <button type="button" className={bar.add} onClick={clear}>
                {t("filters:clear")}
              </button>
            )}
            <div className={bar.right}>
              {!group && (
                <>
                  <Tooltip title={t("density.title")}>
                    <Button
                      icon={density === "compact" ? <Rows3 size={15} strokeWidth={1.75} /> : <Rows2 size={15} strokeWidth={1.75} />}
                      onClick={() => setDensity(density === "compact" ? "comfortable" : "compact")}
                    >
                      {t(`density.${density}`)}
                    </Button>
                  </Tooltip>
                  <ColumnChooser columns={columns} />
                </>
              )}
              {group && (
                <Segmented
                  aria-label={t("groupBy")}
                  value={group}
                  options={GROUPINGS.map((one) => ({ value: one, label: t(`groups.${one}`) }))}
                  onChange={(value) => change({ group: value })}
                />
              )}
              <Dropdown
                trigger={["click"]}
                menu={{
                  items: [
                    { key: "shown", label: t("export.shown"), onClick: () => exported.run(conditions, sort, true) },
                    { key: "all", label: t("export.all"), onClick: () => exported.run(conditions, sort, false) },
                  ],
                }}
              >
                <Button icon={<Download size={15} strokeWidth={1.75} aria-hidden="true" />} loading={exported.isBusy}>
                  {t("export.title")}
                </Button>
              </Dropdown>
            </div>
          </>
        )}
      </div>
      {isPhone && Object.keys(conditions).some((name) => name !== "q") && <div className={css.phoneChips}>{chips}</div>}

      {group ? (
        <GroupLook by={group} conditions={conditions} columns={columns.shown} sort={sort} onOpen={toProject} nothing={nothing} />
      ) : list.error && !list.data ? (
        <ErrorView error={list.error} onRetry={() => void list.refetch()} />
      ) : isPhone ? (
        <PhoneCards rows={rows} first={list.first} isLoading={list.isLoading} onEnd={list.more} nothing={nothing} />
      ) : list.isLoading ? (
        <div className={css.frame}>
          <Skeleton rows={14} columns={8} />
        </div>
      ) : (
        <div className={`${css.table} ${list.isPlaceholderData ? css.stale : ""}`}>
          <DataTable
            label={t("common:pages.ledger")}
            rows={rows}
            columns={columns.shown}
            rowKey={(row) => row.id}
            rowHeight={rowHeight}
            sort={sort}
            onSort={(next) => change({ sort: next === usual ? null : next })}
            selected={selected}
            onSelect={setSelected}
            onOpen={toProject}
            onHover={(row) => void router.preloadRoute({ to: "/projects/$projectId", params: { projectId: row.id } })}
            onEnd={list.more}
            onResize={columns.resize}
            empty={nothing}
            foot={list.first && <Foot list={list.first} />}
          />
        </div>
      )}

      <FilterPanel
        open={isFiltering}
        onClose={() => setIsFiltering(false)}
        room="projects"
        fields={fields}
        search={conditions}
        onChange={filter}
        count={count}
      />
      {selected.size > 0 && !group && !isPhone && (
        <BulkBar rows={rows.filter((row) => selected.has(row.id))} onClear={() => setSelected(new Set())} onExport={(ids) => exported.run({ ids }, sort, true)} />
      )}
      {edit.handover && <HandoverDialog {...edit.handover} />}
    </div>
  );
}
