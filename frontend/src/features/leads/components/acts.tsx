import { Button, Form } from "antd";
import { api, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { nameOf, shortNameOf, titled, useTranslation } from "@/i18n";
import { Estimate } from "@/shared/Estimate";
import { AnswerFields, AssessFields } from "@/shared/forms/LeadFields";
import { release, showAtFields } from "@/shared/forms/refusals";
import { plainName } from "@/shared/RecordName";
import { toast } from "@/shared/toast";
import { useAct } from "@/shared/useAct";
import { useDraft } from "@/shared/useDraft";
import type { Lead } from "../api";
import { filled } from "./fields";
import css from "./form.module.css";
import { LeadClock } from "./LeadClock";
import { clockOf } from "./clock";

interface Props {
  lead: Lead;
  onDone: (lead: Schemas["LeadRead"]) => void;
}

/** What the act is about, in three lines. */
export function LeadFacts({ lead }: { lead: Lead }) {
  const { label, field } = useMeta();
  const today = useToday();
  const { t } = useTranslation("leads");
  const clock = clockOf(lead, today);
  const channel = [titled(label("Channel", lead.channel)), lead.referrer && plainName(nameOf(lead.referrer))].filter(Boolean).join(" · ");
  return (
    <dl className={css.facts}>
      {clock && (
        <>
          <dt>{titled(field("lead", "clock"))}</dt>
          <dd>
            <LeadClock clock={clock} />
          </dd>
        </>
      )}
      <dt>{titled(field("lead", "first_unit"))}</dt>
      <dd>{shortNameOf(lead.first_unit)}</dd>
      <dt>{titled(field("lead", "channel"))}</dt>
      <dd>{channel}</dd>
      <dt>{titled(field("lead", "investor"))}</dt>
      <dd>{lead.investor ? plainName(nameOf(lead.investor)) : <span className={css.hint}>{t("common:notFilled")}</span>}</dd>
      <dt>{t("estimate")}</dt>
      <dd>
        <Estimate from={lead.estimate_from} to={lead.estimate_to} />
      </dd>
    </dl>
  );
}

export function AnswerForm({ lead, onDone }: Props) {
  const { t } = useTranslation("leads");
  const today = useToday();
  const [form] = Form.useForm<Schemas["LeadAnswer"]>();
  const start = { on: today, note: "" };
  const [kept, keep, drop] = useDraft<Schemas["LeadAnswer"]>(`lead-answer.${lead.id}`, start);
  const answer = useAct<Schemas["LeadAnswer"], Schemas["LeadRead"]>({
    act: (body, { header, headers }) =>
      api.POST("/api/v1/leads/{lead_id}/answer", { params: { path: { lead_id: lead.id }, header }, headers, body }),
    version: () => lead.version,
    onDone: (answered) => {
      drop();
      toast(t("done.answer"));
      onDone(answered);
    },
    onRefused: (problem) => showAtFields(form, problem),
  });
  const onChange = (changed: object, all: Schemas["LeadAnswer"]) => {
    release(form, changed);
    keep(all);
  };
  return (
    <Form form={form} layout="vertical" initialValues={kept} onValuesChange={onChange} onFinish={(values) => answer.mutate(filled(values))}>
      <LeadFacts lead={lead} />
      <AnswerFields />
      <Submit label={t("act.answer")} isPending={answer.isPending} />
    </Form>
  );
}

export function AssessForm({ lead, onDone, isBare }: Props & { isBare?: boolean }) {
  const { t } = useTranslation("leads");
  const today = useToday();
  const [form] = Form.useForm<Schemas["LeadAssess"]>();
  const [kept, keep, drop] = useDraft<Schemas["LeadAssess"]>(`lead-assess.${lead.id}`, { on: today, outcome: "follow_up" });
  const assess = useAct<Schemas["LeadAssess"], Schemas["LeadRead"]>({
    act: (body, { header, headers }) =>
      api.POST("/api/v1/leads/{lead_id}/assessments", { params: { path: { lead_id: lead.id }, header }, headers, body }),
    version: () => lead.version,
    onDone: (assessed) => {
      drop();
      toast(t("done.assess"));
      onDone(assessed);
    },
    onRefused: (problem) => showAtFields(form, problem),
  });
  const onChange = (changed: object, all: Schemas["LeadAssess"]) => {
    release(form, changed);
    keep(all);
  };
  return (
    <Form form={form} layout="vertical" initialValues={kept} onValuesChange={onChange} onFinish={(values) => assess.mutate(filled(values))}>
      {!isBare && <LeadFacts lead={lead} />}
      <AssessFields />
      <Submit label={t("act.assess")} isPending={assess.isPending} />
    </Form>
  );
}

export function Submit({ label, isPending, isDisabled }: { label: string; isPending: boolean; isDisabled?: boolean }) {
  return (
    <div className={css.foot}>
      <span />
      <Button type="primary" htmlType="submit" loading={isPending} disabled={isDisabled}>
        {label}
      </Button>
    </div>
  );
}

