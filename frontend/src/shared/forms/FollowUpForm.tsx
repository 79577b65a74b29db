/** «Add follow-up» on a project or a lead: kind, text, day, whether with the investor, next step. Two shapes: the card on
 * top of a timeline, and the sheet that is worked with a thumb. */
import { Button, Checkbox, Input, Segmented, Switch } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { CornerDownRight, ListTodo, Paperclip } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { api, type Schemas } from "@/api/client";
import { fieldErrors, type Problem } from "@/api/problems";
import { useIsPhone } from "@/app/phone";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { DayField } from "../DayField";
import { addDays, daysBetween, shortDay } from "../days";
import { useAct } from "../useAct";
import { useDraft } from "../useDraft";
import { useRefusals } from "./refusals";
import css from "./followup.module.css";

type Kind = Schemas["FollowUpKind"];
type Body = Schemas["FollowUpCreate"];

export interface FollowUpFormProps {
  of: { type: "project" | "lead"; id: string };
  /** The limit that runs, so that the form says what saving does to it. */
  clock?: Schemas["Clock"] | null;
  shape?: "card" | "sheet";
  autoFocus?: boolean;
  onDone?: () => void;
}

interface Values {
  kind: Kind;
  summary: string;
  /** Null means today, also where the day changes while the form is open. */
  on: string | null;
  /** Null means as is usual for the kind. */
  withInvestor: boolean | null;
  nextStep: string;
  nextStepOn: string | null;
  /** What shows the contact, such as minutes: the first contact with one is the first talk. */
  document: string;
}

/** Kinds that are held among offices: a contact with the investor they are only where one says so. */
const AMONG_OFFICES: ReadonlySet<Kind> = new Set<Kind>(["coordination", "progress"]);

const NOTHING: Values = { kind: "visit", summary: "", on: null, withInvestor: null, nextStep: "", nextStepOn: null, document: "" };

export function FollowUpForm({ of, clock, shape = "card", autoFocus, onDone }: FollowUpFormProps) {
  const { t } = useTranslation("followup");
  const { labels } = useMeta();
  const today = useToday();
  const isPhone = useIsPhone();
  const [values, change, drop] = useDraft<Values>(`follow-up.${of.id}`, NOTHING);
  const sent = {
    kind: values.kind,
    summary: values.summary,
    on: values.on,
    document: values.document,
    next_step: values.nextStep,
    next_step_on: values.nextStepOn,
  };
  const [hasNext, setHasNext] = useState(Boolean(values.nextStep));
  const [hasDocument, setHasDocument] = useState(Boolean(values.document));
  const [errors, setErrors] = useRefusals(sent);
  const text = useRef<TextAreaRef>(null);
  useEffect(() => {
    if (autoFocus) text.current?.focus();
  }, [autoFocus, of.id]);

  const act = useAct<Body, Schemas["FollowUpRead"]>({
    act: (body, { headers }) =>
      of.type === "project"
        ? api.POST("/api/v1/projects/{project_id}/follow-ups", { params: { path: { project_id: of.id } }, body, headers })
        : api.POST("/api/v1/leads/{lead_id}/follow-ups", { params: { path: { lead_id: of.id } }, body, headers }),
    onDone: () => {
      drop();
      setHasNext(false);
      setHasDocument(false);
      setErrors({});
      onDone?.();
    },
    onRefused: (problem: Problem) => {
      const found = fieldErrors(problem);
      setErrors(found);
      return Object.keys(found).length > 0;
    },
  });

  const on = values.on ?? today;
  const withInvestor = values.withInvestor ?? !AMONG_OFFICES.has(values.kind);
  function save() {
    if (!values.summary.trim()) {
      setErrors({ summary: t("required") });
      text.current?.focus();
      return;
    }
    act.mutate({
      kind: values.kind,
      summary: values.summary.trim(),
      on,
      with_investor: withInvestor,
      ...(values.document?.trim() && { document: values.document.trim() }),
      ...(values.nextStep.trim() && { next_step: values.nextStep.trim(), next_step_on: values.nextStepOn }),
    });
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
  };

  const kinds = labels("FollowUpKind").map((one) => ({ value: one.code as Kind, label: said(one) }));
  const isSheet = shape === "sheet";
  const area = (
    <Input.TextArea
      ref={text}
      value={values.summary}
      placeholder={t("placeholder")}
      aria-label={t("text")}
      status={errors.summary ? "error" : undefined}
      variant={isSheet ? "outlined" : "borderless"}
      autoSize={{ minRows: isSheet ? 3 : 2, maxRows: 10 }}
      onChange={(event) => change({ summary: event.target.value })}
    />
  );
  const next = (
    <div className={css.next}>
      <Input
        value={values.nextStep}
        placeholder={t("nextStepText")}
        aria-label={t("nextStep")}
        prefix={<CornerDownRight size={13} strokeWidth={1.75} aria-hidden="true" />}
        onChange={(event) => change({ nextStep: event.target.value })}
      />
      <DayField
        value={values.nextStepOn}
        label={t("nextStepOn")}
        placeholder={t("nextStepOn")}
        min={today}
        onChange={(day) => change({ nextStepOn: day })}
      />
      {!values.nextStepOn && <p>{t("nextStepUndated")}</p>}
    </div>
  );
  const proof = (
    <Input
      value={values.document}
      placeholder={t("documentText")}
      aria-label={t("document")}
      prefix={<Paperclip size={13} strokeWidth={1.75} aria-hidden="true" />}
      onChange={(event) => change({ document: event.target.value })}
    />
  );
  const refused = Object.values(errors);
  const said_ = refused.length > 0 && (
    <p className={css.error} role="alert">
      {refused.join(" ")}
    </p>
  );

  if (!isSheet) {
    return (
      <div className={css.card} onKeyDown={onKeyDown}>
        <Segmented size="small" aria-label={t("kind")} options={kinds} value={values.kind} onChange={(kind) => change({ kind })} />
        {area}
        {hasNext && next}
        {hasDocument && proof}
        {said_}
        <div className={css.foot}>
          <DayField
            size="small"
            value={on}
            max={today}
            allowClear={false}
            label={t("on")}
            style={{ width: isPhone ? 156 : 122 }}
            onChange={(day) => change({ on: day === today ? null : day })}
          />
          <Checkbox checked={withInvestor} onChange={(event) => change({ withInvestor: event.target.checked })}>
            {t("withInvestor")}
          </Checkbox>
          <Button
            size="small"
            type="text"
            aria-expanded={hasNext}
            icon={<ListTodo size={13} strokeWidth={1.75} aria-hidden="true" />}
            onClick={() => setHasNext(!hasNext)}
          >
            {t("nextStep")}
          </Button>
          <Button
            size="small"
            type="text"
            aria-expanded={hasDocument}
            icon={<Paperclip size={13} strokeWidth={1.75} aria-hidden="true" />}
            onClick={() => setHasDocument(!hasDocument)}
          >
            {t("document")}
          </Button>
          <Button size="small" type="primary" title="Ctrl ↵" loading={act.isPending} onClick={save} className={css.save}>
            {t("save")}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className={css.sheet} onKeyDown={onKeyDown}>
      <div className={css.kinds} role="radiogroup" aria-label={t("kind")}>
        {kinds.map((kind) => (
          <button
            key={kind.value}
            type="button"
            role="radio"
            aria-checked={values.kind === kind.value}
            className={values.kind === kind.value ? css.chosen : ""}
            onClick={() => {
              change({ kind: kind.value });
              text.current?.focus();
            }}
          >
            {kind.label}
          </button>
        ))}
      </div>
      {area}
      {said_}
      <dl className={css.rows}>
        <div>
          <dt>{t("on")}</dt>
          <dd>
            <DayField
              variant="borderless"
              value={on}
              max={today}
              allowClear={false}
              label={t("on")}
              onChange={(day) => change({ on: !day || day === today ? null : day })}
            />
          </dd>
        </div>
        <div>
          <dt id="with-investor">{t("withInvestor")}</dt>
          <dd>
            <Switch
              aria-labelledby="with-investor"
              checked={withInvestor}
              onChange={(isOn) => change({ withInvestor: isOn })}
            />
          </dd>
        </div>
        {hasNext ? (
          <div className={css.wide}>{next}</div>
        ) : (
          <div>
            <dt>{t("nextStep")}</dt>
            <dd>
              <button type="button" className={css.quiet} onClick={() => setHasNext(true)}>
                {t("nextStepHint")}
              </button>
            </dd>
          </div>
        )}
        {hasDocument ? (
          <div className={css.wide}>{proof}</div>
        ) : (
          <div>
            <dt>{t("document")}</dt>
            <dd>
              <button type="button" className={css.quiet} onClick={() => setHasDocument(true)}>
                {t("documentHint")}
              </button>
            </dd>
          </div>
        )}
      </dl>
      <Button type="primary" block className={css.big} loading={act.isPending} onClick={save}>
        {t("saveShort")}
      </Button>
      <Effect clock={clock} on={on} />
    </div>
  );
}

/** What saving does to the limit that runs from the last follow-up. */
function Effect({ clock, on }: { clock?: Schemas["Clock"] | null; on: string }) {
  const { t } = useTranslation("followup");
  const today = useToday();
  if (!clock || clock.kind !== "idle" || on <= clock.since) return null;
  const due = addDays(clock.due_on, daysBetween(clock.since, on));
  const over = clock.days_left < 0 ? t("over", { count: -clock.days_left }) : "";
  const from = on === today ? t("fromToday") : t("fromDay", { day: shortDay(on, today) });
  return <p className={css.effect}>{over + t("effect", { from, due: shortDay(due, today) })}</p>;
}
