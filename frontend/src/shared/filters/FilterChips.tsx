/** The conditions in force, each with a cross that drops it. */
import { X } from "lucide-react";
import type { Search, SearchChange } from "@/app/search";
import { useTranslation } from "@/i18n";
import { type FilterField, paramsOf, textOf, valuesOf } from "./fields";
import { useNames } from "./names";
import css from "./filters.module.css";

const ID = /^[0-9a-f-]{36}$/;

interface Props {
  fields: readonly FilterField[];
  search: Search;
  onChange: (change: SearchChange) => void;
}

/** Returns each condition of the address with its text, and the parameters it consists of. */
export function useConditions(fields: readonly FilterField[], search: Search) {
  const { t } = useTranslation("filters");
  const records = fields.flatMap((field) =>
    field.kind === "records" ? valuesOf(search[field.param]).filter((id) => ID.test(id)).map((id) => ({ kind: field.record, id })) : [],
  );
  const record = useNames(records);
  const words = {
    record,
    until: (day: string) => t("until", { day }),
    since: (day: string) => t("since", { day }),
    between: (from: string, to: string) => t("between", { from, to }),
    yi: t("common:unit.yi"),
    separator: t("common:listSeparator"),
  };
  return fields.flatMap((field) => {
    const text = textOf(field, search, words);
    return text === null ? [] : [{ key: paramsOf(field).join(), title: field.title, text, params: paramsOf(field) }];
  });
}

/** Returns the change of an address that drops the conditions named. */
export function without(params: readonly string[]): SearchChange {
  return Object.fromEntries(params.map((param) => [param, null]));
}

export function FilterChips({ fields, search, onChange }: Props) {
  const { t } = useTranslation("filters");
  const conditions = useConditions(fields, search);
  return (
    <ul className={css.chips}>
      {conditions.map((one) => (
        <li key={one.key} className={css.chip}>
          <span title={`${one.title} ${one.text}`}>
            {one.title} {one.text}
          </span>
          <button type="button" aria-label={t("drop", { what: one.title })} onClick={() => onChange(without(one.params))}>
            <X size={13} strokeWidth={1.75} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}
