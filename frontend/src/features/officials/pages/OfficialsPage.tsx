import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { CircleAlert, ListChecks, Plus } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMe, useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import type { Column } from "@/shared/DataTable";
import { FilterChips, without } from "@/shared/filters/FilterChips";
import { conditionsOf, type FilterField } from "@/shared/filters/fields";
import { QuickSearch } from "@/shared/filters/QuickSearch";
import { RecordFilter } from "@/shared/filters/RecordFilter";
import { CardLines, ListBar, RecordList } from "@/shared/RecordList";
import { RecordName } from "@/shared/RecordName";
import { Empty } from "@/shared/StateView";
import { pageOf, To } from "@/shared/To";
import { usePages } from "@/shared/usePages";
import { type OfficialRow, readOfficials } from "../api";
import { OfficialForm } from "../components/OfficialForm";
import css from "../officials.module.css";

export function OfficialsPage() {
  const { t } = useTranslation("officials");
  const me = useMe();
  const today = useToday();
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const [isNew, setIsNew] = useState(false);
  const fields: FilterField[] = [{ kind: "records", param: "unit_id", title: t("unit"), record: "unit" }];
  const conditions = conditionsOf(search, fields);
  const pages = usePages<OfficialRow, Schemas["Page_OfficialRow_"]>(["officials", conditions], (asked) => readOfficials(conditions, asked));
  const may = (right: string) => me.permissions.some((permission) => permission.code === right);
  const add = (
    <Button type="primary" icon={<Plus size={15} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setIsNew(true)}>
      {t("new")}
    </Button>
  );
  const posts = (row: OfficialRow) => {
    const now = row.posts.filter((post) => !post.ended_on || post.ended_on > today);
    if (!now.length) return <span className={css.warn}>{t("noPost")}</span>;
    return now.map((post) => `${post.unit_name} ${post.title}`).join(t("common:listSeparator"));
  };
  const overdue = (row: OfficialRow) =>
    row.led?.overdue ? (
      <To className={css.over} href={pageOf(row.led.overdue_url)!}>
        <CircleAlert size={12} strokeWidth={1.75} aria-hidden="true" />
        {t("overdueCount", { count: row.led.overdue })}
      </To>
    ) : (
      <span className={css.quiet}>0</span>
    );
  const columns: Column<OfficialRow>[] = [
    {
      key: "name",
      title: t("name"),
      width: 180,
      frozen: true,
      render: (row) => <b className={css.name}><RecordName of={row} illustrative={row.is_illustrative} /></b>,
      foot: t("total", { shown: countText(pages.first?.count) }),
    },
    { key: "posts", title: t("posts"), width: 280, grows: true, render: posts },
    {
      key: "led",
      title: t("led"),
      width: 100,
      align: "right",
      render: (row) => (row.led?.projects ? <To href={pageOf(row.led.projects_url)!}>{t("projectCount", { count: row.led.projects })}</To> : <span className={css.quiet}>0</span>),
    },
    { key: "overdue", title: t("overdue"), width: 110, align: "right", render: overdue },
    {
      key: "gaps",
      title: t("gaps"),
      width: 146,
      align: "right",
      render: (row) => (row.led?.gaps ? <To className={css.warn} href={pageOf(row.led.gaps_url)!}>{t("projectCount", { count: row.led.gaps })}</To> : <span className={css.quiet}>0</span>),
    },
    {
      key: "phone",
      title: t("phone"),
      width: 150,
      align: "right",
      render: (row) => row.phone_masked ?? <span className={css.quiet}>{t("common:notFilled")}</span>,
    },
  ];
  return (
    <>
      <Title text={t("common:pages.officials")} />
      <ListBar
        acts={
          <>
            <Button icon={<ListChecks size={15} strokeWidth={1.75} aria-hidden="true" />} onClick={() => void navigate({ to: "/gaps" })}>
              {t("gapsTitle")}
            </Button>
            {may("edit_organizations") && add}
          </>
        }
      >
        <QuickSearch value={search.q} onChange={(q) => setSearch({ q })} />
        <RecordFilter label={t("unit")} kind="unit" value={search.unit_id} onChange={(unit_id) => setSearch({ unit_id })} />
        <FilterChips fields={fields} search={search} onChange={setSearch} />
      </ListBar>
      <RecordList
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("common:pages.officials")}
        href={(row) => `/officials/${row.id}`}
        hasFoot
        note={t("ledNote")}
        onClear={Object.keys(conditions).length ? () => setSearch(without(["q", "unit_id"])) : undefined}
        empty={<Empty title={t("empty")} text={t("emptyText")}>{may("edit_organizations") && add}</Empty>}
        card={(row) => (
          <CardLines
            title={<RecordName of={row} illustrative={row.is_illustrative} />}
            side={row.led && t("projectCount", { count: row.led.projects })}
            lines={[
              posts(row),
              row.led && (row.led.overdue > 0 || row.led.gaps > 0) && (
                <>
                  {row.led.overdue > 0 && <span className={css.over}>{t("overdueLong", { count: row.led.overdue })}</span>}{" "}
                  {row.led.gaps > 0 && <span className={css.warn}>{t("gapsLong", { count: row.led.gaps })}</span>}
                </>
              ),
            ]}
          />
        )}
      />
      <OfficialForm open={isNew} onClose={() => setIsNew(false)} onDone={(made) => void navigate({ to: `/officials/${made.id}` })} />
    </>
  );
}
