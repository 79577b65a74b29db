"""Totals over the signing ledger. Sum first, round last; every answer names caliber, period, known_at and its rows."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Date, FromClause, Select, bindparam, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction import plan_years
from app.core import knowledge, paging
from app.core.actor import Actor, scope_of
from app.core.db import UTCDateTime
from app.core.errors import Invalid
from app.core.localized import Label, Say
from app.core.money import yi
from app.core.refs import Reference
from app.core.remembered import Remembered
from app.deals import ledger
from app.deals import service as deals
from app.deals.models import Deal, EntryKind, LedgerEntry
from app.enterprises.models import Enterprise
from app.projects import service as projects
from app.projects.models import Project
from app.reference import service as reference
from app.totals import groups, periods
from app.totals.filters import Address, Asked, EntriesQuery, SigningsFilter, within
from app.totals.groups import DIMENSIONS, GroupBy, Part
from app.totals.schemas import (
    Entries,
    EntriesSum,
    EntryDeal,
    EntryRow,
    Group,
    Head,
    OpenSum,
    Signings,
    SigningsQuery,
)

CALIBER = Label(
    code="signings_net",
    zh="签约（净额）：审核通过的正式投资协议，按签约日计入所属期，减去终止；框架协议不计。工作调度口径，非统计数据。",
    en=(
        "Signings (net): approved formal deals by the day of signing, less terminations; framework deals are not "
        "counted. A working caliber, not statistics."
    ),
)
ENTRIES = "totals/signings/entries"
BY = frozenset(GroupBy) - {GroupBy.program, GroupBy.kind}
"""What entries can be grouped by."""
_GROSS = ",".join(kind.value for kind in EntryKind if kind is not EntryKind.termination)
_REFERENCES = [*ledger.REFERENCES, Reference("investor", "investor_id", Enterprise)]

IS_SINGLE = or_(Deal.is_single_person, Deal.is_approved_at_source & Deal.trust_confirmed_by.is_(None))
"""Condition on Deal: approved by one person, or by a source whose trust nobody had confirmed."""


def matching(
    actor: Actor, asked: Asked, query: SigningsFilter | None = None, days: tuple[date, date] | None = None
) -> list[ColumnElement[bool]]:
    """Returns the conditions on the ledger entries that a total adds up. The subtree of a unit is that of the last day
    of the period, also where only some of its `days` are looked at."""
    start, end = days or (asked.start, asked.end)
    conditions = [
        ledger.visible_to(actor),
        LedgerEntry.effective_on >= start,
        LedgerEntry.effective_on <= end,
        LedgerEntry.recorded_at <= asked.known_at,
        *asked.place(LedgerEntry.unit_id, LedgerEntry.task_force_id),
    ]
    return conditions if query is None else [*conditions, *_stated(query)]


def _stated(query: SigningsFilter) -> list[ColumnElement[bool]]:
    """Returns the conditions on what the entries and their deals say."""
    conditions = []
    for name in ("industry_code", "origin", "ownership", "size", "kind", "of_kind"):
        if (values := getattr(query, name)) is not None:
            conditions.append(values.holds(getattr(LedgerEntry, name)))
    if query.deal_code is not None:
        conditions.append(LedgerEntry.deal_id.in_(select(Deal.id).where(query.deal_code.holds(Deal.code))))
    if query.except_deal_code is not None:
        conditions.append(LedgerEntry.deal_id.not_in(select(Deal.id).where(query.except_deal_code.holds(Deal.code))))
    if query.is_landing is not None:
        conditions.append((LedgerEntry.landed != 0) if query.is_landing else (LedgerEntry.landed == 0))
    flags = ((query.is_approved_at_source, Deal.is_approved_at_source), (query.is_single_person, IS_SINGLE))
    for is_wanted, flag in flags:
        if is_wanted is not None:
            conditions.append(LedgerEntry.deal_id.in_(select(Deal.id).where(flag if is_wanted else ~flag)))
    return conditions


SUMS = ("n", "amount", "landed", "gross_n", "gross_amount")
"""The names of `sums`."""


def sums(rows: Any) -> list[ColumnElement[Any]]:
    """Returns the sums over ledger entries: net, gross and landed."""
    is_gross = rows.of_kind != EntryKind.termination
    return [
        func.coalesce(func.sum(rows.count), 0).label("n"),
        groups.total(rows.amount, "amount"),
        func.coalesce(func.sum(rows.landed), 0).label("landed"),
        func.coalesce(func.sum(case((is_gross, rows.count), else_=0)), 0).label("gross_n"),
        groups.total_where(is_gross, rows.amount, "gross_amount"),
    ]


def columns(by: Iterable[GroupBy]) -> list[Any]:
    """Returns the columns of the ledger that its sums and these dimensions need."""
    names = ["of_kind", "amount", "landed", *(DIMENSIONS[one].column for one in by)]
    return [*(getattr(LedgerEntry, name) for name in dict.fromkeys(names)), LedgerEntry.count.label("n_entry")]


class Counted:
    """The columns of counted rows under the names of the ledger; `count` is also a method of their collection."""

    def __init__(self, rows: FromClause) -> None:
        self.count, self.amount = rows.c.n_entry, rows.c.amount
        self.landed, self.of_kind = rows.c.landed, rows.c.of_kind


def require_dimensions(by: Iterable[GroupBy], possible: frozenset[GroupBy]) -> list[GroupBy]:
    """Returns the dimensions. Raises Invalid where one of them is not a dimension of these rows."""
    wanted = list(by)
    if unknown := [one for one in wanted if one not in possible]:
        say = Say(
            f"签约不能按{'、'.join(one.say.zh for one in unknown)}分组。",
            f"Signings cannot be grouped by {', '.join(one.say.en for one in unknown)}.",
        )
        raise Invalid.field("?group_by", "no_such_dimension", say)
    return wanted


_SUMMING: Remembered[Select[Any] | CompoundSelect[Any]] = Remembered()


def _parameter(name: str, kind: Any) -> Any:
    return bindparam(name, type_=kind)


def _summing(actor: Actor, query: SigningsQuery, by: Sequence[GroupBy]) -> Select[Any] | CompoundSelect[Any]:
    """Returns the statement of a total, built once for all its days and moments, which are parameters."""
    first, last, end = _parameter("first", Date), _parameter("last", Date), _parameter("end", Date)
    asked = Asked(first, end, _parameter("known_at", UTCDateTime()), query)
    rows = select(*columns(by)).where(*matching(actor, asked, query, (first, last))).cte("counted")
    return groups.summing(rows, sums(Counted(rows)), by)


async def signings(session: AsyncSession, actor: Actor, query: SigningsQuery) -> Signings:
    """Returns the signing total of a period, as known at a moment; the groups of each dimension add up to it."""
    start, end = query.days()
    by = require_dimensions(query.group_by or (), BY)
    known_at = await knowledge.known_at(session, query.known_at)
    days = within(query, start, end)
    stated = query.model_dump_json(exclude={"period", "from_", "to", "within", "known_at"}, exclude_none=True)
    statement = _SUMMING.get((stated, actor.unit_ids, actor.task_force_ids), lambda: _summing(actor, query, by))
    values = {"first": days[0], "last": days[1], "end": end, "known_at": known_at}
    found = groups.read((await session.execute(statement, values)).all(), SUMS, by)
    address = Address(ENTRIES, query, known_at)
    return Signings(
        scope=scope_of(actor),
        from_=start,
        to=end,
        known_at=known_at,
        **read_sums(found.total, address, read_groups(found.groups, address, days)),
    )


def read_sums(total: dict[str, Any], address: Address, of_groups: dict[GroupBy, list[Group]]) -> dict[str, Any]:
    """Returns the fields of `SigningsSums`."""
    gross_n, gross = total["gross_n"], total["gross_amount"]
    ended = OpenSum(
        count=total["n"] - gross_n,
        amount=total["amount"] - gross,
        entries_url=_narrowed(address, EntryKind.termination.value),
    )
    return {
        "count": total["n"],
        "amount": total["amount"],
        "amount_yi": yi(total["amount"]),
        "entries_url": address(),
        "gross": OpenSum(count=gross_n, amount=gross, entries_url=_narrowed(address, _GROSS)),
        "terminations": ended,
        "same_quarter_landed": total["landed"],
        "same_quarter_landed_url": address(is_landing=address.parameters.get("is_landing", "true")),
        "groups": of_groups,
        "caliber": CALIBER,
    }


def read_groups(
    found: dict[GroupBy, list[Part]], address: Address, days: tuple[date, date]
) -> dict[GroupBy, list[Group]]:
    """Returns the groups of each dimension, months and quarters without entries among them."""
    dated = (GroupBy.month, GroupBy.quarter)
    return {
        by: [
            _group(part, _of_group(by, part, address))
            for part in (groups.fill(parts, by, SUMS, *days) if by in dated else parts)
        ]
        for by, parts in found.items()
    }


def _of_group(by: GroupBy, part: Part, address: Address) -> Address:
    """Returns the address of a group. A part of the period that was asked for stays where it lies within the group: the
    group then holds that part alone."""
    narrower, key = address.parameters.get("within"), part.key
    if by in (GroupBy.month, GroupBy.quarter) and narrower is not None and key is not None:
        (first, last), (begun, ended) = periods.days(str(key)), periods.days(narrower)
        if first <= begun and ended <= last:
            return address
    return address.under(DIMENSIONS[by].parameter, key)


def _group(part: Part, address: Address) -> Group:
    return Group(
        key=part.key,
        label=part.label,
        count=part.sums["n"],
        amount=part.sums["amount"],
        entries_url=address(),
        gross=OpenSum(
            count=part.sums["gross_n"],
            amount=part.sums["gross_amount"],
            entries_url=_narrowed(address, _GROSS),
        ),
        same_quarter_landed=part.sums["landed"],
    )


def listed(actor: Actor, query: SigningsFilter, known_at: datetime) -> list[ColumnElement[bool]]:
    """Returns the conditions on the ledger entries of a filter. Raises Invalid where its days are missing or wrong."""
    days = query.days()
    return matching(actor, Asked(*days, known_at, query), query, within(query, *days))


async def entries(session: AsyncSession, actor: Actor, query: EntriesQuery) -> Entries:
    """Returns the rows of a total, by day. The cursor pins the known_at of the first page."""
    page = await entries_page(session, actor, query)
    known_at = await query.moment(session)
    sums_of_all = select(func.count().label("rows"), *sums(LedgerEntry)).where(*listed(actor, query, known_at))
    total = (await session.execute(sums_of_all)).one()
    return Entries(
        scope=scope_of(actor),
        items=page.items,
        next_cursor=page.next_cursor,
        count=paging.Count(value=total.rows, capped=False),
        sum=EntriesSum(count=total.n, amount=total.amount, landed=total.landed),
        known_at=known_at,
    )


async def entries_page(session: AsyncSession, actor: Actor, query: EntriesQuery) -> paging.Page[EntryRow]:
    """Returns the rows of a total, by day, without what they add up to. Raises Invalid for an unknown industry."""
    await reference.require_industries(session, query.industry_code, "?industry_code")
    known_at = await query.moment(session)
    is_visible = projects.scope(actor)
    rows = (
        select(
            *(getattr(LedgerEntry, name) for name in EntryRow.model_fields if hasattr(LedgerEntry, name)),
            *deal_columns(actor),
            Deal.is_illustrative,
            Project.line_id,
            case((is_visible, Deal.investor_id)).label("investor_id"),
            case((is_visible, _credit_code())).label("credit_code"),
        )
        .select_from(LedgerEntry)
        .join(Deal, Deal.id == LedgerEntry.deal_id)
        .join(Project, Project.id == deals.project_then(known_at))
        .where(*listed(actor, query, known_at))
    )
    order = paging.Order([LedgerEntry.effective_on, LedgerEntry.recorded_at, LedgerEntry.id])
    part = await paging.pinned_rows(session, rows, order, query, "signing-entries", known_at, _REFERENCES)
    planned = await plan_years.lines(session, {row["line_id"] for row in part.rows}, known_at)
    items = []
    for row in part.rows:
        on_list = (row["line_id"], row["effective_on"].year) in planned if row["is_visible"] else None
        items.append(EntryRow(**{**row, "deal": EntryDeal.of(row), "is_on_plan_list": on_list}))
    return paging.Page(items=items, next_cursor=part.next_cursor)


def _credit_code() -> Any:
    return select(Enterprise.credit_code).where(Enterprise.id == Deal.investor_id).correlate(Deal).scalar_subquery()


def deal_columns(actor: Actor) -> list[Any]:
    """Returns the columns of Deal and Project that `EntryDeal.of` reads."""
    return [
        Deal.code.label("deal_code"),
        Deal.id.label("deal_id"),
        Deal.title.label("deal_title"),
        Project.id.label("project_id"),
        Project.name.label("project_name"),
        case((projects.scope(actor), 1), else_=0).label("is_visible"),
    ]


def _narrowed(address: Address, kinds: str) -> str:
    """Returns the address of the entries of these kinds among those asked for."""
    of_kind = address.parameters.get("of_kind")
    wanted = [kind for kind in kinds.split(",") if of_kind is None or kind in of_kind.split(",")]
    return address(of_kind=",".join(wanted)) if wanted else address(of_kind="correction")


async def head(session: AsyncSession) -> Head:
    """Returns the moment of the latest countable fact. Figures asked for before it may have changed since."""
    return Head(known_at=await knowledge.known_at(session, None))
