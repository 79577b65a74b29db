import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Input, Modal } from "antd";
import { CircleAlert, FilePenLine, Pencil, Send, ShieldCheck, Undo2 } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useMe, useMeta, useToday } from "@/app/who";
import { nameOf, said, titled, useTranslation } from "@/i18n";
import { Activity } from "@/shared/Activity";
import { moment, shortDay } from "@/shared/days";
import { blocks } from "@/shared/gates/types";
import { Money } from "@/shared/Money";
import { plainName, RecordName } from "@/shared/RecordName";
import { useMarkSeen } from "@/shared/seen";
import { Sheet } from "@/shared/Sheet";
import { QueryView, Skeleton } from "@/shared/StateView";
import { To } from "@/shared/To";
import { toast } from "@/shared/toast";
import { useAct } from "@/shared/useAct";
import { type Deal, dealQuery } from "../api";
import { AmendSheet, CorrectSheet, TerminateSheet } from "./acts";
import { DraftSheet } from "./DraftSheet";
import { Entries } from "./Entries";
import { Gates } from "./Gates";
import { DealState } from "./parts";
import { ApprovalPreview } from "./PreviewBox";
import css from "./drawer.module.css";

export type Form = "edit" | "amend" | "terminate" | "correct";

export function DealDrawer({ dealId, onClose }: { dealId: string; onClose: () => void }) {
  const { t } = useTranslation("deals");
  const today = useToday();
  const [form, setForm] = useState<Form | null>(null);
  const query = useQuery(dealQuery(dealId));
  const deal = query.data;
  useMarkSeen(deal ? { type: "deal", id: deal.id, code: deal.code, name: deal.title } : null);
  const title = deal ? (
    <div className={css.head}>
      <span className={css.name}>
        {mayJudge(deal) ? t("approveTitle") : <span><RecordName of={{ name: deal.title }} illustrative={deal.is_illustrative} /></span>}
        <DealState deal={deal} isReturned={isReturned(deal)} />
      </span>
      <span className={css.about}>
        <To href={`/projects/${deal.project.id}`}>
          <RecordName of={deal.project} illustrative={deal.is_illustrative} />
        </To>
        {" · "}
        {deal.code}
        {" · "}
        {t("draftedBy", { who: deal.drafted_by_name ?? t("nobody") })}
      </span>
    </div>
  ) : (
    t("agreement")
  );
  return (
    <Sheet open title={title} onClose={onClose} width={600} foot={deal && <Foot deal={deal} onForm={setForm} onGone={onClose} />}>
      <QueryView query={query} skeleton={<Skeleton rows={8} columns={2} />}>
        {(data) => (
          <div className={css.stack}>
            <Facts deal={data} />
            {data.status === "draft" && isReturned(data) && (
              <p className={`${css.note} ${css.warn}`}>
                <Undo2 size={15} strokeWidth={1.75} aria-hidden="true" />
                {t("returnedFor", { reason: data.return_reason })}
              </p>
            )}
            {data.status === "draft" && (
              <>
                <Gates deal={data} />
                {data.may.approve === null && <ApprovalPreview deal={data} />}
                <Whether deal={data} />
              </>
            )}
            {(data.status === "live" || data.status === "terminated") && data.kind === "formal" && <Entries deal={data} />}
            {data.end_reason && (
              <p className={`${css.note} ${css.plain}`}>
                <CircleAlert size={15} strokeWidth={1.75} aria-hidden="true" />
                {t("endedFor", { day: data.ended_on ? shortDay(data.ended_on, today) : "", reason: data.end_reason })}
              </p>
            )}
            <section>
              <h3 className={css.section}>{t("activity")}</h3>
              <Activity of="deal" id={data.id} isBare />
            </section>
          </div>
        )}
      </QueryView>
      {deal && form === "edit" && <DraftSheet deal={deal} onClose={() => setForm(null)} onDone={() => setForm(null)} />}
      {deal && form === "amend" && <AmendSheet deal={deal} onClose={() => setForm(null)} />}
      {deal && form === "terminate" && <TerminateSheet deal={deal} onClose={() => setForm(null)} />}
      {deal && form === "correct" && <CorrectSheet deal={deal} onClose={() => setForm(null)} />}
    </Sheet>
  );
}

/** Whether the deal waits for approval, and the reader may decide on it. */
function mayJudge(deal: Deal): boolean {
  return deal.status === "draft" && deal.submitted_at !== null && ["approve", "return"].some((act) => act in deal.may && deal.may[act] === null);
}

function isReturned(deal: Deal): boolean {
  return deal.status === "draft" && !deal.submitted_at && deal.return_reason !== null;
}

function Facts({ deal }: { deal: Deal }) {
  const { t } = useTranslation("deals");
  const { label, field } = useMeta();
  const today = useToday();
  const of = (name: string) => titled(field("deal", name));
  const none = <span className={css.none}>{t("common:notFilled")}</span>;
  const lines: [string, React.ReactNode][] = [
    [of("kind"), titled(label("DealKind", deal.kind))],
    [of("signed_on"), deal.signed_on ?? none],
    [of("agreement_no"), deal.agreement_no ? <RecordName of={{ name: deal.agreement_no }} /> : none],
    [
      of("investor"),
      deal.investor ? (
        <To href={`/enterprises/${deal.investor.id}`}>{plainName(nameOf(deal.investor))}</To>
      ) : (
        none
      ),
    ],
  ];
  if (deal.original_amount && deal.currency !== "CNY") {
    lines.push([of("original_amount"), [deal.original_amount, deal.currency, deal.rate && `× ${deal.rate}`, deal.rate_on].filter(Boolean).join(" ")]);
  }
  if (deal.approved_at) {
    lines.push([t("approvedBy"), `${deal.approved_by_name ?? t("nobody")} · ${moment(deal.approved_at, today)}${deal.is_single_person ? ` · ${t("single")}` : ""}`]);
  }
  if (deal.override) lines.push([of("override"), deal.override.reason]);
  return (
    <div className={css.facts}>
      <div>
        <span className={css.caption}>{of("agreed_amount")}</span>
        <span className={css.figure}>
          <Money yuan={deal.agreed_amount} decimals={2} />
        </span>
      </div>
      <dl>
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Whether the reader may approve, and why not. */
function Whether({ deal }: { deal: Deal }) {
  const { t } = useTranslation("deals");
  const me = useMe();
  if (!("approve" in deal.may)) return null;
  const why = deal.may.approve;
  return (
    <p className={`${css.note} ${why ? css.plain : css.info}`}>
      <ShieldCheck size={16} strokeWidth={1.75} aria-hidden="true" />
      {why ? said(why) : `${t(me.office.separation ? "mayApproveApart" : "mayApprove")}${t("forGood")}`}
    </p>
  );
}

interface FootProps {
  deal: Deal;
  onForm: (form: Form) => void;
  onGone: () => void;
}

function Foot({ deal, onForm, onGone }: FootProps) {
  const may = (act: string) => act in deal.may && deal.may[act] === null;
  if (mayJudge(deal)) return <Approve deal={deal} onEdit={may("edit") ? () => onForm("edit") : undefined} />;
  if (deal.status === "draft") return <Draft deal={deal} onEdit={() => onForm("edit")} onGone={onGone} />;
  return <Live deal={deal} onForm={onForm} />;
}

function Approve({ deal, onEdit }: { deal: Deal; onEdit?: () => void }) {
  const { t } = useTranslation("deals");
  const me = useMe();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const [isReturning, setIsReturning] = useState(false);
  const [isOverriding, setIsOverriding] = useState(false);
  const gates = queries.useQuery("get", "/api/v1/deals/{deal_id}/gates", { params: { path: { deal_id: deal.id } } });
  const missing = gates.data?.gates.filter(blocks) ?? [];
  const mayOverride = me.permissions.some((one) => one.code === "override_gates") && missing.length > 0 && missing.every((gate) => !gate.is_fixed);
  const approve = useAct<Schemas["DealApprove"], Schemas["DealRead"]>({
    act: async (body, { header, headers }) => {
      const answer = await api.POST("/api/v1/deals/{deal_id}/approval", { params: { path: { deal_id: deal.id }, header }, headers, body });
      // No draft any more, before anything is asked again: what its approval would do is over.
      client.setQueryData(dealQuery(deal.id).queryKey, { ...deal, ...answer.data });
      return answer;
    },
    version: () => deal.version,
    onDone: () => toast(t("done.approved", { code: deal.code })),
    onRefused: (problem) => {
      // The list of what is missing is read again: it shows what the refusal names.
      if (problem.document.gates?.length) void gates.refetch();
      return false;
    },
  });
  const mayApprove = deal.may.approve === null;
  const send = (override?: Schemas["Override"]) =>
    approve.mutate({ ...(note.trim() && { note: note.trim() }), ...(override && { override }) });
  return (
    <div className={css.foot}>
      <Input value={note} placeholder={t("notePlaceholder")} aria-label={t("note")} onChange={(event) => setNote(event.target.value)} maxLength={500} />
      {onEdit && (
        <Button aria-label={t("edit")} title={t("edit")} icon={<Pencil size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={onEdit} />
      )}
      {deal.may.return === null && (
        <Button danger onClick={() => setIsReturning(true)}>
          {t("return")}
        </Button>
      )}
      {mayApprove && missing.length > 0 && mayOverride && <Button onClick={() => setIsOverriding(true)}>{t("override")}</Button>}
      {mayApprove && (
        <Button
          type="primary"
          disabled={missing.length > 0}
          loading={approve.isPending}
          icon={<FilePenLine size={14} strokeWidth={1.75} aria-hidden="true" />}
          onClick={() => send()}
        >
          {missing.length ? t("approveLacks", { count: missing.length }) : t("approve")}
        </Button>
      )}
      {isReturning && <Return deal={deal} start={note} onClose={() => setIsReturning(false)} />}
      {isOverriding && (
        <Override
          gates={missing}
          onClose={() => setIsOverriding(false)}
          onSend={(reason) => {
            setIsOverriding(false);
            send({ gates: missing.map((gate) => gate.code), reason });
          }}
        />
      )}
    </div>
  );
}

function Return({ deal, start, onClose }: { deal: Deal; start: string; onClose: () => void }) {
  const { t } = useTranslation("deals");
  const [reason, setReason] = useState(start);
  const act = useAct<string, Schemas["DealRead"]>({
    act: (text, { header, headers }) =>
      api.POST("/api/v1/deals/{deal_id}/return", { params: { path: { deal_id: deal.id }, header }, headers, body: { reason: text } }),
    version: () => deal.version,
    onDone: () => {
      toast(t("done.returned", { code: deal.code }));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t("returnTitle")}
      okText={t("return")}
      okButtonProps={{ danger: true, disabled: !reason.trim() }}
      confirmLoading={act.isPending}
      onCancel={onClose}
      onOk={() => act.mutate(reason.trim())}
    >
      <Input.TextArea autoFocus value={reason} aria-label={t("reason")} placeholder={t("returnPlaceholder")} autoSize={{ minRows: 3 }} onChange={(event) => setReason(event.target.value)} />
    </Modal>
  );
}

function Override({ gates, onClose, onSend }: { gates: readonly Schemas["GateRead"][]; onClose: () => void; onSend: (reason: string) => void }) {
  const { t } = useTranslation("deals");
  const [reason, setReason] = useState("");
  const [isSure, setIsSure] = useState(false);
  return (
    <Modal
      open
      title={t("overrideTitle", { what: gates.map(said).join(t("common:listSeparator")) })}
      okText={t("overrideApprove")}
      okButtonProps={{ danger: true, disabled: !reason.trim() || !isSure }}
      onCancel={onClose}
      onOk={() => onSend(reason.trim())}
    >
      <Input.TextArea autoFocus value={reason} aria-label={t("reason")} placeholder={t("overridePlaceholder")} autoSize={{ minRows: 3 }} onChange={(event) => setReason(event.target.value)} />
      <Checkbox className={css.sure} checked={isSure} onChange={(event) => setIsSure(event.target.checked)}>
        {t("overrideSure")}
      </Checkbox>
    </Modal>
  );
}

function Draft({ deal, onEdit, onGone }: { deal: Deal; onEdit: () => void; onGone: () => void }) {
  const { t } = useTranslation("deals");
  const { modal } = App.useApp();
  const submit = useAct<null, Schemas["DealRead"]>({
    act: (_, { header, headers }) => api.POST("/api/v1/deals/{deal_id}/submission", { params: { path: { deal_id: deal.id }, header }, headers }),
    version: () => deal.version,
    onDone: () => toast(t("done.submitted", { code: deal.code })),
  });
  const discard = useAct<null, Schemas["DealRead"]>({
    act: (_, { header }) => api.DELETE("/api/v1/deals/{deal_id}", { params: { path: { deal_id: deal.id }, header } }),
    version: () => deal.version,
    onDone: onGone,
  });
  const may = (act: string) => act in deal.may && deal.may[act] === null;
  const why = deal.may.submit;
  if (!may("edit") && !may("discard") && !may("submit")) return null;
  return (
    <div className={css.foot}>
      {may("discard") && (
        <Button
          danger
          type="text"
          onClick={() =>
            void modal.confirm({
              title: t("discardTitle", { code: deal.code }),
              content: t("discardText"),
              okText: t("discard"),
              okButtonProps: { danger: true },
              onOk: () => discard.mutateAsync(null),
            })
          }
        >
          {t("discard")}
        </Button>
      )}
      <span className={css.grow} />
      {may("edit") && (
        <Button icon={<Pencil size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={onEdit}>
          {t("edit")}
        </Button>
      )}
      {"submit" in deal.may && why?.code !== "submitted" && (
        <Button
          type="primary"
          disabled={why !== null}
          title={said(why)}
          loading={submit.isPending}
          icon={<Send size={14} strokeWidth={1.75} aria-hidden="true" />}
          onClick={() => submit.mutate(null)}
        >
          {t("submit")}
        </Button>
      )}
    </div>
  );
}

function Live({ deal, onForm }: { deal: Deal; onForm: (form: Form) => void }) {
  const { t } = useTranslation("deals");
  const acts = (["correct", "amend", "terminate"] as const).filter((act) => act in deal.may);
  const open = acts.filter((act) => deal.may[act] === null);
  // What is refused by how the deal stands is not offered; what is refused by who asks says why.
  const refused = acts.find((act) => deal.may[act] && deal.status === "live");
  if (!open.length && !refused) return null;
  return (
    <div className={css.foot}>
      {refused && <small className={css.none}>{said(deal.may[refused])}</small>}
      <span className={css.grow} />
      {open.map((act) => (
        <Button key={act} danger={act === "terminate"} onClick={() => onForm(act)}>
          {t(`act.${act}`)}
        </Button>
      ))}
    </div>
  );
}
