"""The board: the projects of a filter by stage, each column with count, sums by pool and number of overdue ones."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import case, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import paging, refs
from app.core.actor import Actor, scope_of
from app.core.refs import Reference
from app.lists import projects as project_list
from app.lists import sums
from app.lists.project_filter import Reading, conditions
from app.lists.schemas import Board, BoardQuery, Card, CardsQuery, Column, ColumnLimit, ProjectSort
from app.organizations.models import Unit
from app.projects.models import Project

_REFERENCES = [Reference("unit", "unit_id", Unit), project_list.LEADER]
_SHOWN = (
    "id version code name program stage stage_since status due_on unit_id task_force_id planned_total is_illustrative"
    " is_parent parent_id continues_parent last_activity_on paused_days updated_at"
)
_STORED = [getattr(Project, name) for name in _SHOWN.split()]


async def board(session: AsyncSession, actor: Actor, query: BoardQuery) -> Board:
    """Returns every stage with its sums in yuan and its first cards, the earliest due first. Raises Invalid for an
    unknown stage."""
    reading = await Reading.of(session, actor, query)
    where = conditions(query, reading)
    overdue = func.sum(case((reading.flags.is_overdue, 1), else_=0)).label("overdue")
    rows: dict[str, list[Any]] = {}
    for row in await session.execute(sums.grouped(where, Project.stage).add_columns(overdue)):
        rows.setdefault(row.stage, []).append(row)
    cards = await _first_cards(session, query, reading, rows) if query.cards else {}
    filters = query.in_force()
    stages = [stage for stage in reading.table.stages if query.stage is None or stage.code in query.stage]
    return Board(
        today=reading.today,
        scope=scope_of(actor),
        filter=filters,
        columns=[
            Column(
                stage=stage.code,
                name_zh=stage.name_zh,
                name_en=stage.name_en,
                limits=[
                    ColumnLimit(kind=limit.kind, amount=limit.amount, unit=limit.unit.label if limit.unit else None)
                    for limit in reading.table.limits(stage.code)
                ],
                count=sums.count(rows.get(stage.code, [])),
                overdue=sum(row.overdue for row in rows.get(stage.code, [])),
                sum=sums.read(rows.get(stage.code, [])).sum,
                cards=cards.get(stage.code, []),
                cards_url="/api/v1/pipeline/board/cards?" + urlencode({**filters, "stage": stage.code}),
            )
            for stage in stages
        ],
    )


async def _first_cards(
    session: AsyncSession, query: BoardQuery, reading: Reading, stages: Iterable[str]
) -> dict[str, list[Card]]:
    """Returns the first cards of each stage. Each stage reads its own from the index by due day: ranking all rows by a
    window function would read and sort the whole table."""
    keys = list(project_list.order(ProjectSort.due_earliest).keys)
    labelled = [key.label(f"key_{number}") for number, key in enumerate(keys)]
    where = conditions(query, reading, without="stage")
    parts = [
        select(*_STORED, *labelled).where(*where, Project.stage == stage).order_by(*keys).limit(query.cards).subquery()
        for stage in stages
    ]
    if not parts:
        return {}
    page = union_all(*(select(part) for part in parts)).subquery("page")
    filled = paging.filled(page, _REFERENCES, project_list.shown(reading, with_deals=False))
    filled = filled.order_by(filled.selected_columns.key_0, filled.selected_columns.key_1)
    rows = [refs.named(row._asdict(), _REFERENCES) for row in await session.execute(filled)]
    cards: dict[str, list[Card]] = {}
    for card in await _cards(session, rows, reading):
        cards.setdefault(card.stage, []).append(card)
    return cards


async def cards(session: AsyncSession, actor: Actor, query: CardsQuery) -> paging.Page[Card]:
    """Returns a page of the cards of one column, the earliest due first. Raises Invalid for an unknown stage."""
    reading = await Reading.of(session, actor, query)
    where = conditions(query, reading)
    order = project_list.order(ProjectSort.due_earliest)
    page = paging.statement(
        select(*_STORED).where(*where),
        order,
        _REFERENCES,
        project_list.shown(reading, with_deals=False),
        is_next=query.cursor is not None,
    )
    part = await paging.fetch(
        session,
        page,
        order,
        name="board-cards",
        limit=query.limit,
        cursor=query.cursor,
        filters=query.filters(),
        names=_REFERENCES,
    )
    matching = select(Project.id).where(*where) if query.wants_count else None
    return paging.Page(
        items=await _cards(session, part.rows, reading),
        next_cursor=part.next_cursor,
        count=None if matching is None else await paging.count(session, matching),
    )


async def _cards(session: AsyncSession, rows: Any, reading: Reading) -> list[Card]:
    return [Card.model_validate(row) for row in await project_list.completed(session, rows, reading)]
