/** A list of records that open pages: the dense table, on a phone cards. */
import { useNavigate, useRouter } from "@tanstack/react-router";
import { Button } from "antd";
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { useIsPhone } from "@/app/phone";
import { useTranslation } from "@/i18n";
import { type Column, DataTable } from "./DataTable";
import { useDensity } from "./density";
import { ErrorView, NoResult, Skeleton } from "./StateView";
import type { usePages } from "./usePages";
import { To } from "./To";
import css from "./list.module.css";

interface Props<Row> {
  pages: Pick<ReturnType<typeof usePages>, "query" | "onEnd"> & { rows: readonly Row[] };
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  label: string;
  href: (row: Row) => string;
  /** What a phone shows of a row. */
  card: (row: Row) => ReactNode;
  /** Below the table: what the rows are and how many. */
  note?: ReactNode;
  hasFoot?: boolean;
  /** In pixels; by default as the reader has set it. */
  rowHeight?: number;
  rowClass?: (row: Row) => string | undefined;
  /** Where there is nothing at all. */
  empty: ReactNode;
  /** Drops all conditions; given where there are any. */
  onClear?: () => void;
}

const HEAD = 36;
const FOOT = 37;

export function RecordList<Row>({ pages, columns, rowKey, label, href, card, note, hasFoot, rowClass, empty, onClear, ...rest }: Props<Row>) {
  const { t } = useTranslation("common");
  const isPhone = useIsPhone();
  const navigate = useNavigate();
  const router = useRouter();
  const density = useDensity();
  const rowHeight = rest.rowHeight ?? density.rowHeight;
  const { query, rows, onEnd } = pages;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(124);
  const isShown = rows.length > 0;
  useLayoutEffect(() => {
    if (box.current) setTop(Math.round(box.current.getBoundingClientRect().top + window.scrollY));
  }, [isShown, isPhone]);
  if (query.error && !query.data) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={12} columns={isPhone ? 1 : 6} />;
  if (!rows.length) {
    if (!onClear) return empty;
    return (
      <NoResult>
        <Button onClick={onClear}>{t("filters:clear")}</Button>
      </NoResult>
    );
  }
  if (isPhone) {
    return (
      <div>
        <ul className={css.cards} aria-label={label}>
          {rows.map((row) => (
            <li key={rowKey(row)}>
              <To href={href(row)} className={css.card}>
                {card(row)}
              </To>
            </li>
          ))}
        </ul>
        {query.hasNextPage && (
          <Button block loading={query.isFetchingNextPage} onClick={onEnd}>
            {t("records:more")}
          </Button>
        )}
        {note && <p className={css.note}>{note}</p>}
      </div>
    );
  }
  // The table reaches to the bottom of the window, and is no longer than its rows.
  const room = `calc(100vh - ${top + 24 + (note ? 28 : 0)}px)`;
  const height = HEAD + rows.length * rowHeight + (hasFoot ? FOOT : 2);
  return (
    <div ref={box}>
      <DataTable
        rows={rows}
        columns={columns}
        rowKey={rowKey}
        label={label}
        rowHeight={rowHeight}
        rowClass={rowClass}
        hasFoot={hasFoot}
        height={query.hasNextPage ? room : `min(${room}, ${height}px)`}
        onOpen={(row) => void navigate({ href: href(row) })}
        onHover={(row) => void router.preloadRoute({ to: href(row) }).catch(() => undefined)}
        onEnd={onEnd}
      />
      {note && <p className={css.note}>{note}</p>}
    </div>
  );
}

/** The line above a list: search and conditions at the left, acts at the right. */
export function ListBar({ children, acts }: { children?: ReactNode; acts?: ReactNode }) {
  return (
    <div className={css.bar}>
      {children}
      {acts && <div className={css.acts}>{acts}</div>}
    </div>
  );
}

/** Title and small lines of a card on a phone. */
export function CardLines({ title, side, lines }: { title: ReactNode; side?: ReactNode; lines: readonly ReactNode[] }) {
  return (
    <>
      <span className={css.first}>
        <strong>{title}</strong>
        {side && <span>{side}</span>}
      </span>
      {lines.map((line, index) => line && <span key={index} className={css.more}>{line}</span>)}
    </>
  );
}
