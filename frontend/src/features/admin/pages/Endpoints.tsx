import { App, Button, Form, Input, Select, Switch } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe, useMeta } from "@/app/who";
import { nameOf, said } from "@/i18n";
import type { Column } from "@/shared/DataTable";
import { stamp } from "@/shared/days";
import { FormSheet } from "@/shared/FormSheet";
import { UnitSelect } from "@/shared/forms/choosers";
import { SecretDialog } from "@/shared/SecretDialog";
import { Sheet } from "@/shared/Sheet";
import { Empty, QueryView } from "@/shared/StateView";
import { toast } from "@/shared/toast";
import { useAct } from "@/shared/useAct";
import { usePages } from "@/shared/usePages";
import { ActButton, Bar, Block, Code, EnumFilter, Facts, Lines, List, State } from "../parts";
import css from "../admin.module.css";

type Row = Schemas["EndpointRow"];
type Endpoint = Schemas["EndpointWithRights"];
type Issued = Schemas["EndpointIssued"];
type Delivery = Schemas["DeliverySummary"];

function EndpointState({ of }: { of: Row | Endpoint }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  if (of.disabled) return <State tone="bad">{said(label("Disabled", of.disabled))}</State>;
  if (!of.is_active) return <State>{t("endpoints.off")}</State>;
  if (of.failing_since) return <State tone="soon">{t("endpoints.failing")}</State>;
  return <State tone="ok">{t("endpoints.on")}</State>;
}

export default function Endpoints() {
  const { t } = useTranslation("admin");
  const me = useMe();
  const [search, change] = usePageSearch();
  const [isNew, setIsNew] = useState(false);
  const [issued, setIssued] = useState<Issued | null>(null);
  const pages = usePages<Row, { items: Row[]; next_cursor: null }>(["endpoints"], async () => {
    const { data } = await api.GET("/api/v1/webhook-endpoints", { params: { query: { include: "health" } } });
    return { items: data!.items, next_cursor: null };
  });
  const columns: Column<Row>[] = [
    { key: "name", title: t("endpoints.name"), width: 180, frozen: true, render: (row) => <b className={css.strong}>{row.name}</b> },
    { key: "state", title: t("endpoints.state"), width: 120, render: (row) => <EndpointState of={row} /> },
    { key: "url", title: t("endpoints.url"), width: 240, grows: true, render: (row) => <span title={row.url}>{row.url}</span> },
    { key: "owner", title: t("endpoints.owner"), width: 130, render: (row) => row.owner_name },
    { key: "ok", title: t("endpoints.succeeded"), width: 100, align: "right", render: (row) => row.health?.succeeded_in_24_hours ?? "—" },
    { key: "failed", title: t("endpoints.failed"), width: 100, align: "right", render: (row) => row.health?.failed_in_24_hours ?? "—" },
    { key: "pending", title: t("endpoints.pending"), width: 80, align: "right", render: (row) => row.health?.pending ?? "—" },
  ];
  return (
    <>
      <Bar
        acts={
          me.permissions.some((one) => one.code === "keep_endpoints") && (
            <Button type="primary" icon={<Plus size={14} strokeWidth={1.75} />} onClick={() => setIsNew(true)}>
              {t("endpoints.add")}
            </Button>
          )
        }
      />
      <List
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("sections.endpoints")}
        onOpen={(row) => change({ open: row.id }, { push: true })}
        card={(row) => <Lines title={row.name} side={<EndpointState of={row} />} lines={[row.url, row.owner_name]} />}
        empty={<Empty title={t("endpoints.empty")} text={t("endpoints.emptyText")} />}
      />
      {me.permissions.some((one) => one.code === "keep_endpoints") && (
        <Block title={t("endpoints.undelivered")}>
          <Deliveries onOpen={(delivery) => change({ delivery }, { push: true })} />
        </Block>
      )}
      {search.open && <EndpointSheet id={search.open} onIssued={setIssued} onClose={() => change({ open: null })} onDelivery={(delivery) => change({ delivery })} />}
      {search.delivery && <DeliverySheet id={search.delivery} onClose={() => change({ delivery: null })} />}
      {isNew && <EditForm onClose={() => setIsNew(false)} onIssued={setIssued} />}
      {issued && (
        <SecretDialog
          title={t("endpoints.secretOf", { name: issued.name })}
          note={t("endpoints.secretNote")}
          secrets={[{ label: t("endpoints.secret"), text: issued.secret }]}
          onClose={() => setIssued(null)}
        />
      )}
    </>
  );
}

/** What was sent, or of one endpoint what was sent to it; a row opens the attempts. */
function Deliveries({ endpointId, onOpen }: { endpointId?: string; onOpen: (id: string) => void }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const [state, setState] = useState<Delivery["state"] | null>(endpointId ? null : "failed");
  const pages = usePages<Delivery, Schemas["Page_DeliverySummary_"]>(
    ["deliveries", endpointId, state],
    async (asked) => {
      const { data } = endpointId
        ? await api.GET("/api/v1/webhook-endpoints/{endpoint_id}/deliveries", {
            params: { path: { endpoint_id: endpointId }, query: { ...asked, ...(state && { state }) } },
          })
        : await api.GET("/api/v1/webhook-deliveries", {
            params: { query: { ...asked, state: (state ?? "failed") as "failed" | "pending" | "withheld" } },
          });
      return data!;
    },
    20,
  );
  return (
    <>
      <Bar>
        <EnumFilter
          of="DeliveryState"
          only={endpointId ? undefined : ["failed", "pending", "withheld"]}
          label={t("endpoints.state")}
          value={state ?? undefined}
          onChange={(next) => setState((next as Delivery["state"]) ?? (endpointId ? null : "failed"))}
        />
      </Bar>
      <QueryView query={pages.query}>
        {() =>
          pages.rows.length ? (
            <>
              <ul className={css.lines}>
                {pages.rows.map((row) => (
                  <li key={row.id}>
                    <span>
                      {row.type}
                      <small>
                        {[!endpointId && row.endpoint_name, stamp(row.created_at), t("endpoints.attempts", { count: row.attempts })].filter(Boolean).join(" · ")}
                      </small>
                    </span>
                    <State tone={row.state === "delivered" ? "ok" : row.state === "failed" ? "bad" : "soon"}>{said(label("DeliveryState", row.state))}</State>
                    <Button size="small" onClick={() => onOpen(row.id)}>
                      {t("common:view")}
                    </Button>
                  </li>
                ))}
              </ul>
              {pages.query.hasNextPage && (
                <Button size="small" loading={pages.query.isFetchingNextPage} onClick={pages.onEnd}>
                  {t("more")}
                </Button>
              )}
            </>
          ) : (
            <p className={css.quiet}>{t("endpoints.noDelivery")}</p>
          )
        }
      </QueryView>
    </>
  );
}

interface SheetProps {
  id: string;
  onIssued: (issued: Issued) => void;
  onClose: () => void;
  onDelivery: (id: string) => void;
}

function EndpointSheet({ id, onIssued, onClose, onDelivery }: SheetProps) {
  const { t } = useTranslation("admin");
  const found = queries.useQuery("get", "/api/v1/webhook-endpoints/{endpoint_id}", { params: { path: { endpoint_id: id } } });
  return (
    <Sheet open title={found.data?.name ?? t("sections.endpoints")} onClose={onClose} width={600}>
      <QueryView query={found}>{(one) => <EndpointDetail of={one} onIssued={onIssued} onClose={onClose} onDelivery={onDelivery} />}</QueryView>
    </Sheet>
  );
}

function EndpointDetail({ of, onIssued, onClose, onDelivery }: Omit<SheetProps, "id"> & { of: Endpoint }) {
  const { t } = useTranslation("admin");
  const { modal } = App.useApp();
  const [open, setOpen] = useState<"edit" | "replay" | null>(null);
  const path = { endpoint_id: of.id };
  const version = () => of.version;
  const health = queries.useQuery("get", "/api/v1/webhook-endpoints/{endpoint_id}/health", { params: { path } });
  const turn = useAct<boolean, Schemas["EndpointRead"]>({
    version,
    act: (is_active, { header }) => api.PATCH("/api/v1/webhook-endpoints/{endpoint_id}", { params: { path, header }, body: { is_active } }),
  });
  const ping = useAct<undefined, Schemas["DeliveryRead"]>({
    act: (_, { headers }) => api.POST("/api/v1/webhook-endpoints/{endpoint_id}/ping", { params: { path }, headers }),
    onDone: (delivery) => toast(t("endpoints.pinged"), { text: t("look"), run: () => onDelivery(delivery.id) }),
  });
  const rotate = useAct<"rotate" | "take_over", Issued>({
    version,
    act: (what, { header }) =>
      what === "rotate"
        ? api.POST("/api/v1/webhook-endpoints/{endpoint_id}/secret", { params: { path, header } })
        : api.POST("/api/v1/webhook-endpoints/{endpoint_id}/owner", { params: { path, header } }),
    onDone: onIssued,
  });
  const remove = useAct<undefined, unknown>({
    version,
    act: (_, { header }) => api.DELETE("/api/v1/webhook-endpoints/{endpoint_id}", { params: { path, header } }),
    onDone: onClose,
  });
  async function ask(title: string, content: string, run: () => void) {
    if (await modal.confirm({ icon: null, title, content, okText: title })) run();
  }
  const { may } = of;
  return (
    <>
      <Facts
        rows={[
          [t("endpoints.state"), <EndpointState key="s" of={of} />],
          [t("endpoints.active"), <Switch key="a" size="small" checked={of.is_active} disabled={Boolean(may.switch) || turn.isPending} aria-label={t("endpoints.active")} onChange={(next) => turn.mutate(next)} />],
          [t("endpoints.url"), of.url],
          [t("endpoints.types"), of.types.join(t("common:listSeparator"))],
          [t("endpoints.unit"), of.unit ? nameOf(of.unit) : t("endpoints.allUnits")],
          [t("endpoints.owner"), of.owner_name],
          of.failing_since && [t("endpoints.failing"), stamp(of.failing_since)],
          of.previous_until && [t("endpoints.previous"), stamp(of.previous_until)],
        ]}
      />
      <div className={css.buttons}>
        <ActButton reason={may.edit} onClick={() => setOpen("edit")}>
          {t("common:edit")}
        </ActButton>
        <ActButton reason={may.edit} loading={ping.isPending} onClick={() => ping.mutate(undefined)}>
          {t("endpoints.ping")}
        </ActButton>
        <ActButton reason={may.edit} onClick={() => setOpen("replay")}>
          {t("endpoints.replay")}
        </ActButton>
        <ActButton reason={may.rotate} onClick={() => void ask(t("endpoints.rotate"), t("endpoints.rotateText"), () => rotate.mutate("rotate"))}>
          {t("endpoints.rotate")}
        </ActButton>
        {!may.take_over && (
          <Button onClick={() => void ask(t("endpoints.takeOver"), t("endpoints.takeOverText"), () => rotate.mutate("take_over"))}>{t("endpoints.takeOver")}</Button>
        )}
        <ActButton danger reason={may.remove} onClick={() => void ask(t("endpoints.remove"), t("endpoints.removeText"), () => remove.mutate(undefined))}>
          {t("endpoints.remove")}
        </ActButton>
      </div>
      <Block title={t("endpoints.health")}>
        <QueryView query={health}>
          {(now) => (
            <div className={css.figures}>
              {(
                [
                  ["succeeded", now.succeeded_in_24_hours],
                  ["failed", now.failed_in_24_hours],
                  ["pending", now.pending],
                ] as const
              ).map(([name, value]) => (
                <div key={name}>
                  <b className={css.figure}>{value}</b>
                  <span>{t(`endpoints.${name}`)}</span>
                </div>
              ))}
              <div>
                <b className={css.figure}>{now.average_milliseconds ?? "—"}</b>
                <span>{t("endpoints.milliseconds")}</span>
              </div>
            </div>
          )}
        </QueryView>
      </Block>
      <Block title={t("endpoints.deliveries")}>
        <Deliveries endpointId={of.id} onOpen={onDelivery} />
      </Block>
      {open === "edit" && <EditForm of={of} onClose={() => setOpen(null)} onIssued={onIssued} />}
      {open === "replay" && <ReplayForm id={of.id} onClose={() => setOpen(null)} />}
    </>
  );
}

function DeliverySheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const found = queries.useQuery("get", "/api/v1/webhook-deliveries/{delivery_id}", { params: { path: { delivery_id: id } } });
  const again = useAct<undefined, Schemas["DeliveryRead"]>({
    act: (_, { headers }) => api.POST("/api/v1/webhook-deliveries/{delivery_id}/redelivery", { params: { path: { delivery_id: id } }, headers }),
    onDone: () => toast(t("endpoints.queued")),
  });
  return (
    <Sheet
      open
      title={found.data?.type ?? t("endpoints.deliveries")}
      onClose={onClose}
      width={560}
      foot={
        <Button type="primary" loading={again.isPending} onClick={() => again.mutate(undefined)}>
          {t("endpoints.redeliver")}
        </Button>
      }
    >
      <QueryView query={found}>
        {(one) => (
          <>
            <Facts
              rows={[
                [t("endpoints.state"), said(label("DeliveryState", one.state))],
                [t("endpoints.name"), one.endpoint_name],
                [t("endpoints.at"), stamp(one.created_at)],
                one.next_at && [t("endpoints.next"), stamp(one.next_at)],
                [t("inbox.messageId"), one.message_id],
              ]}
            />
            <Block title={t("endpoints.made")}>
              {one.made.length ? (
                <ul className={css.lines}>
                  {one.made.map((attempt) => (
                    <li key={attempt.at}>
                      <span>
                        {attempt.status ?? (attempt.error && said(label("NotSent", attempt.error)))}
                        <small>{attempt.answer}</small>
                      </span>
                      <small>
                        {stamp(attempt.at)} · {attempt.milliseconds} ms
                      </small>
                    </li>
                  ))}
                </ul>
              ) : (
                <p className={css.quiet}>{t("endpoints.noAttempt")}</p>
              )}
            </Block>
            {one.body && (
              <Block title={t("inbox.body")}>
                <Code>{one.body}</Code>
              </Block>
            )}
          </>
        )}
      </QueryView>
    </Sheet>
  );
}

function EditForm({ of, onClose, onIssued }: { of?: Endpoint; onClose: () => void; onIssued: (issued: Issued) => void }) {
  const { t } = useTranslation("admin");
  const catalogue = queries.useQuery("get", "/api/v1/webhooks/event-types", {}, { staleTime: Infinity });
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormSheet<Schemas["EndpointCreate"], Issued | Schemas["EndpointRead"]>
      title={t(of ? "endpoints.edit" : "endpoints.add")}
      draft={`endpoint.${of?.id ?? "new"}`}
      version={of?.version}
      initial={of && { name: of.name, url: of.url, types: of.types, unit_id: of.unit_id }}
      submit={t(of ? "common:save" : "endpoints.add")}
      act={(body, { header }) =>
        of
          ? api.PATCH("/api/v1/webhook-endpoints/{endpoint_id}", { params: { path: { endpoint_id: of.id }, header }, body })
          : api.POST("/api/v1/webhook-endpoints", { body })
      }
      onDone={(answer) => "secret" in answer && onIssued(answer)}
      onClose={onClose}
    >
      <Form.Item name="name" label={t("endpoints.name")} rules={required}>
        <Input autoFocus />
      </Form.Item>
      <Form.Item name="url" label={t("endpoints.url")} rules={required} extra={t("endpoints.urlHint")}>
        <Input type="url" placeholder="https://" />
      </Form.Item>
      <Form.Item name="types" label={t("endpoints.types")} rules={required}>
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: "label" }}
          options={(catalogue.data?.sent ?? []).map((one) => ({ value: one.type, label: `${said(one)} ${one.type}` }))}
        />
      </Form.Item>
      <Form.Item name="unit_id" label={t("endpoints.unit")} extra={t("endpoints.unitHint")}>
        <UnitSelect />
      </Form.Item>
    </FormSheet>
  );
}

function ReplayForm({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const { labels } = useMeta();
  return (
    <FormSheet<{ since: string; until?: string; what: "missing" | "all" }, Schemas["ReplayAsked"]>
      isShort
      title={t("endpoints.replay")}
      note={t("endpoints.replayNote")}
      initial={{ what: "missing" }}
      submit={t("endpoints.replay")}
      act={({ since, until, what }, { headers }) =>
        api.POST("/api/v1/webhook-endpoints/{endpoint_id}/replay", {
          params: { path: { endpoint_id: id } },
          body: { since: new Date(since).toISOString(), ...(until && { until: new Date(until).toISOString() }), what },
          headers,
        })
      }
      onDone={() => toast(t("endpoints.queued"))}
      onClose={onClose}
    >
      <Form.Item name="since" label={t("endpoints.since")} rules={[{ required: true, message: t("common:required") }]}>
        <Input type="datetime-local" />
      </Form.Item>
      <Form.Item name="until" label={t("endpoints.until")}>
        <Input type="datetime-local" />
      </Form.Item>
      <Form.Item name="what" label={t("endpoints.what")} required>
        <Select options={labels("ReplayWhat").map((one) => ({ value: one.code, label: said(one) }))} />
      </Form.Item>
    </FormSheet>
  );
}
