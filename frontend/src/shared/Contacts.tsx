/** The contacts of an enterprise, project or lead: masked, each with its purpose, consent and the day it is kept until. */
import { useQuery } from "@tanstack/react-query";
import { App, Button } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { answerOf, api, type Schemas } from "@/api/client";
import { useMe, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { Card } from "./Card";
import { addDays } from "./days";
import { SheetForm, type SheetField } from "./forms/SheetForm";
import { plainName, RecordName } from "./RecordName";
import { MiniTable, Nothing } from "./RecordPage";
import { QueryView, Skeleton } from "./StateView";
import { Unmask } from "./Unmask";
import { useAct } from "./useAct";
import css from "./contacts.module.css";

type Contact = Schemas["ContactRead"];
type Create = Schemas["ContactCreate"];
type Owner = "enterprise" | "project" | "lead";

const READ = {
  enterprise: (id: string) => api.GET("/api/v1/enterprises/{enterprise_id}/contacts", { params: { path: { enterprise_id: id } } }),
  project: (id: string) => api.GET("/api/v1/projects/{project_id}/contacts", { params: { path: { project_id: id } } }),
  lead: (id: string) => api.GET("/api/v1/leads/{lead_id}/contacts", { params: { path: { lead_id: id } } }),
};
type Headers = { "Idempotency-Key": string };
const ADD = {
  enterprise: (id: string, body: Create, headers: Headers) =>
    api.POST("/api/v1/enterprises/{enterprise_id}/contacts", { params: { path: { enterprise_id: id } }, body, headers }),
  project: (id: string, body: Create, headers: Headers) =>
    api.POST("/api/v1/projects/{project_id}/contacts", { params: { path: { project_id: id } }, body, headers }),
  lead: (id: string, body: Create, headers: Headers) =>
    api.POST("/api/v1/leads/{lead_id}/contacts", { params: { path: { lead_id: id } }, body, headers }),
};

interface Props {
  of: Owner;
  id: string;
  mayAdd: boolean;
  /** Why the reader may not see them, where the service has said so: they are not asked for. */
  closed?: Schemas["Reason-Output"] | null;
}

export function Contacts({ of, id, mayAdd, closed }: Props) {
  const { t } = useTranslation("records");
  const { message } = App.useApp();
  const me = useMe();
  const today = useToday();
  const [isAdding, setIsAdding] = useState(false);
  const query = useQuery({ queryKey: ["contacts", of, id], queryFn: () => answerOf<Contact[]>(READ[of](id)), enabled: !closed });
  const may = (right: string) => me.permissions.some((permission) => permission.code === right);
  const fields: SheetField[] = [
    { kind: "text", name: "name", label: t("contacts.name"), required: true },
    { kind: "text", name: "title", label: t("contacts.job") },
    { kind: "text", name: "phone", label: t("contacts.phone"), inputMode: "tel", maxLength: 64 },
    { kind: "text", name: "email", label: t("contacts.email"), inputMode: "email" },
    { kind: "text", name: "purpose", label: t("contacts.purpose"), hint: t("contacts.purposeHint"), required: true },
    { kind: "text", name: "consent", label: t("contacts.consent"), hint: t("contacts.consentHint"), required: true },
    { kind: "day", name: "consent_on", label: t("contacts.consentOn"), required: true, max: today },
    { kind: "day", name: "keep_until", label: t("contacts.keepUntil"), hint: t("contacts.keepUntilHint"), required: true, min: today },
    { kind: "text", name: "source", label: t("contacts.source") },
  ];
  const erase = useErase();
  return (
    <Card
      title={t("contacts.title")}
      note={query.data?.length ? t("contacts.note") : undefined}
      extra={
        mayAdd && (
          <Button type="link" size="small" icon={<Plus size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setIsAdding(true)}>
            {t("contacts.add")}
          </Button>
        )
      }
    >
      {closed ? (
        <Nothing>{said(closed)}</Nothing>
      ) : (
        <QueryView query={query} skeleton={<Skeleton rows={2} columns={4} />}>
          {(contacts) =>
            contacts.length ? (
              <MiniTable
                label={t("contacts.title")}
                head={[t("contacts.name"), t("contacts.phone"), t("contacts.purpose"), t("contacts.keepUntil"), ""]}
                rows={contacts.map((contact) => ({
                  key: contact.id,
                  cells: [
                    <span key="name">
                      <b className={css.name}>
                        <RecordName of={contact} />
                      </b>
                      {contact.title && <small> {contact.title}</small>}
                    </span>,
                    <span key="phone" className="tabular">
                      {[contact.phone_masked, contact.email_masked].filter(Boolean).join(" · ") || t("common:notFilled")}
                    </span>,
                    <span key="why" title={t("contacts.agreed", { how: contact.consent, on: contact.consent_on })}>
                      {contact.purpose}
                    </span>,
                    <span key="until" className={`tabular ${contact.keep_until < addDays(today, 30) ? css.soon : ""}`}>
                      {contact.keep_until}
                    </span>,
                    <span key="acts" className={css.acts}>
                      {may("unmask") && (contact.phone_masked || contact.email_masked) && <Unmask of="contact" id={contact.id} name={plainName(contact.name)} />}
                      {may("erase") && (
                        <Button type="link" size="small" danger className={css.erase} onClick={() => erase(contact)}>
                          {t("contacts.erase")}
                        </Button>
                      )}
                    </span>,
                  ],
                }))}
              />
            ) : (
              <Nothing>{t("contacts.none")}</Nothing>
            )
          }
        </QueryView>
      )}
      {/* Contact fields are kept nowhere: no draft. */}
      <SheetForm<Schemas["ContactKept"]>
        open={isAdding}
        onClose={() => setIsAdding(false)}
        title={t("contacts.add")}
        submit={t("contacts.add")}
        fields={fields}
        initial={{ consent_on: today }}
        act={(values, _, { headers }) => ADD[of](id, values as unknown as Create, headers)}
        onDone={(kept) => {
          if (kept.warnings.length) void message.warning(`${t("contacts.known")}${kept.warnings.map(said).join(" ")}`, 8);
        }}
      />
    </Card>
  );
}

function useErase(): (contact: Contact) => void {
  const { t } = useTranslation("records");
  const { modal } = App.useApp();
  const act = useAct({
    act: (contact: { id: string }) => api.DELETE("/api/v1/contacts/{contact_id}", { params: { path: { contact_id: contact.id } } }),
  });
  return (contact) =>
    void modal.confirm({
      title: t("contacts.eraseTitle", { name: contact.name }),
      content: t("contacts.eraseText"),
      okText: t("contacts.erase"),
      okButtonProps: { danger: true },
      onOk: () => act.mutateAsync({ id: contact.id }),
    });
}
