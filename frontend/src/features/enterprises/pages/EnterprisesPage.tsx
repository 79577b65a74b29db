import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMe, useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import type { Column } from "@/shared/DataTable";
import { daysBetween } from "@/shared/days";
import { FilterChips, without } from "@/shared/filters/FilterChips";
import { conditionsOf, type FilterField } from "@/shared/filters/fields";
import { QuickSearch } from "@/shared/filters/QuickSearch";
import { SelectFilter } from "@/shared/filters/SelectFilter";
import { Money } from "@/shared/Money";
import { CardLines, ListBar, RecordList } from "@/shared/RecordList";
import { RecordName } from "@/shared/RecordName";
import { Empty } from "@/shared/StateView";
import { pageOf, To } from "@/shared/To";
import { usePages } from "@/shared/usePages";
import { type EnterpriseRow, readEnterprises } from "../api";
import { EnterpriseForm } from "../components/EnterpriseForm";
import css from "../enterprises.module.css";

export function EnterprisesPage() {
  const { t } = useTranslation("enterprises");
  const { labels, label } = useMeta();
  const me = useMe();
  const today = useToday();
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const [isNew, setIsNew] = useState(false);
  const fields: FilterField[] = [{ kind: "records", param: "parent_id", title: t("group"), record: "enterprise" }];
  const choices = (kind: "Origin" | "Ownership") => labels(kind).map((one) => ({ value: one.code, label: said(one) }));
  const conditions = conditionsOf(search, [
    ...fields,
    { kind: "choice", param: "origin", title: "", options: [] },
    { kind: "choice", param: "ownership", title: "", options: [] },
  ]);
  const isFiltered = Object.keys(conditions).length > 0;
  const pages = usePages<EnterpriseRow, Awaited<ReturnType<typeof readEnterprises>>>(["enterprises", conditions], (asked) =>
    readEnterprises(conditions, asked),
  );
  const mayAdd = me.permissions.some((permission) => permission.code === "write");
  const add = (
    <Button type="primary" icon={<Plus size={15} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setIsNew(true)}>
      {t("new")}
    </Button>
  );

  const contact = (row: EnterpriseRow) => {
    const day = row.business?.last_contact_on;
    return day ? (
      <span title={day}>{t("daysAgo", { count: daysBetween(day, today) })}</span>
    ) : (
      <span className={css.quiet}>{t("noContact")}</span>
    );
  };
  const name = (row: EnterpriseRow) => (
    <>
      <b className={css.name}>
        <RecordName of={row} illustrative={row.is_illustrative} />
      </b>
      {row.merged_into && <span className={`${css.quiet} ${css.into}`}>{t("mergedInto", { name: row.merged_into.name })}</span>}
    </>
  );
  const columns: Column<EnterpriseRow>[] = [
    { key: "name", title: t("name"), width: 260, grows: true, frozen: true, render: name, foot: t("total", { shown: countText(pages.first?.count) }) },
    { key: "origin", title: t("origin"), width: 172, render: (row) => (row.origin ? said(label("Origin", row.origin)) : <Unset />) },
    { key: "ownership", title: t("ownership"), width: 140, render: (row) => (row.ownership ? said(label("Ownership", row.ownership)) : <Unset />) },
    { key: "industry", title: t("industry"), width: 190, render: (row) => (row.industry ? said(row.industry) : <Unset />) },
    {
      key: "parent",
      title: t("group"),
      width: 150,
      render: (row) => (row.parent ? <To href={`/enterprises/${row.parent.id}`}><RecordName of={row.parent} /></To> : "—"),
    },
    {
      key: "projects",
      title: t("projects"),
      width: 80,
      align: "right",
      render: (row) =>
        row.business?.projects ? <To href={pageOf(row.business.projects_url)!}>{countText(row.business.projects)}</To> : <span className={css.quiet}>0</span>,
    },
    { key: "deals", title: t("deals"), width: 80, align: "right", render: (row) => row.business?.deals || <span className={css.quiet}>0</span> },
    {
      key: "signed",
      title: t("signedYi"),
      width: 110,
      align: "right",
      render: (row) =>
        row.business?.deals ? <b className={css.name}><Money yuan={row.business.signed_amount} unit="yi" hasUnit={false} /></b> : <span className={css.quiet}>0</span>,
    },
    { key: "contact", title: t("lastContact"), width: 120, align: "right", render: contact },
  ];

  return (
    <>
      <Title text={t("common:pages.enterprises")} />
      <ListBar acts={mayAdd && add}>
        <QuickSearch value={search.q} onChange={(q) => setSearch({ q })} />
        <SelectFilter label={t("origin")} value={search.origin} options={choices("Origin")} onChange={(origin) => setSearch({ origin })} />
        <SelectFilter label={t("ownership")} value={search.ownership} options={choices("Ownership")} onChange={(ownership) => setSearch({ ownership })} />
        <FilterChips fields={fields} search={search} onChange={setSearch} />
      </ListBar>
      <RecordList
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("common:pages.enterprises")}
        href={(row) => `/enterprises/${row.id}`}
        hasFoot
        onClear={isFiltered ? () => setSearch(without(["q", "origin", "ownership", "parent_id"])) : undefined}
        empty={<Empty title={t("empty")} text={t("emptyText")}>{mayAdd && add}</Empty>}
        card={(row) => (
          <CardLines
            title={name(row)}
            lines={[
              [row.origin && said(label("Origin", row.origin)), row.industry && said(row.industry)].filter(Boolean).join(" · "),
              row.business && (
                <>
                  {t("projectsCount", { count: row.business.projects })} · {t("signed")} <Money yuan={row.business.signed_amount} unit="yi" /> · {contact(row)}
                </>
              ),
            ]}
          />
        )}
      />
      <EnterpriseForm open={isNew} onClose={() => setIsNew(false)} onDone={(made) => void navigate({ to: `/enterprises/${made.id}` })} />
    </>
  );
}

function Unset() {
  const { t } = useTranslation("common");
  return <span className={css.quiet}>{t("notFilled")}</span>;
}
