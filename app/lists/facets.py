"""Facets: how the projects of a filter fall into the values of a dimension, each value with its sums."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    Uuid,
    case,
    cast,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, scope_of
from app.core.localized import Say, Word
from app.core.money import Money
from app.core.remembered import Remembered
from app.enterprises.models import Enterprise, Origin, Ownership
from app.five_ones import strokes
from app.lists import sums
from app.lists.project_filter import Reading, Shape, conditions
from app.lists.schemas import Facet, FacetBy, FacetList, FacetQuery, Facets, FacetValue
from app.organizations.models import Official, Unit
from app.projects.models import Program, Project, Status
from app.projects.stages import Pipeline
from app.reference.models import Industry
from app.referrers import service as referrers
from app.referrers.models import Referrer
from app.taskforces.models import TaskForce

MOST = 200
"""The most values listed of one dimension: the largest."""

NO_TASK_FORCE = Say("未归属", "no task force")
NO_UNIT = Say("无承接单位", "no unit in charge")
_NOT_STATED = Say("未载明", "not stated")


class Dimension(NamedTuple):
    """A dimension: the parameter that filters by it, the column to group by, and where its values have their names."""

    filter: str
    key: Callable[[Any], Any]
    named_by: Any
    none: Say = _NOT_STATED


def _of_investor(column: Any) -> Callable[[Reading], Any]:
    owner = select(column).where(Enterprise.id == Project.investor_id).correlate(Project).scalar_subquery()
    return lambda _: owner


def _overdue(reading: Reading) -> ColumnElement[Any]:
    return case((reading.flags.is_overdue, "true"), else_="false")


class Overdue(Word):
    true = "true", "超期", "overdue"
    false = "false", "未超期", "not overdue"


_DIMENSIONS = {
    FacetBy.stage: Dimension("stage", lambda _: Project.stage, Pipeline),
    FacetBy.status: Dimension("status", lambda _: Project.status, Status),
    FacetBy.program: Dimension("program", lambda _: Project.program, Program),
    FacetBy.unit: Dimension("own_unit_id", lambda _: Project.unit_id, Unit, NO_UNIT),
    FacetBy.place: Dimension("place_unit_id", lambda _: Project.place_unit_id, Unit),
    FacetBy.task_force: Dimension("task_force_id", lambda _: Project.task_force_id, TaskForce, NO_TASK_FORCE),
    FacetBy.industry: Dimension("industry_code", lambda _: Project.industry_code, Industry),
    FacetBy.investor: Dimension("investor_id", lambda _: Project.investor_id, Enterprise),
    FacetBy.leader: Dimension(
        "leader_id", lambda _: strokes.leader(Project).scalar_subquery(), Official, Say("缺包保领导", "no leader")
    ),
    FacetBy.origin: Dimension("origin", _of_investor(Enterprise.origin), Origin),
    FacetBy.ownership: Dimension("ownership", _of_investor(Enterprise.ownership), Ownership),
    FacetBy.is_overdue: Dimension("is_overdue", _overdue, Overdue),
}


async def facets(session: AsyncSession, actor: Actor, query: FacetQuery) -> Facets:
    """Returns each dimension asked for; those of `_INDEXED` in one statement. Raises Invalid for an unknown stage."""
    reading = await Reading.of(session, actor, query)
    shape = Shape(query)
    rows: dict[FacetBy, list[Any]] = {by: [] for by in query.by}
    for key, dimensions in _counted_together(query).items():
        without = _left_out(query, dimensions[0])
        statement = _STATEMENTS.get(
            (shape.key, reading.key, key), partial(_statement, shape.asked, reading, dimensions, without)
        )
        for row in await session.execute(statement, shape.values):
            rows[FacetBy(row.by)].append(row)
    return Facets(
        today=reading.today,
        scope=scope_of(actor),
        filter=query.in_force(),
        facets={by: await _facet(session, _DIMENSIONS[by], rows[by], reading.table) for by in query.by},
    )


def _counted_together(query: FacetQuery) -> dict[Hashable, list[FacetBy]]:
    """Returns the dimensions that one scan counts: those of the index, under the same conditions; any other alone."""
    together: dict[Hashable, list[FacetBy]] = {}
    for by in query.by:
        together.setdefault((_left_out(query, by), None if by in _INDEXED else by), []).append(by)
    return together


def _left_out(query: FacetQuery, by: FacetBy) -> str | None:
    """Returns the condition that is left out to count a dimension."""
    own = _DIMENSIONS[by].filter
    return own if query.ignore_own and getattr(query, own) is not None else None


_INDEXED = frozenset({FacetBy.stage, FacetBy.status, FacetBy.program, FacetBy.unit, FacetBy.task_force})
"""Dimensions that `ix_projects_sums` holds. Others would multiply the sums by all of them together."""
_STATEMENTS: Remembered[Select[Any] | CompoundSelect[Any]] = Remembered()


def _statement(
    asked: FacetQuery, reading: Reading, dimensions: Sequence[FacetBy], without: str | None
) -> Select[Any] | CompoundSelect[Any]:
    """Selects the sums by each dimension from one scan: the sums by all of them together, added up for each."""
    keys = [_DIMENSIONS[by].key(reading).label(f"key_{by.value}") for by in dimensions]
    counted = sums.grouped(conditions(asked, reading, without=without), *keys).cte("counted")
    if len(dimensions) == 1:
        return select(*_named(dimensions[0], counted), *(counted.c[name] for name in _SUMS))
    return union_all(*(_part(by, counted) for by in dimensions))


_SUMS = ("program", "is_parent", "status", "n", "without_amount", "planned_total")


def _named(by: FacetBy, counted: CTE) -> list[ColumnElement[Any]]:
    """Returns the dimension and its value, which is an id or a code."""
    key = counted.c[f"key_{by.value}"]
    is_id = isinstance(key.type, Uuid)
    return [
        literal(by.value).label("by"),
        (key if is_id else cast(null(), Uuid)).label("id"),
        (cast(null(), String) if is_id else type_coerce(key, String)).label("code"),
    ]


def _part(by: FacetBy, counted: CTE) -> Select[Any]:
    """Selects the sums by one of several dimensions."""
    kept = (counted.c.program, counted.c.is_parent, counted.c.status)
    return select(
        *_named(by, counted),
        *kept,
        *(cast(func.sum(counted.c[name]), BigInteger).label(name) for name in ("n", "without_amount")),
        cast(func.sum(counted.c.planned_total), Money).label("planned_total"),
    ).group_by(counted.c[f"key_{by.value}"], *kept)


async def _facet(session: AsyncSession, dimension: Dimension, rows: Iterable[Any], table: Pipeline) -> FacetList:
    by_key: dict[Any, list[Any]] = {}
    for row in rows:
        by_key.setdefault(row.code if row.id is None else row.id, []).append(row)
    numbers = {key: sums.count(rows_of_key) for key, rows_of_key in by_key.items()}
    items = [
        Facet(**value.model_dump(), **sums.read(by_key[key]).model_dump())
        for key, value in await values(session, dimension, numbers, table)
    ]
    return FacetList(filter=dimension.filter, items=items, is_whole=len(items) == len(by_key))


async def values(
    session: AsyncSession, dimension: Dimension, numbers: Mapping[Any, int], table: Pipeline | None = None
) -> list[tuple[Any, FacetValue]]:
    """Returns the values of a dimension with their names, given the number of rows of each: the rows of a table by
    size, the largest first and at most MOST of them; the words of an enumeration, and stages, in their own order."""
    keys = sorted(numbers, key=lambda key: (-numbers[key], key is None, str(key)))[:MOST]
    named: dict[Any, tuple[Say, str | None]]
    if dimension.named_by is Pipeline:
        assert table is not None
        named = {stage.code: (Say(stage.name_zh, stage.name_en), None) for stage in table.stages}
    else:
        named = await _names(session, dimension.named_by, [key for key in keys if key is not None])
    if not hasattr(dimension.named_by, "__table__"):
        keys = [key for key in (*named, None) if key in numbers]
    named[None] = (dimension.none, None)
    return [(key, _value(key, *named[key], numbers[key])) for key in keys]


def _value(key: Any, say: Say, short_name: str | None, count: int) -> FacetValue:
    text = None if key is None else str(key)
    return FacetValue(key=text, zh=say.zh, en=say.en, short_name=short_name, count=count)


async def _names(session: AsyncSession, model: Any, keys: Iterable[Any]) -> dict[Any, tuple[Say, str | None]]:
    """Returns the names of values, with their short names."""
    if not hasattr(model, "__table__"):
        return {word: (word.say, None) for word in model}
    if model is Referrer:
        current = await session.execute(
            select(model.id, referrers.current_name(model).label("name")).where(model.id.in_(keys))
        )
        return {row.id: (Say(row.name, row.name), None) for row in current}
    if model is Industry:
        rows = await session.execute(select(Industry).where(Industry.code.in_(keys)))
        return {row.code: (Say(row.name_zh, row.name_en), None) for row in rows.scalars()}
    columns = [name for name in ("id", "name", "name_en", "short_name") if hasattr(model, name)]
    found = await session.execute(select(*(getattr(model, name) for name in columns)).where(model.id.in_(keys)))
    return {
        row.id: (Say(row.name, getattr(row, "name_en", None) or row.name), getattr(row, "short_name", None))
        for row in found
    }
