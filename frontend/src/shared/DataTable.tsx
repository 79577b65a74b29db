/** The dense table of every list: a sticky head, frozen columns, virtual rows, selection, keys, and a foot over the whole
 * filter. It shows what it is given; filters, sort and page are of the address. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { Checkbox } from "antd";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type CSSProperties, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useKeys } from "@/app/keys";
import css from "./table.module.css";

export interface Column<Row> {
  key: string;
  title: ReactNode;
  /** In pixels. The column with `grows` takes what is left. */
  width: number;
  grows?: boolean;
  align?: "left" | "right" | "center";
  /** Stays in view at the left while the rest scrolls; frozen columns come first. */
  frozen?: boolean;
  /** The name of the sort, such as `planned_total`; a minus before it means descending. */
  sort?: string;
  render: (row: Row) => ReactNode;
  /** The content of the foot below this column. */
  foot?: ReactNode;
}

interface Props<Row> {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  label: string;
  sort?: string;
  onSort?: (sort: string) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (selected: ReadonlySet<string>) => void;
  onOpen?: (row: Row) => void;
  onHover?: (row: Row) => void;
  /** Called when the last rows come into view, to read the next page. */
  onEnd?: () => void;
  rowHeight?: number;
  rowClass?: (row: Row) => string | undefined;
  hasFoot?: boolean;
  /** In place of the rows where there are none. */
  empty?: ReactNode;
  /** Whether J, K, X and Enter work on the rows. */
  hasKeys?: boolean;
  height?: CSSProperties["height"];
}

const CHECK = 40;

export function DataTable<Row>(props: Props<Row>) {
  const { rows, columns, rowKey, onOpen, onSelect, selected, rowHeight = 32, hasKeys = true } = props;
  const { t } = useTranslation("common");
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { onEnd } = props;
  useEffect(() => {
    if (onEnd && rows.length && last >= rows.length - 10) onEnd();
  }, [last, rows.length, onEnd]);

  const toggle = (key: string) => {
    if (!onSelect || !selected) return;
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    onSelect(next);
  };
  const go = (index: number) => {
    const next = Math.max(0, Math.min(index, rows.length - 1));
    setAt(next);
    virtual.scrollToIndex(next);
  };
  const keys = useMemo(
    () =>
      hasKeys && rows.length
        ? [
            { key: "J", does: t("table.next"), run: () => go(at + 1) },
            { key: "K", does: t("table.previous"), run: () => go(at - 1) },
            ...(onSelect ? [{ key: "X", does: t("table.select"), run: () => rows[at] && toggle(rowKey(rows[at])) }] : []),
            ...(onOpen ? [{ key: "Enter", does: t("table.open"), run: () => rows[at] && onOpen(rows[at]) }] : []),
          ]
        : [],
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [hasKeys, rows, at, selected, t],
  );
  useKeys(keys);

  const template = [onSelect ? `${CHECK}px` : "", ...columns.map((c) => (c.grows ? `minmax(${c.width}px, 1fr)` : `${c.width}px`))].join(" ");
  const lefts = leftsOf(columns, onSelect ? CHECK : 0);
  const cell = (column: Column<Row>): { className: string; style: CSSProperties } => ({
    className: `${css.cell} ${css[column.align ?? "left"]} ${column.frozen ? css.frozen : ""}`,
    style: column.frozen ? { left: lefts.get(column.key) } : {},
  });
  const all = rows.length > 0 && rows.every((row) => selected?.has(rowKey(row)));

  return (
    <div ref={box} className={css.box} style={{ height: props.height }} tabIndex={0} role="table" aria-label={props.label} aria-rowcount={rows.length}>
      <div className={css.head} role="row" style={{ gridTemplateColumns: template }}>
        {onSelect && (
          <div className={`${css.cell} ${css.check}`} role="columnheader">
            <Checkbox
              aria-label={t("table.selectAll")}
              checked={all}
              indeterminate={!all && Boolean(selected?.size)}
              onChange={() => onSelect(all ? new Set() : new Set(rows.map(rowKey)))}
            />
          </div>
        )}
        {columns.map((column) => (
          <div key={column.key} role="columnheader" {...cell(column)} aria-sort={sortOf(column, props.sort)}>
            {column.sort && props.onSort ? (
              <button type="button" className={css.sort} onClick={() => props.onSort?.(nextSort(column.sort!, props.sort))}>
                {column.title}
                {props.sort === column.sort && <ArrowUp size={12} strokeWidth={1.75} aria-hidden="true" />}
                {props.sort === `-${column.sort}` && <ArrowDown size={12} strokeWidth={1.75} aria-hidden="true" />}
              </button>
            ) : (
              column.title
            )}
          </div>
        ))}
      </div>
      {rows.length === 0 && props.empty}
      <div role="rowgroup" className={css.body} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index]!;
          const key = rowKey(row);
          const isSelected = selected?.has(key);
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={item.index + 1}
              aria-selected={onSelect ? Boolean(isSelected) : undefined}
              className={`${css.row} ${isSelected ? css.selected : ""} ${item.index === at ? css.at : ""} ${props.rowClass?.(row) ?? ""}`}
              style={{ gridTemplateColumns: template, height: rowHeight, transform: `translateY(${item.start}px)` }}
              onClick={onOpen && ((event) => isPlain(event.target) && (setAt(item.index), onOpen(row)))}
              onMouseEnter={props.onHover && (() => props.onHover?.(row))}
            >
              {onSelect && (
                <div className={`${css.cell} ${css.check}`} role="cell">
                  <Checkbox aria-label={t("table.select")} checked={isSelected} onChange={() => toggle(key)} />
                </div>
              )}
              {columns.map((column) => (
                <div key={column.key} role="cell" {...cell(column)}>
                  {column.render(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
      {props.hasFoot && (
        <div className={css.foot} role="row" style={{ gridTemplateColumns: template }}>
          {onSelect && <div className={`${css.cell} ${css.check}`} role="cell" />}
          {columns.map((column) => (
            <div key={column.key} role="cell" {...cell(column)}>
              {column.foot}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** Whether a click on a row means the row: not a link, button or field in it. */
function isPlain(target: EventTarget): boolean {
  return target instanceof Element && !target.closest("a, button, input, label, .ant-select");
}

function leftsOf<Row>(columns: readonly Column<Row>[], first: number): Map<string, number> {
  let left = first;
  const lefts = new Map<string, number>();
  for (const column of columns.filter((one) => one.frozen)) {
    lefts.set(column.key, left);
    left += column.width;
  }
  return lefts;
}

function nextSort(name: string, sort?: string): string {
  return sort === name ? `-${name}` : sort === `-${name}` ? name : `-${name}`;
}

function sortOf<Row>(column: Column<Row>, sort?: string): "ascending" | "descending" | undefined {
  if (!column.sort || !sort) return undefined;
  return sort === column.sort ? "ascending" : sort === `-${column.sort}` ? "descending" : undefined;
}
