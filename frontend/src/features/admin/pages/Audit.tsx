import { Button, Input, Select } from "antd";
import { Download } from "lucide-react";
import { useState } from "react";
import { api, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMeta } from "@/app/who";
import { said, textFor, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import type { Column } from "@/shared/DataTable";
import { DayField } from "@/shared/DayField";
import { addDays, dayOf, stamp } from "@/shared/days";
import { save } from "@/shared/download";
import { Sheet } from "@/shared/Sheet";
import { useAct } from "@/shared/useAct";
import { usePages } from "@/shared/usePages";
import { Bar, EnumFilter, Facts, Lines, List, State } from "../parts";
import css from "../admin.module.css";

type Row = Schemas["AuditRead"];

const TONES = { done: "plain", failed: "soon", refused: "bad" } as const;
const FILTERS = ["log", "type", "outcome", "actor_id", "subject_id", "address", "from", "to"] as const;

export default function Audit() {
  const { t } = useTranslation("admin");
  const { label, labels, meta } = useMeta();
  const [search, change] = usePageSearch();
  const [open, setOpen] = useState<Row | null>(null);
  const query = Object.fromEntries(FILTERS.flatMap((name) => (search[name] ? [[name, search[name]]] : [])));
  const pages = usePages<Row, Schemas["Page_AuditRead_"]>(["audit", query], async (asked) => {
    const { data } = await api.GET("/api/v1/audit", { params: { query: { ...query, ...asked, with: "count" } } });
    return data!;
  });
  const exporting = useAct<undefined, string>({
    act: async () => {
      const { data } = await api.GET("/api/v1/audit/export", { params: { query }, parseAs: "text" });
      return { data: data as unknown as string };
    },
    onDone: (text) => save(new Blob(["\ufeff", text.replace(/^\ufeff/, "")], { type: "text/csv" }), `${t("sections.audit")}.csv`),
  });
  // The logs tell of real days, whatever the business day is.
  const today = dayOf(new Date().toISOString());
  const days = [
    { key: "today", day: today },
    { key: "yesterday", day: addDays(today, -1) },
  ] as const;
  const types = [
    ...meta.event_types.map((one) => ({ value: one.code, label: said(one) })),
    ...[...labels("SecurityEventType"), ...labels("OfficeEventType")].map((one) => ({ value: one.code, label: said(one) })),
  ];
  const typeName = (code: string) => types.find((one) => one.value === code)?.label ?? code;
  // The labels of the service are of what is searched for; of everything else that the logs tell of, the page knows names.
  const subjectName = (code: string | null) =>
    code ? textFor("admin:audit.subjects", code, said(label("Kind", code))) : "—";
  const columns: Column<Row>[] = [
    { key: "at", title: t("audit.at"), width: 140, render: (row) => stamp(row.at) },
    { key: "who", title: t("audit.who"), width: 150, render: (row) => <b className={css.strong}>{row.actor_name ?? "—"}</b> },
    { key: "what", title: t("audit.what"), width: 220, grows: true, render: (row) => <span title={row.type}>{typeName(row.type)}</span> },
    { key: "outcome", title: t("audit.outcome"), width: 90, render: (row) => <State tone={TONES[row.outcome]}>{said(label("SecurityOutcome", row.outcome))}</State> },
    { key: "subject", title: t("audit.subject"), width: 120, render: (row) => subjectName(row.subject_type) },
    { key: "address", title: t("audit.address"), width: 130, render: (row) => row.address ?? "—" },
    { key: "count", title: t("audit.count"), width: 60, align: "right", render: (row) => (row.count > 1 ? row.count : "") },
  ];
  return (
    <>
      <Bar
        acts={
          <Button icon={<Download size={14} strokeWidth={1.75} />} loading={exporting.isPending} onClick={() => exporting.mutate(undefined)}>
            {t("audit.export")}
          </Button>
        }
      >
        <EnumFilter of="Log" label={t("audit.log")} value={search.log} onChange={(log) => change({ log })} />
        <Select
          className={css.filter}
          style={{ width: 200 }}
          aria-label={t("audit.what")}
          placeholder={t("audit.what")}
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          value={search.type}
          options={types}
          onChange={(type?: string) => change({ type: type ?? null })}
        />
        <EnumFilter of="SecurityOutcome" label={t("audit.outcome")} value={search.outcome} onChange={(outcome) => change({ outcome })} />
        <DayField label={t("audit.from")} placeholder={t("audit.from")} value={search.from ?? null} onChange={(from) => change({ from })} style={{ width: 150 }} />
        <DayField label={t("audit.to")} placeholder={t("audit.to")} value={search.to ?? null} onChange={(to) => change({ to })} style={{ width: 150 }} />
        {days.map(({ key, day }) => {
          const isChosen = search.from === day && search.to === day;
          return (
            <Button key={key} aria-pressed={isChosen} type={isChosen ? "primary" : "default"} onClick={() => change({ from: day, to: day })}>
              {t(`audit.${key}`)}
            </Button>
          );
        })}
        <Input.Search
          aria-label={t("audit.address")}
          placeholder={t("audit.address")}
          defaultValue={search.address}
          allowClear
          style={{ width: 150 }}
          onSearch={(address) => change({ address })}
        />
        {Object.keys(query).length > 0 && (
          <Button type="link" onClick={() => change(Object.fromEntries(FILTERS.map((name) => [name, null])))}>
            {t("clear")}
          </Button>
        )}
      </Bar>
      <List
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("sections.audit")}
        onOpen={setOpen}
        card={(row) => (
          <Lines
            title={typeName(row.type)}
            side={<State tone={TONES[row.outcome]}>{said(label("SecurityOutcome", row.outcome))}</State>}
            lines={[row.actor_name, `${stamp(row.at)} · ${row.address ?? ""}`]}
          />
        )}
        note={t("audit.note", { shown: countText(pages.first?.count), count: pages.first?.count?.value })}
      />
      {open && (
        <Sheet open title={typeName(open.type)} onClose={() => setOpen(null)}>
          <Facts
            rows={[
              [t("audit.at"), stamp(open.at)],
              [t("audit.who"), open.actor_name],
              [t("audit.kind"), open.actor_kind && t(`audit.kinds.${open.actor_kind}`)],
              [t("audit.what"), <span key="what" title={open.type}>{typeName(open.type)}</span>],
              [t("audit.outcome"), said(label("SecurityOutcome", open.outcome))],
              open.reason && [t("act:reason"), open.reason],
              [t("audit.log"), said(label("Log", open.log))],
              [t("audit.subject"), open.subject_type && `${subjectName(open.subject_type)} ${open.subject_id ?? ""}`],
              [t("audit.address"), open.address],
              [t("audit.agent"), open.user_agent],
              [t("audit.request"), open.request_id],
              open.count > 1 && [t("audit.count"), open.count],
            ]}
          />
          <div className={css.buttons}>
            {open.actor_id && (
              <Button onClick={() => (change({ actor_id: open.actor_id }), setOpen(null))}>{t("audit.sameActor")}</Button>
            )}
            {open.subject_id && (
              <Button onClick={() => (change({ subject_id: open.subject_id }), setOpen(null))}>{t("audit.sameSubject")}</Button>
            )}
          </div>
        </Sheet>
      )}
    </>
  );
}
