import { Button, Segmented, Select } from "antd";
import { Bookmark, Filter, Hourglass, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import { useIsPhone } from "@/app/phone";
import type { Search, SearchChange } from "@/app/search";
import { useMe, useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { paramsOf } from "@/shared/filters/fields";
import { FilterChips } from "@/shared/filters/FilterChips";
import { FilterPanel } from "@/shared/filters/FilterPanel";
import { useFacets } from "@/shared/filters/facets";
import { useProjectFields } from "@/shared/filters/projectFields";
import { ViewForm } from "@/shared/filters/ViewTabs";
import { plainName } from "@/shared/RecordName";
import { toast } from "@/shared/toast";
import css from "./board.module.css";

interface Props {
  /** The address as it is, and the conditions that the service is asked for. */
  search: Search;
  conditions: Search;
  onChange: (change: SearchChange) => void;
}

/** Dimensions that stand on the line; every other condition is a chip. */
const QUICK = [
  { facet: "unit", param: "own_unit_id" },
  { facet: "task_force", param: "task_force_id" },
  { facet: "leader", param: "leader_id" },
] as const;

export function Filters({ search, conditions, onChange }: Props) {
  const { t } = useTranslation("board");
  const { labels } = useMeta();
  const me = useMe();
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const [isOpen, setIsOpen] = useState(false);
  const [isSaving, setIsSaving] = useState(false);
  const fields = useProjectFields();
  const facets = useFacets("projects", conditions, QUICK.map((one) => one.facet), { ignoreOwn: true });
  const shown = useMemo(() => new Set<string>(["pool", "is_overdue", ...QUICK.map((one) => one.param)]), []);
  const rest = useMemo(() => fields.filter((field) => !paramsOf(field).some((param) => shown.has(param))), [fields, shown]);
  const pools = [
    ...labels("Pool").map((one) => ({ value: one.code, label: t("poolWithBoth", { pool: said(one) }) })),
    { value: "all", label: t("common:all") },
  ];
  const mayWrite = me.permissions.some((one) => one.code === "write");
  return (
    <div className={css.filters}>
      {!isPhone && (
        <Segmented
          value="board"
          aria-label={t("look")}
          options={labels("Layout")
            .map((one) => ({ value: one.code, label: said(one) }))
            .sort((one, other) => Number(other.value === "board") - Number(one.value === "board"))}
          onChange={(layout) =>
            void navigate({ to: "/projects", search: { ...conditions, ...(layout === "group" && { group: "stage" }) } as never })
          }
        />
      )}
      <Select
        value={conditions.pool ?? "all"}
        prefix={<span className={css.prefix}>{t("scope")}</span>}
        aria-label={t("scope")}
        className={css.scope}
        options={pools}
        popupMatchSelectWidth={false}
        onChange={(pool) => onChange({ pool })}
      />
      {QUICK.map(({ facet, param }) => {
        const list = facets.data?.[facet];
        const options = (list?.items ?? []).map((one) => {
          const name = plainName(one.short_name ?? said(one));
          return { value: one.key ?? "none", label: name, count: one.count };
        });
        const value = search[param];
        const isKnown = !value || options.some((one) => one.value === value);
        return (
          <Select
            key={param}
            value={value ?? ""}
            prefix={<span className={css.prefix}>{t(`by.${facet}`)}</span>}
            aria-label={t(`by.${facet}`)}
            className={value ? css.set : ""}
            popupMatchSelectWidth={220}
            showSearch={{ optionFilterProp: "label" }}
            options={[
              { value: "", label: t(`every.${facet}`), count: undefined },
              ...(isKnown ? [] : [{ value: value!, label: t("several"), count: undefined }]),
              ...options,
            ]}
            optionRender={(option) => (
              <span className={css.option}>
                <span>{option.label}</span>
                <small>{(option.data as { count?: number }).count}</small>
              </span>
            )}
            onChange={(next) => onChange({ [param]: next || null })}
          />
        );
      })}
      <Button
        className={search.is_overdue === "true" ? css.pressed : ""}
        aria-pressed={search.is_overdue === "true"}
        icon={<Hourglass size={14} strokeWidth={1.75} aria-hidden="true" />}
        onClick={() => onChange({ is_overdue: search.is_overdue === "true" ? null : "true" })}
      >
        {t("onlyOverdue")}
      </Button>
      <Button
        icon={<Filter size={14} strokeWidth={1.75} aria-hidden="true" />}
        aria-label={t("filters:title")}
        title={t("filters:title")}
        onClick={() => setIsOpen(true)}
      />
      <FilterChips fields={rest} search={search} onChange={onChange} />
      <span className={css.gap} />
      {!isPhone && <span className={css.order}>{t("order")}</span>}
      {!isPhone && (
        <Button icon={<Bookmark size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setIsSaving(true)}>
          {t("filters:views.save")}
        </Button>
      )}
      {mayWrite && !isPhone && (
        <Button
          type="primary"
          icon={<Plus size={14} strokeWidth={1.75} aria-hidden="true" />}
          onClick={() => void navigate({ to: "/leads", search: { new: "1" } as never })}
        >
          {t("register")}
        </Button>
      )}
      {isSaving && (
        <ViewForm
          room="projects"
          view={null}
          body={{ query: conditions, columns: [], layout: "board" }}
          onClose={() => setIsSaving(false)}
          onDone={(view) => {
            setIsSaving(false);
            toast(t("viewSaved", { name: view.name }));
          }}
        />
      )}
      <FilterPanel
        open={isOpen}
        room="projects"
        fields={fields}
        search={conditions}
        onChange={onChange}
        onClose={() => setIsOpen(false)}
      />
    </div>
  );
}
