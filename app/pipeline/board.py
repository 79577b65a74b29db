"""The board: active leaves by stage, with count, sum and number of overdue ones, in two statements."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, paging
from app.core.actor import Actor, scope_of
from app.organizations import service as organizations
from app.pipeline import gates
from app.pipeline.schemas import Board, BoardFilter, BoardQuery, Card, CardsQuery, Column
from app.projects import service as projects
from app.projects.models import Program, Project, Status
from app.projects.schemas import ProjectSort
from app.projects.stages import pipeline


def _on_board(actor: Actor, filters: BoardFilter, today: Any) -> list[ColumnElement[bool]]:
    conditions = [projects.scope(actor), projects.is_leaf(), Project.status == Status.active]
    if filters.program is not None:
        conditions.append(
            Project.program == Program.both if filters.program is Program.both else projects.in_program(filters.program)
        )
    if filters.unit_id is not None:
        conditions.append(Project.unit_id.in_(organizations.subtree(filters.unit_id, today)))
    if filters.task_force_id is not None:
        conditions.append(Project.task_force_id == filters.task_force_id)
    return conditions


def _card_columns(today: Any) -> list[ColumnElement[Any]]:
    columns: list[Any] = [getattr(Project, name) for name in Card.model_fields if name != "is_overdue"]
    return [*columns, func.coalesce(projects.is_overdue(today), False).label("is_overdue")]


async def board(session: AsyncSession, actor: Actor, query: BoardQuery) -> Board:
    """Returns every stage with its sums in yuan and its first cards, the earliest due first."""
    today = await clock.today(session)
    table = await pipeline(session)
    conditions = _on_board(actor, query, today)
    sums = await session.execute(
        select(
            Project.stage,
            func.count().label("count"),
            func.sum(Project.planned_total).label("planned_total"),
            func.sum(case((Project.planned_total.is_(None), 1), else_=0)).label("without_amount"),
            func.sum(case((projects.is_overdue(today), 1), else_=0)).label("overdue"),
        )
        .where(*conditions)
        .group_by(Project.stage)
    )
    by_stage = {row.stage: row for row in sums}
    order = projects.order(ProjectSort.due_earliest)
    rank = func.row_number().over(partition_by=Project.stage, order_by=list(order.keys)).label("rank")
    ranked = select(*_card_columns(today), rank).where(*conditions).subquery()
    first = await session.execute(select(ranked).where(ranked.c.rank <= query.cards).order_by(ranked.c.rank))
    cards: dict[str, list[Card]] = {}
    for row in first:
        cards.setdefault(row.stage, []).append(Card.model_validate(row))
    filters = BoardFilter.model_validate(query.model_dump(include=set(BoardFilter.model_fields)))
    parameters = filters.model_dump(mode="json", exclude_none=True)
    columns = []
    for stage in table.stages:
        sums_of_stage = by_stage.get(stage.code)
        columns.append(
            Column(
                stage=stage.code,
                name_zh=stage.name_zh,
                name_en=stage.name_en,
                count=sums_of_stage.count if sums_of_stage else 0,
                planned_total=(sums_of_stage.planned_total if sums_of_stage else None) or Decimal(0),
                without_amount=sums_of_stage.without_amount if sums_of_stage else 0,
                overdue=sums_of_stage.overdue if sums_of_stage else 0,
                cards=cards.get(stage.code, []),
                cards_url="/api/v1/pipeline/board/cards?" + urlencode({"stage": stage.code, **parameters}),
            )
        )
    return Board(today=today, scope=scope_of(actor), columns=columns)


async def cards(session: AsyncSession, actor: Actor, query: CardsQuery) -> paging.Page[Card]:
    """Returns a page of the cards of one column, the earliest due first. Raises Invalid for an unknown stage."""
    today = await clock.today(session)
    gates.require_stage(await pipeline(session), query.stage, "?stage")
    statement = select(*_card_columns(today)).where(*_on_board(actor, query, today), Project.stage == query.stage)
    order = projects.order(ProjectSort.due_earliest)
    return await paging.page(session, statement, order, query, "board-cards", Card.model_validate)
