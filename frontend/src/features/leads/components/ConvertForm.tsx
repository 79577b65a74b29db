import { useNavigate } from "@tanstack/react-router";
import { Button, Checkbox, Form, Input } from "antd";
import { Check, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import type { Problem } from "@/api/problems";
import { useMe, useToday } from "@/app/who";
import { said, titled } from "@/i18n";
import { IndustrySelect, UnitSelect } from "@/shared/forms/choosers";
import { DayField } from "@/shared/DayField";
import { showAtFields } from "@/shared/forms/refusals";
import { toast } from "@/shared/toast";
import { useAct } from "@/shared/useAct";
import type { Lead } from "../api";
import { AssessForm, LeadFacts, Submit } from "./acts";
import { filled } from "./fields";
import { Candidates } from "./Similar";
import css from "./form.module.css";
import gate from "./gates.module.css";

type Body = Schemas["LeadConvert"];

/** Makes a project of a lead. What the service demands is listed with what supplies it, in place. */
export function ConvertForm({ lead, onDone }: { lead: Lead; onDone: () => void }) {
  const { t } = useTranslation("leads");
  const me = useMe();
  const today = useToday();
  const navigate = useNavigate();
  const [form] = Form.useForm<{ converted_on: string; duplicate_ruling?: string }>();
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const [isOverriding, setIsOverriding] = useState(false);
  const [reason, setReason] = useState("");
  const convert = useAct<Body, Schemas["ProjectRegistered"]>({
    act: (body, { header, headers }) =>
      api.POST("/api/v1/leads/{lead_id}/conversion", { params: { path: { lead_id: lead.id }, header }, headers, body }),
    version: () => lead.version,
    onDone: (project) => {
      toast(t("done.convert", { code: project.code }));
      onDone();
      void navigate({ to: "/projects/$projectId", params: { projectId: project.id } });
    },
    onRefused: (problem) => {
      setRefusal(problem);
      if (problem.document.gates?.length || problem.document.candidates?.length) return true;
      return showAtFields(form, problem);
    },
  });
  const gates = refusal?.document.gates ?? [];
  const candidates = (refusal?.document.candidates ?? []) as Schemas["Candidate"][];
  const blocking = gates.filter((one) => !one.is_met && one.strictness === "block");
  const mayOverride = me.permissions.some((one) => one.code === "override_gates") && blocking.length > 0 && blocking.every((one) => !one.is_fixed);
  const mayRule = me.permissions.some((one) => one.code === "rule_duplicates") || candidates.every((one) => one.is_in_scope);
  return (
    <>
      <LeadFacts lead={lead} />
      {gates.length > 0 && (
        <section className={gate.box}>
          <h3>{t("gates.title", { count: blocking.length })}</h3>
          {gates.map((one) => (
            <GateLine key={one.code} gate={one} lead={lead} onSupplied={() => setRefusal(null)} />
          ))}
        </section>
      )}
      <Form
        form={form}
        layout="vertical"
        initialValues={{ converted_on: today }}
        onFinish={(values) =>
          convert.mutate(filled({ ...values, override: isOverriding ? { gates: blocking.map((one) => one.code), reason } : undefined }))
        }
      >
        {candidates.length > 0 && (
          <div className={css.stack}>
            <Candidates candidates={candidates} title={refusal!.document.title} text={t(mayRule ? "mayRule" : "mayNotRule")} tone="danger" />
            {mayRule && (
              <Form.Item name="duplicate_ruling" label={t("form.ruling")} extra={t("form.rulingExtra")}>
                <Input.TextArea autoSize={{ minRows: 2 }} autoFocus />
              </Form.Item>
            )}
          </div>
        )}
        <Form.Item name="converted_on" label={t("form.convertedOn")} extra={gates.length || candidates.length ? undefined : t("form.convertExtra")}>
          <DayField max={today} />
        </Form.Item>
        {mayOverride && (
          <div className={css.gap}>
            <Checkbox checked={isOverriding} onChange={(event) => setIsOverriding(event.target.checked)}>
              {t("gates.override")}
            </Checkbox>
            {isOverriding && (
              <Input.TextArea
                aria-label={t("gates.overrideReason")}
                placeholder={t("gates.overrideReason")}
                autoSize={{ minRows: 2 }}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </div>
        )}
        <Submit
          label={blocking.length && !isOverriding ? t("gates.missing", { count: blocking.length }) : t("act.convert")}
          isPending={convert.isPending}
          isDisabled={(blocking.length > 0 && !isOverriding) || (isOverriding && !reason.trim())}
        />
      </Form>
    </>
  );
}

function GateLine({ gate: one, lead, onSupplied }: { gate: Schemas["GateRead"]; lead: Lead; onSupplied: () => void }) {
  const { t } = useTranslation("leads");
  const [open, setOpen] = useState<Schemas["GateAct"] | null>(null);
  return (
    <div className={gate.line}>
      <span className={`${gate.sign} ${one.is_met ? gate.met : one.strictness === "block" ? gate.unmet : gate.warned}`}>
        {one.is_met ? <Check size={13} strokeWidth={2} aria-label={t("gates.isMet")} /> : <X size={13} strokeWidth={2} aria-label={t("gates.isUnmet")} />}
      </span>
      <div className={gate.text}>
        <strong>{titled(one)}</strong>
        <span>{one.is_met ? said(one.met_by) : said({ zh: one.missing_zh ?? "", en: one.missing_en ?? "" })}</span>
      </div>
      <div className={gate.acts}>
        {!one.is_met &&
          one.acts.map((act) => (
            <Button key={act.operation + act.fields.join()} disabled={act.may !== null} title={said(act.may)} onClick={() => setOpen(open === act ? null : act)}>
              {titled(act)}
            </Button>
          ))}
      </div>
      {open && (
        <div className={gate.form}>
          {open.operation === "assess_lead" ? (
            <AssessForm lead={lead} onDone={onSupplied} isBare />
          ) : (
            <FieldForm act={open} lead={lead} onDone={onSupplied} />
          )}
        </div>
      )}
    </div>
  );
}

/** Fills in the one field of the lead that a gate asks for. */
function FieldForm({ act, lead, onDone }: { act: Schemas["GateAct"]; lead: Lead; onDone: () => void }) {
  const { t } = useTranslation("common");
  const [values, setValues] = useState<Record<string, string | null>>({});
  const save = useAct<Schemas["LeadUpdate"], Schemas["LeadRegistered"]>({
    act: (body, { header }) => api.PATCH("/api/v1/leads/{lead_id}", { params: { path: { lead_id: lead.id }, header }, body }),
    version: () => lead.version,
    onDone,
  });
  const props = (name: string) => ({
    value: values[name] ?? null,
    onChange: (value: string | null) => setValues({ ...values, [name]: value }),
  });
  return (
    <div className={css.stack}>
      {act.fields.map((name) =>
        name === "industry_code" ? (
          <IndustrySelect key={name} {...props(name)} />
        ) : name.endsWith("unit_id") ? (
          <UnitSelect key={name} {...props(name)} />
        ) : (
          <Input key={name} value={values[name] ?? ""} onChange={(event) => props(name).onChange(event.target.value)} />
        ),
      )}
      <div className={css.foot}>
        <span />
        <Button
          type="primary"
          disabled={act.required.some((name) => !values[name])}
          loading={save.isPending}
          onClick={() => save.mutate({ ...act.body, ...filled(values) } as Schemas["LeadUpdate"])}
        >
          {t("save")}
        </Button>
      </div>
    </div>
  );
}
