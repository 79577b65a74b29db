"""Totals over the signing ledger. Sum first, round last; every answer names caliber, period, known_at and its rows."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import ColumnElement, case, extract, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge, paging
from app.core.actor import Actor, scope_of
from app.core.errors import Invalid, NotFound
from app.core.localized import Label, Say, Word
from app.core.money import yi
from app.deals import ledger
from app.deals import service as deals
from app.deals.models import Deal, EntryKind, LedgerEntry, SizeBand
from app.enterprises.models import Origin, Ownership
from app.organizations import service as organizations
from app.organizations.models import Unit
from app.projects import service as projects
from app.projects.models import Project
from app.reference.models import Industry
from app.taskforces import service as taskforces
from app.taskforces.models import TaskForce
from app.totals.schemas import (
    Entries,
    EntriesQuery,
    EntriesSum,
    EntryDeal,
    EntryRow,
    Gross,
    Group,
    GroupBy,
    Performance,
    Signings,
    SigningsFilter,
    SigningsQuery,
    TargetFigure,
)

CALIBER = Label(
    code="signings_net",
    zh="签约（净额）：审核通过的正式投资协议，按签约日计入所属期，减去终止；框架协议不计。工作调度口径，非统计数据。",
    en=(
        "Signings (net): approved formal deals by the day of signing, less terminations; framework deals are not "
        "counted. A working caliber, not statistics."
    ),
)
NONE = Say("未归属", "none")


def _check_period(filters: SigningsFilter) -> None:
    if filters.to < filters.from_:
        raise Invalid.field("?to", "before_from", Say("截止日不能早于起始日。", "`to` cannot lie before `from`."))


def matching(actor: Actor, filters: SigningsFilter, known_at: datetime) -> list[ColumnElement[bool]]:
    """Returns the conditions on the ledger entries that a total of signings adds up."""
    conditions = [
        ledger.visible_to(actor),
        LedgerEntry.effective_on >= filters.from_,
        LedgerEntry.effective_on <= filters.to,
        LedgerEntry.recorded_at <= known_at,
    ]
    if filters.unit_id is not None:
        conditions.append(LedgerEntry.unit_id.in_(organizations.subtree(filters.unit_id, filters.to, known_at)))
    if filters.task_force_id is not None:
        conditions.append(LedgerEntry.task_force_id == filters.task_force_id)
    return conditions


def _sums() -> list[ColumnElement[Any]]:
    is_gross = LedgerEntry.of_kind != EntryKind.termination
    zero = Decimal(0)
    return [
        func.coalesce(func.sum(LedgerEntry.count), 0).label("n"),
        func.coalesce(func.sum(LedgerEntry.amount), zero, type_=LedgerEntry.amount.type).label("amount"),
        func.coalesce(func.sum(LedgerEntry.landed), 0).label("landed"),
        func.coalesce(func.sum(case((is_gross, LedgerEntry.count), else_=0)), 0).label("gross_n"),
        func.coalesce(
            func.sum(case((is_gross, LedgerEntry.amount), else_=zero)), zero, type_=LedgerEntry.amount.type
        ).label("gross_amount"),
    ]


_KEYS: dict[GroupBy, Callable[[], list[ColumnElement[Any]]]] = {
    GroupBy.unit: lambda: [LedgerEntry.unit_id.expression],
    GroupBy.task_force: lambda: [LedgerEntry.task_force_id.expression],
    GroupBy.month: lambda: [
        extract("year", LedgerEntry.effective_on),
        extract("month", LedgerEntry.effective_on),
    ],
    GroupBy.quarter: lambda: [
        extract("year", LedgerEntry.effective_on),
        extract("month", LedgerEntry.effective_on),
    ],
    GroupBy.industry: lambda: [LedgerEntry.industry_code.expression],
    GroupBy.origin: lambda: [LedgerEntry.origin.expression],
    GroupBy.ownership: lambda: [LedgerEntry.ownership.expression],
    GroupBy.size: lambda: [LedgerEntry.size.expression],
}

_WORDS: dict[GroupBy, type[Word]] = {
    GroupBy.origin: Origin,
    GroupBy.ownership: Ownership,
    GroupBy.size: SizeBand,
}


def _url(path: str, filters: SigningsFilter, known_at: datetime) -> str:
    asked = filters.model_dump(
        mode="json", by_alias=True, exclude_none=True, include={"from_", "to", "unit_id", "task_force_id"}
    )
    return f"/api/v1/totals/{path}?" + urlencode({**asked, "known_at": clock.moment_text(known_at)})


async def signings(session: AsyncSession, actor: Actor, query: SigningsQuery) -> Signings:
    """Returns the signing total of a period, as known at a moment; groups add up to it."""
    _check_period(query)
    known_at = await knowledge.known_at(session, query.known_at)
    conditions = matching(actor, query, known_at)
    total = (await session.execute(select(*_sums()).where(*conditions))).one()
    groups = await _groups(session, query.group_by, conditions) if query.group_by else []
    return Signings(
        scope=scope_of(actor),
        from_=query.from_,
        to=query.to,
        known_at=known_at,
        count=total.n,
        amount=total.amount,
        amount_yi=yi(total.amount),
        gross=Gross(count=total.gross_n, amount=total.gross_amount),
        same_quarter_landed=total.landed,
        groups=groups,
        caliber=CALIBER,
        entries_url=_url("signings/entries", query, known_at),
    )


async def _groups(session: AsyncSession, group_by: GroupBy, conditions: list[ColumnElement[bool]]) -> list[Group]:
    keys = [key.label(f"key_{index}") for index, key in enumerate(_KEYS[group_by]())]
    rows = await session.execute(select(*keys, *_sums()).where(*conditions).group_by(*_KEYS[group_by]()))
    added: dict[str | None, list[Any]] = {}
    for row in rows:
        key = _key(group_by, row)
        sums = [row.n, row.amount, row.landed, row.gross_n, row.gross_amount]
        added[key] = [a + b for a, b in zip(added[key], sums, strict=True)] if key in added else sums
    labels = await _labels(session, group_by, [key for key in added if key is not None])
    groups = [
        Group(
            key=key,
            label=labels[key] if key is not None else Label(code="none", zh=NONE.zh, en=NONE.en),
            count=n,
            amount=amount,
            gross=Gross(count=gross_n, amount=gross_amount),
            same_quarter_landed=landed,
        )
        for key, (n, amount, landed, gross_n, gross_amount) in added.items()
    ]
    if group_by in (GroupBy.month, GroupBy.quarter):
        return sorted(groups, key=lambda group: group.key or "")
    return sorted(groups, key=lambda group: (-group.amount, group.key is None, group.key or ""))


def _key(group_by: GroupBy, row: Any) -> str | None:
    if group_by is GroupBy.month:
        return f"{int(row.key_0):04d}-{int(row.key_1):02d}"
    if group_by is GroupBy.quarter:
        return f"{int(row.key_0):04d}Q{(int(row.key_1) + 2) // 3}"
    return None if row.key_0 is None else str(row.key_0)


async def _labels(session: AsyncSession, group_by: GroupBy, keys: list[str]) -> dict[str, Label]:
    if group_by in _WORDS:
        return {key: _WORDS[group_by](key).label for key in keys}
    if group_by is GroupBy.unit:
        ids = [UUID(key) for key in keys]
        rows = await session.execute(select(Unit.id, Unit.code, Unit.name, Unit.name_en).where(Unit.id.in_(ids)))
        return {str(row.id): Label(code=row.code, zh=row.name, en=row.name_en or row.name) for row in rows}
    if group_by is GroupBy.task_force:
        ids = [UUID(key) for key in keys]
        task_forces = await session.execute(select(TaskForce.id, TaskForce.name).where(TaskForce.id.in_(ids)))
        return {str(row.id): Label(code=str(row.id), zh=row.name, en=row.name) for row in task_forces}
    if group_by is GroupBy.industry:
        industries = await session.execute(
            select(Industry.code, Industry.name_zh, Industry.name_en).where(Industry.code.in_(keys))
        )
        return {row.code: Label(code=row.code, zh=row.name_zh, en=row.name_en) for row in industries}
    return {key: Label(code=key, zh=key, en=key) for key in keys}


async def entries(session: AsyncSession, actor: Actor, query: EntriesQuery) -> Entries:
    """Returns the rows of a total, by day. The cursor pins the known_at of the first page."""
    _check_period(query)
    known_at = await knowledge.known_at(session, paging.pinned(query.cursor) or query.known_at)
    conditions = matching(actor, query, known_at)
    is_in_scope = projects.scope(actor)
    rows = (
        select(
            *(getattr(LedgerEntry, name) for name in EntryRow.model_fields if hasattr(LedgerEntry, name)),
            Unit.name.label("unit_name"),
            Deal.is_illustrative,
            Deal.code.label("deal_code"),
            Deal.id.label("deal_id"),
            Deal.title.label("deal_title"),
            Project.id.label("project_id"),
            Project.name.label("project_name"),
            case((is_in_scope, 1), else_=0).label("is_visible"),
        )
        .select_from(LedgerEntry)
        .join(Unit, Unit.id == LedgerEntry.unit_id)
        .join(Deal, Deal.id == LedgerEntry.deal_id)
        .join(Project, Project.id == deals.project_then(known_at))
        .where(*conditions)
    )
    order = paging.Order([LedgerEntry.effective_on, LedgerEntry.recorded_at, LedgerEntry.id])
    part = await paging.pinned_rows(session, rows, order, query, "signing-entries", known_at)
    total = (await session.execute(select(*_sums()).where(*conditions))).one()
    return Entries(
        scope=scope_of(actor),
        items=[_row(row) for row in part.rows],
        next_cursor=part.next_cursor,
        count=await paging.count(session, select(LedgerEntry.id).where(*conditions)),
        sum=EntriesSum(count=total.n, amount=total.amount, landed=total.landed),
        known_at=known_at,
    )


def _row(row: Any) -> EntryRow:
    deal = EntryDeal.of(row)
    columns = {name: getattr(row, name) for name in EntryRow.model_fields if name not in ("deal", "count")}
    return EntryRow(**columns, count=row._mapping["count"], deal=deal)


def _figure(target: Decimal | int | None, reached: Decimal | int, *, is_whole: bool) -> TargetFigure:
    """Returns a target beside what was reached. Where that is only a part (not `is_whole`), there is no rate."""

    def text(value: Decimal | int) -> str:
        return f"{value:.2f}" if isinstance(value, Decimal) else str(value)

    rate = None
    if target and is_whole:
        rate = str((Decimal(reached) / Decimal(target)).quantize(Decimal("0.0001"), ROUND_HALF_UP))
    return TargetFigure(target=None if target is None else text(target), reached=text(reached), rate=rate)


async def performance(
    session: AsyncSession, actor: Actor, task_force_id: UUID, year: int, known_at: datetime | None
) -> Performance:
    """Returns a task force's year against its targets."""
    name = await session.scalar(select(TaskForce.name).where(TaskForce.id == task_force_id))
    if name is None:
        raise NotFound.of(taskforces.TASK_FORCE)
    query = SigningsQuery(from_=date(year, 1, 1), to=date(year, 12, 31), known_at=known_at, task_force_id=task_force_id)
    totals = await signings(session, actor, query)
    targets = await taskforces.targets_of(session, task_force_id, totals.known_at)
    target = next((of_year for of_year in targets if of_year.year == year), None)
    is_whole = actor.sees_all or task_force_id in actor.task_force_ids
    return Performance(
        scope=scope_of(actor),
        task_force_id=task_force_id,
        name=name,
        year=year,
        known_at=totals.known_at,
        signings=_figure(target.signings if target else None, totals.count, is_whole=is_whole),
        amount=_figure(target.amount if target else None, totals.amount, is_whole=is_whole),
        same_quarter_landed=_figure(
            target.same_quarter_landed if target else None, totals.same_quarter_landed, is_whole=is_whole
        ),
        caliber=totals.caliber,
        entries_url=totals.entries_url,
    )
