"""Groups of counted rows, by several dimensions in one statement over one scan.

Every dimension puts each row into exactly one group, so the total of all rows is the sum over the groups of any one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    String,
    Uuid,
    case,
    cast,
    extract,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.localized import Say, Word
from app.core.money import Money
from app.core.several import Absent
from app.deals.models import SizeBand
from app.enterprises.models import Origin, Ownership
from app.organizations.models import Unit
from app.projects.models import Program
from app.reference.models import Industry
from app.taskforces.models import TaskForce
from app.totals import periods
from app.totals.filters import FigureKind

_YI = Decimal(100_000_000)
UNPLACED, UNKNOWN, WITHOUT = Say("未归属", "none"), Say("未载明", "unknown"), Say("未填金额", "without an amount")


class GroupBy(Word):
    unit = "unit", "单位", "unit"
    task_force = "task_force", "专班", "task force"
    month = "month", "月", "month"
    quarter = "quarter", "季度", "quarter"
    industry = "industry", "行业", "industry"
    origin = "origin", "来源地", "origin"
    ownership = "ownership", "所有制", "ownership"
    size = "size", "规模", "size"
    program = "program", "类别", "program"
    kind = "kind", "新开工或复工", "newly started or resumed"


class GroupLabel(BaseModel):
    """What a group is called. A unit or task force has its id; a code is null where it has none."""

    id: UUID | None
    code: str | None
    zh: str
    en: str
    short_name: str | None = Field(description="用于图表 / for axes")


@dataclass(frozen=True, slots=True)
class Dimension:
    """How rows are grouped: by the id of a record, by a code, or by month."""

    column: str
    """The column of the counted rows."""
    parameter: str
    """The parameter that asks for the rows of one group."""
    named: Any
    """The model or the words that name the groups; None for months."""
    nothing: Say = UNPLACED
    """What the group without a value is called."""

    def key(self, rows: FromClause) -> ColumnElement[Any]:
        column = rows.c[self.column]
        if self.named is None:
            return cast(extract("year", column) * 12 + extract("month", column) - 1, Integer)
        return column if self.is_record else type_coerce(column, String)

    @property
    def of_a_day(self) -> tuple[str, ...]:
        """The columns of the counted rows from which the key of a month is made: the same for all rows of a day."""
        return (self.column,)

    @property
    def is_record(self) -> bool:
        return self.named in (Unit, TaskForce)


DIMENSIONS: dict[GroupBy, Dimension] = {
    GroupBy.unit: Dimension("unit_id", "own_unit_id", Unit),
    GroupBy.task_force: Dimension("task_force_id", "task_force_id", TaskForce),
    GroupBy.month: Dimension("effective_on", "within", None),
    GroupBy.quarter: Dimension("effective_on", "within", None),
    GroupBy.industry: Dimension("industry_code", "industry_code", Industry, UNKNOWN),
    GroupBy.origin: Dimension("origin", "origin", Origin, UNKNOWN),
    GroupBy.ownership: Dimension("ownership", "ownership", Ownership, UNKNOWN),
    GroupBy.size: Dimension("size", "size", SizeBand, WITHOUT),
    GroupBy.program: Dimension("program", "program", Program),
    GroupBy.kind: Dimension("kind", "kind", FigureKind),
}


def size_of(amount: Any) -> ColumnElement[Any]:
    """Returns the size band of an amount, NULL where there is none."""
    return case(
        (amount < literal(_YI, Money), SizeBand.under_1_yi.value),
        (amount < literal(10 * _YI, Money), SizeBand.from_1_to_10_yi.value),
        (amount.is_not(None), SizeBand.from_10_yi.value),
    )


def total(column: Any, name: str) -> ColumnElement[Any]:
    """Returns the sum of an amount, 0 where there are no rows."""
    return func.coalesce(func.sum(column), literal(Decimal(0), Money), type_=Money()).label(name)


def number(condition: ColumnElement[bool], name: str) -> ColumnElement[Any]:
    """Returns the number of rows that meet the condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0).label(name)


def total_where(condition: ColumnElement[bool], column: Any, name: str) -> ColumnElement[Any]:
    """Returns the sum of an amount over the rows that meet the condition."""
    return total(case((condition, column), else_=literal(Decimal(0), Money)), name)


@dataclass(slots=True)
class Part:
    """A group with its sums. `key` is what its rows are asked for by; None where nothing is grouped."""

    key: str | None
    label: GroupLabel
    sums: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The sums over all rows, and those of each group."""

    total: dict[str, Any]
    groups: dict[GroupBy, list[Part]]


def branch(rows: FromClause, name: str, dimension: Dimension | None, sums: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Selects the sums over the rows by one dimension, or over all rows, with the names of the groups. `sums` are of
    `rows`."""
    grouped = (select(literal(0).label("key"), *sums) if dimension is None else _by(dimension, rows, sums)).subquery()
    kinds: dict[str, Any] = {"id": Uuid, "code": String, "number": Integer}
    keys: dict[str, ColumnElement[Any]] = {column: cast(null(), kind) for column, kind in kinds.items()}
    names: dict[str, Any] = dict.fromkeys(("record_code", "zh", "en", "short_name"), cast(null(), String))
    model = dimension.named if dimension is not None else None
    if dimension is not None:
        keys["id" if dimension.is_record else "number" if model is None else "code"] = grouped.c.key
    if model in (Unit, TaskForce):
        names |= {"zh": model.name, "en": model.name_en, "short_name": model.short_name}
        names |= {"record_code": Unit.code} if model is Unit else {}
    elif model is Industry:
        names |= {"zh": Industry.name_zh, "en": Industry.name_en}
    columns = [column.label(label) for label, column in (keys | names).items()]
    values = [column for column in grouped.c if column.name != "key"]
    chosen = select(literal(name).label("by"), *columns, *values).select_from(grouped)
    if model in (Unit, TaskForce):
        return chosen.outerjoin(model, model.id == grouped.c.key)
    return chosen.outerjoin(Industry, Industry.code == grouped.c.key) if model is Industry else chosen


def _by(dimension: Dimension, rows: FromClause, sums: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Selects the sums by a dimension. Months are made of days: to work out the month of each row takes longer than to
    add them up."""
    if dimension.named is not None:
        # By its name: the expression itself, repeated with parameters of its own, is another one to PostgreSQL.
        return select(dimension.key(rows).label("key"), *sums).select_from(rows).group_by("key")
    per_day = [rows.c[name] for name in dimension.of_a_day]
    days = select(*per_day, *sums).select_from(rows).group_by(*per_day).subquery()
    columns = [
        # PostgreSQL adds up whole numbers to a decimal.
        cast(func.sum(column), column.type if isinstance(column.type, Money) else BigInteger).label(column.name)
        for column in days.c
        if column.name not in dimension.of_a_day
    ]
    return select(dimension.key(days).label("key"), *columns).select_from(days).group_by("key")


def statement(branches: Sequence[Select[Any]]) -> Select[Any] | CompoundSelect[Any]:
    return branches[0] if len(branches) == 1 else union_all(*branches)


async def summed(
    session: AsyncSession, rows: FromClause, sums: Sequence[ColumnElement[Any]], by: Iterable[GroupBy] = ()
) -> Grouped:
    """Returns the sums over all rows and by each dimension, in one statement."""
    wanted = list(by)
    found = (await session.execute(summing(rows, sums, wanted))).all()
    return read(found, [column.name for column in sums], wanted)


def summing(
    rows: FromClause, sums: Sequence[ColumnElement[Any]], by: Iterable[GroupBy]
) -> Select[Any] | CompoundSelect[Any]:
    """Returns the statement of `summed`."""
    branches = [branch(rows, one.value, DIMENSIONS[one], sums) for one in dict.fromkeys(by)]
    return statement(branches or [branch(rows, "", None, sums)])


def read(found: Sequence[Any], names: Sequence[str], by: Iterable[GroupBy]) -> Grouped:
    """Returns the sums from the rows of `summing`; `names` are those of the sums."""
    wanted = list(dict.fromkeys(by))
    groups = {one: parts([row for row in found if row.by == one.value], one, names) for one in wanted}
    first = wanted[0].value if wanted else ""
    return Grouped(added([row for row in found if row.by == first], names), groups)


def added(rows: Iterable[Any], names: Sequence[str]) -> dict[str, Any]:
    """Returns the sums of the rows' sums."""
    sums: dict[str, Any] = {name: Decimal(0) if name.endswith("amount") else 0 for name in names}
    for row in rows:
        for name in names:
            sums[name] += getattr(row, name)
    return sums


def parts(rows: Iterable[Any], by: GroupBy, names: Sequence[str]) -> list[Part]:
    """Returns the groups of the rows of one dimension: months and quarters by time, others the largest first, the one
    without a value last."""
    dimension = DIMENSIONS[by]
    rows_of: dict[str, list[Any]] = {}
    for row in rows:
        rows_of.setdefault(_key(by, row), []).append(row)
    found = [Part(key, _label(dimension, key, of_key[0]), added(of_key, names)) for key, of_key in rows_of.items()]
    if dimension.named is None:
        return sorted(found, key=lambda part: part.key or "")
    amount = next(name for name in names if name.endswith("amount"))
    return sorted(found, key=lambda part: (part.key == Absent.none.value, -part.sums[amount], part.key))


def _key(by: GroupBy, row: Any) -> str:
    if DIMENSIONS[by].named is None:
        return periods.month_of(row.number) if by is GroupBy.month else periods.quarter_of(row.number)
    key = row.id if DIMENSIONS[by].is_record else row.code
    return Absent.none.value if key is None else str(key)


def _label(dimension: Dimension, key: str, row: Any) -> GroupLabel:
    def label(code: str | None, say: Say, short_name: str | None = None) -> GroupLabel:
        return GroupLabel(id=row.id, code=code, zh=say.zh, en=say.en, short_name=short_name)

    if key == Absent.none.value:
        return label(Absent.none.value, dimension.nothing)
    if dimension.named is None:
        return label(key, Say(key, key))
    if row.zh is not None:
        code = row.record_code if dimension.is_record else key
        return label(code, Say(row.zh, row.en or row.zh), row.short_name)
    return label(key, dimension.named(key).say)


def fill(groups: list[Part], by: GroupBy, names: Sequence[str], start: date, end: date) -> list[Part]:
    """Adds the months or quarters without rows, of ten years at most."""
    numbers = list(periods.months(start, end))
    if len(numbers) > 120:
        return groups
    of = periods.month_of if by is GroupBy.month else periods.quarter_of
    by_key = {part.key: part for part in groups}
    zero = added([], names)
    return [by_key.get(key) or _empty(key, zero) for key in dict.fromkeys(of(number) for number in numbers)]


def _empty(key: str, zero: dict[str, Any]) -> Part:
    return Part(key, GroupLabel(id=None, code=key, zh=key, en=key, short_name=None), dict(zero))
