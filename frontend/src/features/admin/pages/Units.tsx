import { Button, Form, Input, Switch } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe, useMeta, useToday } from "@/app/who";
import { nameOf, said, useTranslation } from "@/i18n";
import { Activity } from "@/shared/Activity";
import type { Column } from "@/shared/DataTable";
import { DayField } from "@/shared/DayField";
import { QuickSearch } from "@/shared/filters/QuickSearch";
import { FormSheet } from "@/shared/FormSheet";
import { EnumSelect, UnitSelect } from "@/shared/forms/choosers";
import { Sheet } from "@/shared/Sheet";
import { QueryView } from "@/shared/StateView";
import { usePages } from "@/shared/usePages";
import { ActButton, Bar, Block, EnumFilter, Facts, Lines, List, ReasonItem, State, useSayDone } from "../parts";
import css from "../admin.module.css";

type Row = Schemas["UnitRow"];
type Unit = Schemas["UnitWithRights"];

export default function Units() {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const me = useMe();
  const [search, change] = usePageSearch();
  const [isNew, setIsNew] = useState(false);
  const query = { ...(search.q && { q: search.q }), ...(search.kind && { kind: search.kind as Row["kind"] }) };
  const isWhole = !search.q && !search.kind;
  const pages = usePages<Row, Schemas["Page_UnitRow_"]>(
    ["units", query],
    async (asked) => {
      const { data } = await api.GET("/api/v1/units", { params: { query: { ...query, ...asked } } });
      return data!;
    },
    200,
  );
  const ordered = isWhole ? treeOf(pages.rows) : pages.rows.map((row) => ({ row, depth: 0 }));
  const depths = new Map(ordered.map(({ row, depth }) => [row.id, depth]));
  const columns: Column<Row>[] = [
    {
      key: "name",
      title: t("units.name"),
      width: 260,
      grows: true,
      frozen: true,
      render: (row) => (
        <b className={css.strong} style={{ paddingLeft: (depths.get(row.id) ?? 0) * 20 }}>
          {nameOf(row)}
        </b>
      ),
    },
    { key: "code", title: t("units.code"), width: 120, render: (row) => row.code },
    { key: "short", title: t("units.short"), width: 120, render: (row) => row.short_name ?? "—" },
    { key: "kind", title: t("units.kind"), width: 130, render: (row) => said(label("UnitKind", row.kind)) },
    { key: "parent", title: t("units.parent"), width: 160, render: (row) => (row.parent ? nameOf(row.parent) : "—") },
    { key: "assessed", title: t("units.assessed"), width: 90, render: (row) => t(row.is_assessed ? "yes" : "no") },
    { key: "closed", title: t("units.closed"), width: 110, render: (row) => row.closed_on ?? "" },
  ];
  return (
    <>
      <Bar
        acts={
          me.permissions.some((one) => one.code === "edit_organizations") && (
            <Button type="primary" icon={<Plus size={14} strokeWidth={1.75} />} onClick={() => setIsNew(true)}>
              {t("units.add")}
            </Button>
          )
        }
      >
        <QuickSearch value={search.q} onChange={(q) => change({ q })} />
        <EnumFilter of="UnitKind" label={t("units.kind")} value={search.kind} onChange={(kind) => change({ kind })} />
      </Bar>
      <List
        pages={{ ...pages, rows: ordered.map(({ row }) => row) }}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("sections.units")}
        onOpen={(row) => change({ open: row.id }, { push: true })}
        card={(row) => <Lines title={nameOf(row)} lines={[`${row.code} · ${said(label("UnitKind", row.kind))}`, row.parent && nameOf(row.parent)]} />}
      />
      {search.open && <UnitSheet id={search.open} onClose={() => change({ open: null })} />}
      {isNew && <EditForm onClose={() => setIsNew(false)} />}
    </>
  );
}

/** Units below their parents, each with its depth. */
function treeOf(rows: readonly Row[]): { row: Row; depth: number }[] {
  const ids = new Set(rows.map((row) => row.id));
  const below = (parent: string | null, depth: number): { row: Row; depth: number }[] =>
    rows
      .filter((row) => (row.parent_id && ids.has(row.parent_id) ? row.parent_id : null) === parent)
      .flatMap((row) => [{ row, depth }, ...below(row.id, depth + 1)]);
  return below(null, 0);
}

function UnitSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const found = queries.useQuery("get", "/api/v1/units/{unit_id}", { params: { path: { unit_id: id } } });
  return (
    <Sheet open title={found.data ? nameOf(found.data) : t("sections.units")} onClose={onClose} width={560}>
      <QueryView query={found}>{(unit) => <Detail unit={unit} />}</QueryView>
    </Sheet>
  );
}

function Detail({ unit }: { unit: Unit }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const [open, setOpen] = useState<"edit" | "parent" | null>(null);
  return (
    <>
      <Facts
        rows={[
          [t("units.code"), unit.code],
          [t("units.division"), unit.division_code],
          [t("units.kind"), said(label("UnitKind", unit.kind))],
          [t("units.short"), unit.short_name],
          [t("units.nameEn"), unit.name_en],
          [t("units.parent"), unit.parent && nameOf(unit.parent)],
          [t("units.assessed"), t(unit.is_assessed ? "yes" : "no")],
          [t("units.opened"), unit.opened_on],
          unit.closed_on && [t("units.closed"), <State key="c">{unit.closed_on}</State>],
          [t("source"), unit.source],
        ]}
      />
      <div className={css.buttons}>
        <ActButton reason={unit.may.edit} onClick={() => setOpen("edit")}>
          {t("common:edit")}
        </ActButton>
        <ActButton reason={unit.may.set_parent} onClick={() => setOpen("parent")}>
          {t("units.setParent")}
        </ActButton>
      </div>
      <Block title={t("timeline")}>
        <Activity of="unit" id={unit.id} isBare />
      </Block>
      {open === "edit" && <EditForm unit={unit} onClose={() => setOpen(null)} />}
      {open === "parent" && <ParentForm unit={unit} onClose={() => setOpen(null)} />}
    </>
  );
}

function EditForm({ unit, onClose }: { unit?: Unit; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const done = useSayDone();
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormSheet<Schemas["UnitCreate"] & { closed_on?: string | null }, Schemas["UnitRead"]>
      title={t(unit ? "units.edit" : "units.add")}
      draft={`unit.${unit?.id ?? "new"}`}
      version={unit?.version}
      initial={
        unit
          ? { name: unit.name, name_en: unit.name_en, short_name: unit.short_name, is_assessed: unit.is_assessed, source: unit.source, closed_on: unit.closed_on }
          : { is_assessed: false }
      }
      submit={t(unit ? "common:save" : "units.add")}
      act={({ closed_on, ...body }, { header, headers }) =>
        unit
          ? api.PATCH("/api/v1/units/{unit_id}", {
              params: { path: { unit_id: unit.id }, header },
              body: { name: body.name, name_en: body.name_en, short_name: body.short_name, is_assessed: body.is_assessed, source: body.source, closed_on },
            })
          : api.POST("/api/v1/units", { body, headers })
      }
      onDone={done}
      onClose={onClose}
    >
      <Form.Item name="name" label={t("units.name")} rules={required}>
        <Input autoFocus />
      </Form.Item>
      {!unit && (
        <>
          <Form.Item name="code" label={t("units.code")} rules={required}>
            <Input />
          </Form.Item>
          <Form.Item name="division_code" label={t("units.division")}>
            <Input />
          </Form.Item>
          <Form.Item name="kind" label={t("units.kind")} rules={required}>
            <EnumSelect of="UnitKind" allowClear={false} />
          </Form.Item>
          <Form.Item name="parent_id" label={t("units.parent")}>
            <UnitSelect />
          </Form.Item>
          <Form.Item name="opened_on" label={t("units.opened")}>
            <DayField />
          </Form.Item>
        </>
      )}
      <Form.Item name="short_name" label={t("units.short")}>
        <Input />
      </Form.Item>
      <Form.Item name="name_en" label={t("units.nameEn")}>
        <Input />
      </Form.Item>
      <Form.Item name="is_assessed" label={t("units.assessed")} valuePropName="checked" required>
        <Switch />
      </Form.Item>
      {unit && (
        <Form.Item name="closed_on" label={t("units.closed")}>
          <DayField />
        </Form.Item>
      )}
      <Form.Item name="source" label={t("source")}>
        <Input />
      </Form.Item>
    </FormSheet>
  );
}

function ParentForm({ unit, onClose }: { unit: Unit; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const today = useToday();
  const done = useSayDone();
  return (
    <FormSheet<Schemas["UnitParentSet"], Schemas["UnitRead"] | Schemas["ControlChangeRead"]>
      isShort
      title={t("units.setParent")}
      note={t("units.parentNote")}
      version={unit.version}
      initial={{ parent_id: unit.parent_id, valid_from: today }}
      submit={t("common:save")}
      act={(body, { header, headers }) =>
        api.POST("/api/v1/units/{unit_id}/parents", {
          params: { path: { unit_id: unit.id }, header },
          body: { ...body, parent_id: body.parent_id ?? null },
          headers,
        })
      }
      onDone={done}
      onClose={onClose}
    >
      <Form.Item name="parent_id" label={t("units.parent")}>
        <UnitSelect />
      </Form.Item>
      <Form.Item name="valid_from" label={t("units.from")} rules={[{ required: true, message: t("common:required") }]}>
        <DayField />
      </Form.Item>
      <ReasonItem isOptional hint={t("reasonHint")} />
    </FormSheet>
  );
}
