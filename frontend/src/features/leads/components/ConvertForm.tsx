import { useNavigate } from "@tanstack/react-router";
import { Button, Checkbox, Form, Input } from "antd";
import { Check, X } from "lucide-react";
import { useState } from "react";
import { api, ifMatch, type Schemas } from "@/api/client";
import type { Problem } from "@/api/problems";
import { useMe, useMeta, useToday } from "@/app/who";
import { said, titled, useTranslation } from "@/i18n";
import { IndustrySelect } from "@/shared/forms/IndustrySelect";
import { UnitSelect } from "@/shared/forms/choosers";
import { Field } from "@/shared/forms/Field";
import { DayField } from "@/shared/DayField";
import { release, showAtFields } from "@/shared/forms/refusals";
import { toast } from "@/shared/toast";
import { useAct } from "@/shared/useAct";
import type { Lead } from "../api";
import { AssessForm, LeadFacts, Submit } from "./acts";
import { filled } from "./fields";
import { Candidates } from "./Similar";
import shared from "@/shared/gates/gates.module.css";
import css from "./form.module.css";
import gate from "./gates.module.css";

type Body = Schemas["LeadConvert"];
type Supply = Partial<Record<"place_unit_id" | "unit_id" | "industry_code", string | null>>;

/** The gates of the first stage that a field of the lead meets, with what fills it in. */
const FIELDS = {
  place: ["place_unit_id", <UnitSelect kinds={["district", "zone"]} />],
  unit_in_charge: ["unit_id", <UnitSelect />],
  industry: ["industry_code", <IndustrySelect />],
} as const;

/** Makes a project of a lead. What the service demands is listed with what supplies it, in place. */
export function ConvertForm({ lead, onDone }: { lead: Lead; onDone: () => void }) {
  const { t } = useTranslation("leads");
  const me = useMe();
  const today = useToday();
  const navigate = useNavigate();
  const { stages, field } = useMeta();
  const [form] = Form.useForm<{ converted_on: string; duplicate_ruling?: string } & Supply>();
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const [supplied, setSupplied] = useState<readonly string[]>([]);
  // What has just been supplied has made another version than the page has read.
  const [made, setMade] = useState(0);
  const [isOverriding, setIsOverriding] = useState(false);
  const [reason, setReason] = useState("");
  // What the lead lacks as the sheet is opened is asked for at once.
  const [lacking] = useState(() =>
    Object.entries(FIELDS)
      .filter(([code, [name]]) => !lead[name] && stages[0]?.gates.some((one) => one.code === code && one.strictness === "block"))
      .map(([, one]) => one),
  );
  const path = { lead_id: lead.id };
  const convert = useAct<{ supply: Supply; body: Body }, Schemas["ProjectRegistered"]>({
    act: async ({ supply, body }, { header, headers }) => {
      if (!Object.keys(supply).length) return api.POST("/api/v1/leads/{lead_id}/conversion", { params: { path, header }, headers, body });
      const { data } = await api.PATCH("/api/v1/leads/{lead_id}", { params: { path, header }, body: supply });
      setMade(data!.version);
      return api.POST("/api/v1/leads/{lead_id}/conversion", { params: { path, header: ifMatch(data!.version) }, headers, body });
    },
    version: () => Math.max(lead.version, made),
    onDone: (project) => {
      toast(t("done.convert", { code: project.code }));
      onDone();
      void navigate({ to: "/projects/$projectId", params: { projectId: project.id } });
    },
    onRefused: (problem) => {
      setRefusal(problem);
      setSupplied([]);
      if (problem.document.gates?.length || problem.document.candidates?.length) return true;
      return showAtFields(form, problem);
    },
  });
  const refused = refusal?.document.gates ?? [];
  const gates = refused.map((one) => (supplied.includes(one.code) ? { ...one, is_met: true } : one));
  const candidates = (refusal?.document.candidates ?? []) as Schemas["Candidate"][];
  const blocking = gates.filter((one) => !one.is_met && one.strictness === "block");
  const mayOverride = me.permissions.some((one) => one.code === "override_gates") && blocking.length > 0 && blocking.every((one) => !one.is_fixed);
  const mayRule = me.permissions.some((one) => one.code === "rule_duplicates") || candidates.every((one) => one.is_in_scope);
  return (
    <>
      <LeadFacts lead={lead} />
      {gates.length > 0 && (
        <section className={gate.box}>
          <h3 className={blocking.length ? undefined : gate.met}>{blocking.length ? t("gates.title", { count: blocking.length }) : t("gates.allMet")}</h3>
          {gates.map((one) => (
            <GateLine
              key={one.code}
              gate={one}
              lead={{ ...lead, version: Math.max(lead.version, made) }}
              onSupplied={(version) => {
                setMade(version);
                setSupplied([...supplied, one.code]);
              }}
            />
          ))}
        </section>
      )}
      <Form
        form={form}
        layout="vertical"
        initialValues={{ converted_on: today }}
        onValuesChange={(changed) => release(form, changed)}
        onFinish={({ converted_on, duplicate_ruling, ...supply }) =>
          convert.mutate({
            supply: filled(supply),
            body: filled({
              converted_on,
              duplicate_ruling,
              override: isOverriding ? { gates: blocking.map((one) => one.code), reason } : undefined,
            }),
          })
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
        {!gates.length &&
          lead.may.edit === null &&
          lacking.map(([name, input]) => (
            <Form.Item key={name} name={name} label={titled(field("lead", name))} required>
              {input}
            </Form.Item>
          ))}
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

function GateLine({ gate: one, lead, onSupplied }: { gate: Schemas["GateRead"]; lead: Lead; onSupplied: (version: number) => void }) {
  const { t } = useTranslation("leads");
  const [open, setOpen] = useState<Schemas["GateAct"] | null>(null);
  return (
    <div className={gate.line}>
      <span className={`${shared.sign} ${shared[one.is_met ? "met" : one.strictness === "block" ? "unmet" : "warned"]}`}>
        {one.is_met ? <Check size={13} strokeWidth={2} aria-label={t("gates.isMet")} /> : <X size={13} strokeWidth={2} aria-label={t("gates.isUnmet")} />}
      </span>
      <div className={gate.text}>
        <strong>{titled(one)}</strong>
        <span>{one.is_met ? said(one.met_by) || t("gates.isMet") : said({ zh: one.missing_zh ?? "", en: one.missing_en ?? "" })}</span>
      </div>
      <div className={shared.acts}>
        {!one.is_met &&
          one.acts.map((act) => (
            <Button key={act.operation + act.fields.join()} disabled={act.may !== null} title={said(act.may)} onClick={() => setOpen(open === act ? null : act)}>
              {titled(act)}
            </Button>
          ))}
      </div>
      {open && !one.is_met && (
        <div className={gate.form}>
          {open.operation === "assess_lead" ? (
            <AssessForm lead={lead} onDone={(assessed) => onSupplied(assessed.version)} isBare />
          ) : (
            <FieldForm act={open} lead={lead} onDone={(updated) => onSupplied(updated.version)} />
          )}
        </div>
      )}
    </div>
  );
}

/** Fills in the one field of the lead that a gate asks for. */
function FieldForm({ act, lead, onDone }: { act: Schemas["GateAct"]; lead: Lead; onDone: (updated: Schemas["LeadRegistered"]) => void }) {
  const { t } = useTranslation("common");
  const { field } = useMeta();
  const [values, setValues] = useState<Record<string, string | null>>({});
  const save = useAct<Schemas["LeadUpdate"], Schemas["LeadRegistered"]>({
    act: (body, { header }) => api.PATCH("/api/v1/leads/{lead_id}", { params: { path: { lead_id: lead.id }, header }, body }),
    version: () => lead.version,
    mine: (body) => ({ ...body }),
    onDone,
  });
  const input = (name: string) => {
    const props = {
      id: `supply-${name}`,
      value: values[name] ?? null,
      onChange: (value: string | null) => setValues({ ...values, [name]: value }),
    };
    if (name === "industry_code") return <IndustrySelect {...props} />;
    if (name.endsWith("unit_id")) return <UnitSelect {...props} />;
    return <Input id={props.id} value={props.value ?? ""} onChange={(event) => props.onChange(event.target.value)} />;
  };
  return (
    <div className={css.stack}>
      {act.fields.map((name) => (
        <Field key={name} id={`supply-${name}`} label={titled(field("lead", name))}>
          {input(name)}
        </Field>
      ))}
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
