/** The dense table of every list: a sticky head, frozen columns, virtual rows, selection, keys, and a foot over the whole
 * filter. It shows what it is given; filters, sort and page are of the address. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { Checkbox } from "antd";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type CSSProperties, type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useKeys } from "@/app/keys";
import { useIsPrinting } from "./printing";
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

/** The cell that is edited, with its row as it was when its field was opened: the list may be read again meanwhile. */
interface Edited<Row> {
  key: string;
  column: string;
  row: Row;
}

const CHECK = 40;

export function DataTable<Row>(props: Props<Row>) {
  const { rows, columns, rowKey, onOpen, onSelect, selected, rowHeight = 32, hasKeys = true } = props;
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
    overscan: 12,
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
  const mayEdit = (row: Row, column: Column<Row>) => Boolean(column.edit && (column.mayEdit?.(row) ?? true));
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
  const lefts = leftsOf(columns, onSelect ? CHECK : 0, widthOf);
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
  const cell = (column: Column<Row>): { className: string; style: CSSProperties } => ({
    className: `${css.cell} ${css[column.align ?? "left"]} ${column.frozen ? css.frozen : ""}`,
    style: column.frozen ? { left: lefts.get(column.key) } : {},
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
            {props.onResize && <span className={css.handle} onPointerDown={(event) => startDrag(event, column)} aria-hidden="true" />}
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
              onClick={(event) => {
                if (!isPlain(event.target)) return;
                setAt(item.index);
                // Where cells are edited by a double click, a row is opened by its link.
                if (!isEditable) onOpen?.(row);
              }}
              onMouseEnter={props.onHover && (() => props.onHover?.(row))}
            >
              {onSelect && (
                <div className={`${css.cell} ${css.check}`} role="cell">
                  <Checkbox aria-label={t("table.select")} checked={isSelected} onChange={() => toggle(key)} />
                </div>
              )}
              {columns.map((column) => {
                const isEdited = edited?.key === key && edited.column === column.key && column.edit;
                const isField = mayEdit(row, column);
                const { className, style } = cell(column);
                return (
                  <div
                    key={column.key}
                    role="cell"
                    style={style}
                    className={`${className} ${isField ? css.field : ""} ${isEdited ? css.edited : ""}`}
                    onDoubleClick={isField ? () => edit(item.index, column) : undefined}
                  >
                    {isEdited ? column.edit!(edited.row, { close: (then) => close(edited, then) }) : column.render(row)}
                  </div>
                );
              })}
            </div>
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

function leftsOf<Row>(columns: readonly Column<Row>[], first: number, widthOf: (column: Column<Row>) => number): Map<string, number> {
  let left = first;
  const lefts = new Map<string, number>();
  for (const column of columns.filter((one) => one.frozen)) {
    lefts.set(column.key, left);
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
