/** A form in a sheet, made of a list of fields; it sends either everything or what was changed. */
import { Form, Input, InputNumber, Select, Switch } from "antd";
import { type Schemas } from "@/api/client";
import { type Problem } from "@/api/problems";
import { nameOf, useTranslation } from "@/i18n";
import { type ReactNode, useState } from "react";
import { DayField } from "../DayField";
import { MoneyField } from "../MoneyField";
import { plainName } from "../RecordName";
import { choiceOf, RefSelect } from "../RefSelect";
import { FormSheet } from "../FormSheet";
import type { Sent } from "../useAct";
import { useHits } from "../useHits";
import { useOffered } from "../useOffered";
import { IndustrySelect } from "./IndustrySelect";
import css from "./sheetform.module.css";

type Ref = Schemas["Ref"];

interface Base {
  name: string;
  label: ReactNode;
  hint?: ReactNode;
  required?: boolean;
  /** Not shown until a refusal asks for it. */
  onlyIfRefused?: (problem: Problem) => boolean;
  /** Shown where this holds of what is in the form. */
  when?: (values: Values) => boolean;
}

export type SheetField = Base &
  (
    | { kind: "text"; maxLength?: number; inputMode?: "tel" | "email" | "text" | "decimal" }
    | { kind: "area"; maxLength?: number }
    | { kind: "number"; min?: number; max?: number; unit?: string }
    // In yuan, typed in 亿元 or 万元.
    | { kind: "amount" }
    | { kind: "flag" }
    | { kind: "day"; min?: string; max?: string }
    | { kind: "choice"; options: readonly { value: string; label: string }[]; several?: boolean }
    | { kind: "record"; record: Schemas["Kind"]; known?: Ref | null; accepts?: (record: { id: string }) => boolean }
    | { kind: "records"; record: Schemas["Kind"]; known?: readonly Ref[] }
    | { kind: "industry"; several?: boolean }
  );

export type Values = Record<string, unknown>;

interface Props<Output> {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  fields: readonly SheetField[];
  initial?: Values;
  /** The words of the button: a verb. */
  submit: string;
  /** Under which the draft is kept; without it nothing is, as with contact fields. */
  draft?: string;
  /** `values` holds everything, `changes` what is no more as it was. Empty texts are null. */
  act: (values: Values, changes: Values, sent: Sent) => Promise<{ data?: Output }>;
  version?: number;
  onDone?: (answer: Output) => void;
  /** Below the fields: what saving will do. */
  children?: ReactNode;
  /** What a refusal needs said beside its text. */
  refused?: (problem: Problem) => ReactNode;
  isDanger?: boolean;
  /** A short form stands in the middle of the page. */
  isShort?: boolean;
  note?: ReactNode;
  /** Called with what is in the form as it changes. */
  onValues?: (values: Values) => void;
  isBlocked?: boolean;
}

export function SheetForm<Output>({ open, ...rest }: Props<Output>) {
  return open ? <Opened {...rest} /> : null;
}

function Opened<Output>({ fields, initial: given = {}, act, refused, children, onValues, ...rest }: Omit<Props<Output>, "open">) {
  const { t } = useTranslation("common");
  const [initial] = useState(given);
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set());
  const isShown = (field: SheetField, values: Values) =>
    (!field.onlyIfRefused || asked.has(field.name)) && (field.when?.(values) ?? true);
  return (
    <FormSheet<Values, Output>
      {...rest}
      initial={initial}
      onValuesChange={(_, all) => onValues?.(all)}
      onRefused={(problem) => {
        const wanted = fields.filter((field) => field.onlyIfRefused?.(problem));
        if (wanted.length) setAsked(new Set(wanted.map((field) => field.name)));
        return refused?.(problem);
      }}
      act={(values, sent) => {
        const full = fields.filter((field) => isShown(field, values)).map((field) => [field.name, cleaned(values[field.name])] as const);
        const changes = full.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(cleaned(initial[name])));
        return act(Object.fromEntries(full), Object.fromEntries(changes), sent);
      }}
    >
      {(values) => (
        <>
          {fields
            .filter((field) => isShown(field, values))
            .map((field) => {
              const isRequired = Boolean(field.required || field.onlyIfRefused);
              const isText = field.kind === "text" || field.kind === "area";
              return (
                <Form.Item
                  key={field.name}
                  name={field.name}
                  label={field.label}
                  extra={field.hint}
                  valuePropName={field.kind === "flag" ? "checked" : "value"}
                  rules={isRequired ? [{ required: true, message: t("required"), ...(isText && { whitespace: true }) }] : []}
                >
                  <FieldInput field={field} />
                </Form.Item>
              );
            })}
          {children}
        </>
      )}
    </FormSheet>
  );
}

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return value.trim() || null;
  return value ?? null;
}

/** Ant Design hands the value in and takes the change. */
function FieldInput({ field, ...item }: { field: SheetField; value?: never; checked?: boolean; onChange?: (value: unknown) => void; id?: string }) {
  switch (field.kind) {
    case "text":
      return <Input {...item} maxLength={field.maxLength ?? 200} inputMode={field.inputMode} autoComplete="off" />;
    case "area":
      return <Input.TextArea {...item} maxLength={field.maxLength ?? 4000} autoSize={{ minRows: 3, maxRows: 10 }} />;
    case "number":
      return <InputNumber {...item} min={field.min} max={field.max} precision={0} changeOnWheel={false} suffix={field.unit} className={css.number} />;
    case "amount":
      return <MoneyField {...item} />;
    case "flag":
      return <Switch id={item.id} checked={item.checked} onChange={item.onChange} />;
    case "day":
      return <DayField id={item.id} value={item.value} onChange={item.onChange} min={field.min} max={field.max} />;
    case "choice":
      return <Select {...item} mode={field.several ? "multiple" : undefined} allowClear={!field.required} options={field.options as { value: string; label: string }[]} />;
    case "record":
      return <RefSelect id={item.id} kind={field.record} value={item.value} known={field.known} accepts={field.accepts} onChange={(id) => item.onChange?.(id)} />;
    case "records":
      return <RefsSelect {...item} record={field.record} known={field.known} />;
    case "industry":
      return <IndustrySelect {...item} several={field.several} />;
  }
}

interface Item {
  id?: string;
  value?: unknown;
  onChange?: (value: unknown) => void;
}

function RefsSelect({ record, known = [], id, value, onChange }: Item & { record: Schemas["Kind"]; known?: readonly Ref[] }) {
  const { t } = useTranslation("common");
  const [text, setText] = useState("");
  const [isOpened, setIsOpened] = useState(false);
  const [names, setNames] = useState(() => new Map(known.map((ref) => [ref.id, nameOf(ref)])));
  const hits = useHits(record, text).map(choiceOf);
  const offered = useOffered(record, isOpened);
  return (
    <Select
      id={id}
      mode="multiple"
      value={(value as string[] | undefined) ?? []}
      options={text ? hits : offered.groups}
      labelRender={({ value: one }) => plainName(names.get(String(one)) ?? String(one))}
      defaultActiveFirstOption={text.length > 0}
      onOpenChange={(isOpen) => isOpen && setIsOpened(true)}
      loading={offered.isReading}
      placeholder={t("ref.placeholder")}
      notFoundContent={text ? t("palette.nothing", { q: text }) : t("ref.type")}
      showSearch={{ onSearch: setText, filterOption: false }}
      onChange={(ids: string[]) => {
        const shown = new Map([...hits, ...offered.choices].map((one) => [one.value, one.label]));
        setNames((now) => new Map(ids.map((one) => [one, now.get(one) ?? shown.get(one) ?? one])));
        onChange?.(ids);
      }}
    />
  );
}
