"""The list of projects, with what each row shows: strokes, clock, leader, the deal of its own."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from fastapi import Response
from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import paging, plain
from app.core.actor import Actor, scope_of
from app.core.plain import Plain
from app.core.refs import Reference
from app.core.remembered import Remembered
from app.deals import separation
from app.deals.models import Deal
from app.five_ones import due, strokes
from app.five_ones.due import LimitEnd
from app.lists import sums
from app.lists.project_filter import Reading, Shape, conditions, own_deal
from app.lists.schemas import ProjectList, ProjectQuery, ProjectRow, ProjectSort
from app.organizations.models import Official, Unit
from app.projects import service as projects
from app.projects.models import Project
from app.projects.schemas import ProjectSummary
from app.projects.stages import Stage
from app.rights import projects as rights
from app.search import frequent, keys

_FAR: ColumnElement[date] = literal_column("'2199-12-31'")
_EARLY: ColumnElement[date] = literal_column("'1949-10-01'")

LEADER = Reference("leader", "leader_id", Official)
_REFERENCES = [*projects.REFERENCES, Reference("place", "place_unit_id", Unit), LEADER]
_NAMED = {reference.field for reference in _REFERENCES} | {"parent"}
_STORED = [
    *(getattr(Project, name) for name in ProjectSummary.model_fields if name not in _NAMED),
    Project.place_unit_id,
    Project.paused_days,
    Project.line_id,
    Project.continues_parent,
]


def _signed_on() -> ColumnElement[Any]:
    return select(Deal.signed_on).where(Deal.project_id == Project.id, own_deal()).correlate(Project).scalar_subquery()


def _position() -> ColumnElement[Any]:
    return select(Stage.position).where(Stage.code == Project.stage).correlate(Project).scalar_subquery()


def _unit_name() -> ColumnElement[Any]:
    return select(Unit.name_pinyin).where(Unit.id == Project.unit_id).correlate(Project).scalar_subquery()


_ORDERS: dict[str, Any] = {
    "updated_at": Project.updated_at,
    "created_at": Project.created_at,
    "name": Project.name_pinyin,
    "code": Project.code,
    "due_on": func.coalesce(Project.due_on, _FAR, type_=Project.due_on.type),
    "planned_total": func.coalesce(Project.planned_total, literal_column("0"), type_=Project.planned_total.type),
    "stage": _position(),
    "stage_since": Project.stage_since,
    "last_activity_on": Project.last_activity_on,
    "unit": func.coalesce(_unit_name(), literal_column("''"), type_=Unit.name_pinyin.type),
    "signed_on": func.coalesce(_signed_on(), _EARLY, type_=Deal.signed_on.type),
}


def order(sort: ProjectSort) -> paging.Order:
    """Returns the order of a list. Rows without a due day sort as 2199-12-31, without a deal as 1949-10-01, without an
    amount as 0, without a unit first."""
    return paging.Order.by(sort.value, _ORDERS, Project.id)


def shown(reading: Reading, *, with_deals: bool) -> paging.More:
    """Returns the function that adds to a page what its rows show besides the columns of the project, and what
    `completed` reads. The statement has the id of the actor as a parameter, see `values`."""

    def more(page: Subquery) -> Select[*tuple[Any, ...]]:
        facts = strokes.with_facts(page, reading.today)
        if with_deals:
            deal = aliased(Deal, name="deal")
            own = and_(deal.project_id == page.c.id, own_deal(deal))
            line_deal = and_(deal.id.is_(None), _deal_of_line(page.c).exists()).label("line_deal")
            facts = facts.outerjoin(deal, own).add_columns(deal.agreed_amount, deal.signed_on, line_deal)
        known, flags = strokes.judged(facts, reading.today, reading.table)
        return select(
            *known.c,
            *flags.columns(),
            due.planned_on(known.c, reading.table).label("planned_on"),
            separation.has_drafted_on(known.c).label("is_drafted_by_actor"),
        )

    return more


def values(shape: Shape[Any], actor: Actor) -> dict[str, Any]:
    """Returns the parameters of a statement with `shown`."""
    return {**shape.values, "actor_id": actor.id}


def _deal_of_line(project: Any) -> Select[Any]:
    """Selects the live formal deals of other projects of the line."""
    return (
        select(Deal.id)
        .join(Project, Project.id == Deal.project_id)
        .where(Project.line_id == project.line_id, Project.id != project.id, own_deal())
    )


def clock_of(end: LimitEnd | None, today: date) -> dict[str, Any] | None:
    """Returns the fields of the `Clock` of a row; None where no limit runs."""
    if end is None:
        return None
    limit_days = (end.due_on - end.since).days
    passed = (today - end.since).days
    return {
        "kind": end.kind,
        "since": end.since,
        "due_on": end.due_on,
        "limit_days": limit_days,
        "days_left": (end.due_on - today).days,
        "share": round(passed / max(limit_days, 1), 2),
    }


class _Row:
    """A row with its columns as attributes, as `due.limit_ends` and `rights` read it."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.__dict__ = row


async def completed(session: AsyncSession, rows: Sequence[dict[str, Any]], reading: Reading) -> list[dict[str, Any]]:
    """Adds to rows of `shown` what is computed from them: strokes, clock, days in stage, next stage, the open acts."""
    read = [_Row(row) for row in rows]
    planned = {row["id"]: row["planned_on"] for row in rows}
    ends = await due.limit_ends(session, read, planned) if rows else {}
    for row, may in zip(rows, await rights.of_page(session, reading.actor, read), strict=True):
        row["five_ones"] = strokes.states(row)
        row["days_in_stage"] = (reading.today - row["stage_since"]).days
        row["clock"] = clock_of(ends[row["id"]], reading.today)
        row["next_stage"] = reading.table.next_required[row["program"], row["stage"]]
        row["may"] = may
    return list(rows)


async def find(session: AsyncSession, actor: Actor, query: ProjectQuery) -> ProjectList:
    """Returns a page of the projects the actor sees. Raises Invalid for an unknown stage."""
    return ProjectList.model_validate(await _read(session, actor, query))


async def answer(session: AsyncSession, actor: Actor, query: ProjectQuery) -> Response:
    """Returns the same page as an answer, without a model of each row."""
    values = await _read(session, actor, query)
    return plain.answer({**values, "items": [_ROW(row) for row in values["items"]]})


_ROW = Plain(ProjectRow)


async def _read(session: AsyncSession, actor: Actor, query: ProjectQuery) -> dict[str, Any]:
    """Returns the fields of a page, with its rows as they were read."""
    reading = await Reading.of(session, actor, query)
    shape = Shape(query)
    walked = shape
    if query.q is not None and await frequent.is_numerous(session, "project", keys.sought(query.q)):
        walked = Shape(query, is_numerous=True)
    page = _PAGES.get((walked.key, reading.key, query.cursor is None), lambda: _page(walked.asked, reading))
    part = await paging.fetch(
        session,
        page,
        order(query.sort),
        name="projects",
        limit=query.limit,
        cursor=query.cursor,
        filters=query.filters(),
        names=_references(actor),
        values=values(shape, actor),
    )
    rows = await completed(session, part.rows, reading)
    total = None
    if query.wants_sums:
        grouped = _SUMS.get((shape.key, reading.key), lambda: sums.grouped(conditions(shape.asked, reading)))
        total = sums.read((await session.execute(grouped, shape.values)).all())
    matching = select(Project.id).where(*conditions(query, reading)) if query.wants_count else None
    return {
        "items": rows,
        "next_cursor": part.next_cursor,
        "count": None if matching is None else await paging.count(session, matching),
        "today": reading.today,
        "scope": scope_of(actor),
        "sum": total.sum if total else None,
        "left_out": total.left_out if total else None,
    }


_PAGES: Remembered[Select[*tuple[Any, ...]]] = Remembered()
_SUMS: Remembered[Select[*tuple[Any, ...]]] = Remembered()


def _page(query: ProjectQuery, reading: Reading) -> Select[*tuple[Any, ...]]:
    rows = select(*_STORED).where(*conditions(query, reading))
    more = shown(reading, with_deals=True)
    names = _references(reading.actor)
    return paging.statement(rows, order(query.sort), names, more, limit=query.limit, is_next=query.cursor is not None)


def _references(actor: Actor) -> list[Reference]:
    return [*_REFERENCES, projects.reference_in_scope("parent", "parent_id", actor)]
