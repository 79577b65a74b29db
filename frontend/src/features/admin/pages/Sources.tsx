import { App, Button, Form, Input, Select, Switch } from "antd";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe, useMeta } from "@/app/who";
import { nameOf, said, useTranslation } from "@/i18n";
import type { Column } from "@/shared/DataTable";
import { stamp } from "@/shared/days";
import { FormSheet } from "@/shared/FormSheet";
import { EnumSelect, UnitSelect } from "@/shared/forms/choosers";
import { SecretDialog } from "@/shared/SecretDialog";
import { Sheet } from "@/shared/Sheet";
import { Empty, QueryView } from "@/shared/StateView";
import { To } from "@/shared/To";
import { useAct } from "@/shared/useAct";
import { usePages } from "@/shared/usePages";
import { ActButton, Bar, Block, Facts, Lines, List, ReasonItem, State, useSayDone } from "../parts";
import css from "../admin.module.css";

type Row = Schemas["SourceRow"];
type Source = Schemas["SourceWithRights"];
type Issued = Schemas["SourceIssued"];

function SourceState({ of }: { of: Row | Source }) {
  const { t } = useTranslation("admin");
  if (!of.is_active) return <State>{t("endpoints.off")}</State>;
  if (of.pending_change_id) return <State tone="soon">{t("sources.pending")}</State>;
  return <State tone="ok">{t("endpoints.on")}</State>;
}

export default function Sources() {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const me = useMe();
  const [search, change] = usePageSearch();
  const [isNew, setIsNew] = useState(false);
  const [issued, setIssued] = useState<Issued | null>(null);
  const pages = usePages<Row, { items: Row[]; next_cursor: null }>(["sources"], async () => {
    const { data } = await api.GET("/api/v1/webhook-sources", { params: { query: { include: "counts" } } });
    return { items: data!.items, next_cursor: null };
  });
  const columns: Column<Row>[] = [
    { key: "name", title: t("sources.name"), width: 200, grows: true, frozen: true, render: (row) => <b className={css.strong}>{row.name}</b> },
    { key: "state", title: t("endpoints.state"), width: 130, render: (row) => <SourceState of={row} /> },
    { key: "trust", title: t("sources.trust"), width: 110, render: (row) => t(row.is_trusted ? "yes" : "no") },
    { key: "unit", title: t("sources.unit"), width: 150, render: (row) => (row.unit ? nameOf(row.unit) : t("endpoints.allUnits")) },
    { key: "order", title: t("sources.order"), width: 170, render: (row) => said(label("SourceOrder", row.order)) },
    { key: "last", title: t("sources.last"), width: 140, render: (row) => (row.last_received_at ? stamp(row.last_received_at) : "—") },
    { key: "count", title: t("sources.count"), width: 90, align: "right", render: (row) => Object.values(row.counts ?? {}).reduce((sum, one) => sum + one, 0) },
  ];
  return (
    <>
      <Bar
        acts={
          me.permissions.some((one) => one.code === "operate") && (
            <Button type="primary" icon={<Plus size={14} strokeWidth={1.75} />} onClick={() => setIsNew(true)}>
              {t("sources.add")}
            </Button>
          )
        }
      />
      <List
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("sections.sources")}
        onOpen={(row) => change({ open: row.id }, { push: true })}
        card={(row) => <Lines title={row.name} side={<SourceState of={row} />} lines={[row.last_received_at && stamp(row.last_received_at)]} />}
        empty={<Empty title={t("sources.empty")} text={t("sources.emptyText")} />}
      />
      {search.open && <SourceSheet id={search.open} onIssued={setIssued} onClose={() => change({ open: null })} />}
      {isNew && <EditForm onClose={() => setIsNew(false)} onIssued={setIssued} />}
      {issued && (
        <SecretDialog
          title={t("endpoints.secretOf", { name: issued.name })}
          note={t("sources.secretNote")}
          secrets={[
            { label: t("sources.address"), text: issued.address },
            { label: t("endpoints.secret"), text: issued.secret },
          ]}
          onClose={() => setIssued(null)}
        />
      )}
    </>
  );
}

interface SheetProps {
  onIssued: (issued: Issued) => void;
  onClose: () => void;
}

function SourceSheet({ id, ...rest }: SheetProps & { id: string }) {
  const { t } = useTranslation("admin");
  const found = queries.useQuery("get", "/api/v1/webhook-sources/{source_id}", { params: { path: { source_id: id } } });
  return (
    <Sheet open title={found.data?.name ?? t("sections.sources")} onClose={rest.onClose} width={600}>
      <QueryView query={found}>{(one) => <Detail of={one} {...rest} />}</QueryView>
    </Sheet>
  );
}

function Detail({ of, onIssued, onClose }: SheetProps & { of: Source }) {
  const { t } = useTranslation("admin");
  const { label, stage } = useMeta();
  const { modal } = App.useApp();
  const me = useMe();
  const [isEditing, setIsEditing] = useState(false);
  const units = queries.useQuery("get", "/api/v1/units", { params: { query: { limit: 200 } } }, { staleTime: 600_000 });
  const path = { source_id: of.id };
  const version = () => of.version;
  const rotate = useAct<undefined, Issued>({
    version,
    act: (_, { header }) => api.POST("/api/v1/webhook-sources/{source_id}/secret", { params: { path, header } }),
    onDone: onIssued,
  });
  const remove = useAct<undefined, unknown>({
    version,
    act: (_, { header }) => api.DELETE("/api/v1/webhook-sources/{source_id}", { params: { path, header } }),
    onDone: onClose,
  });
  async function ask(title: string, content: string, run: () => void) {
    if (await modal.confirm({ icon: null, title, content, okText: title })) run();
  }
  const unitName = (id: string) => {
    const found = units.data?.items.find((one) => one.id === id);
    return found ? nameOf(found) : id;
  };
  const stageName = (code: string) => {
    const found = stage(code);
    return found ? said({ zh: found.name_zh, en: found.name_en }) : code;
  };
  return (
    <>
      <Facts
        rows={[
          [t("endpoints.state"), <SourceState key="s" of={of} />],
          of.pending_change_id && [
            t("sources.pending"),
            <To key="p" href={`/admin/control-changes?open=${of.pending_change_id}`}>
              {t("look")}
            </To>,
          ],
          [t("sources.trust"), t(of.is_trusted ? "yes" : "no")],
          [t("sources.unit"), of.unit ? nameOf(of.unit) : t("endpoints.allUnits")],
          [t("sources.order"), said(label("SourceOrder", of.order))],
          [t("sources.networks"), of.networks.join(t("common:listSeparator")) || t("sources.anywhere")],
          of.confirmed_at && [t("sources.confirmed"), `${of.confirmed_by_name ?? ""} · ${stamp(of.confirmed_at)}`],
          of.previous_until && [t("endpoints.previous"), stamp(of.previous_until)],
        ]}
      />
      <div className={css.buttons}>
        <ActButton reason={of.may.edit} onClick={() => setIsEditing(true)}>
          {t("common:edit")}
        </ActButton>
        <ActButton reason={of.may.rotate} onClick={() => void ask(t("endpoints.rotate"), t("endpoints.rotateText"), () => rotate.mutate(undefined))}>
          {t("endpoints.rotate")}
        </ActButton>
        <ActButton danger reason={of.may.remove} onClick={() => void ask(t("sources.remove"), t("sources.removeText"), () => remove.mutate(undefined))}>
          {t("sources.remove")}
        </ActButton>
        {me.pages.includes("inbox") && <To href={`/admin/inbox?source_id=${of.id}`}>{t("sections.inbox")}</To>}
      </div>
      <Block title={t("sources.mapping")}>
        {Object.keys(of.units).length + Object.keys(of.stages).length ? (
          <table className={css.grid}>
            <thead>
              <tr>
                <th>{t("sources.theirs")}</th>
                <th>{t("sources.ours")}</th>
              </tr>
            </thead>
            <tbody>
              {Object.entries(of.units).map(([theirs, ours]) => (
                <tr key={`u${theirs}`}>
                  <td>{theirs}</td>
                  <td>{unitName(ours)}</td>
                </tr>
              ))}
              {Object.entries(of.stages).map(([theirs, ours]) => (
                <tr key={`s${theirs}`}>
                  <td>{theirs}</td>
                  <td>{stageName(ours)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <p className={css.quiet}>{t("sources.noMapping")}</p>
        )}
      </Block>
      {isEditing && <EditForm of={of} onClose={() => setIsEditing(false)} onIssued={onIssued} />}
    </>
  );
}

interface Pair {
  theirs: string;
  ours: string;
}

interface Values {
  name: string;
  unit_id?: string | null;
  order: Source["order"];
  is_active: boolean;
  is_trusted: boolean;
  networks: string[];
  units: Pair[];
  stages: Pair[];
  reason?: string;
}

const pairs = (map: Record<string, string>): Pair[] => Object.entries(map).map(([theirs, ours]) => ({ theirs, ours }));
const mapOf = (list: readonly Pair[] | undefined) => Object.fromEntries((list ?? []).map(({ theirs, ours }) => [theirs, ours]));

function EditForm({ of, onClose, onIssued }: { of?: Source; onClose: () => void; onIssued: (issued: Issued) => void }) {
  const { t } = useTranslation("admin");
  const { stages } = useMeta();
  const done = useSayDone();
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormSheet<Values, Issued | Schemas["SourceRead"] | Schemas["ControlChangeRead"]>
      title={t(of ? "sources.edit" : "sources.add")}
      note={t("sources.note")}
      draft={`source.${of?.id ?? "new"}`}
      version={of?.version}
      initial={
        of
          ? {
              name: of.name,
              unit_id: of.unit_id,
              order: of.order,
              is_active: of.is_active,
              is_trusted: of.is_trusted || Boolean(of.wants_trust),
              networks: of.networks,
              units: pairs(of.units),
              stages: pairs(of.stages),
            }
          : { order: "sequence", is_active: true, is_trusted: false, networks: [], units: [], stages: [] }
      }
      submit={t(of ? "common:save" : "sources.add")}
      act={({ units, stages: mapped, reason, ...rest }, { header }) => {
        const body = { ...rest, unit_id: rest.unit_id ?? null, units: mapOf(units), stages: mapOf(mapped), reason: reason || null };
        return of
          ? api.PATCH("/api/v1/webhook-sources/{source_id}", { params: { path: { source_id: of.id }, header }, body })
          : api.POST("/api/v1/webhook-sources", { body });
      }}
      onDone={(answer) => ("secret" in answer ? onIssued(answer as Issued) : done(answer))}
      onClose={onClose}
      width={600}
    >
      <Form.Item name="name" label={t("sources.name")} rules={required}>
        <Input autoFocus />
      </Form.Item>
      <Form.Item name="unit_id" label={t("sources.unit")} extra={t("sources.unitHint")}>
        <UnitSelect />
      </Form.Item>
      <Form.Item name="order" label={t("sources.order")} required>
        <EnumSelect of="SourceOrder" allowClear={false} />
      </Form.Item>
      <Form.Item name="networks" label={t("sources.networks")} extra={t("sources.networksHint")}>
        <Select mode="tags" tokenSeparators={[",", " "]} open={false} />
      </Form.Item>
      <Form.Item name="is_active" label={t("endpoints.active")} valuePropName="checked" required>
        <Switch />
      </Form.Item>
      <Form.Item name="is_trusted" label={t("sources.trust")} extra={t("sources.trustHint")} valuePropName="checked" required>
        <Switch />
      </Form.Item>
      <Mapping name="units" title={t("sources.unitMap")} ours={<UnitSelect placeholder={t("sources.ours")} />} />
      <Mapping
        name="stages"
        title={t("sources.stageMap")}
        ours={<Select placeholder={t("sources.ours")} options={stages.map((one) => ({ value: one.code, label: said({ zh: one.name_zh, en: one.name_en }) }))} />}
      />
      <ReasonItem isOptional hint={t("reasonHint")} />
    </FormSheet>
  );
}

/** Words of theirs, and what they mean here. */
function Mapping({ name, title, ours }: { name: string; title: string; ours: React.ReactNode }) {
  const { t } = useTranslation("admin");
  const required = [{ required: true, message: t("common:required") }];
  return (
    <Form.Item label={title}>
      <Form.List name={name}>
        {(fields, { add, remove }) => (
          <div className={css.stack}>
            {fields.map((field) => (
              <div key={field.key} className={css.pair}>
                <Form.Item name={[field.name, "theirs"]} rules={required} style={{ margin: 0 }}>
                  <Input placeholder={t("sources.theirs")} aria-label={t("sources.theirs")} />
                </Form.Item>
                <Form.Item name={[field.name, "ours"]} rules={required} style={{ flex: 1, margin: 0 }}>
                  {ours}
                </Form.Item>
                <Button type="text" aria-label={t("drop")} icon={<X size={14} strokeWidth={1.75} />} onClick={() => remove(field.name)} />
              </div>
            ))}
            <Button size="small" icon={<Plus size={14} strokeWidth={1.75} />} onClick={() => add({})}>
              {t("sources.addPair")}
            </Button>
          </div>
        )}
      </Form.List>
    </Form.Item>
  );
}
