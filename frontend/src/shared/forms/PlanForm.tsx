/** Publishes a plan, or its next version: milestones with the stage that each leads to and its day. */
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { Plus, X } from "lucide-react";
import { useId } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { DayField } from "../DayField";
import { Skeleton } from "../StateView";
import { useDraft } from "../useDraft";
import { Field } from "./Field";
import { InlineForm, useInlineForm } from "./InlineForm";
import css from "./form.module.css";

interface Props {
  projectId: string;
  version: number;
  onDone?: () => void;
}

interface Line {
  name: string;
  leadsTo: string | null;
  plannedOn: string | null;
  /** The milestone of the version in force that this one continues. */
  continues: string | null;
  isReached: boolean;
}
interface Values {
  title: string;
  reason: string;
  lines: Line[];
}

const EMPTY: Line = { name: "", leadsTo: null, plannedOn: null, continues: null, isReached: false };

export function PlanForm(props: Props) {
  const plan = useQuery(
    queries.queryOptions("get", "/api/v1/projects/{project_id}", {
      params: { path: { project_id: props.projectId }, query: { include: "five_ones" } },
    }),
  );
  if (!plan.data) return <Skeleton rows={3} columns={2} />;
  return <Form {...props} stage={plan.data.stage} plan={plan.data.five_ones?.plan ?? null} />;
}

function Form({ projectId, version, onDone, plan, stage }: Props & { plan: Schemas["PlanRead"] | null; stage: string }) {
  const { t } = useTranslation("forms");
  const { stages } = useMeta();
  const id = useId();
  const [values, change, drop] = useDraft<Values>(`plan.${projectId}`, {
    title: plan?.title ?? "",
    reason: "",
    lines: plan
      ? plan.milestones.map((one) => ({
          name: one.name,
          leadsTo: one.leads_to,
          plannedOn: one.planned_on,
          continues: one.id,
          isReached: one.actual_on !== null,
        }))
      : [],
  });
  const form = useInlineForm<Schemas["PlanPublish"]>({
    act: (body, { header, headers }) =>
      api.POST("/api/v1/projects/{project_id}/plans", { params: { path: { project_id: projectId }, header }, body, headers }),
    version,
    onDone: () => {
      drop();
      onDone?.();
    },
    fields: ["title", "reason"],
    values: { title: values.title, reason: values.reason, milestones: values.lines },
  });
  const { errors } = form;
  const nameOfStage = (code: string) => {
    const found = stages.find((one) => one.code === code);
    return found ? said({ zh: found.name_zh, en: found.name_en }) : code;
  };
  const here = stages.findIndex((one) => one.code === stage);
  const taken = new Set(values.lines.map((line) => line.leadsTo));
  const ahead = stages.filter((one, index) => index > here && !taken.has(one.code));
  const set = (index: number, some: Partial<Line>) =>
    change({ lines: values.lines.map((line, at) => (at === index ? { ...line, ...some } : line)) });
  function save() {
    const lines = values.lines.filter((line) => line.name.trim() || line.plannedOn);
    const lacking = {
      ...(!values.title.trim() && { title: t("common:required") }),
      ...(plan && !values.reason.trim() && { reason: t("common:required") }),
      ...((!lines.length || lines.some((line) => !line.plannedOn || !line.name.trim())) && { milestones: t("plan.lacking") }),
    };
    form.send(lacking, () => ({
      title: values.title.trim(),
      ...(values.reason.trim() && { reason: values.reason.trim() }),
      milestones: lines.map((line) => ({
        name: line.name.trim(),
        planned_on: line.plannedOn!,
        leads_to: line.leadsTo,
        ...(line.continues && { continues: line.continues }),
      })),
    }));
  }
  return (
    <InlineForm
      form={form}
      onSave={save}
      submit={plan ? t("plan.publishNext", { number: plan.number + 1 }) : t("plan.publish")}
      hint={t(plan ? "plan.nextHint" : "plan.hint")}
    >
      <Field id={`${id}t`} label={t("plan.title")} error={errors.title} isWide isRequired>
        <Input id={`${id}t`} autoFocus value={values.title} placeholder={t("plan.titleHint")} onChange={(event) => change({ title: event.target.value })} />
      </Field>
      <Field label={t("plan.milestones")} isWide isRequired>
        {values.lines.map((line, index) => (
          <div key={index} className={css.row}>
            <Input
              style={{ flex: 1.2 }}
              value={line.name}
              placeholder={t("plan.name")}
              aria-label={t("plan.nameOf", { count: index + 1 })}
              onChange={(event) => set(index, { name: event.target.value })}
            />
            <Select
              style={{ flex: 1 }}
              allowClear
              value={line.leadsTo ?? undefined}
              placeholder={t("plan.leadsTo")}
              aria-label={t("plan.leadsToOf", { count: index + 1 })}
              options={stages.map((one) => ({ value: one.code, label: nameOfStage(one.code) }))}
              onChange={(leadsTo?: string) => set(index, { leadsTo: leadsTo ?? null })}
            />
            <DayField
              style={{ flex: 1 }}
              value={line.plannedOn}
              placeholder={t("plan.plannedOn")}
              label={t("plan.plannedOnOf", { count: index + 1 })}
              onChange={(plannedOn) => set(index, { plannedOn })}
            />
            <Button
              type="text"
              disabled={line.isReached}
              aria-label={t("plan.drop", { count: index + 1 })}
              icon={<X size={15} strokeWidth={1.75} aria-hidden="true" />}
              onClick={() => change({ lines: values.lines.filter((_, at) => at !== index) })}
            />
          </div>
        ))}
        <div className={css.chips}>
          {ahead.map((one) => (
            <Button
              key={one.code}
              size="small"
              icon={<Plus size={13} strokeWidth={1.75} aria-hidden="true" />}
              onClick={() => change({ lines: [...values.lines, { ...EMPTY, name: nameOfStage(one.code), leadsTo: one.code }] })}
            >
              {nameOfStage(one.code)}
            </Button>
          ))}
          <Button
            size="small"
            type="text"
            icon={<Plus size={13} strokeWidth={1.75} aria-hidden="true" />}
            onClick={() => change({ lines: [...values.lines, EMPTY] })}
          >
            {t("plan.other")}
          </Button>
        </div>
      </Field>
      {plan && (
        <Field id={`${id}r`} label={t("plan.reason")} error={errors.reason} isWide isRequired>
          <Input.TextArea id={`${id}r`} value={values.reason} autoSize={{ minRows: 1 }} onChange={(event) => change({ reason: event.target.value })} />
        </Field>
      )}
    </InlineForm>
  );
}
