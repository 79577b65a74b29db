import { Button } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe } from "@/app/who";
import { useTranslation } from "@/i18n";
import type { Column } from "@/shared/DataTable";
import { SecretDialog } from "@/shared/SecretDialog";
import { Empty } from "@/shared/StateView";
import { usePages } from "@/shared/usePages";
import { Bar, Block, Lines, List } from "../parts";
import css from "../admin.module.css";
import { Deliveries, DeliverySheet } from "./endpoints/Deliveries";
import { EndpointSheet, EndpointState } from "./endpoints/EndpointSheet";
import { EditForm } from "./endpoints/forms";

type Row = Schemas["EndpointRow"];
type Issued = Schemas["EndpointIssued"];

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
