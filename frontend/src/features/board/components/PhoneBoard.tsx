import { useEffect, useRef } from "react";
import type { Search } from "@/app/search";
import { said, useTranslation } from "@/i18n";
import { fen, type Scale, shown } from "@/shared/money";
import { Empty } from "@/shared/StateView";
import { type Card, type Column, useCards } from "../api";
import { cardScale, sumsOf } from "../model";
import { CardView } from "./CardView";
import css from "./board.module.css";

interface Props {
  columns: readonly Column[];
  scale: Scale;
  conditions: Search;
  stage: string | undefined;
  onStage: (stage: string) => void;
  onMove: (card: Card) => void;
}

/** On a phone: stages as tabs that scroll, above one column. */
export function PhoneBoard({ columns, scale, conditions, stage, onStage, onMove }: Props) {
  const { t } = useTranslation("board");
  const current =
    columns.find((column) => column.stage === stage) ??
    columns.find((column) => column.overdue > 0) ??
    columns.find((column) => column.count > 0) ??
    columns[0];
  const tabs = useRef<HTMLDivElement>(null);
  useEffect(() => {
    tabs.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current?.stage]);
  const more = useCards(conditions, current?.stage ?? "", Boolean(current && current.count > current.cards.length));
  if (!current) return null;
  const sums = sumsOf(current);
  const cardsScale = cardScale(current);
  const cards = more.data && !more.isPlaceholderData ? more.data.pages.flatMap((page) => page.items) : current.cards;
  return (
    <>
      <div ref={tabs} className={css.tabs} role="tablist" aria-label={t("stages")}>
        {columns.map((column) => (
          <button
            key={column.stage}
            type="button"
            role="tab"
            aria-selected={column === current}
            className={column === current ? css.current : ""}
            onClick={() => onStage(column.stage)}
          >
            {said({ zh: column.name_zh, en: column.name_en })} <small>{column.count}</small>
          </button>
        ))}
      </div>
      <p className={css.phoneSum}>
        <span>
          <b>{current.count}</b> {t("common:unit.project", { count: current.count })}
        </span>
        {sums.map((sum) => (
          <span key={sum.pool}>
            {sums.length > 1 && `${t(`pool.${sum.pool}`)} `}
            <b>{shown(fen(sum.planned_total), scale.unit, scale.decimals)}</b>&nbsp;{t(`common:unit.${scale.unit}`)}
          </span>
        ))}
        {current.overdue > 0 && <span className={css.late}>{t("overdueLong", { count: current.overdue })}</span>}
      </p>
      {current.count === 0 && <Empty title={t("emptyStage")} />}
      <div className={css.phoneCards}>
        {cards.map((card) => (
          <CardView key={card.id} card={card} {...cardsScale} onDrag={() => undefined} onMove={onMove} />
        ))}
        {more.hasNextPage && (
          <button type="button" className={css.moreCards} onClick={() => void more.fetchNextPage()}>
            {t("rest", { count: current.count - cards.length })}
          </button>
        )}
      </div>
    </>
  );
}
