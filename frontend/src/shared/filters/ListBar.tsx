/** The head of a list: saved views as tabs, search, conditions as chips, all of them in a panel, and what the page adds. */
import { Plus, SlidersHorizontal } from "lucide-react";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import type { Schemas } from "@/api/client";
import { useIsPhone } from "@/app/phone";
import { type Search, usePageSearch } from "@/app/search";
import { useTranslation } from "@/i18n";
import { conditionsOf, type FilterField, paramsOf } from "./fields";
import { FilterChips, without } from "./FilterChips";
import { FilterPanel } from "./FilterPanel";
import { QuickSearch } from "./QuickSearch";
import { type Preset, ViewTabs } from "./ViewTabs";
import css from "./listbar.module.css";

interface Props {
  room: "leads" | "deals";
  presets: readonly Preset[];
  fields: readonly FilterField[];
  count: Schemas["Count"] | null | undefined;
  /** At the right: what the page offers to do. */
  children?: ReactNode;
}

/** Returns the conditions of the list that stand in the address, and a function that drops them all. */
export function useListConditions(fields: readonly FilterField[]): { conditions: Search; clear: () => void } {
  const [search, change] = usePageSearch();
  const conditions = useMemo(() => conditionsOf(search, fields), [search, fields]);
  const clear = useCallback(() => change(without(["q", "view", ...fields.flatMap(paramsOf)])), [change, fields]);
  return { conditions, clear };
}

export function ListBar({ room, presets, fields, count, children }: Props) {
  const { t } = useTranslation("filters");
  const isPhone = useIsPhone();
  const [search, change] = usePageSearch();
  const { conditions, clear } = useListConditions(fields);
  const [isFiltering, setIsFiltering] = useState(false);
  const onSearch = useCallback((q: string | null) => change({ q }), [change]);
  const open = (query: Search, view: Schemas["ViewRead"] | null) =>
    change({ ...without(["q", "sort", ...fields.flatMap(paramsOf)]), ...query, view: view?.id ?? null }, { push: true });
  const chips = <FilterChips fields={fields} search={search} onChange={change} />;
  const add = (
    <button type="button" className={css.add} onClick={() => setIsFiltering(true)}>
      {isPhone ? <SlidersHorizontal size={18} strokeWidth={1.75} aria-hidden="true" /> : <Plus size={15} strokeWidth={1.75} aria-hidden="true" />}
      {t("add")}
    </button>
  );
  return (
    <>
      <div className={css.tabs}>
        <ViewTabs
          room={room}
          presets={presets}
          viewId={search.view}
          conditions={search.sort ? { ...conditions, sort: search.sort } : conditions}
          columns={() => []}
          layout="table"
          onOpen={open}
          isReady={count !== undefined}
        />
      </div>
      <div className={css.tools}>
        <QuickSearch value={search.q} onChange={onSearch} />
        {!isPhone && chips}
        {add}
        {!isPhone && Object.keys(conditions).length > 0 && (
          <button type="button" className={css.add} onClick={clear}>
            {t("clear")}
          </button>
        )}
        <div className={css.right}>{children}</div>
      </div>
      {isPhone && chips}
      <FilterPanel open={isFiltering} onClose={() => setIsFiltering(false)} room={room} fields={fields} search={conditions} onChange={change} count={count} />
    </>
  );
}
