import { useMemo } from "react";
import { useIsPhone } from "@/app/phone";
import { useMeta, useToday } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { type Column, DataTable } from "@/shared/DataTable";
import { shortDay } from "@/shared/days";
import { Money } from "@/shared/Money";
import { share, sum, yuanOf } from "@/shared/money";
import { RecordName } from "@/shared/RecordName";
import { StageTag } from "@/shared/StageTag";
import { To } from "@/shared/To";
import { type Figure, type Line, type Page, type Running, withRunning } from "../rows";
import css from "./lines.module.css";

interface Props {
  name: Figure;
  rows: readonly Line[];
  page: Page;
  /** Whether more rows are still to be read. */
  hasMore: boolean;
  marked: string | null;
  onHover: (key: string | null) => void;
}

/** The rows with a running total: the last one is the figure. */
export function Lines({ name, rows, page, hasMore, marked, onHover }: Props) {
  const { t } = useTranslation("drill");
  const { t: totals } = useTranslation("totals");
  const { label } = useMeta();
  const today = useToday();
  const isPhone = useIsPhone();
  const lines = useMemo(() => withRunning(rows), [rows]);
  const total = sum(rows.map((row) => row.amount));
  const isOfOneYear = rows.every((row) => !row.day || row.day.slice(0, 4) === rows[0]?.day?.slice(0, 4));

  const project = (row: Line) => {
    const named = <RecordName of={{ name: row.project.name ?? t("elsewhere", { code: row.project.code }) }} illustrative={row.isIllustrative} />;
    return row.project.id ? <To href={`/projects/${row.project.id}`}>{named}</To> : named;
  };
  const kind = (row: Line) => {
    if (!row.kind) return null;
    if (name === "funnel") return <StageTag stage={row.kind} />;
    const word = said(label(name === "signings" ? "EntryKind" : "FigureKind", row.kind));
    return <span className={row.count || name !== "signings" ? css.kind : css.quietKind}>{word}</span>;
  };
  const columns: Column<Running>[] = [
    { key: "day", title: t("column.day"), width: 96, render: (row) => (row.day ? (isOfOneYear ? shortDay(row.day, row.day) : row.day) : "—"), foot: t(hasMore ? "footOfMore" : "foot", { count: rows.length }) },
    { key: "kind", title: t("column.kind"), width: 110, render: kind },
    { key: "project", title: t("column.project"), width: 190, grows: true, render: project },
    ...(name === "signings" || name === "awaiting-signed" ? [{ key: "deal", title: t("column.deal"), width: 120, render: (row: Running) => <To href={`/deals?q=${row.deal}`}>{row.deal}</To> }] : []),
    { key: "unit", title: totals("dimension.unit"), width: 96, render: (row) => shortNameOf(row.unit) || "—" },
    { key: "force", title: totals("dimension.task_force"), width: 110, render: (row) => shortNameOf(row.taskForce) || "—" },
    ...(name === "signings" ? [{ key: "industry", title: totals("dimension.industry"), width: 190, render: (row: Running) => (row.industry ? <span className={css.cut} title={said(row.industry)}>{said(row.industry)}</span> : "—") }] : []),
    ...(name === "signings" ? [{ key: "count", title: t("column.count"), width: 56, align: "right" as const, render: (row: Running) => row.count || "", foot: String(page.total.count) }] : []),
    { key: "amount", title: t("column.amount"), width: 110, align: "right", render: (row) => (row.amount === "0.00" ? "" : <Money yuan={row.amount} unit="yi" decimals={2} hasUnit={false} />), foot: <Money yuan={page.total.amount} unit="yi" decimals={2} hasUnit={false} /> },
    ...(name === "signings" ? [{ key: "landed", title: t("column.landed"), width: 60, align: "right" as const, render: (row: Running) => row.landed || "", foot: String(page.total.landed) }] : []),
    {
      key: "running",
      title: t("column.running"),
      width: 150,
      align: "right",
      render: (row) => (
        <>
          <span className={css.track} aria-hidden="true">
            <i style={{ width: `${share(row.running, total)}%` }} />
          </span>
          <span className={css.running}>
            <Money yuan={yuanOf(row.running)} unit="yi" decimals={2} hasUnit={false} />
          </span>
        </>
      ),
      foot: hasMore ? null : <Money yuan={yuanOf(total)} unit="yi" decimals={2} hasUnit={false} />,
    },
  ];
  if (isPhone) {
    return (
      <ul className={css.cards}>
        {lines.map((row) => (
          <li key={row.key}>
            <p>
              {project(row)}
              <b>{row.amount !== "0.00" && <Money yuan={row.amount} unit="yi" />}</b>
            </p>
            <small>
              {row.day && shortDay(row.day, today)} {kind(row)} {shortNameOf(row.unit)} {shortNameOf(row.taskForce)}
            </small>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <DataTable
      rows={lines}
      columns={columns}
      rowKey={(row) => row.key}
      label={totals(`figure.${name}`)}
      hasFoot
      hasKeys={false}
      height={`min(100vh - 372px, ${74 + rows.length * 32}px)`}
      rowClass={(row) => (marked && (row.deal ?? row.project.code) === marked ? css.marked : row.count ? undefined : css.quiet)}
      onHover={(row) => onHover(row.deal ?? row.project.code)}
    />
  );
}
