import { Button, Form, Input } from "antd";
import { useState } from "react";
import { api, type Schemas } from "@/api/client";
import type { Problem } from "@/api/problems";
import { useTranslation } from "@/i18n";
import { release, showAtFields } from "@/shared/forms/refusals";
import { bothEnds } from "@/shared/money";
import { Sheet } from "@/shared/Sheet";
import { useAct } from "@/shared/useAct";
import { useDraft } from "@/shared/useDraft";
import type { Lead } from "../api";
import { MainFields, MoreFields, NameField } from "./fields";
import { Candidates } from "./Similar";
import css from "./form.module.css";

type Body = Schemas["LeadUpdate"];

const EDITED = [
  "name", "investor_id", "channel", "referrer_id", "industry_code", "estimate_from", "estimate_to", "description", "place_unit_id",
  "unit_id", "task_force_id", "program", "occasion", "land_area", "plant_area", "energy_use", "energy_note", "confidentiality", "source",
] as const satisfies readonly (keyof Body)[];

/** Edits a lead as it was when the sheet was opened: only what was changed is sent. */
export function EditSheet({ lead: shown, onClose }: { lead: Lead; onClose: () => void }) {
  const { t } = useTranslation("leads");
  const [form] = Form.useForm<Body>();
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const [lead] = useState(shown);
  const [read, setRead] = useState(lead.version);
  const initial = Object.fromEntries(EDITED.map((name) => [name, lead[name]])) as Body;
  const [kept, keep, drop] = useDraft<Body>(`lead-edit.${lead.id}`, initial);
  const save = useAct<Body, Schemas["LeadRegistered"]>({
    act: (body, { header }) => api.PATCH("/api/v1/leads/{lead_id}", { params: { path: { lead_id: lead.id }, header }, body }),
    version: () => read,
    mine: (body) => ({ ...body }),
    onSeen: setRead,
    onDone: () => {
      drop();
      onClose();
    },
    onRefused: (problem) => {
      if (problem.document.candidates?.length) {
        setRefusal(problem);
        return true;
      }
      return showAtFields(form, problem);
    },
  });
  function send(values: Body) {
    const changed = Object.entries(bothEnds(values))
      .map(([name, value]) => [name, value === "" || value === undefined ? null : value] as const)
      .filter(([name, value]) => value !== (initial[name as keyof Body] ?? null));
    if (!changed.length) {
      drop();
      return onClose();
    }
    save.mutate(Object.fromEntries(changed) as Body);
  }
  return (
    <Sheet
      open
      title={t("act.edit")}
      onClose={onClose}
      width={600}
      foot={
        <div className={css.foot}>
          <span />
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button type="primary" loading={save.isPending} onClick={() => form.submit()}>
            {t("common:save")}
          </Button>
        </div>
      }
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={kept}
        onValuesChange={(changed, all) => {
          release(form, changed);
          keep(all);
        }}
        onFinish={send}
      >
        <NameField />
        <MainFields referrer={lead.referrer} investor={lead.investor} />
        <MoreFields />
        {refusal && (
          <div className={css.stack}>
            <Candidates candidates={refusal.document.candidates as Schemas["Candidate"][]} title={refusal.document.title} text={refusal.document.detail} tone="danger" />
            <Form.Item name="duplicate_ruling" label={t("form.ruling")} extra={t("form.rulingExtra")}>
              <Input.TextArea autoSize={{ minRows: 2 }} />
            </Form.Item>
          </div>
        )}
      </Form>
    </Sheet>
  );
}
