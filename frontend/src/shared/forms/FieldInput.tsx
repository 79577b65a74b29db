/** The field of one property of a record, by its name: what it is called says the dictionary of the service, how it is
 * filled in says its kind. */
import { Input, Select, Switch } from "antd";
import type { Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { DayField } from "../DayField";
import { MoneyField } from "../MoneyField";
import { RefSelect } from "../RefSelect";
import { IndustrySelect } from "./IndustrySelect";
import { type FieldKind, kindOf } from "./kinds";

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
  const { labels } = useMeta();
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
    case "industry":
      return (
        <IndustrySelect id={id} label={label} value={value} autoFocus={autoFocus} placeholder={t("notFilled")} onChange={onChange} />
      );
    case "enum": {
      const options = labels(kind.of).map((one) => ({ value: one.code, label: said(one) }));
      return (
        <Select
          id={id}
          aria-label={label}
          allowClear
          value={value ?? undefined}
          options={options}
          autoFocus={autoFocus}
          style={{ width: "100%" }}
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
