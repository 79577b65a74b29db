/** The sheet of any act on a project: it draws the form that the list of acts describes. */
import { Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { FieldInput } from "@/shared/forms/FieldInput";
import { kindOf } from "@/shared/forms/kinds";
import { FormSheet } from "@/shared/FormSheet";
import { plainName } from "@/shared/RecordName";
import { toast } from "@/shared/toast";
import type { Project } from "../api";
import { type ActOf, type FieldSpec, SPECS, type Values } from "./actSpecs";

const KNOWN: Record<string, (project: Project) => Schemas["Ref"] | null> = {
  investor_id: (project) => project.investor,
  place_unit_id: (project) => project.place,
  unit_id: (project) => project.unit,
  task_force_id: (project) => project.task_force,
};

interface SheetProps {
  project: Project;
  act: ActOf;
  disputes?: readonly Schemas["DisputeRead"][];
  onClose: () => void;
}

export function ActSheet({ project: shown, act, disputes, onClose }: SheetProps) {
  const { t } = useTranslation("project");
  const { field, meta } = useMeta();
  const today = useToday();
  // The project as it was when the form was opened: the page behind it may be read again.
  const [project] = useState(shown);
  const spec = SPECS[act.key];
  const of = act.milestone?.id ?? act.move?.id ?? act.evidence?.id ?? project.id;
  const label = (one: FieldSpec) =>
    one.record === "-" ? t(`field.${one.name}`) : said(field(one.record ?? "project", one.name));
  const title = t(`acts.${act.key}.title`, { name: act.milestone?.name ?? "" });
  return (
    <FormSheet<Values, unknown>
      title={title}
      note={t(`acts.${act.key}.does`, { name: plainName(project.name) })}
      initial={spec.initial?.(project, today)}
      draft={spec.isPrivate ? undefined : `project.${act.key}.${of}`}
      version={project.version}
      isDanger={spec.isDanger}
      width={520}
      submit={t(`acts.${act.key}.submit`)}
      act={(values, sent) => spec.send(project, values, sent, act)}
      onDone={() => toast(t("done", { what: title }))}
      onClose={onClose}
    >
      {spec.fields.map((one) => (
        <Form.Item
          key={one.name}
          name={one.name}
          label={one.kind?.type === "flag" ? undefined : label(one)}
          rules={one.isRequired ? [{ required: true, message: t("common:required") }] : undefined}
        >
          {act.key === "add_evidence" && one.name === "kind" ? (
            <Select
              showSearch={{ optionFilterProp: "label" }}
              options={meta.evidence_kinds.map((kind) => ({ value: kind.code, label: said({ zh: kind.name_zh, en: kind.name_en }) }))}
            />
          ) : one.name === "dispute_id" ? (
            <Select
              options={(disputes ?? [])
                .filter((dispute) => !dispute.ruling)
                .map((dispute) => ({ value: dispute.id, label: `${plainName(dispute.claimant_unit.name)}：${dispute.grounds.slice(0, 40)}` }))}
            />
          ) : one.kind?.type === "flag" ? (
            <Flag text={label(one)} />
          ) : (
            <Input1 spec={one} project={project} />
          )}
        </Form.Item>
      ))}
    </FormSheet>
  );
}

interface Injected {
  id?: string;
  value?: string | null;
  onChange?: (value: string | null) => void;
}

function Flag({ text, id, value, onChange }: Injected & { text: string }) {
  return (
    <Checkbox id={id} checked={value === "true"} onChange={(event) => onChange?.(event.target.checked ? "true" : null)}>
      {text}
    </Checkbox>
  );
}

function Input1({ spec, project, id, value, onChange }: Injected & { spec: FieldSpec; project: Project }) {
  const known = KNOWN[spec.name]?.(project);
  if (spec.name === "phone" || spec.name === "email") {
    return <Input id={id} value={value ?? ""} autoComplete="off" onChange={(event) => onChange?.(event.target.value || null)} />;
  }
  return (
    <FieldInput
      id={id}
      name={spec.name}
      kind={spec.kind ?? kindOf(spec.name)}
      value={value}
      known={known && known.id === value ? known : null}
      onChange={(next) => onChange?.(next)}
    />
  );
}
