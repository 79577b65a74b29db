import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { CircleAlert, Plus } from "lucide-react";
import { useState } from "react";
import { Title } from "@/app/shell/title";
import { useMe } from "@/app/who";
import { nameOf, said, useTranslation } from "@/i18n";
import type { Column } from "@/shared/DataTable";
import { CardLines, ListBar, RecordList } from "@/shared/RecordList";
import { RecordName } from "@/shared/RecordName";
import { Empty } from "@/shared/StateView";
import { pageOf, To } from "@/shared/To";
import { type Performance, performancesOptions } from "../api";
import { TargetBar } from "../components/TargetBar";
import { TaskForceForm } from "../components/TaskForceForm";
import { useYear, YearSwitch } from "../components/YearSwitch";
import css from "../taskforces.module.css";

export function TaskForcesPage() {
  const { t } = useTranslation("taskforces");
  const me = useMe();
  const navigate = useNavigate();
  const year = useYear();
  const [isNew, setIsNew] = useState(false);
  const query = useQuery({ ...performancesOptions(year), placeholderData: (previous) => previous });
  const mayAdd = me.permissions.some((permission) => permission.code === "edit_organizations");
  const add = (
    <Button type="primary" icon={<Plus size={15} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setIsNew(true)}>
      {t("new")}
    </Button>
  );
  const leader = (row: Performance) => (row.leader ? <RecordName of={row.leader} /> : t("noLeader"));
  const overdue = (row: Performance) =>
    row.overdue ? (
      <To href={pageOf(row.overdue_url)!} className={css.over}>
        <CircleAlert size={12} strokeWidth={1.75} aria-hidden="true" />
        {t("projectCount", { count: row.overdue })}
      </To>
    ) : (
      <span className={css.quiet}>0</span>
    );
  const columns: Column<Performance>[] = [
    {
      key: "name",
      title: t("name"),
      width: 230,
      grows: true,
      frozen: true,
      render: (row) => (
        <span className={css.two} title={nameOf(row.task_force)}>
          <b className={css.name}>
            <RecordName of={row.task_force} />
          </b>
          <span className={css.small}>{leader(row)}</span>
        </span>
      ),
    },
    {
      key: "projects",
      title: t("projects"),
      width: 90,
      align: "right",
      render: (row) => (row.projects ? <To href={pageOf(row.projects_url)!}>{t("projectCount", { count: row.projects })}</To> : <span className={css.quiet}>0</span>),
    },
    { key: "overdue", title: t("overdue"), width: 100, align: "right", render: overdue },
    {
      key: "amount",
      title: <span className={css.pad}>{t("amount")}</span>,
      width: 290,
      render: (row) => (
        <div className={css.pad}>
          <TargetBar figure={row.amount} isAmount href={pageOf(row.entries_url)} label={t("rowsOf", { name: nameOf(row.task_force) })} />
        </div>
      ),
    },
    { key: "signings", title: t("signings"), width: 190, render: (row) => <TargetBar figure={row.signings} label="" /> },
    { key: "landed", title: t("landed"), width: 190, render: (row) => <TargetBar figure={row.same_quarter_landed} label="" /> },
  ];
  const rows = query.data?.items ?? [];
  return (
    <>
      <Title text={t("common:pages.taskforces")} />
      <ListBar acts={mayAdd && add}>
        <YearSwitch />
      </ListBar>
      <RecordList
        pages={{ query: { ...query, hasNextPage: false, isFetchingNextPage: false } as never, rows, onEnd: () => undefined }}
        columns={columns}
        rowKey={(row) => row.task_force_id}
        label={t("common:pages.taskforces")}
        href={(row) => `/task-forces/${row.task_force_id}${yearOf(year, me.today)}`}
        rowHeight={56}
        note={query.data && `${said(query.data.scope)} · ${said(query.data.caliber)}`}
        empty={<Empty title={t("empty")} text={t("emptyText")}>{mayAdd && add}</Empty>}
        card={(row) => (
          <CardLines
            title={<RecordName of={row.task_force} />}
            side={t("projectCount", { count: row.projects })}
            lines={[
              <>
                {leader(row)} {row.overdue > 0 && <span className={css.over}>· {t("overdueCount", { count: row.overdue })}</span>}
              </>,
              <TargetBar key="amount" figure={row.amount} isAmount label="" />,
              <TargetBar key="signings" figure={row.signings} label="" />,
            ]}
          />
        )}
      />
      <TaskForceForm open={isNew} onClose={() => setIsNew(false)} onDone={(made) => void navigate({ to: `/task-forces/${made.id}` })} />
    </>
  );
}

function yearOf(year: number, today: string): string {
  return String(year) === today.slice(0, 4) ? "" : `?year=${year}`;
}
