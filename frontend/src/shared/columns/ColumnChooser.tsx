/** Chooses the columns of a list: check, and drag or arrow keys for the order. */
import { draggable, dropTargetForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import { Button, Checkbox, Popover } from "antd";
import { Columns3, GripVertical } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "@/i18n";
import type { Column } from "@/shared/DataTable";
import type { Columns } from "./useColumns";
import css from "./columns.module.css";

export function ColumnChooser<Row>({ columns }: { columns: Columns<Row> }) {
  const { t } = useTranslation("columns");
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Popover
      open={isOpen}
      onOpenChange={setIsOpen}
      trigger="click"
      placement="bottomRight"
      arrow={false}
      styles={{ container: { padding: 0 } }}
      content={<List columns={columns} />}
    >
      <Button icon={<Columns3 size={15} strokeWidth={1.75} aria-hidden="true" />} aria-expanded={isOpen}>
        {t("columns")}
      </Button>
    </Popover>
  );
}

function List<Row>({ columns }: { columns: Columns<Row> }) {
  const { t } = useTranslation("columns");
  const shown = columns.shown.map((one) => one.key);
  const frozen = columns.all.filter((one) => one.frozen);
  const rest = columns.all.filter((one) => !one.frozen);
  const toggle = (code: string) => columns.show(shown.includes(code) ? shown.filter((one) => one !== code) : [...shown, code]);
  /** Puts a column in the place of another; a column that was hidden is shown there. */
  const put = (code: string, target: string) => {
    if (code === target || !shown.includes(target)) return;
    const isDown = shown.includes(code) && shown.indexOf(code) < shown.indexOf(target);
    const others = shown.filter((one) => one !== code);
    others.splice(others.indexOf(target) + (isDown ? 1 : 0), 0, code);
    columns.show(others);
  };
  const step = (code: string, by: number) => {
    const movable = shown.filter((one) => !frozen.some((column) => column.key === one));
    const target = movable[movable.indexOf(code) + by];
    if (movable.includes(code) && target) put(code, target);
  };
  return (
    <div className={css.list}>
      <header>
        <h2>{t("columns")}</h2>
        <Button type="link" size="small" onClick={columns.reset} disabled={!columns.isOwn}>
          {t("reset")}
        </Button>
      </header>
      <div className={css.scroll}>
        <h3>{t("frozen")}</h3>
        {frozen.map((column) => (
          <div key={column.key} className={css.item}>
            <Checkbox checked disabled>
              {column.title}
            </Checkbox>
          </div>
        ))}
        <h3>{t("rest")}</h3>
        {rest.map((column) => (
          <Item
            key={column.key}
            column={column}
            isShown={columns.isShown(column.key)}
            onToggle={() => toggle(column.key)}
            onPut={(code) => put(code, column.key)}
            onStep={(by) => step(column.key, by)}
          />
        ))}
      </div>
      <footer>{t("count", { shown: shown.length, hidden: columns.all.length - shown.length })}</footer>
    </div>
  );
}

interface ItemProps<Row> {
  column: Column<Row>;
  isShown: boolean;
  onToggle: () => void;
  onPut: (code: string) => void;
  onStep: (by: number) => void;
}

function Item<Row>({ column, isShown, onToggle, onPut, onStep }: ItemProps<Row>) {
  const { t } = useTranslation("columns");
  const element = useRef<HTMLDivElement>(null);
  const [isOver, setIsOver] = useState(false);
  const drop = useRef(onPut);
  useEffect(() => {
    drop.current = onPut;
  });
  useEffect(() => {
    if (!element.current || !isShown) return;
    return combine(
      draggable({ element: element.current, getInitialData: () => ({ column: column.key }) }),
      dropTargetForElements({
        element: element.current,
        canDrop: ({ source }) => typeof source.data.column === "string",
        onDragEnter: () => setIsOver(true),
        onDragLeave: () => setIsOver(false),
        onDrop: ({ source }) => {
          setIsOver(false);
          drop.current(source.data.column as string);
        },
      }),
    );
  }, [column.key, isShown]);
  return (
    <div ref={element} className={`${css.item} ${isOver ? css.over : ""}`}>
      <Checkbox checked={isShown} onChange={onToggle}>
        {column.title}
      </Checkbox>
      {isShown && (
        <button
          type="button"
          className={css.grip}
          aria-label={t("move")}
          title={t("move")}
          onKeyDown={(event) => {
            if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
            event.preventDefault();
            onStep(event.key === "ArrowUp" ? -1 : 1);
          }}
        >
          <GripVertical size={14} strokeWidth={1.75} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
