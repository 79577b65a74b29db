/** Conditions of a list as chips: chosen from the values the list has, kept in the address. */
import { Button, Popover, Select } from "antd";
import { Plus, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { Search, SearchChange } from "@/app/search";
import { useMeta } from "@/app/who";
import { said } from "@/i18n";
import css from "./chips.module.css";

interface Facet {
  filter: string;
  items: Schemas["FacetValue"][];
}

interface Props {
  /** The record whose fields name the conditions, such as `lead`. */
  record: string;
  /** The dimensions offered, in order: the name of the facet and the field that names it. */
  dimensions: readonly { by: string; field: string }[];
  facets: Record<string, Facet> | undefined;
  search: Search;
  change: (change: SearchChange) => void;
  /** Other parameters of the address that narrow the list, with how they read. */
  others?: readonly { name: string; text: string }[];
}

export function FacetChips({ record, dimensions, facets, search, change, others = [] }: Props) {
  const { t } = useTranslation("forms");
  const { field } = useMeta();
  const offered = dimensions.flatMap(({ by, field: name }) => {
    const facet = facets?.[by];
    return facet ? [{ by, title: said(field(record, name)), param: facet.filter, items: facet.items }] : [];
  });
  const chips = [
    ...offered.flatMap(({ title, param, items }) => {
      if (!search[param]) return [];
      const names = search[param].split(",").map((key) => said(items.find((item) => (item.key ?? "none") === key)) || key);
      return [{ param, text: `${title} ${names.join(t("or"))}` }];
    }),
    ...others.filter(({ name }) => search[name]).map(({ name, text }) => ({ param: name, text })),
  ];
  return (
    <div className={css.chips}>
      {chips.map(({ param, text }) => (
        <span key={param} className={css.chip}>
          {text}
          <button type="button" aria-label={t("dropCondition", { text })} onClick={() => change({ [param]: null })}>
            <X size={13} strokeWidth={1.75} aria-hidden="true" />
          </button>
        </span>
      ))}
      <Popover
        trigger="click"
        placement="bottomLeft"
        content={
          <div className={css.panel}>
            {offered.map(({ by, title, param, items }) => (
              <label key={by}>
                <span>{title}</span>
                <Select
                  mode="multiple"
                  value={search[param] ? search[param].split(",") : []}
                  maxTagCount="responsive"
                  options={items.map((item) => ({ value: item.key ?? "none", label: `${said(item)} ${item.count}` }))}
                  showSearch={{ optionFilterProp: "label" }}
                  onChange={(values: string[]) => change({ [param]: values.join(",") || null })}
                />
              </label>
            ))}
          </div>
        }
      >
        <Button type="text" className={css.add} icon={<Plus size={14} strokeWidth={1.75} aria-hidden="true" />}>
          {t("filter")}
        </Button>
      </Popover>
      {chips.length > 0 && (
        <Button type="link" onClick={() => change(Object.fromEntries(chips.map(({ param }) => [param, null])))}>
          {t("clear")}
        </Button>
      )}
    </div>
  );
}
