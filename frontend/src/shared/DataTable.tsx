/** The dense table of every list: a sticky head, frozen columns, virtual rows, selection, keys, and a foot over the whole
 * filter. It shows what it is given; filters, sort and page are of the address. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { Checkbox } from "antd";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type CSSProperties, type PointerEvent, type ReactNode, type RefObject, useDeferredValue, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useKeys } from "@/app/keys";
import { useTranslation } from "@/i18n";
import { useIsPrinting } from "./printing";
import { type Edited, type Lefts, mayEdit, placed, type RowActs, TableRow } from "./TableRow";
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
  /** The field in place of the cell, opened by a double click, by E, or by Tab from the one before. */
  edit?: (row: Row, editing: Editing) => ReactNode;
  /** Whether the cell of this row may be edited; by default any with `edit`. */
  mayEdit?: (row: Row) => boolean;
}

/** What the field of a cell calls when it is done with: to close, to go on to the next or previous one, or to close because
 * the reader has gone elsewhere, where the focus stays. */
export interface Editing {
  close: (then?: "next" | "previous" | "elsewhere") => void;
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
  /** One line below all columns, in place of a foot by columns. */
  foot?: ReactNode;
  /** Called with the width that a column was dragged to. */
  onResize?: (key: string, width: number) => void;
  /** In place of the rows where there are none. */
  empty?: ReactNode;
  /** Whether J, K, X and Enter work on the rows. */
  hasKeys?: boolean;
  height?: CSSProperties["height"];
}

const CHECK = 40;

export function DataTable<Row>(props: Props<Row>) {
  const { columns, rowKey, onOpen, onSelect, selected, rowHeight = 32, hasKeys = true } = props;
  const rows = useCalmRows(props.rows, rowKey);
  const { t } = useTranslation("common");
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  const [edited, setEdited] = useState<Edited<Row> | null>(null);
  const [dragged, setDragged] = useState<{ key: string; width: number } | null>(null);
  const isEditable = columns.some((column) => column.edit);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const isPrinting = useIsPrinting();
  const items = isPrinting ? rows.map((_, index) => ({ index, start: index * rowHeight })) : virtual.getVirtualItems();
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
  const edit = (index: number, column?: Column<Row>) => {
    const row = rows[index];
    const found = row && columns.find((one) => (column ? one === column : true) && mayEdit(row, one));
    if (!row || !found) return;
    setAt(index);
    virtual.scrollToIndex(index);
    setEdited({ key: rowKey(row), column: found.key, row });
  };
  const close = (cell: Edited<Row>, then?: "next" | "previous" | "elsewhere") => {
    // Another cell may have been opened since, or this one again: it stays open.
    if (then === "elsewhere") return setEdited((now) => (now === cell ? null : now));
    setEdited(null);
    box.current?.focus({ preventScroll: true });
    const index = rows.findIndex((row) => rowKey(row) === cell.key);
    const row = rows[index];
    if (!then || !row) return;
    const fields = columns.filter((one) => mayEdit(row, one));
    const at = fields.findIndex((one) => one.key === cell.column);
    const next = fields[at + (then === "next" ? 1 : -1)];
    if (next) setEdited({ key: cell.key, column: next.key, row });
    else if (then === "next") edit(index + 1);
  };
  const keys = useMemo(
    () =>
      hasKeys && rows.length
        ? [
            { key: "J", does: t("table.next"), run: () => go(at + 1) },
            { key: "K", does: t("table.previous"), run: () => go(at - 1) },
            ...(onSelect ? [{ key: "X", does: t("table.select"), run: () => rows[at] && toggle(rowKey(rows[at])) }] : []),
            ...(isEditable ? [{ key: "E", does: t("table.edit"), run: () => edit(at) }] : []),
            ...(onOpen ? [{ key: "Enter", does: t("table.open"), run: () => rows[at] && onOpen(rows[at]) }] : []),
          ]
        : [],
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [hasKeys, rows, at, selected, t],
  );
  useKeys(keys);

  const widthOf = (column: Column<Row>) => (dragged?.key === column.key ? dragged.width : column.width);
  const template = [
    onSelect ? `${CHECK}px` : "",
    ...columns.map((one) => (one.grows && dragged?.key !== one.key ? `minmax(${one.width}px, 1fr)` : `${widthOf(one)}px`)),
  ].join(" ");
  // Every row is as wide as the columns, whatever is in it.
  const least = columns.reduce((sum, one) => sum + widthOf(one), onSelect ? CHECK : 0);
  const left = JSON.stringify(leftsOf(columns, onSelect ? CHECK : 0, widthOf));
  const lefts = useMemo(() => JSON.parse(left) as Lefts, [left]);
  const startDrag = (event: PointerEvent<HTMLElement>, column: Column<Row>) => {
    event.preventDefault();
    const handle = event.currentTarget;
    const start = handle.parentElement!.offsetWidth - event.clientX;
    let width = handle.parentElement!.offsetWidth;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (move) => {
      width = Math.round(Math.min(600, Math.max(40, start + move.clientX)));
      setDragged({ key: column.key, width });
    };
    handle.onpointerup = () => {
      handle.onpointermove = handle.onpointerup = null;
      setDragged(null);
      props.onResize?.(column.key, width);
    };
  };
  const acts = useLatest<RowActs<Row>>({
    toggle,
    edit,
    close,
    // Where cells are edited by a double click, a row is opened by its link.
    point: (row, index) => {
      setAt(index);
      if (!isEditable) onOpen?.(row);
    },
    hover: (row) => props.onHover?.(row),
  });
  const all = rows.length > 0 && rows.every((row) => selected?.has(rowKey(row)));

  return (
    <div ref={box} className={css.box} style={{ height: props.height, "--columns": `${least}px` } as CSSProperties} tabIndex={0} role="table" aria-label={props.label} aria-rowcount={rows.length}>
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
          <div key={column.key} role="columnheader" {...placed(column, lefts)} aria-sort={sortOf(column, props.sort)}>
            {column.sort && props.onSort ? (
              <button type="button" className={css.sort} onClick={() => props.onSort?.(nextSort(column.sort!, props.sort))}>
                {column.title}
                {props.sort === column.sort && <ArrowUp size={12} strokeWidth={1.75} aria-hidden="true" />}
                {props.sort === `-${column.sort}` && <ArrowDown size={12} strokeWidth={1.75} aria-hidden="true" />}
              </button>
            ) : (
              column.title
            )}
            {props.onResize && <span className={css.handle} onPointerDown={(event) => startDrag(event, column)} aria-hidden="true" />}
          </div>
        ))}
      </div>
      {rows.length === 0 && props.empty}
      <div role="rowgroup" className={css.body} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index]!;
          const key = rowKey(row);
          return (
            <TableRow
              key={key}
              id={key}
              row={row}
              index={item.index}
              start={item.start}
              height={rowHeight}
              template={template}
              columns={columns}
              lefts={lefts}
              isSelected={onSelect && Boolean(selected?.has(key))}
              isAt={item.index === at}
              className={props.rowClass?.(row)}
              edited={edited?.key === key ? edited : undefined}
              acts={acts}
            />
          );
        })}
      </div>
      {props.foot && (
        <div className={css.foot} role="row">
          <div className={css.line} role="cell">
            {props.foot}
          </div>
        </div>
      )}
      {props.hasFoot && (
        <div className={css.foot} role="row" style={{ gridTemplateColumns: template }}>
          {onSelect && <div className={`${css.cell} ${css.check}`} role="cell" />}
          {columns.map((column) => (
            <div key={column.key} role="cell" {...placed(column, lefts)}>
              {column.foot}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function leftsOf<Row>(columns: readonly Column<Row>[], first: number, widthOf: (column: Column<Row>) => number): Lefts {
  let left = first;
  const lefts: Record<string, number> = {};
  for (const column of columns.filter((one) => one.frozen)) {
    lefts[column.key] = left;
    left += widthOf(column);
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

/** Returns the rows to draw: other rows, or the same in another order, in slices between which hands are answered, for a
 * screenful takes a slow machine a fifth of a second; a row that has changed in its place at once. */
function useCalmRows<Row>(rows: readonly Row[], rowKey: (row: Row) => string): readonly Row[] {
  const calm = useDeferredValue(rows);
  const areSame = rows === calm || (rows.length === calm.length && rows.every((row, index) => rowKey(row) === rowKey(calm[index]!)));
  return areSame ? rows : calm;
}

/** Returns what is always the same, and holds the functions of the latest drawing. */
function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
