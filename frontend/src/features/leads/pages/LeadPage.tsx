import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Button, Dropdown } from "antd";
import { CornerDownRight, Ellipsis, Pencil } from "lucide-react";
import { useMemo, useState } from "react";
import { queries } from "@/api/client";
import { useKeys } from "@/app/keys";
import { Title } from "@/app/shell/title";
import { useMe, useMeta, useToday } from "@/app/who";
import { nameOf, said, shortNameOf, titled, useTranslation } from "@/i18n";
import { Activity } from "@/shared/Activity";
import { Card } from "@/shared/Card";
import { Contacts } from "@/shared/Contacts";
import { shortDay } from "@/shared/days";
import { Estimate } from "@/shared/Estimate";
import { FollowUpForm } from "@/shared/forms/FollowUpForm";
import { plainName, RecordName } from "@/shared/RecordName";
import { Columns, type Fact, Facts, Figure, Nothing, RecordHead, Tag } from "@/shared/RecordPage";
import { useMarkSeen } from "@/shared/seen";
import { QueryView, Skeleton } from "@/shared/StateView";
import { To } from "@/shared/To";
import { type Lead, type LeadAct, leadQuery } from "../api";
import { ActSheet } from "../components/ActSheet";
import { clockOf } from "../components/clock";
import { EditSheet } from "../components/EditSheet";
import { FirstTalk } from "../components/FirstTalk";
import { LeadClock } from "../components/LeadClock";
import { ICONS, nextAct } from "../components/parts";
import { Candidates } from "../components/Similar";
import { Steps } from "../components/Steps";
import css from "../leads.module.css";

export function LeadPage() {
  const { leadId } = useParams({ strict: false }) as { leadId: string };
  const { t } = useTranslation("leads");
  const lead = useQuery(leadQuery(leadId));
  const name = lead.data ? plainName(nameOf(lead.data)) : t("title");
  useMarkSeen(lead.data ? { type: "lead", id: lead.data.id, code: lead.data.code, name: lead.data.name } : null);
  return (
    <>
      <Title text={name}>
        <To href="/leads">{t("title")}</To>
        <h1>{name}</h1>
      </Title>
      <QueryView query={lead} skeleton={<Skeleton rows={10} columns={3} />}>
        {(data) => <Page key={data.id} lead={data} />}
      </QueryView>
    </>
  );
}

const ACTS = ["answer", "assess", "convert"] as const;

function Page({ lead }: { lead: Lead }) {
  const { t } = useTranslation("leads");
  const { label } = useMeta();
  const me = useMe();
  const today = useToday();
  const [acting, setActing] = useState<LeadAct | null>(null);
  const clock = clockOf(lead, today);
  const may = Object.keys(lead.may).filter((act) => lead.may[act] === null);
  const next = nextAct({ clock: clock as never, status: lead.status, may });
  const mayEdit = may.includes("edit");
  useKeys(
    useMemo(
      () => [
        ...(next ? [{ key: "M", does: t(`act.${next}`), run: () => setActing(next) }] : []),
        ...(mayEdit ? [{ key: "E", does: t("act.edit"), run: () => setActing("edit") }] : []),
      ],
      [next, mayEdit, t],
    ),
  );
  const more = ACTS.filter((act) => act !== next && act in lead.may).map((act) => {
    const why = lead.may[act];
    return {
      key: act,
      label: (
        <div>
          {t(`act.${act}`)}
          {why && <small className={css.why}>{said(why)}</small>}
        </div>
      ),
      disabled: why !== null,
      onClick: () => setActing(act),
    };
  });
  const Icon = next ? ICONS[next] : null;
  return (
    <>
      {lead.project && (
        <p className={css.became}>
          <CornerDownRight size={15} strokeWidth={1.75} aria-hidden="true" />
          {t("became")}{" "}
          <To href={`/projects/${lead.project.id}`}>
            {lead.project.code} <RecordName of={lead.project} />
          </To>
        </p>
      )}
      <RecordHead
        name={<RecordName of={lead} illustrative={lead.is_illustrative} />}
        figures={
          <>
            <Figure caption={t("estimate")}>
              <Estimate from={lead.estimate_from} to={lead.estimate_to} />
            </Figure>
          </>
        }
        acts={
          <>
            {mayEdit && (
              <Button icon={<Pencil size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setActing("edit")}>
                {t("act.edit")}
              </Button>
            )}
            {more.length > 0 && (
              <Dropdown menu={{ items: more }} trigger={["click"]} placement="bottomRight">
                <Button aria-label={t("common:more")} icon={<Ellipsis size={16} strokeWidth={1.75} aria-hidden="true" />} />
              </Dropdown>
            )}
            {next && Icon && (
              <Button type="primary" icon={<Icon size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setActing(next)}>
                {t(`act.${next}`)}
              </Button>
            )}
          </>
        }
      >
        <Tag tone={lead.status === "follow_up" ? "accent" : lead.status === "converted" ? "ok" : "plain"}>
          {titled(label("LeadStatus", lead.status))}
        </Tag>
        <span>{lead.code}</span>
        <span>{shortNameOf(lead.unit ?? lead.first_unit)}</span>
        <span>{titled(label("Channel", lead.channel))}</span>
        {clock && <LeadClock clock={clock} />}
      </RecordHead>
      <Columns
        side={
          <Activity
            of="lead"
            id={lead.id}
            top={may.includes("follow_up") ? <FollowUpForm of={{ type: "lead", id: lead.id }} /> : undefined}
          />
        }
      >
        <Card title={t("steps.title")}>
          <Steps lead={lead} />
        </Card>
        <FactsCard lead={lead} />
        <Likes lead={lead} />
        {"dispute" in lead.may && <FirstTalk lead={lead} />}
        {me.permissions.some((one) => one.code === "read") && <Contacts of="lead" id={lead.id} mayAdd={may.includes("add_contact")} />}
      </Columns>
      {acting === "edit" && <EditSheet lead={lead} onClose={() => setActing(null)} />}
      {acting && acting !== "edit" && <ActSheet leadId={lead.id} act={acting} onClose={() => setActing(null)} />}
    </>
  );
}

function FactsCard({ lead }: { lead: Lead }) {
  const { t } = useTranslation("leads");
  const { label, field } = useMeta();
  const today = useToday();
  const fact = (name: string, value: Fact["value"], isWide = false): Fact => ({ label: titled(field("lead", name)), value, isWide });
  const record = (path: string, ref: { id: string; name: string; name_en?: string | null } | null) =>
    ref && (
      <To href={`${path}/${ref.id}`}>
        <RecordName of={ref} />
      </To>
    );
  const facts = [
    fact("investor", record("/enterprises", lead.investor)),
    fact("industry", lead.industry && said(lead.industry)),
    fact("referrer", record("/referrers", lead.referrer)),
    fact("handler", record("/officials", lead.handler)),
    fact("first_unit", `${shortNameOf(lead.first_unit)} · ${shortDay(lead.reported_on, today)} · ${lead.reported_by}`),
    fact("unit", lead.unit && shortNameOf(lead.unit)),
    fact("place", lead.place && shortNameOf(lead.place)),
    fact("task_force", record("/task-forces", lead.task_force)),
    fact("program", titled(label("Program", lead.program))),
    fact("confidentiality", titled(label("Confidentiality", lead.confidentiality))),
    fact("land_area", lead.land_area),
    fact("plant_area", lead.plant_area),
    fact("energy_use", lead.energy_use),
    fact("energy_note", lead.energy_note),
    fact("occasion", lead.occasion),
    fact("source", lead.source),
    fact("description", lead.description, true),
  ];
  return (
    <Card title={t("facts")}>
      <Facts facts={facts} />
    </Card>
  );
}

/** What it is like: asked again, for others may have registered since. */
function Likes({ lead }: { lead: Lead }) {
  const { t } = useTranslation("leads");
  const similar = queries.useQuery("get", "/api/v1/duplicates/similar", {
    params: { query: { name: lead.name, investor_id: lead.investor_id, lead_id: lead.id } },
  });
  if (lead.status === "converted") return null;
  return (
    <Card title={t("likes")}>
      <QueryView query={similar} skeleton={<Skeleton rows={1} columns={2} />}>
        {(found) => (found.length ? <Candidates candidates={found} title={t("similar", { count: found.length })} tone="plain" /> : <Nothing>{t("noLikes")}</Nothing>)}
      </QueryView>
    </Card>
  );
}
