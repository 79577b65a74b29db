/** All conditions of a list, with how many rows each value has; every change is in force at once. */
import { Button, Input, InputNumber, Segmented, Select } from "antd";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import type { Search, SearchChange } from "@/app/search";
import { countText } from "@/shared/counts";
import { DayField } from "@/shared/DayField";
import { exact, fen, typed, yuanOf } from "@/shared/money";
import { plainName } from "@/shared/RecordName";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { Sheet } from "@/shared/Sheet";
import { useHits } from "@/shared/useHits";
import { without } from "./FilterChips";
import { type FacetLists, type FacetRoom, useFacets } from "./facets";
import { type Amounts, type Choice, type Days, type FilterField, type Option, paramsOf, type Records, valuesOf } from "./fields";
import { useNames } from "./names";
import type { Day } from "../days";
import css from "./filters.module.css";

interface Props {
  open: boolean;
  onClose: () => void;
  room: FacetRoom;
  fields: readonly FilterField[];
  search: Search;
  onChange: (change: SearchChange) => void;
  /** The rows that the filter has now. */
  count?: Schemas["Count"] | null;
}

export function FilterPanel({ open, onClose, room, fields, search, onChange, count }: Props) {
  const { t } = useTranslation("filters");
  const shown = fields.filter((field) => field.kind !== "chosen");
  const by = shown.flatMap((field) => ("facet" in field && field.facet ? [field.facet] : []));
  const facets = useFacets(room, search, [...new Set(by)], { ignoreOwn: true, enabled: open });
  const clear = () => onChange(without(["q", ...fields.flatMap(paramsOf)]));
  return (
    <Sheet
      open={open}
      onClose={onClose}
      title={t("title")}
      width={520}
      foot={
        <div className={css.foot}>
          <Button onClick={clear}>{t("clear")}</Button>
          <Button type="primary" onClick={onClose}>
            {count ? t("show", { count: count.value, shown: countText(count) }) : t("common:close")}
          </Button>
        </div>
      }
    >
      <div className={css.panel}>
        {shown.map((field) => (
          <fieldset key={paramsOf(field).join()} className={`${css.field} ${field.kind === "choice" && field.options.length <= FEW ? css.whole : ""}`}>
            <legend>
              {field.title} {field.kind === "amounts" && <small>{t("common:unit.yi")}</small>}
            </legend>
            <Editor field={field} search={search} facets={facets.data} onChange={onChange} />
          </fieldset>
        ))}
      </div>
    </Sheet>
  );
}

interface EditorProps<F extends FilterField> {
  field: F;
  search: Search;
  facets?: FacetLists;
  onChange: (change: SearchChange) => void;
}

function Editor({ field, search, facets, onChange }: EditorProps<FilterField>) {
  const { t } = useTranslation("filters");
  switch (field.kind) {
    case "choice":
      return <ChoiceEditor field={field} search={search} facets={facets} onChange={onChange} />;
    case "records":
      return <RecordsEditor field={field} search={search} facets={facets} onChange={onChange} />;
    case "flag":
      return (
        <Segmented
          size="small"
          aria-label={field.title}
          value={search[field.param] ?? ""}
          options={[
            { value: "", label: t("common:all") },
            { value: "true", label: field.yes },
            { value: "false", label: field.no },
          ]}
          onChange={(value) => onChange({ [field.param]: value || null })}
        />
      );
    case "days":
      return <DaysEditor field={field} search={search} onChange={onChange} />;
    case "amounts":
      return <AmountsEditor key={`${search[field.from]} ${search[field.to]}`} field={field} search={search} onChange={onChange} />;
    case "number":
      return (
        <InputNumber
          aria-label={field.title}
          min={0}
          max={9999}
          precision={0}
          changeOnWheel={false}
          value={search[field.param] ? Number(search[field.param]) : null}
          onChange={(value) => onChange({ [field.param]: value })}
        />
      );
    case "chosen":
      return null;
  }
}

function DaysEditor({ field, search, onChange }: EditorProps<Days>) {
  const { t } = useTranslation("filters");
  const [from, to] = [dayIn(search[field.from]), dayIn(search[field.to])];
  return (
    <div className={css.range}>
      <DayField label={`${field.title} ${t("firstDay")}`} value={from} max={to} onChange={(day) => onChange({ [field.from]: day })} />
      <span aria-hidden="true">–</span>
      <DayField label={`${field.title} ${t("lastDay")}`} value={to} min={from} onChange={(day) => onChange({ [field.to]: day })} />
    </div>
  );
}

/** Returns the day that an address states; nothing where it states none, or something else. */
function dayIn(text: string | undefined): Day | undefined {
  return text && /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : undefined;
}

/** Few values are buttons with their counts, many a list to search in. */
const FEW = 8;

function ChoiceEditor({ field, search, facets, onChange }: EditorProps<Choice>) {
  const counts = field.facet ? facets?.[field.facet] : undefined;
  const count = (value: string) => counts?.items.find((one) => (one.key ?? "none") === value)?.count;
  // Where the facet lists every value, what is not in it has no rows.
  const known = (value: string) => count(value) ?? (counts?.is_whole ? 0 : undefined);
  const chosen = valuesOf(search[field.param]);
  if (field.options.length > FEW) {
    return <Values options={field.options} count={known} chosen={chosen} onChange={(next) => onChange({ [field.param]: next })} label={field.title} />;
  }
  return (
    <div className={css.values}>
      {field.options.map((option) => {
        const isOn = chosen.includes(option.value);
        const next = isOn ? chosen.filter((one) => one !== option.value) : [...chosen, option.value];
        return (
          <button
            key={option.value}
            type="button"
            aria-pressed={isOn}
            className={`${css.value} ${isOn ? css.on : ""}`}
            onClick={() => onChange({ [field.param]: next.join() || null })}
          >
            {option.label}
            <span>{countText(known(option.value))}</span>
          </button>
        );
      })}
    </div>
  );
}

function RecordsEditor({ field, search, facets, onChange }: EditorProps<Records>) {
  const [text, setText] = useState("");
  const list = field.facet ? facets?.[field.facet] : undefined;
  const chosen = valuesOf(search[field.param]);
  const counted = (list?.items ?? []).map((one) => ({
    value: one.key ?? "none",
    label: one.key ? plainName(shortNameOf({ name: one.zh, name_en: one.en, short_name: one.short_name })) : said(one),
  }));
  const hits = useHits(field.record, text);
  const found = hits.map((hit) => ({ value: hit.id, label: plainName(hit.name) }));
  const options = unique([...(field.extra ?? []), ...counted, ...found]);
  const name = useNames(chosen.filter((id) => !options.some((one) => one.value === id)).map((id) => ({ kind: field.record, id })));
  const all = [...options, ...chosen.filter((id) => !options.some((one) => one.value === id)).map((id) => ({ value: id, label: name(field.record, id) }))];
  return (
    <Values
      label={field.title}
      options={all}
      count={(value) => list?.items.find((one) => (one.key ?? "none") === value)?.count}
      chosen={chosen}
      onSearch={setText}
      // The service finds by pinyin and code too: what it found stays, whatever the label.
      always={new Set(found.map((one) => one.value))}
      onChange={(next) => onChange({ [field.param]: next })}
    />
  );
}

function unique(options: readonly Option[]): Option[] {
  return [...new Map([...options].reverse().map((one) => [one.value, one])).values()].reverse();
}

interface ValuesProps {
  label: string;
  options: readonly Option[];
  count: (value: string) => number | undefined;
  chosen: string[];
  onChange: (next: string | null) => void;
  onSearch?: (text: string) => void;
  always?: ReadonlySet<string>;
}

function Values({ label, options, count, chosen, onChange, onSearch, always }: ValuesProps) {
  const { t } = useTranslation("filters");
  return (
    <Select
      mode="multiple"
      aria-label={label}
      className={css.wide}
      value={chosen}
      placeholder={t("any")}
      options={options.map((one) => ({ ...one }))}
      showSearch={{
        onSearch,
        filterOption: (text, option) => Boolean(option && (option.isFound?.(text) || option.label.includes(text) || always?.has(option.value))),
      }}
      optionRender={(option) => (
        <span className={css.option}>
          {option.label}
          <span>{countText(count(String(option.value)))}</span>
        </span>
      )}
      onChange={(next: string[]) => onChange(next.join() || null)}
    />
  );
}

function AmountsEditor({ field, search, onChange }: EditorProps<Amounts>) {
  const { t } = useTranslation("filters");
  const part = (param: string, label: string) => {
    const text = search[param];
    return (
      <Input
        aria-label={`${field.title} ${label}`}
        inputMode="decimal"
        placeholder={label}
        defaultValue={text && /^\d+(\.\d{1,2})?$/.test(text) ? exact(fen(text), "yi") : text}
        onPressEnter={(event) => event.currentTarget.blur()}
        onBlur={(event) => {
          const amount = typed(event.target.value, "yi");
          const next = amount === null ? null : yuanOf(amount).replace(/\.00$/, "");
          if (next !== (text ?? null)) onChange({ [param]: next });
        }}
      />
    );
  };
  return (
    <div className={css.range}>
      {part(field.from, t("from"))}
      <span aria-hidden="true">–</span>
      {part(field.to, t("to"))}
    </div>
  );
}
