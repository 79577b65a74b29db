import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMe, useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import type { Column } from "@/shared/DataTable";
import { without } from "@/shared/filters/FilterChips";
import { QuickSearch } from "@/shared/filters/QuickSearch";
import { SelectFilter } from "@/shared/filters/SelectFilter";
import { CardLines, ListBar, RecordList } from "@/shared/RecordList";
import { RecordName } from "@/shared/RecordName";
import { Empty } from "@/shared/StateView";
import { To } from "@/shared/To";
import { usePages } from "@/shared/usePages";
import { readReferrers, type Referrer } from "./api";
import { ReferrerForm } from "./ReferrerForm";
import css from "./referrers.module.css";

export function ReferrersPage() {
  const { t } = useTranslation("referrers");
  const { labels, label, field } = useMeta();
  const me = useMe();
  const navigate = useNavigate();
  const [{ q, kind }, setSearch] = usePageSearch();
  const [isNew, setIsNew] = useState(false);
  const conditions = { ...(q && { q }), ...(kind && { kind }) };
  const pages = usePages<Referrer, Schemas["Page_ReferrerRead_"]>(["referrers", conditions], (asked) => readReferrers(conditions, asked));
  const mayAdd = me.permissions.some((permission) => permission.code === "write");
  const of = (name: string) => said(field("referrer", name));
  const unset = <span className={css.quiet}>{t("common:notFilled")}</span>;
  const add = (
    <Button type="primary" icon={<Plus size={15} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setIsNew(true)}>
      {t("new")}
    </Button>
  );
  const columns: Column<Referrer>[] = [
    {
      key: "name",
      title: of("name"),
      width: 240,
      grows: true,
      frozen: true,
      render: (row) => <b className={css.name}><RecordName of={row} illustrative={row.is_illustrative} /></b>,
      foot: t("total", { shown: countText(pages.first?.count) }),
    },
    { key: "kind", title: of("kind"), width: 190, render: (row) => said(label("ReferrerKind", row.kind)) },
    { key: "organization", title: of("organization"), width: 240, render: (row) => row.organization ?? unset },
    { key: "appointment", title: of("appointment_no"), width: 160, render: (row) => row.appointment_no ?? unset },
    { key: "leads", title: t("leads"), width: 120, align: "right", render: (row) => <To href={`/leads?referrer_id=${row.id}`}>{t("seeLeads")}</To> },
  ];
  return (
    <>
      <Title text={t("common:pages.referrers")} />
      <ListBar acts={mayAdd && add}>
        <QuickSearch value={q} onChange={(next) => setSearch({ q: next })} />
        <SelectFilter
          label={of("kind")}
          value={kind}
          options={labels("ReferrerKind").map((one) => ({ value: one.code, label: said(one) }))}
          onChange={(next) => setSearch({ kind: next })}
        />
      </ListBar>
      <RecordList
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("common:pages.referrers")}
        href={(row) => `/referrers/${row.id}`}
        hasFoot
        onClear={Object.keys(conditions).length ? () => setSearch(without(["q", "kind"])) : undefined}
        empty={<Empty title={t("empty")} text={t("emptyText")}>{mayAdd && add}</Empty>}
        card={(row) => (
          <CardLines
            title={<RecordName of={row} illustrative={row.is_illustrative} />}
            side={said(label("ReferrerKind", row.kind))}
            lines={[row.organization]}
          />
        )}
      />
      <ReferrerForm open={isNew} onClose={() => setIsNew(false)} onDone={(made) => void navigate({ to: `/referrers/${made.id}` })} />
    </>
  );
}
