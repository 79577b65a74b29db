"""Finds records of all kinds by what somebody typed, in one statement, among those that the actor sees.

The index is read once. The statement has a part for each kind, and one more for each that is found by its investor's
name. A part is cut to the best hits, and then joined with what a hit shows (`hits.py`).
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Integer, Row, Select, Subquery, bindparam, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor
from app.core.remembered import Remembered
from app.deals.models import Deal
from app.finder.hits import ADDRESSES, ROWS
from app.finder.schemas import Kind, SearchAnswer, SearchHit, SearchQuery
from app.leads import service as leads
from app.organizations.models import UnitKind
from app.projects import service as projects
from app.projects.models import Project
from app.search import index, keys
from app.search.index import SOURCES
from app.search.keys import Match, Needle
from app.search.models import SearchEntry

_THROUGH = index.PART + 1
"""Added to the rank of what is found by the name of another record: it comes after all others."""
_MOST: ColumnElement[int] = bindparam("most", type_=Integer)


def _in_scope(kind: Kind, statement: Select[*tuple[Any, ...]], actor: Actor) -> Select[*tuple[Any, ...]]:
    """Leaves the records that the actor sees. Enterprises and how the city is organized are seen by all."""
    if kind is Kind.project:
        return statement.where(projects.scope(actor))
    if kind is Kind.lead:
        return statement.where(leads.scope(actor))
    if kind is Kind.deal and not actor.sees_all:
        return statement.join(Project, Project.id == Deal.project_id).where(projects.scope(actor))
    return statement


_OF_ALL = frozenset({Kind.enterprise, Kind.official, Kind.unit, Kind.task_force})
"""The kinds without a scope."""


def _own(kind: Kind, found: CTE, actor: Actor) -> Subquery:
    """Selects the best hits among the entries of a kind itself."""
    best = select(found.c.record_id.label("id"), found.c.rank, found.c.number).where(found.c.kind == kind.value)
    if kind not in _OF_ALL and not actor.sees_all:
        model = SOURCES[kind.value].model
        best = _in_scope(kind, best.join(model, model.id == found.c.record_id), actor)
    return best.order_by(found.c.rank, found.c.number.desc()).limit(_MOST).subquery()


def _through(kind: Kind, column: str, other: str, found: CTE, actor: Actor) -> Subquery:
    """Selects the best hits among the records that name one that was found, such as an investor."""
    model = SOURCES[kind.value].model
    rank = (found.c.rank + _THROUGH).label("rank")
    best = select(model.id, rank, found.c.number).join_from(found, model, getattr(model, column) == found.c.record_id)
    best = _in_scope(kind, best.where(found.c.kind == other), actor)
    # In the order of what was found, so that the first records end it.
    return best.order_by(found.c.rank, found.c.number.desc(), model.id.desc()).limit(_MOST).subquery()


def _parts(kind: Kind, found: CTE, actor: Actor) -> list[Select[*tuple[Any, ...]]]:
    """Returns the parts of the statement for a kind: its own names, and those of its investors."""
    through = [_through(kind, *via, found, actor) for via in SOURCES[kind.value].via]
    return [ROWS[kind](hits) for hits in (_own(kind, found, actor), *through)]


def _statement(kinds: tuple[Kind, ...], count: int, actor: Actor) -> CompoundSelect[Any]:
    """Returns the statement for so many needles."""
    needles = index.places(count)
    wanted = {name for kind in kinds for name in (kind.value, *(other for _, other in SOURCES[kind.value].via))}
    columns = (SearchEntry.kind, SearchEntry.record_id, SearchEntry.number, index.rank(needles).label("rank"))
    found = select(*columns).where(index.found(needles), SearchEntry.kind.in_(sorted(wanted))).cte("found")
    return union_all(*(part for kind in kinds for part in _parts(kind, found, actor)))


_STATEMENTS: Remembered[CompoundSelect[Any]] = Remembered()


async def find(session: AsyncSession, actor: Actor, query: SearchQuery) -> SearchAnswer:
    """Returns the best hits of each kind: whole names and numbers before beginnings, those before parts."""
    needles = keys.sought(query.q)
    kinds = tuple(Kind) if query.types is None else tuple(query.types)
    if not needles:
        return SearchAnswer(items=[])
    values = {**index.values(needles), "most": query.limit, "today": await clock.today(session)}
    key = (kinds, len(needles), actor.scope_key)
    statement = _STATEMENTS.get(key, lambda: _statement(kinds, len(needles), actor))
    rows = await session.execute(statement, values)
    return SearchAnswer(items=_best(rows.all(), kinds, needles, query.limit))


def _best(rows: Sequence[Row[Any]], kinds: Sequence[Kind], needles: Sequence[Needle], limit: int) -> list[SearchHit]:
    """Returns the best hits of each kind, each record once."""

    def order(row: Any) -> tuple[Any, ...]:
        # Of equally good hits the latest first: their ids are in the order of registration.
        return row.rank, kinds.index(Kind(row.type)), -row.id.int

    found: dict[tuple[Kind, UUID], SearchHit] = {}
    count = dict.fromkeys(kinds, 0)
    for row in sorted(rows, key=order):
        kind = Kind(row.type)
        if (kind, row.id) not in found and count[kind] < limit:
            count[kind] += 1
            found[kind, row.id] = _hit(kind, row, needles)
    return list(found.values())


def _hit(kind: Kind, row: Any, needles: Sequence[Needle]) -> SearchHit:
    match = Match.investor if row.rank >= _THROUGH else keys.found_in(row.lines, needles)
    assert match is not None
    note_zh, note_en = row.place_zh, row.place_en
    if kind is Kind.unit:
        note_zh, note_en = UnitKind(note_zh).say
    return SearchHit(
        type=kind,
        id=row.id,
        code=row.code,
        name=row.name,
        note_zh=_joined(note_zh, row.besides),
        note_en=_joined(note_en, row.besides),
        stage=row.stage,
        status=row.status,
        match=match,
        url_hint=f"{ADDRESSES[kind]}/{row.id}",
    )


def _joined(*parts: str | None) -> str | None:
    return " · ".join(part for part in parts if part) or None
