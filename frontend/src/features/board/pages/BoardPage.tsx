import { monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { openFollowUp } from "@/app/followUp";
import { useKeys } from "@/app/keys";
import { useIsPhone } from "@/app/phone";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { conditionsOf } from "@/shared/filters/fields";
import { useProjectFields } from "@/shared/filters/projectFields";
import { GateDialog } from "@/shared/gates/GateDialog";
import { MoveMenu, type Target, targetsOf, useHint } from "@/shared/gates/MoveMenu";
import { useMove } from "@/shared/gates/useMove";
import { type Scale, shown } from "@/shared/money";
import { ErrorView, Skeleton } from "@/shared/StateView";
import { type Card, type Column, useBoard } from "../api";
import { ColumnView, Strip } from "../components/ColumnView";
import { Filters } from "../components/Filters";
import { PhoneBoard } from "../components/PhoneBoard";
import { afterMove, type Flying, headScale, partsOf, totalsOf } from "../model";
import css from "../components/board.module.css";

export function BoardPage() {
  const { t } = useTranslation("board");
  const [search, change] = usePageSearch();
  const isPhone = useIsPhone();
  const fields = useProjectFields();
  const { label } = useMeta();
  // An address without any condition means promotion; «all» says that both are wanted.
  const conditions = useMemo(() => {
    const found = conditionsOf(search, fields);
    if (!Object.keys(found).length) return { pool: "promotion" };
    const { pool, ...rest } = found;
    return pool && pool !== "all" ? { pool, ...rest } : rest;
  }, [search, fields]);
  const board = useBoard(conditions);
  const flight = useFlight(board.dataUpdatedAt);
  const columns = useMemo(
    () => board.data?.columns.map((column) => afterMove(column, flight.flying)) ?? [],
    [board.data, flight.flying],
  );
  const totals = totalsOf(columns);
  const scale = headScale(columns);
  const count = columns.reduce((sum, column) => sum + column.count, 0);
  const [drawn] = useState<Drawn>(() => ({ lists: new Map(), scrolls: new Map() }));
  const mover = useMover(flight, drawn);

  return (
    <div className={css.page}>
      <Title text={t("common:pages.board")}>
        <h1>{t("common:pages.board")}</h1>
        {board.data && !isPhone && (
          <span className={css.totals}>
            <b>{count}</b> {t("common:unit.project", { count })}
            {totals
              .filter((total) => !conditions.pool || total.pool === conditions.pool)
              .map((total) => (
                <span key={total.pool}>
                  {" · "}
                  {t("total", { pool: conditions.pool ? "" : said(label("Pool", total.pool)) })} <b>{shown(total.amount, scale.unit, scale.decimals)}</b>&nbsp;{t(`common:unit.${scale.unit}`)}
                </span>
              ))}
          </span>
        )}
      </Title>
      <Filters search={search} conditions={conditions} onChange={change} />
      {board.error && !board.data && <ErrorView error={board.error} onRetry={() => void board.refetch()} />}
      {!board.data && !board.error && <Skeleton rows={5} columns={isPhone ? 1 : 6} />}
      {board.data &&
        (isPhone ? (
          <PhoneBoard columns={columns} scale={scale} conditions={conditions} stage={search.at} onStage={(at) => change({ at })} onMove={mover.openMenu} />
        ) : (
          <Columns columns={columns} scale={scale} conditions={conditions} flyingId={flight.flying?.card.id ?? null} mover={mover} drawn={drawn} />
        ))}
      {mover.menu && <MoveMenu project={mover.menu} onChoose={(target) => mover.choose(mover.menu!, target)} onClose={mover.close} />}
      {mover.gate && (
        <GateDialog
          project={mover.gate.card}
          to={mover.gate.to}
          mayOverride={mover.gate.card.may.includes("override")}
          onClose={mover.close}
        />
      )}
    </div>
  );
}

/** The card that is on its way: shown where it goes until the service has refused, or the board was read again. */
function useFlight(readAt: number) {
  const [flying, setFlying] = useState<(Flying & { doneAt?: number }) | null>(null);
  const isOver = flying?.doneAt !== undefined && readAt > flying.doneAt;
  if (isOver) setFlying(null);
  return useMemo(
    () => ({
      flying: isOver ? null : flying,
      start: (card: Card, to: string) => setFlying({ card, to }),
      land: () => setFlying((now) => now && { ...now, doneAt: Date.now() }),
      rollBack: () => setFlying(null),
    }),
    [flying, isOver],
  );
}

/** Moves cards: at once where nothing stands between, else by way of the gates. */
function useMover(flight: ReturnType<typeof useFlight>, drawn: Drawn) {
  const today = useToday();
  const client = useQueryClient();
  const [menu, setMenu] = useState<Card | null>(null);
  const [gate, setGate] = useState<{ card: Card; to: string } | null>(null);
  const focusBack = useFocusBack(drawn, menu !== null || gate !== null);
  const act = useMove({
    onMoved: flight.land,
    onRefused: (problem, move) => {
      flight.rollBack();
      if (problem.code !== "gates_unmet" && problem.code !== "needs_catch_up") return false;
      const card = move.project as Card;
      setGate({ card, to: move.body.to });
      return true;
    },
  });
  const { mutate } = act;
  const { start, rollBack } = flight;
  // A lost line is a refusal too: the card goes back.
  const { isError } = act;
  useEffect(() => {
    if (isError) rollBack();
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isError]);

  const choose = useCallback(
    (card: Card, target: Pick<Target, "to" | "kind" | "blocks" | "needs_catch_up" | "refused">) => {
      setMenu(null);
      if (target.refused || target.to === card.stage) return;
      focusBack(card.id);
      if (target.kind === "back" || target.blocks.length || target.needs_catch_up) return setGate({ card, to: target.to });
      start(card, target.to);
      mutate({ project: card, body: { to: target.to, happened_on: today } });
    },
    [mutate, start, today, focusBack],
  );
  const drop = useCallback(
    async (card: Card, to: string) => {
      const targets = await client.ensureQueryData(targetsOf(card.id)).catch(() => null);
      const target = targets?.items.find((one) => one.to === to);
      choose(card, target ?? { to, kind: "forward", blocks: [], needs_catch_up: false, refused: null });
    },
    [choose, client],
  );
  const openMenu = useCallback(
    (card: Card) => {
      focusBack(card.id);
      setMenu(card);
    },
    [focusBack],
  );
  const close = useCallback(() => {
    setMenu(null);
    setGate(null);
  }, []);
  return { menu, gate, choose, drop, openMenu, close };
}

/** Returns the function that names the card which has the focus once no dialog is open: it gets it back wherever it is drawn,
 * and again where it is drawn elsewhere after the board was read, until the reader turns to something else. */
function useFocusBack(drawn: Drawn, isBusy: boolean) {
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (isBusy || !wanted.current) return;
    const at = document.activeElement;
    if (at === null || at === document.body) focusCard(drawn, wanted.current);
    else if (!at.closest(`[data-card="${wanted.current}"]`)) wanted.current = null;
  });
  return useCallback((id: string) => {
    wanted.current = id;
  }, []);
}

interface ColumnsProps {
  columns: readonly Column[];
  scale: Scale;
  conditions: Record<string, string>;
  flyingId: string | null;
  mover: ReturnType<typeof useMover>;
  drawn: Drawn;
}

function Columns({ columns, scale, conditions, flyingId, mover, drawn }: ColumnsProps) {
  const { t } = useTranslation("board");
  const box = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<Card | null>(null);
  const [opened, setOpened] = useState<{ hovered: string[]; pressed: string[] }>({ hovered: [], pressed: [] });
  const targets = useQuery({ ...targetsOf(dragged?.id ?? ""), enabled: dragged !== null });
  const hintOf = useHint();
  const hint = (stage: string) => {
    if (!dragged || stage === dragged.stage) return null;
    const target = targets.data?.items.find((one) => one.to === stage);
    return target ? hintOf(target) : null;
  };
  const { drop, openMenu } = mover;

  useEffect(() => {
    return monitorForElements({
      canMonitor: ({ source }) => source.data.type === "card",
      onDrag: ({ location }) => scrollSideways(box.current, location.current.input.clientX),
      onDrop: ({ source, location }) => {
        const stage = location.current.dropTargets[0]?.data.stage as string | undefined;
        setOpened((now) => ({ ...now, hovered: [] }));
        if (stage) void drop(source.data.card as Card, stage);
      },
    });
  }, [drop]);

  const register = useCallback(
    (stage: string, scrollTo: ((index: number) => void) | null) => {
      if (scrollTo) drawn.scrolls.set(stage, scrollTo);
      else drawn.scrolls.delete(stage);
    },
    [drawn],
  );
  const onCards = useCallback((stage: string, cards: readonly Card[]) => void drawn.lists.set(stage, cards), [drawn]);
  const onOpen = useCallback(
    (stages: string[], isPressed: boolean) =>
      setOpened((now) => (isPressed ? { ...now, pressed: [...now.pressed, ...stages] } : { ...now, hovered: stages })),
    [],
  );
  useCardKeys({ columns, drawn, onMove: openMenu });

  const parts = partsOf(columns, (stage) => opened.hovered.includes(stage) || opened.pressed.includes(stage));
  return (
    <div
      ref={box}
      className={`${css.board} ${dragged ? css.dragging : ""}`}
      aria-label={t("keys")}
      onMouseLeave={() => !dragged && setOpened((now) => ({ ...now, hovered: [] }))}
    >
      {parts.map((part) =>
        part.kind === "strip" ? (
          <Strip key={part.columns[0]!.stage} columns={part.columns} onOpen={onOpen} />
        ) : (
          <ColumnView
            key={part.column.stage}
            column={part.column}
            scale={scale}
            conditions={conditions}
            hint={hint(part.column.stage)}
            isDragging={dragged !== null}
            draggedId={dragged?.id ?? null}
            flyingId={flyingId}
            onDrag={setDragged}
            onMove={openMenu}
            register={register}
            onCards={onCards}
          />
        ),
      )}
    </div>
  );
}

/** Near its edges the board follows the card that is dragged. */
function scrollSideways(box: HTMLElement | null, x: number): void {
  if (!box) return;
  const { left, right } = box.getBoundingClientRect();
  if (x < left + 60) box.scrollLeft -= 14;
  else if (x > right - 60) box.scrollLeft += 14;
}

/** What the columns show just now: their cards, and how each scrolls to one. */
interface Drawn {
  lists: Map<string, readonly Card[]>;
  scrolls: Map<string, (index: number) => void>;
}

function focusCard(drawn: Drawn, id: string): void {
  for (const [stage, cards] of drawn.lists) {
    const index = cards.findIndex((card) => card.id === id);
    if (index >= 0) drawn.scrolls.get(stage)?.(index);
  }
  // The card may be drawn only once it is scrolled to.
  requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-card="${id}"]`)?.focus()));
}

interface CardKeys {
  columns: readonly Column[];
  drawn: Drawn;
  onMove: (card: Card) => void;
}

/** Arrows go from card to card; M, F and Enter act on the one in focus. */
function useCardKeys({ columns, drawn, onMove }: CardKeys) {
  const { t } = useTranslation("board");
  const navigate = useNavigate();
  const keys = useMemo(() => {
    const cardsOf = (stage: string) => drawn.lists.get(stage) ?? [];
    const stages = columns.filter((column) => column.count > 0).map((column) => column.stage);
    const here = () => {
      const id = document.activeElement?.closest<HTMLElement>("[data-card]")?.dataset.card;
      const stage = stages.find((one) => cardsOf(one).some((card) => card.id === id));
      const index = stage ? cardsOf(stage).findIndex((card) => card.id === id) : -1;
      return stage ? { stage, index, card: cardsOf(stage)[index]! } : null;
    };
    const focus = (stage: string | undefined, index: number) => {
      const cards = stage ? cardsOf(stage) : [];
      const card = cards[Math.max(0, Math.min(index, cards.length - 1))];
      if (card) focusCard(drawn, card.id);
    };
    const go = (across: number, down: number) => () => {
      const at = here();
      if (!at) return focus(stages[0], 0);
      focus(stages[stages.indexOf(at.stage) + across] ?? at.stage, at.index + down);
    };
    const on = (run: (card: Card) => void) => () => {
      const at = here();
      if (at) run(at.card);
    };
    return [
      { key: "ArrowDown", does: t("key.down"), run: go(0, 1) },
      { key: "ArrowUp", does: t("key.up"), run: go(0, -1) },
      { key: "ArrowRight", does: t("key.right"), run: go(1, 0) },
      { key: "ArrowLeft", does: t("key.left"), run: go(-1, 0) },
      { key: "M", does: t("key.move"), run: on((card) => (card.may.includes("move") || card.may.includes("move_back")) && onMove(card)) },
      { key: "F", does: t("key.followUp"), run: on((card) => card.may.includes("follow_up") && openFollowUp(card.id)) },
      { key: "Enter", does: t("key.open"), run: on((card) => void navigate({ to: "/projects/$projectId", params: { projectId: card.id } })) },
    ];
  }, [columns, drawn, onMove, navigate, t]);
  useKeys(keys);
}
