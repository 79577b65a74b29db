/** Choosers over what is short enough to be read whole: units, task forces, values of an enumeration. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select, type SelectProps } from "antd";
import { queries, type Schemas } from "@/api/client";
import { type Enumeration, useMeta } from "@/app/who";
import { nameOf, shortNameOf, titled } from "@/i18n";

interface Props {
  value?: string | null;
  onChange?: (value: string | null) => void;
  id?: string;
  placeholder?: string;
  allowClear?: boolean;
  disabled?: boolean;
}

function search(text: string, option?: object): boolean {
  return String((option as { search?: string } | undefined)?.search ?? "").toLowerCase().includes(text.trim().toLowerCase());
}

export function UnitSelect({ onChange, kinds, ...rest }: Props & { kinds?: readonly Schemas["UnitKind"][] }) {
  const units = useQuery({
    ...queries.queryOptions("get", "/api/v1/units", { params: { query: { limit: 200 } } }),
    staleTime: 600_000,
  });
  const options = (units.data?.items ?? [])
    .filter((unit) => !unit.closed_on && (!kinds || kinds.includes(unit.kind)))
    .map((unit) => ({ value: unit.id, label: nameOf(unit), search: `${unit.name} ${unit.short_name ?? ""} ${unit.name_en ?? ""} ${unit.code}` }));
  return <Select<string> {...shown(rest)} options={options} showSearch={{ filterOption: search }} loading={units.isPending} onChange={(value) => onChange?.(value ?? null)} />;
}

export function TaskForceSelect({ onChange, ...rest }: Props) {
  const found = useQuery({
    ...queries.queryOptions("get", "/api/v1/task-forces", { params: { query: { limit: 200 } } }),
    staleTime: 600_000,
    placeholderData: keepPreviousData,
  });
  const options = (found.data?.items ?? []).map((one) => ({ value: one.id, label: shortNameOf(one), search: `${one.name} ${one.short_name ?? ""} ${one.name_en ?? ""}` }));
  return <Select<string> {...shown(rest)} options={options} showSearch={{ filterOption: search }} loading={found.isPending} onChange={(value) => onChange?.(value ?? null)} />;
}

/** The values of an enumeration, with its labels. */
export function EnumSelect({ of, only, onChange, ...rest }: Props & { of: Enumeration; only?: readonly string[] }) {
  const { labels } = useMeta();
  const options = labels(of)
    .filter((label) => !only || only.includes(label.code))
    .map((label) => ({ value: label.code, label: titled(label), search: `${label.zh} ${label.en}` }));
  return <Select<string> {...shown(rest)} options={options} showSearch={options.length > 8 ? { filterOption: search } : false} onChange={(value) => onChange?.(value ?? null)} />;
}

function shown({ value, id, placeholder, allowClear = true, disabled }: Props): SelectProps<string> {
  return { value: value ?? undefined, id, placeholder, allowClear, disabled, style: { width: "100%" } };
}
