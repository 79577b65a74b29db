/** The field of one property of a record, by its name: what it is called says the dictionary of the service, how it is
 * filled in says its kind. */
import { Input, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { type Enumeration, useMeta, useToday } from "@/app/who";
import { said } from "@/i18n";
import { DayField } from "../DayField";
import { MoneyField } from "../MoneyField";
import { RefSelect } from "../RefSelect";

export type FieldKind =
  | { type: "text" | "long" | "day" | "past" | "money" | "decimal" | "industry" | "flag" }
  | { type: "ref"; kind: Schemas["Kind"] }
  | { type: "enum"; of: Enumeration };

const KINDS: Record<string, FieldKind> = {
  on: { type: "past" },
  happened_on: { type: "past" },
  signed_on: { type: "past" },
  ruled_on: { type: "past" },
  actual_on: { type: "past" },
  progress_on: { type: "past" },
  effective_on: { type: "past" },
  forecast_on: { type: "day" },
  planned_on: { type: "day" },
  reason: { type: "long" },
  note: { type: "long" },
  description: { type: "long" },
  progress: { type: "long" },
  next_steps: { type: "long" },
  energy_note: { type: "long" },
  agreed_amount: { type: "money" },
  estimate_from: { type: "money" },
  estimate_to: { type: "money" },
  annual_revenue: { type: "money" },
  annual_tax: { type: "money" },
  land_area: { type: "decimal" },
  plant_area: { type: "decimal" },
  energy_use: { type: "decimal" },
  jobs: { type: "decimal" },
  longitude: { type: "decimal" },
  latitude: { type: "decimal" },
  investor_id: { type: "ref", kind: "enterprise" },
  unit_id: { type: "ref", kind: "unit" },
  place_unit_id: { type: "ref", kind: "unit" },
  task_force_id: { type: "ref", kind: "task_force" },
  official_id: { type: "ref", kind: "official" },
  industry_code: { type: "industry" },
  channel: { type: "enum", of: "Channel" },
  chain_role: { type: "enum", of: "ChainRole" },
  construction_nature: { type: "enum", of: "ConstructionNature" },
  confidentiality: { type: "enum", of: "Confidentiality" },
  program: { type: "enum", of: "Program" },
  reason_code: { type: "enum", of: "TerminationReason" },
};

export function kindOf(name: string): FieldKind {
  return KINDS[name] ?? { type: "text" };
}

interface Props {
  name: string;
  kind?: FieldKind;
  value: string | null | undefined;
  onChange: (value: string | null) => void;
  /** The record chosen, for fields that name one. */
  known?: Schemas["Ref"] | null;
  /** Written behind a number. */
  unit?: string;
  id?: string;
  label?: string;
  autoFocus?: boolean;
}

export function FieldInput({ name, kind = kindOf(name), value, onChange, known, unit, id, label, autoFocus }: Props) {
  const { t } = useTranslation("common");
  const { meta, labels } = useMeta();
  const today = useToday();
  const text = value ?? "";
  switch (kind.type) {
    case "day":
    case "past":
      return (
        <DayField
          id={id}
          label={label}
          value={value}
          max={kind.type === "past" ? today : undefined}
          style={{ width: "100%" }}
          onChange={onChange}
        />
      );
    case "long":
      return (
        <Input.TextArea
          id={id}
          aria-label={label}
          value={text}
          autoFocus={autoFocus}
          autoSize={{ minRows: 1, maxRows: 8 }}
          onChange={(event) => onChange(event.target.value || null)}
        />
      );
    case "money":
      return <MoneyField id={id} label={label} value={value} onChange={onChange} autoFocus={autoFocus} />;
    case "ref":
      return (
        <RefSelect id={id} kind={kind.kind} value={value} known={known} autoFocus={autoFocus} style={{ width: "100%" }} onChange={(chosen) => onChange(chosen)} />
      );
    case "enum":
    case "industry": {
      const options =
        kind.type === "enum"
          ? labels(kind.of).map((one) => ({ value: one.code, label: said(one) }))
          : meta.industries.map((one) => ({ value: one.code, label: `${one.code} ${said({ zh: one.name_zh, en: one.name_en })}` }));
      return (
        <Select
          id={id}
          aria-label={label}
          allowClear
          value={value ?? undefined}
          options={options}
          autoFocus={autoFocus}
          style={{ width: "100%" }}
          showSearch={kind.type === "industry" ? { optionFilterProp: "label" } : false}
          placeholder={t("notFilled")}
          onChange={(chosen?: string) => onChange(chosen ?? null)}
        />
      );
    }
    case "flag":
      return <Switch id={id} aria-label={label} checked={value === "true"} onChange={(isOn) => onChange(isOn ? "true" : null)} />;
    default:
      return (
        <Input
          id={id}
          aria-label={label}
          value={text}
          autoFocus={autoFocus}
          inputMode={kind.type === "decimal" ? "decimal" : undefined}
          suffix={unit}
          onChange={(event) => onChange(event.target.value || null)}
        />
      );
  }
}
