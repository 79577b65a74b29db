import { Button } from "antd";
import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { dayOf } from "@/shared/days";
import { SheetForm } from "@/shared/forms/SheetForm";
import { QueryView, Skeleton } from "@/shared/StateView";
import type { Lead } from "../api";
import css from "./talk.module.css";

type Talk = Schemas["FirstTalkRead"];
type Dispute = Schemas["DisputeRead"];

/** Whose first talk it is, how long it is protected, and what is disputed about it. */
export function FirstTalk({ lead }: { lead: Lead }) {
  const { t } = useTranslation("leads");
  const [isDisputing, setIsDisputing] = useState(false);
  const [ruled, setRuled] = useState<Dispute | null>(null);
  const query = queries.useQuery("get", "/api/v1/leads/{lead_id}/first-talk", { params: { path: { lead_id: lead.id } } });
  const open = query.data?.disputes.find((one) => !one.ruling);
  const mayDispute = lead.may.dispute === null && query.data?.unit && !open;
  return (
    <Card
      title={t("talk.title")}
      extra={
        mayDispute && (
          <Button type="link" size="small" onClick={() => setIsDisputing(true)}>
            {t("act.dispute")}
          </Button>
        )
      }
    >
      <QueryView query={query} skeleton={<Skeleton rows={2} columns={2} />}>
        {(talk) => (
          <>
            <State talk={talk} />
            {talk.disputes.map((dispute) => (
              <DisputeLine key={dispute.id} dispute={dispute} mayRule={lead.may.rule === null} onRule={() => setRuled(dispute)} />
            ))}
          </>
        )}
      </QueryView>
      <Raise lead={lead} open={isDisputing} onClose={() => setIsDisputing(false)} />
      <Rule lead={lead} dispute={ruled} onClose={() => setRuled(null)} />
    </Card>
  );
}

function State({ talk }: { talk: Talk }) {
  const { t } = useTranslation("leads");
  const { label } = useMeta();
  const today = useToday();
  const text = said(label("FirstTalkState", talk.state));
  if (!talk.unit) return <p className={css.none}>{t("talk.none")}</p>;
  return (
    <p className={css.state}>
      <ShieldCheck size={16} strokeWidth={1.75} aria-hidden="true" className={talk.state === "protected" ? css.on : css.off} />
      <span>
        <strong>{shortNameOf(talk.unit)}</strong> · {text}
        <small>
          {[
            talk.on && t("talk.on", { day: talk.on }),
            talk.protected_until && t(talk.protected_until < today ? "talk.was" : "talk.until", { day: talk.protected_until }),
            talk.is_ruled && t("talk.ruled"),
            talk.document,
          ]
            .filter(Boolean)
            .join(" · ")}
        </small>
      </span>
    </p>
  );
}

function DisputeLine({ dispute, mayRule, onRule }: { dispute: Dispute; mayRule: boolean; onRule: () => void }) {
  const { t } = useTranslation("leads");
  const { ruling } = dispute;
  return (
    <article className={css.dispute}>
      <div>
        <p>
          <strong>{t("talk.claims", { unit: shortNameOf(dispute.claimant_unit) })}</strong>
          <small>{t("talk.by", { who: dispute.recorded_by, day: dayOf(dispute.recorded_at) })}</small>
        </p>
        <p>{dispute.grounds}</p>
        {ruling && (
          <p className={css.ruling}>
            <strong>{t(ruling.is_transferred ? "talk.goesWith" : "talk.goes", { unit: shortNameOf(ruling.unit) })}</strong> {ruling.grounds}
            <small>{[ruling.document, ruling.ruled_on, ruling.recorded_by].join(" · ")}</small>
          </p>
        )}
      </div>
      {!ruling && (mayRule ? <Button onClick={onRule}>{t("talk.rule")}</Button> : <span className={css.waits}>{t("talk.waits")}</span>)}
    </article>
  );
}

function Raise({ lead, open, onClose }: { lead: Lead; open: boolean; onClose: () => void }) {
  const { t } = useTranslation("leads");
  return (
    <SheetForm<Talk>
      open={open}
      onClose={onClose}
      title={t("act.dispute")}
      submit={t("talk.raise")}
      draft={`first-talk.${lead.id}`}
      fields={[
        { kind: "record", record: "unit", name: "claimant_unit_id", label: t("talk.claimant"), required: true },
        { kind: "area", name: "grounds", label: t("talk.grounds"), hint: t("talk.groundsHint"), required: true },
      ]}
      act={(values, _, { headers }) =>
        api.POST("/api/v1/leads/{lead_id}/first-talk/disputes", {
          params: { path: { lead_id: lead.id } },
          headers,
          body: values as unknown as Schemas["DisputeRaise"],
        })
      }
    />
  );
}

function Rule({ lead, dispute, onClose }: { lead: Lead; dispute: Dispute | null; onClose: () => void }) {
  const { t } = useTranslation("leads");
  const today = useToday();
  return (
    <SheetForm<Talk>
      open={dispute !== null}
      onClose={onClose}
      title={t("act.rule")}
      submit={t("talk.doRule")}
      version={lead.version}
      draft={`ruling.${dispute?.id}`}
      initial={{ ruled_on: today, unit_id: dispute?.claimant_unit_id, transfer: false }}
      fields={[
        { kind: "record", record: "unit", name: "unit_id", label: t("talk.unit"), known: dispute?.claimant_unit, required: true },
        { kind: "text", name: "document", label: t("talk.document"), required: true },
        { kind: "area", name: "grounds", label: t("talk.reason"), required: true },
        { kind: "day", name: "ruled_on", label: t("talk.ruledOn"), max: today, required: true },
        { kind: "flag", name: "transfer", label: t("talk.transfer"), hint: t("talk.transferHint") },
      ]}
      act={(values, _, { header, headers }) =>
        api.POST("/api/v1/leads/{lead_id}/first-talk/disputes/{dispute_id}/ruling", {
          params: { path: { lead_id: lead.id, dispute_id: dispute!.id }, header },
          headers,
          body: values as unknown as Schemas["DisputeRule"],
        })
      }
    />
  );
}
