/** A form in a sheet, made of a list of fields: it keeps what is typed as a draft, shows refusals at their fields, and
 * sends either everything or what was changed. */
import { Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { fieldErrors, type Problem } from "@/api/problems";
import { drafts } from "@/app/session";
import { useMeta } from "@/app/who";
import { nameOf, said } from "@/i18n";
import { DayField } from "../DayField";
import { plainName } from "../RecordName";
import { RefSelect } from "../RefSelect";
import { Sheet } from "../Sheet";
import { type Sent, useAct } from "../useAct";
import { useHits } from "../useHits";
import css from "./sheetform.module.css";

type Ref = Schemas["Ref"];

interface Base {
  name: string;
  label: ReactNode;
  hint?: ReactNode;
  required?: boolean;
  /** Shown only once the service has asked for it. */
  onlyIfRefused?: boolean;
  /** Shown where this holds of what is in the form. */
  when?: (values: Values) => boolean;
}

export type SheetField = Base &
  (
    | { kind: "text"; maxLength?: number; inputMode?: "tel" | "email" | "text" | "decimal" }
    | { kind: "area"; maxLength?: number }
    | { kind: "number"; min?: number; max?: number; unit?: string }
    | { kind: "flag" }
    | { kind: "day"; min?: string; max?: string }
    | { kind: "choice"; options: readonly { value: string; label: string }[]; several?: boolean }
    | { kind: "record"; record: Schemas["Kind"]; known?: Ref | null; accepts?: (hit: Schemas["SearchHit"]) => boolean }
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
  /** Whether nothing can be sent unless something is changed. */
  isEdit?: boolean;
  /** What a refusal needs said beside its text. */
  refused?: (problem: Problem) => ReactNode;
  isDanger?: boolean;
  /** Called with what is in the form as it changes. */
  onValues?: (values: Values) => void;
  isBlocked?: boolean;
}

export function SheetForm<Output>(props: Props<Output>) {
  return props.open ? <Opened {...props} /> : null;
}

function Opened<Output>(props: Props<Output>) {
  const { fields, draft, title, onClose, submit, isEdit } = props;
  const { t } = useTranslation("records");
  const [form] = Form.useForm<Values>();
  const initial = useMemo(() => props.initial ?? {}, [props.initial]);
  const kept = useMemo(() => (draft ? (drafts.read(draft) as Values | null) : null), [draft]);
  const [isKept, setIsKept] = useState(kept !== null);
  const [values, setValues] = useState<Values>({ ...initial, ...kept });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set());
  const shown = fields.filter((field) => (!field.onlyIfRefused || asked.has(field.name)) && (field.when?.(values) ?? true));

  const act = useAct<{ values: Values; changes: Values }, Output>({
    act: (input, sent) => props.act(input.values, input.changes, sent),
    version: () => props.version ?? 0,
    onDone: (answer) => {
      if (draft) drafts.drop(draft);
      props.onDone?.(answer);
      onClose();
    },
    onRefused: (refusal) => {
      const errors = fieldErrors(refusal);
      const named = Object.entries(errors).filter(([name]) => fields.some((field) => field.name === name.split(".")[0]));
      const wanted = fields.filter((field) => field.onlyIfRefused && (refusal.code.includes("twin") || errors[field.name]));
      if (wanted.length) setAsked(new Set(wanted.map((field) => field.name)));
      form.setFields(named.map(([name, error]) => ({ name: name.split(".")[0]!, errors: [error] })));
      // What belongs to no field is said at the foot.
      setProblem(named.length ? null : refusal);
      return true;
    },
  });

  function send() {
    const full: Values = {};
    const changes: Values = {};
    for (const field of fields) {
      if (!shown.includes(field)) continue;
      const value = cleaned(form.getFieldValue(field.name));
      full[field.name] = value;
      if (JSON.stringify(value) !== JSON.stringify(cleaned(initial[field.name]))) changes[field.name] = value;
    }
    if (isEdit && !Object.keys(changes).length) return onClose();
    setProblem(null);
    act.mutate({ values: full, changes });
  }
  function reset() {
    if (draft) drafts.drop(draft);
    setIsKept(false);
    form.setFieldsValue({ ...Object.fromEntries(fields.map((field) => [field.name, undefined])), ...initial });
    setValues(initial);
  }

  return (
    <Sheet
      open
      onClose={onClose}
      title={title}
      foot={
        <div className={css.foot}>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button type="primary" danger={props.isDanger} disabled={props.isBlocked} loading={act.isPending} onClick={() => form.submit()}>
            {submit}
          </Button>
        </div>
      }
    >
      {isKept && (
        <p className={css.kept} role="status">
          {t("kept")}
          <Button type="link" size="small" onClick={reset}>
            {t("drop")}
          </Button>
        </p>
      )}
      <Form
        form={form}
        layout="vertical"
        requiredMark={(label, { required }) => (
          <>
            {label}
            {!required && <small className={css.optional}>{t("optional")}</small>}
          </>
        )}
        initialValues={values}
        onFinish={send}
        onValuesChange={(_, all: Values) => {
          const next = { ...values, ...all };
          setValues(next);
          props.onValues?.(next);
          if (draft) drafts.keep(draft, next);
        }}
      >
        {shown.map((field) => (
          <Form.Item
            key={field.name}
            name={field.name}
            label={field.label}
            extra={field.hint}
            valuePropName={field.kind === "flag" ? "checked" : "value"}
            required={Boolean(field.required || field.onlyIfRefused)}
            rules={field.required || field.onlyIfRefused ? [{ required: true, message: t("common:required"), whitespace: field.kind === "text" || field.kind === "area" }] : []}
          >
            <FieldInput field={field} />
          </Form.Item>
        ))}
      </Form>
      {props.children}
      {problem && (
        <div className={css.problem} role="alert">
          <p>{problem.document.detail}</p>
          {props.refused?.(problem)}
        </div>
      )}
    </Sheet>
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
  const [names, setNames] = useState(() => new Map(known.map((ref) => [ref.id, plainName(nameOf(ref))])));
  const hits = useHits(record, text);
  const options = new Map([...names, ...hits.map((hit) => [hit.id, plainName(hit.name)] as const)]);
  return (
    <Select
      id={id}
      mode="multiple"
      value={(value as string[] | undefined) ?? []}
      options={[...options].map(([key, label]) => ({ value: key, label }))}
      placeholder={t("ref.placeholder")}
      notFoundContent={text ? t("palette.nothing", { q: text }) : t("ref.type")}
      showSearch={{ onSearch: setText, filterOption: (_, option) => hits.some((hit) => hit.id === option?.value) }}
      onChange={(ids: string[]) => {
        setNames(new Map(ids.map((one) => [one, options.get(one) ?? one])));
        onChange?.(ids);
      }}
    />
  );
}

function IndustrySelect({ several, id, value, onChange }: Item & { several?: boolean }) {
  const { meta } = useMeta();
  const options = useMemo(
    () => meta.industries.map((one) => ({ value: one.code, label: `${one.code} ${said({ zh: one.name_zh, en: one.name_en })}` })),
    [meta.industries],
  );
  return (
    <Select
      id={id}
      mode={several ? "multiple" : undefined}
      allowClear
      value={value as string}
      options={options}
      showSearch={{ optionFilterProp: "label" }}
      onChange={(next: unknown) => onChange?.(next ?? null)}
    />
  );
}
