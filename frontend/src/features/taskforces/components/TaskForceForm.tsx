import { api, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { type SheetField, SheetForm, type Values } from "@/shared/forms/SheetForm";
import { plainName } from "@/shared/RecordName";
import type { TaskForce } from "../api";

type Read = Schemas["TaskForceRead"];

interface Props {
  open: boolean;
  onClose: () => void;
  taskForce?: TaskForce;
  onDone?: (made: Read) => void;
}

export function TaskForceForm({ open, onClose, taskForce, onDone }: Props) {
  const { t } = useTranslation("taskforces");
  const { field } = useMeta();
  const today = useToday();
  const of = (name: string) => said(field("task_force", name));
  const fields: SheetField[] = [
    { kind: "text", name: "name", label: of("name"), required: true },
    { kind: "text", name: "short_name", label: of("short_name"), hint: t("shortNameHint") },
    { kind: "text", name: "name_en", label: of("name_en") },
    { kind: "record", name: "lead_official_id", label: of("lead_official_id"), record: "official", known: taskForce?.lead_official },
    { kind: "record", name: "lead_unit_id", label: of("lead_unit_id"), record: "unit", known: taskForce?.lead_unit },
    { kind: "records", name: "unit_ids", label: of("unit_ids"), record: "unit", known: taskForce?.units },
    { kind: "records", name: "members", label: of("members"), record: "official", known: taskForce?.members.map((member) => member.official) },
    { kind: "industry", name: "industry_codes", label: of("industry_codes"), several: true },
    { kind: "text", name: "cadence", label: of("cadence"), hint: t("cadenceHint") },
    taskForce
      ? { kind: "day", name: "closed_on", label: of("closed_on"), min: taskForce.opened_on }
      : { kind: "day", name: "opened_on", label: of("opened_on"), max: today },
    { kind: "text", name: "source", label: of("source") },
  ];
  const initial: Values | undefined = taskForce && {
    ...Object.fromEntries(fields.map(({ name }) => [name, taskForce[name as keyof TaskForce]])),
    members: taskForce.members.map((member) => member.official_id),
  };
  // A member keeps the duty on record.
  const duties = new Map(taskForce?.members.map((member) => [member.official_id, member.duty ?? null]));
  const sent = (values: Values): Values => ({
    ...values,
    ...("members" in values && { members: ((values.members as string[] | null) ?? []).map((id) => ({ official_id: id, duty: duties.get(id) ?? null })) }),
    ...("unit_ids" in values && { unit_ids: values.unit_ids ?? [] }),
    ...("industry_codes" in values && { industry_codes: values.industry_codes ?? [] }),
  });
  return (
    <SheetForm<Read>
      open={open}
      onClose={onClose}
      title={taskForce ? t("edit") : t("new")}
      submit={taskForce ? t("common:save") : t("new")}
      draft={`task-force.${taskForce?.id ?? "new"}`}
      fields={fields}
      initial={initial}
      version={taskForce?.version}
      act={(values, changes, { header, headers }) =>
        taskForce
          ? api.PATCH("/api/v1/task-forces/{task_force_id}", {
              params: { path: { task_force_id: taskForce.id }, header },
              body: sent(changes) as Schemas["TaskForceUpdate"],
            })
          : api.POST("/api/v1/task-forces", { body: sent(values) as unknown as Schemas["TaskForceCreate"], headers })
      }
      onDone={onDone}
    />
  );
}

export function TargetForm({ taskForce, year, onClose }: { taskForce: TaskForce; year: number | null; onClose: () => void }) {
  const { t } = useTranslation("taskforces");
  if (year === null) return null;
  const known = taskForce.targets.find((target) => target.year === year);
  return (
    <SheetForm<Read>
      open
      isShort
      onClose={onClose}
      title={t("targetTitle", { name: plainName(taskForce.name), year })}
      note={t("targetText")}
      submit={t("setTarget")}
      draft={`target.${taskForce.id}.${year}`}
      fields={[
        { kind: "number", name: "signings", label: t("signings"), min: 0, max: 100_000, unit: t("common:unit.project") },
        { kind: "amount", name: "amount", label: t("amount") },
        { kind: "number", name: "same_quarter_landed", label: t("landed"), min: 0, max: 100_000, unit: t("common:unit.project") },
      ]}
      initial={known && { ...known }}
      version={taskForce.version}
      act={(values, _, { header }) =>
        api.PUT("/api/v1/task-forces/{task_force_id}/targets/{year}", {
          params: { path: { task_force_id: taskForce.id, year }, header },
          body: values as Schemas["TargetSet"],
        })
      }
    />
  );
}
