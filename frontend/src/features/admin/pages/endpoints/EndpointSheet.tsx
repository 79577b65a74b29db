import { App, Button, Switch } from "antd";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { nameOf, said, useTranslation } from "@/i18n";
import { stamp } from "@/shared/days";
import { Sheet } from "@/shared/Sheet";
import { QueryView } from "@/shared/StateView";
import { toast } from "@/shared/toast";
import { useAct } from "@/shared/useAct";
import { ActButton, Block, Facts, State } from "../../parts";
import css from "../../admin.module.css";
import { Deliveries } from "./Deliveries";
import { EditForm, ReplayForm } from "./forms";

type Row = Schemas["EndpointRow"];
type Endpoint = Schemas["EndpointWithRights"];
type Issued = Schemas["EndpointIssued"];

export function EndpointState({ of }: { of: Row | Endpoint }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  if (of.disabled) return <State tone="bad">{said(label("Disabled", of.disabled))}</State>;
  if (!of.is_active) return <State>{t("endpoints.off")}</State>;
  if (of.failing_since) return <State tone="soon">{t("endpoints.failing")}</State>;
  return <State tone="ok">{t("endpoints.on")}</State>;
}

interface SheetProps {
  id: string;
  onIssued: (issued: Issued) => void;
  onClose: () => void;
  onDelivery: (id: string) => void;
}

/** One endpoint with every act on it and what was sent to it. */
export function EndpointSheet({ id, onIssued, onClose, onDelivery }: SheetProps) {
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
