/** The columns of the ledger. Their names are those of the service. */
import { Input } from "antd";
import { CircleAlert, Clock3, LoaderCircle } from "lucide-react";
import { type ReactNode, useMemo, useRef } from "react";
import type { Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { ShareBar } from "@/shared/ClockLine";
import type { Column, Editing } from "@/shared/DataTable";
import { daysBetween, shortDay } from "@/shared/days";
import { IndustrySelect } from "@/shared/forms/IndustrySelect";
import { Money } from "@/shared/Money";
import { plainName, RecordName } from "@/shared/RecordName";
import { RefSelect } from "@/shared/RefSelect";
import { StageTag } from "@/shared/StageTag";
import { Strokes } from "@/shared/Strokes";
import { To } from "@/shared/To";
import type { Row } from "../api";
import css from "./columns.module.css";

type Ref = Schemas["Ref"];

/** What a cell was changed to, as the page sends it. */
export type CellChange =
  | { column: "name"; value: string }
  | { column: "industry"; value: string | null }
  | { column: "investor" | "place"; value: string | null; name: string }
  | { column: "leader"; value: string; name: string };

export interface CellState {
  /** «id.column» of the cells that are being saved. */
  saving: ReadonlySet<string>;
  onEdit: (row: Row, change: CellChange) => void;
}

/** When a project is due; where it is over, of which limit. */
export function Due({ row }: { row: Pick<Row, "clock" | "due_on"> }) {
  const { t } = useTranslation("ledger");
  const today = useToday();
  if (!row.due_on) return <span className={css.quiet}>{t("common:clock.noLimit")}</span>;
  const { clock } = row;
  const left = clock ? clock.days_left : daysBetween(today, row.due_on);
  const limit = clock ? t(`limit.${clock.kind}`, { count: clock.limit_days, since: clock.since, due: clock.due_on }) : row.due_on;
  if (left < 0) {
    return (
      <span className={css.over} title={limit}>
        <CircleAlert size={13} strokeWidth={1.75} aria-hidden="true" />
        {t(clock ? `over.${clock.kind}` : "over.any", { count: -left })}
      </span>
    );
  }
  const isSoon = clock !== null && clock.share >= 0.7;
  return (
    <span className={isSoon ? css.soon : ""} title={[t("common:clock.left", { count: left }), limit].join("\n")}>
      {isSoon && <Clock3 size={12} strokeWidth={1.75} aria-hidden="true" />}
      {shortDay(row.due_on, today)}
    </span>
  );
}

function RefText({ of, none, missing }: { of: Ref | null; none?: ReactNode; missing?: string }) {
  if (!of) return missing ? <span className={css.missing}>{missing}</span> : <span className={css.quiet}>{none ?? "—"}</span>;
  return (
    <span className={css.ref} title={plainName(of.name)}>
      {plainName(shortNameOf(of))}
    </span>
  );
}

/** A name typed over; Enter saves, Tab saves and goes on, Esc leaves it as it was. */
function NameField({ row, editing, onSave }: { row: Row; editing: Editing; onSave: (value: string) => void }) {
  const isDone = useRef(false);
  const finish = (text: string, then?: "next" | "previous" | "elsewhere", keeps = true) => {
    if (isDone.current) return;
    isDone.current = true;
    const value = text.trim();
    if (keeps && value && value !== row.name) onSave(value);
    editing.close(then);
  };
  return (
    <Input
      size="small"
      autoFocus
      defaultValue={row.name}
      onFocus={(event) => event.target.select()}
      onBlur={(event) => finish(event.target.value, "elsewhere")}
      onKeyDown={(event) => {
        const text = event.currentTarget.value;
        if (event.key === "Enter" && !event.nativeEvent.isComposing) finish(text);
        else if (event.key === "Escape") finish(text, undefined, false);
        else if (event.key === "Tab") {
          event.preventDefault();
          finish(text, event.shiftKey ? "previous" : "next");
        }
      }}
    />
  );
}

/** Around a field that chooses: closes it on Esc and where the focus goes elsewhere, goes on by Tab. */
function Choosing({ editing, children }: { editing: Editing; children: ReactNode }) {
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "Escape") editing.close();
    else if (event.key === "Tab") {
      event.preventDefault();
      editing.close(event.shiftKey ? "previous" : "next");
    }
  };
  return (
    // A press in the open list takes the focus for a moment, too.
    <div onKeyDown={onKeyDown} onBlur={() => setTimeout(() => editing.close("elsewhere"), 150)}>
      {children}
    </div>
  );
}

interface ChooseProps {
  kind: Schemas["Kind"];
  known: Ref | null;
  editing: Editing;
  mayClear: boolean;
  onSave: (id: string | null, name: string) => void;
}

function ChooseField({ kind, known, editing, mayClear, onSave }: ChooseProps) {
  return (
    <Choosing editing={editing}>
      <RefSelect
        kind={kind}
        size="small"
        autoFocus
        known={known}
        value={known?.id ?? null}
        allowClear={mayClear}
        style={{ width: "100%", minWidth: 170 }}
        onChange={(id, name) => {
          if (id !== (known?.id ?? null)) onSave(id, name);
          editing.close();
        }}
      />
    </Choosing>
  );
}

function IndustryField({ row, editing, onSave }: { row: Row; editing: Editing; onSave: (code: string | null) => void }) {
  return (
    <Choosing editing={editing}>
      <IndustrySelect
        size="small"
        autoFocus
        defaultOpen
        allowClear={false}
        value={row.industry_code}
        style={{ minWidth: 200 }}
        onChange={(code: string | null) => {
          if (code !== row.industry_code) onSave(code);
          editing.close();
        }}
      />
    </Choosing>
  );
}

export const DEFAULT_SHOWN = [
  "code", "name", "stage", "days_in_stage", "due_on", "five_ones", "leader", "unit", "task_force", "planned_total", "investor", "last_activity_on",
];

/** The columns that stay at the left while the rest scrolls. */
export const FROZEN = ["code", "name"];

export function useLedgerColumns({ saving, onEdit }: CellState): Column<Row>[] {
  const { t } = useTranslation("ledger");
  const { field, label } = useMeta();
  const today = useToday();
  return useMemo(() => {
    const of = (code: string) => said(field("project", code));
    const inYi = (title: string) => (
      <>
        {title} <small className={css.unit}>{t("columns.yi")}</small>
      </>
    );
    const cell = (row: Row, column: string, content: ReactNode) =>
      saving.has(`${row.id}.${column}`) ? (
        <>
          {content}
          <LoaderCircle className={css.saving} size={12} strokeWidth={1.75} aria-label={t("saving")} />
        </>
      ) : (
        content
      );
    const mayEdit = (row: Row) => row.may.includes("edit");
    const columns: Column<Row>[] = [
      { key: "code", title: of("code"), width: 106, frozen: true, sort: "code", render: (row) => <span className={css.code}>{row.code}</span> },
      {
        key: "name",
        title: of("name"),
        width: 212,
        grows: true,
        frozen: true,
        sort: "name",
        mayEdit,
        render: (row) =>
          cell(
            row,
            "name",
            <To href={`/projects/${row.id}`} className={css.name} title={row.name}>
              <RecordName of={row} illustrative={row.is_illustrative} />
            </To>,
          ),
        edit: (row, editing) => <NameField row={row} editing={editing} onSave={(value) => onEdit(row, { column: "name", value })} />,
      },
      { key: "stage", title: of("stage"), width: 98, sort: "stage", render: (row) => <StageTag stage={row.stage} /> },
      {
        key: "days_in_stage",
        title: t("columns.age"),
        width: 96,
        sort: "stage_since",
        render: (row) => (
          <span className={css.age} title={t("since", { day: row.stage_since })}>
            <span className={css.bar}>{row.clock && <ShareBar share={row.clock.share} />}</span>
            {t("days", { count: row.days_in_stage })}
          </span>
        ),
      },
      { key: "due_on", title: of("due_on"), width: 126, sort: "due_on", render: (row) => <Due row={row} /> },
      { key: "five_ones", title: of("five_ones"), width: 66, render: (row) => <Strokes states={row.five_ones} /> },
      {
        key: "leader",
        title: of("leader"),
        width: 78,
        mayEdit: (row) => row.may.includes("appoint"),
        render: (row) => cell(row, "leader", <RefText of={row.leader} missing={t("lacking")} />),
        edit: (row, editing) => (
          <ChooseField
            kind="official"
            known={row.leader}
            editing={editing}
            mayClear={false}
            onSave={(value, name) => value && onEdit(row, { column: "leader", value, name })}
          />
        ),
      },
      { key: "unit", title: of("unit"), width: 76, sort: "unit", render: (row) => <RefText of={row.unit} missing={t("lacking")} /> },
      { key: "task_force", title: of("task_force"), width: 76, render: (row) => <RefText of={row.task_force} /> },
      {
        key: "planned_total",
        title: inYi(of("planned_total")),
        width: 148,
        align: "right",
        sort: "planned_total",
        render: (row) => (
          <b className={css.amount}>
            <Money yuan={row.planned_total} unit="yi" decimals={2} hasUnit={false} />
          </b>
        ),
      },
      {
        key: "investor",
        title: of("investor"),
        width: 120,
        mayEdit,
        render: (row) => cell(row, "investor", <RefText of={row.investor} none={t("common:notFilled")} />),
        edit: (row, editing) => (
          <ChooseField
            kind="enterprise"
            known={row.investor}
            editing={editing}
            mayClear
            onSave={(value, name) => onEdit(row, { column: "investor", value, name })}
          />
        ),
      },
      {
        key: "last_activity_on",
        title: t("columns.activity"),
        width: 84,
        sort: "last_activity_on",
        render: (row) => (
          <span className={css.quiet} title={row.last_activity_on}>
            {t("ago", { count: daysBetween(row.last_activity_on, today) })}
          </span>
        ),
      },
      { key: "status", title: of("status"), width: 72, render: (row) => said(label("Status", row.status)) },
      { key: "program", title: of("program"), width: 92, render: (row) => said(label("Program", row.program)) },
      {
        key: "place",
        title: of("place"),
        width: 92,
        mayEdit,
        render: (row) => cell(row, "place", <RefText of={row.place} none={t("common:notFilled")} />),
        edit: (row, editing) => (
          <ChooseField
            kind="unit"
            known={row.place}
            editing={editing}
            mayClear
            onSave={(value, name) => onEdit(row, { column: "place", value, name })}
          />
        ),
      },
      {
        key: "industry",
        title: of("industry"),
        width: 150,
        mayEdit,
        render: (row) =>
          cell(
            row,
            "industry",
            row.industry ? (
              <span title={`${row.industry.code} ${said(row.industry)}`}>{said(row.industry)}</span>
            ) : (
              <span className={css.quiet}>{t("common:notFilled")}</span>
            ),
          ),
        edit: (row, editing) => <IndustryField row={row} editing={editing} onSave={(value) => onEdit(row, { column: "industry", value })} />,
      },
      {
        key: "next_stage",
        title: of("next_stage"),
        width: 118,
        render: (row) => (row.next_stage ? <StageTag stage={row.next_stage} /> : <span className={css.quiet}>—</span>),
      },
      {
        key: "agreed_amount",
        title: inYi(of("agreed_amount")),
        width: 104,
        align: "right",
        render: (row) => <Money yuan={row.agreed_amount} unit="yi" decimals={2} hasUnit={false} none="—" />,
      },
      { key: "signed_on", title: of("signed_on"), width: 96, sort: "signed_on", render: (row) => row.signed_on ?? <span className={css.quiet}>—</span> },
      { key: "stage_since", title: of("stage_since"), width: 100, sort: "stage_since", render: (row) => row.stage_since },
      { key: "parent", title: of("parent"), width: 150, render: (row) => <RefText of={row.parent} /> },
      { key: "updated_at", title: of("updated_at"), width: 100, sort: "updated_at", render: (row) => row.updated_at.slice(0, 10) },
    ];
    return columns;
  }, [t, field, label, today, saving, onEdit]);
}
