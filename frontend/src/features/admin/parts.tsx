/** What the sections share: a list that opens a sheet, facts, acts with the reason why they are not open. */
import { useNavigate } from "@tanstack/react-router";
import { Button, type ButtonProps, Form, Input, Select, Tooltip } from "antd";
import { CircleAlert, CircleCheck, Clock3 } from "lucide-react";
import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { useIsPhone } from "@/app/phone";
import { type Enumeration, useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { type Column, DataTable } from "@/shared/DataTable";
import { useDensity } from "@/shared/density";
import { FormSheet } from "@/shared/FormSheet";
import listCss from "@/shared/list.module.css";
import { CardLines, ListBar } from "@/shared/RecordList";
import { ErrorView, NoResult, Skeleton } from "@/shared/StateView";
import { toast } from "@/shared/toast";
import type { Sent } from "@/shared/useAct";
import type { usePages } from "@/shared/usePages";
import css from "./admin.module.css";

interface ListProps<Row> {
  pages: Pick<ReturnType<typeof usePages>, "query" | "onEnd"> & { rows: readonly Row[] };
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  label: string;
  onOpen?: (row: Row) => void;
  card: (row: Row) => ReactNode;
  note?: ReactNode;
  empty?: ReactNode;
}

/** The head of the table with its border and that of the table. */
const HEAD = 37;

/** The dense table, on a phone cards; a row opens its sheet. */
export function List<Row>({ pages, columns, rowKey, label, onOpen, card, note, empty }: ListProps<Row>) {
  const { t } = useTranslation("admin");
  const isPhone = useIsPhone();
  const { rowHeight } = useDensity();
  const { query, rows, onEnd } = pages;
  if (query.error && !query.data) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={12} columns={isPhone ? 1 : 5} />;
  if (!rows.length) return <div className={css.box}>{empty ?? <NoResult />}</div>;
  if (isPhone) {
    return (
      <>
        <ul className={listCss.cards} aria-label={label}>
          {rows.map((row) => (
            <li key={rowKey(row)}>
              {onOpen ? (
                <button type="button" className={`${listCss.card} ${listCss.button}`} onClick={() => onOpen(row)}>
                  {card(row)}
                </button>
              ) : (
                <div className={listCss.card}>{card(row)}</div>
              )}
            </li>
          ))}
        </ul>
        {query.hasNextPage && (
          <Button block loading={query.isFetchingNextPage} onClick={onEnd}>
            {t("more")}
          </Button>
        )}
        {note && <p className={css.note}>{note}</p>}
      </>
    );
  }
  return (
    <>
      <DataTable
        rows={rows}
        columns={columns}
        rowKey={rowKey}
        label={label}
        rowHeight={rowHeight}
        height={query.hasNextPage ? "calc(100vh - 176px)" : `min(calc(100vh - 176px), ${HEAD + rows.length * rowHeight}px)`}
        onOpen={onOpen}
        onEnd={onEnd}
      />
      {note && <p className={css.note}>{note}</p>}
    </>
  );
}

export { CardLines as Lines, ListBar as Bar };

/** One condition of the address, chosen from the values of an enumeration. */
export function EnumFilter({ of, only, value, onChange, label }: {
  of: Enumeration;
  only?: readonly string[];
  value?: string;
  onChange: (value: string | null) => void;
  label: string;
}) {
  const { labels } = useMeta();
  const offered = labels(of).filter((one) => !only || only.includes(one.code));
  return (
    <Select
      className={css.filter}
      aria-label={label}
      placeholder={label}
      value={value}
      allowClear
      popupMatchSelectWidth={false}
      options={offered.map((one) => ({ value: one.code, label: said(one) }))}
      onChange={(next: string | undefined) => onChange(next ?? null)}
    />
  );
}

export type Fact = readonly [ReactNode, ReactNode];

export function Facts({ rows }: { rows: readonly (Fact | false | "" | null | undefined)[] }) {
  const { t } = useTranslation("common");
  return (
    <dl className={css.facts}>
      {rows.map(
        (row, index) =>
          row && (
            <div key={index}>
              <dt>{row[0]}</dt>
              <dd>{row[1] === null || row[1] === undefined || row[1] === "" ? <span className={css.none}>{t("notFilled")}</span> : row[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

export function Block({ title, children, extra }: { title: ReactNode; children: ReactNode; extra?: ReactNode }) {
  return (
    <section className={css.block}>
      <header>
        <h3>{title}</h3>
        {extra}
      </header>
      {children}
    </section>
  );
}

type Tone = "ok" | "soon" | "bad" | "plain";
const ICONS = { ok: CircleCheck, soon: Clock3, bad: CircleAlert, plain: null };

/** A state in a word, with a sign beside its colour. */
export function State({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  const Icon = ICONS[tone];
  return (
    <span className={`${css.state} ${css[tone]}`}>
      {Icon && <Icon size={12} strokeWidth={1.75} aria-hidden="true" />}
      {children}
    </span>
  );
}

type Reason = { zh: string; en: string } | null | undefined;

/** An act of a record: where it is not open, it says why. */
export function ActButton({ reason, ...rest }: ButtonProps & { reason?: Reason }) {
  if (!reason) return <Button {...rest} />;
  return (
    <Tooltip title={said(reason)}>
      <Button {...rest} disabled aria-description={said(reason)} />
    </Tooltip>
  );
}

/** What a machine sent or was sent, as text. */
export function Code({ children }: { children: unknown }) {
  const text = typeof children === "string" ? pretty(children) : JSON.stringify(children, null, 2);
  return (
    <pre className={css.code} tabIndex={0}>
      {text}
    </pre>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function ReasonItem({ isOptional, hint }: { isOptional?: boolean; hint?: string }) {
  const { t } = useTranslation("act");
  return (
    <Form.Item
      name="reason"
      label={t("reason")}
      extra={hint}
      rules={[{ required: !isOptional, whitespace: true, message: t("common:required") }]}
    >
      <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={500} />
    </Form.Item>
  );
}

interface AskReason {
  title: string;
  note?: string;
  submit: string;
  isDanger?: boolean;
  version?: number;
  act: (reason: string, sent: Sent) => Promise<{ data?: unknown }>;
  onClose: () => void;
  onDone?: () => void;
}

/** An act that wants a reason and nothing else. */
export function ReasonForm({ act, onDone, ...rest }: AskReason) {
  return (
    <FormSheet<{ reason: string }, unknown> isShort {...rest} act={({ reason }, sent) => act(reason, sent)} onDone={onDone}>
      <ReasonItem />
    </FormSheet>
  );
}

/** Says that a change is in force, or that another person has to confirm it first, with the way there. */
export function useSayDone(): (answer: unknown) => void {
  const { t } = useTranslation("admin");
  const navigate = useNavigate();
  return (answer) => {
    const isAsked = typeof answer === "object" && answer !== null && "confirmed_with" in answer;
    if (!isAsked) return toast(t("done"));
    const { id } = answer as Schemas["ControlChangeRead"];
    toast(t("act:asked"), {
      text: t("look"),
      run: () => void navigate({ to: "/admin/$section", params: { section: "control-changes" }, search: { open: id } as never }),
    });
  };
}
