import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Button } from "antd";
import { Pencil } from "lucide-react";
import { useState } from "react";
import { Title } from "@/app/shell/title";
import { useMe, useMeta, useToday } from "@/app/who";
import { nameOf, said, shortNameOf, useTranslation } from "@/i18n";
import { Activity } from "@/shared/Activity";
import { Card } from "@/shared/Card";
import { countText } from "@/shared/counts";
import { shortDay } from "@/shared/days";
import { plainName, RecordName } from "@/shared/RecordName";
import { Columns, Facts, Figure, MiniTable, Nothing, RecordHead, Tag, useEditKey } from "@/shared/RecordPage";
import { QueryView, Skeleton } from "@/shared/StateView";
import { To } from "@/shared/To";
import { leadsOptions, type Referrer, referrerOptions } from "./api";
import { ReferrerForm } from "./ReferrerForm";

export function ReferrerPage() {
  const { referrerId } = useParams({ strict: false }) as { referrerId: string };
  const { t } = useTranslation("referrers");
  const query = useQuery(referrerOptions(referrerId));
  const name = query.data ? plainName(nameOf(query.data)) : t("common:pages.referrers");
  return (
    <>
      <Title text={name}>
        <To href="/referrers">{t("common:pages.referrers")}</To>
        <h1>{name}</h1>
      </Title>
      <QueryView query={query} skeleton={<Skeleton rows={8} columns={3} />}>
        {(referrer) => <Page key={referrer.id} referrer={referrer} />}
      </QueryView>
    </>
  );
}

function Page({ referrer }: { referrer: Referrer }) {
  const { t } = useTranslation("referrers");
  const { label, field } = useMeta();
  const me = useMe();
  const today = useToday();
  const [isEditing, setIsEditing] = useState(false);
  const leads = useQuery(leadsOptions(referrer.id));
  const of = (name: string) => said(field("referrer", name));
  const ofLead = (name: string) => said(field("lead", name));
  const mayEdit = me.permissions.some((permission) => permission.code === "write");
  useEditKey(mayEdit ? () => setIsEditing(true) : null);
  return (
    <>
      <RecordHead
        name={<RecordName of={referrer} illustrative={referrer.is_illustrative} />}
        figures={
          <Figure caption={t("leads")} href={`/leads?referrer_id=${referrer.id}`}>
            {leads.data ? countText(leads.data.count) : "…"} <small>{t("common:unit.lead", { count: leads.data?.count?.value })}</small>
          </Figure>
        }
        acts={
          mayEdit && (
            <Button icon={<Pencil size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setIsEditing(true)}>
              {t("common:edit")}
            </Button>
          )
        }
      >
        <Tag tone="accent">{said(label("ReferrerKind", referrer.kind))}</Tag>
        {referrer.official && (
          <To href={`/officials/${referrer.official.id}`}>
            <RecordName of={referrer.official} />
          </To>
        )}
        {referrer.enterprise && (
          <To href={`/enterprises/${referrer.enterprise.id}`}>
            <RecordName of={referrer.enterprise} />
          </To>
        )}
        {referrer.organization && <span>{referrer.organization}</span>}
      </RecordHead>
      <Columns side={<Activity of="referrer" id={referrer.id} />}>
        <Card title={t("leads")} extra={leads.data?.items.length ? <To href={`/leads?referrer_id=${referrer.id}`}>{t("allLeads")}</To> : undefined}>
          <QueryView query={leads} skeleton={<Skeleton rows={3} />}>
            {(list) =>
              list.items.length ? (
                <MiniTable
                  label={t("leads")}
                  head={[ofLead("name"), ofLead("status"), ofLead("unit"), ofLead("reported_on")]}
                  rows={list.items.map((row) => ({
                    key: row.id,
                    cells: [
                      <To key="name" href={`/leads/${row.id}`}>
                        <RecordName of={row} illustrative={row.is_illustrative} />
                      </To>,
                      said(label("LeadStatus", row.status)),
                      row.unit ? shortNameOf(row.unit) : t("common:notFilled"),
                      shortDay(row.reported_on, today),
                    ],
                  }))}
                />
              ) : (
                <Nothing>{t("noLeads")}</Nothing>
              )
            }
          </QueryView>
        </Card>
        <Card title={t("facts")}>
          <Facts
            facts={[
              { label: of("kind"), value: said(label("ReferrerKind", referrer.kind)) },
              { label: of("organization"), value: referrer.organization },
              { label: of("appointment_no"), value: referrer.appointment_no },
            ]}
          />
        </Card>
      </Columns>
      <ReferrerForm open={isEditing} onClose={() => setIsEditing(false)} referrer={referrer} />
    </>
  );
}
