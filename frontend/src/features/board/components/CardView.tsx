import { draggable } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { setCustomNativeDragPreview } from "@atlaskit/pragmatic-drag-and-drop/element/set-custom-native-drag-preview";
import { Link } from "@tanstack/react-router";
import { ArrowRightLeft } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import { nameOf, shortNameOf, useTranslation } from "@/i18n";
import { ClockLine } from "@/shared/ClockLine";
import { Money } from "@/shared/Money";
import type { MoneyUnit } from "@/shared/money";
import { plainName, RecordName } from "@/shared/RecordName";
import { Strokes } from "@/shared/Strokes";
import type { Card } from "../api";
import css from "./board.module.css";

interface Props {
  card: Card;
  /** How the amounts of the cards beside it are shown. */
  unit: MoneyUnit;
  decimals: number;
  isFlying?: boolean;
  isDragged?: boolean;
  onDrag: (card: Card | null) => void;
  onMove: (card: Card) => void;
}

/** A project on the board. The card takes the focus and the keys; what is in it is for the mouse. */
export const CardView = memo(function CardView({ card, unit, decimals, isFlying, isDragged, onDrag, onMove }: Props) {
  const { t } = useTranslation("board");
  const box = useRef<HTMLElement>(null);
  const mayMove = card.may.includes("move") || card.may.includes("move_back");
  useEffect(() => {
    const element = box.current;
    if (!element || !mayMove) return;
    return draggable({
      element,
      getInitialData: () => ({ type: "card", card }),
      onGenerateDragPreview: ({ nativeSetDragImage, location }) => {
        const { width, left, top } = element.getBoundingClientRect();
        const { clientX, clientY } = location.current.input;
        setCustomNativeDragPreview({
          nativeSetDragImage,
          getOffset: () => ({ x: clientX - left + 8, y: clientY - top + 8 }),
          render: ({ container }) => {
            const copy = element.cloneNode(true) as HTMLElement;
            copy.classList.add(css.preview!);
            copy.style.width = `${width}px`;
            container.append(copy);
          },
        });
      },
      onDragStart: () => onDrag(card),
      onDrop: () => onDrag(null),
    });
  }, [card, mayMove, onDrag]);
  return (
    <article
      ref={box}
      className={`${css.card} ${card.is_overdue ? css.overdue : ""} ${isFlying ? css.flying : ""} ${isDragged ? css.dragged : ""}`}
      tabIndex={0}
      data-card={card.id}
      aria-label={`${card.code} ${plainName(nameOf(card))}`}
      aria-keyshortcuts="M F Enter"
    >
      <div className={css.top}>
        <span className={css.code}>{card.code}</span>
        <Strokes states={card.five_ones} />
      </div>
      <Link
        to="/projects/$projectId"
        params={{ projectId: card.id }}
        preload="intent"
        className={css.name}
        draggable={false}
        tabIndex={-1}
        title={plainName(nameOf(card))}
      >
        <RecordName of={card} illustrative={card.is_illustrative} />
      </Link>
      <div className={css.facts}>
        <span className={css.who} title={card.unit ? shortNameOf(card.unit) : undefined}>
          {card.unit ? shortNameOf(card.unit) : t("noUnit")}
          {" · "}
          {card.leader ? plainName(nameOf(card.leader)) : <b>{t("noLeader")}</b>}
        </span>
        <span className={css.amount}>{card.planned_total ? <Money yuan={card.planned_total} unit={unit} decimals={decimals} /> : t("noAmount")}</span>
      </div>
      <ClockLine clock={card.clock} daysInStage={card.days_in_stage} />
      {mayMove && (
        <button type="button" tabIndex={-1} className={css.move} aria-label={t("move")} title={t("move")} onClick={() => onMove(card)}>
          <ArrowRightLeft size={13} strokeWidth={1.75} aria-hidden="true" />
        </button>
      )}
    </article>
  );
});
