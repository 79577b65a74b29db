/** Appoints the leader of a project, or hands it over from the leader in post. */
import { Checkbox, Input } from "antd";
import { useId } from "react";
import { api, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { DayField } from "../DayField";
import { RefSelect } from "../RefSelect";
import { useDraft } from "../useDraft";
import { Field } from "./Field";
import { InlineForm, useInlineForm } from "./InlineForm";

interface Props {
  projectId: string;
  /** The version of the project, where a leader is in post who hands over. */
  handover?: { version: number; from: string };
  onDone?: () => void;
}

interface Values {
  official: { id: string; name: string } | null;
  capacities: Schemas["Capacity"][] | null;
  openedOn: string | null;
  note: string;
}

const NOTHING: Values = { official: null, capacities: null, openedOn: null, note: "" };

export function LeaderForm({ projectId, handover, onDone }: Props) {
  const { t } = useTranslation("forms");
  const { labels } = useMeta();
  const today = useToday();
  const id = useId();
  const [values, change, drop] = useDraft<Values>(`leader.${projectId}`, NOTHING);
  const all = labels("Capacity").map((one) => one.code as Schemas["Capacity"]);
  const capacities = values.capacities ?? all;
  const form = useInlineForm<Schemas["LeaderHandover"]>({
    act: (body, { header, headers }) => {
      const path = { project_id: projectId };
      if (handover) {
        return api.POST("/api/v1/projects/{project_id}/leader-handovers", { params: { path, header }, body, headers });
      }
      const { official_id, capacities: as, opened_on } = body;
      return api.POST("/api/v1/projects/{project_id}/leaders", {
        params: { path },
        body: { official_id, capacities: as, opened_on },
        headers,
      });
    },
    version: handover?.version,
    onDone: () => {
      drop();
      onDone?.();
    },
    fields: ["official_id", "opened_on", "capacities", "note"],
    values: { official_id: values.official, opened_on: values.openedOn, capacities: values.capacities, note: values.note },
  });
  const { errors } = form;
  function save() {
    const lacking = {
      ...(!values.official && { official_id: t("common:required") }),
      ...(handover && !values.note.trim() && { note: t("common:required") }),
    };
    form.send(lacking, () => ({ official_id: values.official!.id, capacities, opened_on: values.openedOn ?? today, note: values.note.trim() }));
  }
  return (
    <InlineForm
      form={form}
      onSave={save}
      submit={handover ? t("leader.handOver") : t("leader.appoint")}
      hint={handover ? t("leader.handOverHint", { name: handover.from }) : t("leader.appointHint")}
    >
      <Field id={`${id}o`} label={t("leader.official")} error={errors.official_id} isRequired>
        <RefSelect
          id={`${id}o`}
          kind="official"
          autoFocus
          value={values.official?.id}
          known={refOf(values.official)}
          style={{ width: "100%" }}
          onChange={(chosen, name) => change({ official: chosen ? { id: chosen, name } : null })}
        />
      </Field>
      <Field id={`${id}d`} label={t("leader.openedOn")} error={errors.opened_on}>
        <DayField id={`${id}d`} value={values.openedOn ?? today} max={today} style={{ width: "100%" }} onChange={(openedOn) => change({ openedOn })} />
      </Field>
      <Field label={t("leader.capacities")} error={errors.capacities} isWide>
        <Checkbox.Group
          value={capacities}
          options={labels("Capacity").map((one) => ({ value: one.code, label: said(one) }))}
          onChange={(chosen) => change({ capacities: chosen as Schemas["Capacity"][] })}
        />
      </Field>
      {handover && (
        <Field id={`${id}n`} label={t("leader.note")} error={errors.note} isWide isRequired>
          <Input.TextArea id={`${id}n`} value={values.note} autoSize={{ minRows: 2 }} onChange={(event) => change({ note: event.target.value })} />
        </Field>
      )}
    </InlineForm>
  );
}

/** Returns what a chooser shows for a record of which the id and the name are known. */
export function refOf(record: { id: string; name: string } | null): Schemas["Ref"] | null {
  return record && { id: record.id, name: record.name, code: null, name_en: null, short_name: null };
}
