import { dropTargetForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { useVirtualizer } from "@tanstack/react-virtual";
import { CircleAlert } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Search } from "@/app/search";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import type { Hint } from "@/shared/gates/MoveMenu";
import { fen, type Scale, shown } from "@/shared/money";
import { StageRing } from "@/shared/StageTag";
import { type Card, type Column, useCards } from "../api";
import { cardScale, inserted, sumsOf } from "../model";
import { CardView } from "./CardView";
import css from "./board.module.css";

export interface ColumnProps {
  column: Column;
  /** How the sums of all columns are shown. */
  scale: Scale;
  conditions: Search;
  /** What the column would say to the card that is dragged; null while nothing is, or it is not known yet. */
  hint: Hint | null;
  isDragging: boolean;
  draggedId: string | null;
  flyingId: string | null;
  onDrag: (card: Card | null) => void;
  onMove: (card: Card) => void;
  /** Where a card is scrolled to before it takes the focus. */
  register: (stage: string, scrollTo: ((index: number) => void) | null) => void;
  onCards: (stage: string, cards: readonly Card[]) => void;
}

export function ColumnView({ column, scale, conditions, hint, isDragging, draggedId, flyingId, onDrag, onMove, register, onCards }: ColumnProps) {
  const { t } = useTranslation("board");
  const { label } = useMeta();
  const whole = useRef<HTMLElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [isOver, setIsOver] = useState(false);
  const [isAll, setIsAll] = useState(false);
  const more = useCards(conditions, column.stage, isAll);
  const cards = useMemo(() => {
    if (!more.data) return column.cards;
    const all = more.data.pages.flatMap((page) => page.items);
    // A card that is on its way here is not of this list yet; one that has left still is.
    const flying = column.cards.find((card) => card.id === flyingId);
    const rest = all.filter((card) => card.id !== flyingId);
    return flying ? inserted(rest, flying) : flyingId ? rest : all;
  }, [more.data, column.cards, flyingId]);

  const virtual = useVirtualizer({
    count: cards.length,
    getScrollElement: () => box.current,
    estimateSize: () => 108,
    getItemKey: (index) => cards[index]!.id,
    gap: 6,
    overscan: 6,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const hasMore = cards.length < column.count;
  useEffect(() => {
    if (!hasMore || last < cards.length - 6) return;
    if (!isAll) setIsAll(true);
    else if (more.hasNextPage && !more.isFetchingNextPage) void more.fetchNextPage();
  }, [hasMore, last, cards.length, isAll, more]);

  useEffect(() => {
    onCards(column.stage, cards);
  }, [onCards, column.stage, cards]);
  useEffect(() => {
    register(column.stage, (index) => virtual.scrollToIndex(index));
    return () => register(column.stage, null);
  }, [register, column.stage, virtual]);
  useEffect(() => {
    const element = whole.current;
    if (!element) return;
    return dropTargetForElements({
      element,
      getData: () => ({ stage: column.stage }),
      canDrop: ({ source }) => source.data.type === "card",
      onDragEnter: () => setIsOver(true),
      onDragLeave: () => setIsOver(false),
      onDrop: () => setIsOver(false),
    });
  }, [column.stage]);

  const sums = sumsOf(column);
  const cardsScale = cardScale(column);
  const tone = isDragging && hint ? css[hint.tone] : "";
  return (
    <section
      ref={whole}
      className={`${css.column} ${tone} ${isOver && hint?.tone !== "closed" ? css.over : ""}`}
      aria-label={said({ zh: column.name_zh, en: column.name_en })}
    >
      <header className={css.head}>
        <h2>
          <StageRing stage={column.stage} />
          <span>{said({ zh: column.name_zh, en: column.name_en })}</span>
          <small>{column.count}</small>
          {column.overdue > 0 && (
            <b className={css.late}>
              <CircleAlert size={12} strokeWidth={1.75} aria-hidden="true" />
              {t("overdue", { count: column.overdue })}
            </b>
          )}
        </h2>
        <p className={css.sum}>
          {sums.length === 0 && t("noAmount")}
          {sums.map((sum) => (
            <span key={sum.pool} title={said(label("Pool", sum.pool))}>
              {sums.length > 1 && <small>{t(`pool.${sum.pool}`)} </small>}
              <strong>{shown(fen(sum.planned_total), scale.unit, scale.decimals)}</strong>&nbsp;{t(`common:unit.${scale.unit}`)}
            </span>
          ))}
        </p>
      </header>
      {isDragging && hint && (
        <div className={css.hint}>
          <strong>{hint.title}</strong>
          <span>{hint.text}</span>
        </div>
      )}
      <div ref={box} className={css.cards}>
        <div style={{ height: virtual.getTotalSize() }} className={css.virtual}>
          {items.map((item) => {
            const card = cards[item.index]!;
            return (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={css.slot}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <CardView card={card} {...cardsScale} isFlying={card.id === flyingId} isDragged={card.id === draggedId} onDrag={onDrag} onMove={onMove} />
              </div>
            );
          })}
        </div>
        {hasMore && <p className={css.rest}>{t("rest", { count: column.count - cards.length })}</p>}
      </div>
    </section>
  );
}

/** Neighbouring columns without cards: a narrow strip that opens when it is pointed at, pressed, or a card comes over. */
export function Strip({ columns, onOpen }: { columns: readonly Column[]; onOpen: (stages: string[], isPressed: boolean) => void }) {
  const { t } = useTranslation("board");
  const element = useRef<HTMLButtonElement>(null);
  const stages = columns.map((column) => column.stage).join();
  useEffect(() => {
    if (!element.current) return;
    return dropTargetForElements({
      element: element.current,
      canDrop: ({ source }) => source.data.type === "card",
      onDragEnter: () => onOpen(stages.split(","), false),
    });
  }, [stages, onOpen]);
  const name = (column: Column) => said({ zh: column.name_zh, en: column.name_en });
  const first = name(columns[0]!);
  const text = columns.length > 1 ? t("strip", { from: first, to: name(columns.at(-1)!) }) : first;
  return (
    <button
      ref={element}
      type="button"
      className={css.strip}
      aria-expanded={false}
      title={text}
      onMouseEnter={() => onOpen(stages.split(","), false)}
      onClick={() => onOpen(stages.split(","), true)}
    >
      <b>0</b>
      <span>{text}</span>
      <span className="visually-hidden">{t("openStrip")}</span>
    </button>
  );
}
