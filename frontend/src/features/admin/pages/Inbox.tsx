import { App, Button, Form, Select } from "antd";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe, useMeta } from "@/app/who";
import { nameOf, said, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import { CountTabs } from "@/shared/CountTabs";
import type { Column } from "@/shared/DataTable";
import { stamp } from "@/shared/days";
import { FormSheet } from "@/shared/FormSheet";
import { pageOfRecord } from "@/shared/records";
import { RefSelect } from "@/shared/RefSelect";
import { Sheet } from "@/shared/Sheet";
import { Empty, QueryView } from "@/shared/StateView";
import { To } from "@/shared/To";
import { toast } from "@/shared/toast";
import { useAct } from "@/shared/useAct";
import { usePages } from "@/shared/usePages";
import { Bar, Block, Code, Facts, Lines, List, ReasonForm, State } from "../parts";
import css from "../admin.module.css";

type Row = Schemas["InboxRow"];
type Item = Schemas["InboxItem"];
type Kind = "project" | "deal" | "lead" | "enterprise";

const TONES: Partial<Record<Row["state"], "ok" | "soon" | "bad">> = { applied: "ok", parked: "soon", waiting: "soon", failed: "bad" };

export function InboxState({ state }: { state: Row["state"] }) {
  const { label } = useMeta();
  return <State tone={TONES[state]}>{said(label("InboxState", state))}</State>;
}

export default function Inbox() {
  const { t } = useTranslation("admin");
  const { label, labels } = useMeta();
  const { modal } = App.useApp();
  const [search, change] = usePageSearch();
  const sources = useQuery({ ...queries.queryOptions("get", "/api/v1/webhook-sources"), enabled: useMe().pages.includes("sources") });
  const query = { ...(search.state && { state: search.state as Row["state"] }), ...(search.source_id && { source_id: search.source_id }) };
  const pages = usePages<Row, Schemas["InboxList"]>(["inbox", query], async (asked) => {
    const { data } = await api.GET("/api/v1/inbox", { params: { query: { ...query, ...asked, with: "count" } } });
    return data!;
  });
  const replay = useAct<undefined, Schemas["Replayed"]>({
    act: (_, { headers }) => api.POST("/api/v1/inbox/replay", { params: { query }, headers }),
    onDone: ({ count }) => toast(t("inbox.replayed", { count })),
  });
  const counts = pages.first?.counts ?? {};
  const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
  const columns: Column<Row>[] = [
    { key: "at", title: t("inbox.at"), width: 140, render: (row) => stamp(row.received_at) },
    { key: "state", title: t("inbox.state"), width: 110, render: (row) => <InboxState state={row.state} /> },
    { key: "source", title: t("inbox.source"), width: 160, render: (row) => nameOf(row.source) },
    { key: "type", title: t("inbox.type"), width: 160, render: (row) => row.type ?? "—" },
    { key: "external", title: t("inbox.external"), width: 130, render: (row) => row.external_id ?? "—" },
    { key: "why", title: t("inbox.why"), width: 260, grows: true, render: (row) => row.errors.map(said).join(" ") },
  ];
  async function askReplay() {
    const isSure = await modal.confirm({ icon: null, title: t("inbox.replayAll"), content: t("inbox.replayAllText"), okText: t("inbox.replay") });
    if (isSure) replay.mutate(undefined);
  }
  return (
    <>
      <CountTabs
        label={t("inbox.state")}
        current={search.state ?? ""}
        onChange={(state) => change({ state })}
        tabs={[
          { key: "", label: t("common:all"), count: total },
          ...labels("InboxState")
            .filter((one) => counts[one.code])
            .map((one) => ({ key: one.code, label: said(label("InboxState", one.code)), count: counts[one.code] })),
        ]}
      />
      <Bar
        acts={
          <Button icon={<RotateCw size={14} strokeWidth={1.75} />} loading={replay.isPending} onClick={() => void askReplay()}>
            {t("inbox.replayAll")}
          </Button>
        }
      >
        {sources.data && (
          <Select
            className={css.filter}
            aria-label={t("inbox.source")}
            placeholder={t("inbox.source")}
            allowClear
            value={search.source_id}
            options={sources.data.items.map((one) => ({ value: one.id, label: one.name }))}
            onChange={(source_id?: string) => change({ source_id: source_id ?? null })}
          />
        )}
      </Bar>
      <List
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("sections.inbox")}
        onOpen={(row) => change({ open: row.id }, { push: true })}
        card={(row) => (
          <Lines title={row.type ?? row.message_id} side={<InboxState state={row.state} />} lines={[`${nameOf(row.source)} · ${stamp(row.received_at)}`, row.errors.map(said).join(" ")]} />
        )}
        empty={<Empty title={t("inbox.empty")} />}
        note={t("inbox.count", { count: pages.first?.count?.value ?? 0, shown: countText(pages.first?.count) })}
      />
      {search.open && <Message id={search.open} onClose={() => change({ open: null })} />}
    </>
  );
}

function Message({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const found = useQuery({
    ...queries.queryOptions("get", "/api/v1/inbox/{inbox_id}", { params: { path: { inbox_id: id } } }),
    // What is done again is done in a moment.
    refetchInterval: ({ state }) => (state.data?.state === "received" ? 2_000 : false),
  });
  return (
    <Sheet open title={found.data?.type ?? t("inbox.message")} onClose={onClose} width={600}>
      <QueryView query={found}>{(item) => <Detail item={item} />}</QueryView>
    </Sheet>
  );
}

function Detail({ item }: { item: Item }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const [open, setOpen] = useState<"link" | "dismiss" | "skip" | null>(null);
  const path = { inbox_id: item.id };
  const body = useQuery({
    queryKey: ["inbox-body", item.id],
    queryFn: async () => (await api.GET("/api/v1/inbox/{inbox_id}/body", { params: { path }, parseAs: "text" })).data as unknown as string,
  });
  const replay = useAct<undefined, Item>({
    act: (_, { headers }) => api.POST("/api/v1/inbox/{inbox_id}/replay", { params: { path }, headers }),
    onDone: (now) => toast(`${t("inbox.state")}：${said(label("InboxState", now.state))}`),
  });
  const isSettled = item.state === "applied" || item.state === "dismissed";
  return (
    <>
      <Facts
        rows={[
          [t("inbox.state"), <InboxState key="s" state={item.state} />],
          [t("inbox.source"), nameOf(item.source)],
          [t("inbox.at"), stamp(item.received_at)],
          item.settled_at && [t("inbox.settled"), stamp(item.settled_at)],
          [t("inbox.external"), item.external_id],
          item.sequence !== null && [t("inbox.sequence"), item.sequence],
          [t("inbox.messageId"), item.message_id],
        ]}
      />
      {item.errors.length > 0 && (
        <Block title={t("inbox.why")}>
          <ul className={css.lines}>
            {item.errors.map((one) => (
              <li key={one.pointer + one.code}>
                <span>
                  {said(one)}
                  <small>{one.pointer}</small>
                </span>
              </li>
            ))}
          </ul>
        </Block>
      )}
      {item.changed.length > 0 && (
        <Block title={t("inbox.changed")}>
          <ul className={css.lines}>
            {item.changed.map((one) => {
              const page = pageOfRecord(one.type, one.id);
              return <li key={one.id}>{page ? <To href={page}>{said(label("Kind", one.type))}</To> : <span>{said(label("Kind", one.type))}</span>}</li>;
            })}
          </ul>
        </Block>
      )}
      {!isSettled && (
        <div className={css.buttons}>
          {item.object_kind && (
            <Button type="primary" onClick={() => setOpen("link")}>
              {t("inbox.link")}
            </Button>
          )}
          <Button loading={replay.isPending} onClick={() => replay.mutate(undefined)}>
            {t("inbox.replay")}
          </Button>
          {(item.state === "waiting" || item.state === "parked") && item.sequence !== null && <Button onClick={() => setOpen("skip")}>{t("inbox.skip")}</Button>}
          <Button onClick={() => setOpen("dismiss")}>{t("inbox.dismiss")}</Button>
        </div>
      )}
      <Block title={t("inbox.body")}>
        <QueryView query={body}>{(text) => <Code>{text}</Code>}</QueryView>
      </Block>
      {open === "link" && <LinkForm item={item} onClose={() => setOpen(null)} />}
      {open === "dismiss" && (
        <ReasonForm
          title={t("inbox.dismiss")}
          note={t("inbox.dismissNote")}
          submit={t("inbox.dismiss")}
          act={(reason, { headers }) => api.POST("/api/v1/inbox/{inbox_id}/dismissal", { params: { path }, body: { reason }, headers })}
          onClose={() => setOpen(null)}
        />
      )}
      {open === "skip" && (
        <ReasonForm
          title={t("inbox.skip")}
          note={t("inbox.skipNote")}
          submit={t("inbox.skip")}
          act={(reason, { headers }) => api.POST("/api/v1/inbox/{inbox_id}/skip", { params: { path }, body: { reason }, headers })}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

const KINDS: readonly Kind[] = ["project", "deal", "lead", "enterprise"];

function LinkForm({ item, onClose }: { item: Item; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const kind = KINDS.find((one) => one === item.object_kind) ?? "project";
  const kinds = KINDS.map((one) => ({ value: one, label: said(label("Kind", one)) }));
  return (
    <FormSheet<{ kind: Kind; record_id: string }, Item>
      isShort
      title={t("inbox.link")}
      note={t("inbox.linkNote", { id: item.external_id ?? item.message_id })}
      initial={{ kind }}
      submit={t("inbox.link")}
      act={(body, { headers }) => api.POST("/api/v1/inbox/{inbox_id}/link", { params: { path: { inbox_id: item.id } }, body, headers })}
      onDone={(now) => toast(`${t("inbox.state")}：${said(label("InboxState", now.state))}`)}
      onClose={onClose}
    >
      {(values) => (
        <>
          <Form.Item name="kind" label={t("inbox.kind")} required>
            <Select options={kinds} />
          </Form.Item>
          <Form.Item name="record_id" label={t("inbox.record")} rules={[{ required: true, message: t("common:required") }]}>
            <RefSelect kind={values.kind ?? kind} autoFocus style={{ width: "100%" }} />
          </Form.Item>
        </>
      )}
    </FormSheet>
  );
}
