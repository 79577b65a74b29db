import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useMeta } from "@/app/who";
import { nameOf, said, shortNameOf, titled, useTranslation } from "@/i18n";
import { type Column, DataTable } from "@/shared/DataTable";
import { Estimate } from "@/shared/Estimate";
import { plainName, RecordName } from "@/shared/RecordName";
import { To } from "@/shared/To";
import { type LeadAct, leadQuery, type LeadRow } from "../api";
import css from "../leads.module.css";
import { LeadClock } from "./LeadClock";
import { ICONS, nextAct, StatusTag } from "./parts";

interface Props {
  leads: readonly LeadRow[];
  label: string;
  empty: ReactNode;
  sort: string;
  onSort: (sort: string) => void;
  onOpen: (lead: LeadRow) => void;
  onAct: (lead: LeadRow, act: LeadAct) => void;
  onEnd?: () => void;
}

export function LeadTable({ leads, onAct, ...rest }: Props) {
  const { t } = useTranslation("leads");
  const { label, field } = useMeta();
  const client = useQueryClient();
  const title = (name: string) => titled(field("lead", name));
  const columns: Column<LeadRow>[] = [
    {
      key: "name",
      title: title("name"),
      width: 260,
      grows: true,
      sort: "name",
      render: (lead) => (
        <div className={css.two}>
          <To href={`/leads/${lead.id}`} className={css.name}>
            <RecordName of={lead} illustrative={lead.is_illustrative} />
          </To>
          <span className={css.second}>
            {[lead.code, lead.investor && plainName(nameOf(lead.investor))].filter(Boolean).join(" · ")}
          </span>
        </div>
      ),
    },
    { key: "clock", title: title("clock"), width: 172, sort: "due_on", render: (lead) => <LeadClock clock={lead.clock} none={ended(lead)} /> },
    { key: "status", title: title("status"), width: 92, render: (lead) => <StatusTag status={lead.status} /> },
    {
      key: "unit",
      title: title("unit"),
      width: 128,
      render: (lead) => (
        <div className={css.two}>
          <span>{shortNameOf(lead.unit ?? lead.first_unit)}</span>
          <span className={css.second}>{lead.handler ? plainName(nameOf(lead.handler)) : t("noHandler")}</span>
        </div>
      ),
    },
    {
      key: "channel",
      title: title("channel"),
      width: 150,
      render: (lead) => (
        <div className={css.two}>
          <span>{titled(label("Channel", lead.channel))}</span>
          <span className={css.second}>{lead.referrer ? plainName(nameOf(lead.referrer)) : ""}</span>
        </div>
      ),
    },
    { key: "estimate", title: t("estimateYi"), width: 132, align: "right", render: (lead) => <Estimate from={lead.estimate_from} to={lead.estimate_to} isColumn /> },
    {
      key: "industry",
      title: title("industry"),
      width: 150,
      render: (lead) =>
        lead.industry ? (
          <span className={css.cut} title={said(lead.industry)}>
            {said(lead.industry)}
          </span>
        ) : (
          <span className={css.none}>{t("common:notFilled")}</span>
        ),
    },
    { key: "reported", title: title("reported_on"), width: 100, sort: "reported_at", render: (lead) => lead.reported_on },
    {
      key: "act",
      title: "",
      width: 140,
      align: "right",
      render: (lead) => {
        const act = nextAct(lead);
        if (!act) return null;
        const Icon = ICONS[act];
        return (
          <Button size="small" icon={<Icon size={13} strokeWidth={1.75} aria-hidden="true" />} onClick={() => onAct(lead, act)}>
            {t(`act.${act}`)}
          </Button>
        );
      },
    },
  ];
  function ended(lead: LeadRow) {
    return lead.assessed_on ? t("clock.assessed", { day: lead.assessed_on }) : undefined;
  }
  return (
    <DataTable
      {...rest}
      onHover={(lead) => void client.prefetchQuery(leadQuery(lead.id))}
      rows={leads}
      columns={columns}
      rowKey={(lead) => lead.id}
      rowHeight={50}
      rowClass={(lead) => (lead.is_overdue ? css.isUrgent : undefined)}
    />
  );
}
