/** A row of `DataTable`, drawn anew only where something of its own has changed: of a table that scrolls, the rows that come in. */
import { type CSSProperties, memo, type ReactNode, type RefObject } from "react";
import { useTranslation } from "@/i18n";
import type { Column, Editing } from "./DataTable";
import css from "./table.module.css";

/** The cell that is edited, with its row as it was when its field was opened: the list may be read again meanwhile. */
export interface Edited<Row> {
  key: string;
  column: string;
  row: Row;
}

/** Of the frozen columns, pixels from the left edge of the table. */
export type Lefts = Readonly<Record<string, number>>;

interface RowProps<Row> {
  id: string;
  row: Row;
  index: number;
  /** Pixels from the first row. */
  start: number;
  height: number;
  template: string;
  columns: readonly Column<Row>[];
  lefts: Lefts;
  /** Undefined where rows are not selected. */
  isSelected: boolean | undefined;
  isAt: boolean;
  className: string | undefined;
  edited: Edited<Row> | undefined;
  acts: RefObject<RowActs<Row>>;
}

export interface RowActs<Row> {
  toggle: (key: string) => void;
  edit: (index: number, column: Column<Row>) => void;
  close: (cell: Edited<Row>, then?: Parameters<Editing["close"]>[0]) => void;
  point: (row: Row, index: number) => void;
  hover: (row: Row) => void;
}

export const TableRow = memo(function TableRow<Row>(props: RowProps<Row>) {
  const { id, row, index, columns, lefts, isSelected, edited, acts } = props;
  const { t } = useTranslation("common");
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      className={`${css.row} ${isSelected ? css.selected : ""} ${props.isAt ? css.at : ""} ${props.className ?? ""}`}
      style={{ gridTemplateColumns: props.template, height: props.height, transform: `translateY(${props.start}px)` }}
      onClick={(event) => isPlain(event.target) && acts.current.point(row, index)}
      onMouseEnter={() => acts.current.hover(row)}
    >
      {isSelected !== undefined && (
        <div className={`${css.cell} ${css.check}`} role="cell">
          <input type="checkbox" className={css.pick} aria-label={t("table.select")} checked={isSelected} onChange={() => acts.current.toggle(id)} />
        </div>
      )}
      {columns.map((column) => {
        const isEdited = edited?.column === column.key && column.edit;
        const isField = mayEdit(row, column);
        const { className, style } = placed(column, lefts);
        return (
          <div
            key={column.key}
            role="cell"
            style={style}
            className={`${className} ${isField ? css.field : ""} ${isEdited ? css.edited : ""}`}
            title={isField && !isEdited ? t("table.editHint") : undefined}
            onDoubleClick={isField ? () => acts.current.edit(index, column) : undefined}
          >
            {isEdited ? column.edit!(edited.row, { close: (then) => acts.current.close(edited, then) }) : column.render(row)}
          </div>
        );
      })}
    </div>
  );
}) as <Row>(props: RowProps<Row>) => ReactNode;

export function mayEdit<Row>(row: Row, column: Column<Row>): boolean {
  return Boolean(column.edit && (column.mayEdit?.(row) ?? true));
}

export function placed<Row>(column: Column<Row>, lefts: Lefts): { className: string; style: CSSProperties | undefined } {
  return {
    className: `${css.cell} ${css[column.align ?? "left"]} ${column.frozen ? css.frozen : ""}`,
    style: column.frozen ? { left: lefts[column.key] } : undefined,
  };
}

/** Whether a click on a row means the row: not a link, button or field in it. */
function isPlain(target: EventTarget): boolean {
  return target instanceof Element && !target.closest("a, button, input, label, .ant-select");
}
