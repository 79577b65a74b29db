/** Sets the team of a project, or replaces the one it has. */
import { Button, Input, Select } from "antd";
import { Plus, X } from "lucide-react";
import { useId } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import { DayField } from "../DayField";
import { RefSelect } from "../RefSelect";
import { Skeleton } from "../StateView";
import { useDraft } from "../useDraft";
import { Field } from "./Field";
import { InlineForm, useInlineForm } from "./InlineForm";
import css from "./form.module.css";
import { refOf } from "./LeaderForm";

interface Props {
  projectId: string;
  /** The team in place, which is replaced, and the version of the project. */
  replaces?: { version: number; team: Schemas["TeamRead"] };
  onDone?: () => void;
}

type Named = { id: string; name: string } | null;
interface Member {
  official: Named;
  duty: string;
}
interface Values {
  unit: Named;
  leader: Named;
  contactId: string | null;
  members: Member[];
  openedOn: string | null;
  note: string;
}

const NOBODY: Member = { official: null, duty: "" };

/** A new team starts from the unit in charge of its project. */
function valuesOf(team?: Schemas["TeamRead"], unit?: Schemas["Ref"] | null): Values {
  const named = (ref: Schemas["Ref"]): Named => ({ id: ref.id, name: ref.name });
  return {
    unit: team ? named(team.lead_unit) : unit ? named(unit) : null,
    leader: team ? named(team.leader) : null,
    contactId: team?.contact_id ?? null,
    members: team ? team.members.map((one) => ({ official: named(one.official), duty: one.duty ?? "" })) : [NOBODY, NOBODY],
    openedOn: null,
    note: "",
  };
}

export function TeamForm(props: Props) {
  const params = { path: { project_id: props.projectId } };
  const project = queries.useQuery("get", "/api/v1/projects/{project_id}", { params }, { enabled: !props.replaces });
  if (!props.replaces && project.isPending) return <Skeleton rows={3} columns={2} />;
  return <Form {...props} unit={project.data?.unit} />;
}

function Form({ projectId, replaces, unit, onDone }: Props & { unit?: Schemas["Ref"] | null }) {
  const { t } = useTranslation("forms");
  const today = useToday();
  const id = useId();
  const [values, change, drop] = useDraft<Values>(`team.${projectId}`, valuesOf(replaces?.team, unit));
  const people = [values.leader, ...values.members.map((one) => one.official)].filter((one) => one !== null);
  const contacts = [...new Map(people.map((one) => [one.id, { value: one.id, label: one.name }])).values()];
  const contact = contacts.some((one) => one.value === values.contactId) ? values.contactId : null;
  const form = useInlineForm<Schemas["TeamSet"]>({
    act: (body, { header, headers }) => {
      const path = { project_id: projectId };
      return replaces
        ? api.POST("/api/v1/projects/{project_id}/team-replacements", { params: { path, header }, body, headers })
        : api.POST("/api/v1/projects/{project_id}/teams", { params: { path }, body, headers });
    },
    version: replaces?.version,
    onDone: () => {
      drop();
      onDone?.();
    },
    fields: ["lead_unit_id", "leader_id", "members", "contact_id", "opened_on"],
    values: { lead_unit_id: values.unit, leader_id: values.leader, contact_id: contact, members: values.members, opened_on: values.openedOn },
  });
  const { errors } = form;
  const set = (index: number, some: Partial<Member>) =>
    change({ members: values.members.map((one, at) => (at === index ? { ...one, ...some } : one)) });
  function save() {
    const members = values.members.filter((one) => one.official !== null);
    const lacking = {
      ...(!values.unit && { lead_unit_id: t("common:required") }),
      ...(!values.leader && { leader_id: t("common:required") }),
      ...(members.length < 2 && { members: t("team.tooFew") }),
      ...(!contact && { contact_id: t("common:required") }),
    };
    form.send(lacking, () => ({
      lead_unit_id: values.unit!.id,
      leader_id: values.leader!.id,
      contact_id: contact!,
      members: members.map((one) => ({ official_id: one.official!.id, ...(one.duty.trim() && { duty: one.duty.trim() }) })),
      opened_on: values.openedOn ?? today,
      ...(values.note.trim() && { note: values.note.trim() }),
    }));
  }
  return (
    <InlineForm form={form} onSave={save} submit={t(replaces ? "team.replace" : "team.set")} hint={t(replaces ? "team.replaceHint" : "team.setHint")}>
      <Field id={`${id}u`} label={t("team.unit")} error={errors.lead_unit_id} isRequired>
        <RefSelect
          id={`${id}u`}
          kind="unit"
          autoFocus
          value={values.unit?.id}
          known={refOf(values.unit)}
          style={{ width: "100%" }}
          onChange={(chosen, name) => change({ unit: chosen ? { id: chosen, name } : null })}
        />
      </Field>
      <Field id={`${id}l`} label={t("team.leader")} error={errors.leader_id} isRequired>
        <RefSelect
          id={`${id}l`}
          kind="official"
          value={values.leader?.id}
          known={refOf(values.leader)}
          style={{ width: "100%" }}
          onChange={(chosen, name) => change({ leader: chosen ? { id: chosen, name } : null })}
        />
      </Field>
      <Field label={t("team.members")} error={errors.members} isWide isRequired>
        {values.members.map((member, index) => (
          <div key={index} className={css.row}>
            <RefSelect
              kind="official"
              value={member.official?.id}
              known={refOf(member.official)}
              style={{ flex: 1 }}
              label={t("team.member", { count: index + 1 })}
              placeholder={t("team.member", { count: index + 1 })}
              onChange={(chosen, name) => set(index, { official: chosen ? { id: chosen, name } : null })}
            />
            <Input
              style={{ flex: 1 }}
              value={member.duty}
              placeholder={t("team.duty")}
              aria-label={t("team.dutyOf", { count: index + 1 })}
              onChange={(event) => set(index, { duty: event.target.value })}
            />
            <Button
              type="text"
              aria-label={t("team.drop", { count: index + 1 })}
              icon={<X size={15} strokeWidth={1.75} aria-hidden="true" />}
              onClick={() => change({ members: values.members.filter((_, at) => at !== index) })}
            />
          </div>
        ))}
        <Button
          size="small"
          type="text"
          icon={<Plus size={13} strokeWidth={1.75} aria-hidden="true" />}
          onClick={() => change({ members: [...values.members, NOBODY] })}
        >
          {t("team.add")}
        </Button>
      </Field>
      <Field id={`${id}c`} label={t("team.contact")} error={errors.contact_id} isRequired>
        <Select
          id={`${id}c`}
          value={contact ?? undefined}
          options={contacts}
          style={{ width: "100%" }}
          placeholder={t("team.contactHint")}
          onChange={(contactId) => change({ contactId })}
        />
      </Field>
      <Field id={`${id}d`} label={t("team.openedOn")} error={errors.opened_on}>
        <DayField id={`${id}d`} value={values.openedOn ?? today} max={today} style={{ width: "100%" }} onChange={(openedOn) => change({ openedOn })} />
      </Field>
      <Field id={`${id}n`} label={t("team.note")} isWide>
        <Input id={`${id}n`} value={values.note} onChange={(event) => change({ note: event.target.value })} />
      </Field>
    </InlineForm>
  );
}
