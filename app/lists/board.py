"""The board: the projects of a filter by stage, each column with count, sums by pool and number of overdue ones."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from fastapi import Response
from sqlalchemy import ColumnElement, Select, func, literal_column, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import paging, plain, refs
from app.core.actor import Actor, scope_of
from app.core.plain import Plain
from app.core.refs import Reference
from app.core.remembered import Remembered
from app.lists import projects as project_list
from app.lists import sums
from app.lists.project_filter import Reading, Shape, conditions
from app.lists.schemas import BoardQuery, Card, CardsQuery, ColumnLimit, ProjectSort
from app.organizations.models import Unit
from app.projects.models import Project

_REFERENCES = [Reference("unit", "unit_id", Unit), project_list.LEADER]
_SHOWN = (
    "id version code name program stage stage_since status due_on unit_id task_force_id planned_total is_illustrative"
    " is_parent parent_id line_id continues_parent last_activity_on paused_days updated_at"
)
_STORED = [getattr(Project, name) for name in _SHOWN.split()]


async def board(session: AsyncSession, actor: Actor, query: BoardQuery) -> Response:
    """Returns every stage with its sums in yuan and its first cards, the earliest due first. Raises Invalid for an
    unknown stage."""
    reading = await Reading.of(session, actor, query)
    filters = query.in_force()
    shape = Shape(query)
    key = (shape.key, reading.key)
    rows: dict[str, list[Any]] = {}
    for row in await session.execute(_SUMS.get(key, lambda: _sums(shape.asked, reading)), shape.values):
        rows.setdefault(row.stage, []).append(row)
    cards: dict[str, list[dict[str, Any]]] = {}
    if query.cards and rows:
        first_cards = _CARDS.get((*key, *sorted(rows)), lambda: _first_cards(shape.asked, reading, rows))
        page = await session.execute(first_cards, project_list.values(shape, actor))
        cards = await _by_stage(session, page, reading)
    stages = [stage for stage in reading.table.stages if query.stage is None or stage.code in query.stage]
    return plain.answer(
        {
            "today": reading.today,
            "scope": scope_of(actor),
            "filter": filters,
            "columns": [
                {
                    "stage": stage.code,
                    "name_zh": stage.name_zh,
                    "name_en": stage.name_en,
                    "limits": [
                        ColumnLimit(kind=limit.kind, amount=limit.amount, unit=limit.unit.label if limit.unit else None)
                        for limit in reading.table.limits(stage.code)
                    ],
                    "count": sums.count(rows.get(stage.code, [])),
                    "overdue": sum(row.overdue for row in rows.get(stage.code, [])),
                    "sum": sums.read(rows.get(stage.code, [])).sum,
                    "cards": cards.get(stage.code, []),
                    "cards_url": "/api/v1/pipeline/board/cards?" + urlencode({**filters, "stage": stage.code}),
                }
                for stage in stages
            ],
        }
    )


_CARD = Plain(Card)
_ORDER = project_list.order(ProjectSort.due_earliest)
_SUMS: Remembered[Select[*tuple[Any, ...]]] = Remembered()
_CARDS: Remembered[Select[*tuple[Any, ...]]] = Remembered()
_PAGES: Remembered[Select[*tuple[Any, ...]]] = Remembered()


def _sums(query: BoardQuery, reading: Reading) -> Select[*tuple[Any, ...]]:
    """Selects the sums of each column, and the number of its overdue projects."""
    overdue = func.count().filter(reading.flags.is_overdue).label("overdue")
    return sums.grouped(conditions(query, reading), Project.stage).add_columns(overdue)


def _first_cards(query: BoardQuery, reading: Reading, stages: Iterable[str]) -> Select[*tuple[Any, ...]]:
    """Selects the first cards of each stage. Each stage reads its own from the index by due day: ranking all rows by a
    window function would read and sort the whole table."""
    keys = _ORDER.keys
    labelled = [key.label(f"key_{number}") for number, key in enumerate(keys)]
    where = conditions(query, reading, without="stage")
    most: ColumnElement[int] = literal_column(str(query.cards))
    parts = [
        select(*_STORED, *labelled).where(*where, Project.stage == stage).order_by(*keys).limit(most).subquery()
        for stage in stages
    ]
    page = union_all(*(select(part) for part in parts)).subquery("page")
    filled = paging.filled(page, _REFERENCES, project_list.shown(reading, with_deals=False))
    return filled.order_by(filled.selected_columns.key_0, filled.selected_columns.key_1)


async def _by_stage(session: AsyncSession, page: Iterable[Any], reading: Reading) -> dict[str, list[dict[str, Any]]]:
    rows = refs.all_named(page, _REFERENCES)
    cards: dict[str, list[dict[str, Any]]] = {}
    for card in await _cards(session, rows, reading):
        cards.setdefault(card["stage"], []).append(card)
    return cards


async def cards(session: AsyncSession, actor: Actor, query: CardsQuery) -> Response:
    """Returns a page of the cards of one column, the earliest due first. Raises Invalid for an unknown stage."""
    reading = await Reading.of(session, actor, query)
    shape = Shape(query)
    key = (shape.key, reading.key, query.cursor is None)
    part = await paging.fetch(
        session,
        _PAGES.get(key, lambda: _page(shape.asked, reading)),
        _ORDER,
        name="board-cards",
        limit=query.limit,
        cursor=query.cursor,
        filters=query.filters(),
        names=_REFERENCES,
        values=project_list.values(shape, actor),
    )
    matching = select(Project.id).where(*conditions(query, reading)) if query.wants_count else None
    return plain.answer(
        {
            "items": await _cards(session, part.rows, reading),
            "next_cursor": part.next_cursor,
            "count": None if matching is None else await paging.count(session, matching),
        }
    )


def _page(query: CardsQuery, reading: Reading) -> Select[*tuple[Any, ...]]:
    rows = select(*_STORED).where(*conditions(query, reading))
    more = project_list.shown(reading, with_deals=False)
    return paging.statement(rows, _ORDER, _REFERENCES, more, limit=query.limit, is_next=query.cursor is not None)


async def _cards(session: AsyncSession, rows: Any, reading: Reading) -> list[dict[str, Any]]:
    return [_CARD(row) for row in await project_list.completed(session, rows, reading)]
