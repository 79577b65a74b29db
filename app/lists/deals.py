"""The list of deals, with what each row shows: where it counts, and which gates of its approval are unmet."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, exists, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import paging
from app.core.actor import Actor, scope_of
from app.core.localized import Label, Word
from app.core.refs import Reference
from app.core.remembered import Remembered
from app.deals import numbers, submissions
from app.deals import service as deals
from app.deals.models import Deal, DealKind, DealStatus
from app.deals.schemas import DealSummary
from app.enterprises.models import Enterprise
from app.lists import deal_sums
from app.lists.deal_filter import Reading, conditions
from app.lists.deal_schemas import DealList, DealQuery, DealRow, DealSort
from app.organizations.models import Unit
from app.projects import evidence
from app.projects.models import Project
from app.rights import deals as rights
from app.taskforces.models import TaskForce

_EARLIEST: ColumnElement[date] = literal_column("'1949-10-01'")
_REFERENCES = [
    Reference("project", "project_id", Project),
    Reference("investor", "investor_id", Enterprise),
    Reference("unit", "unit_id", Unit),
    Reference("task_force", "task_force_id", TaskForce),
]
_OF_PROJECT = [Project.name.label("project_name"), Project.unit_id, Project.task_force_id, Project.line_id]
_COMPUTED = {"project_name", *(reference.field for reference in _REFERENCES)}
_STORED = [
    *(getattr(Deal, name) for name in DealSummary.model_fields if name not in _COMPUTED),
    Deal.drafted_by,
    Deal.created_at.label("drafted_at"),
    Deal.submitted_at,
    submissions.is_returned().label("is_returned"),
    Deal.agreement_key,
    *_OF_PROJECT,
]
_ORDERS: dict[str, Any] = {
    "updated_at": Deal.updated_at,
    "signed_on": func.coalesce(Deal.signed_on, _EARLIEST, type_=Deal.signed_on.type),
    "submitted_at": func.coalesce(Deal.submitted_at, Deal.updated_at, type_=Deal.updated_at.type),
    "agreed_amount": func.coalesce(Deal.agreed_amount, literal_column("0"), type_=Deal.agreed_amount.type),
}


class Gate(Word):
    """The blocking gates of the approval of a deal, as `deals/approval.py` names them."""

    signed_on = "signed_on", "签约日", "day of signing"
    agreed_amount = "agreed_amount", "协议额", "agreed amount"
    investor = "investor", "投资方", "investor"
    agreement_no = "agreement_no", "协议编号", "number of the agreement"
    agreement_no_once = "agreement_no_once", "协议编号未被其他签约使用", "number borne by no other deal"
    investor_identified = "investor_identified", "投资方信用代码", "credit code of the investor"
    legality_review = "legality_review", "合法性审查", "legality review"


def order(sort: DealSort) -> paging.Order:
    """Returns the order of a list. Deals without a day sort as 1949-10-01, without an amount as 0; those that were not
    submitted by their last change."""
    return paging.Order.by(sort.value, _ORDERS, Deal.id)


def stored(where: Sequence[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """Selects the stored columns of the rows that meet the conditions on Deal and Project."""
    return select(*_STORED).join(Project, Project.id == Deal.project_id).where(*where)


def _judged(page: Subquery) -> Select[*tuple[Any, ...]]:
    """Adds to a page who drafted each deal, and what the gates of a draft are judged by."""
    other, is_draft = aliased(Deal), page.c.status == DealStatus.draft
    is_borne = exists().where(is_draft, other.agreement_key == page.c.agreement_key, other.status.in_(numbers.COUNTED))
    is_identified = exists().where(
        is_draft,
        Enterprise.id == page.c.investor_id,
        or_(Enterprise.credit_code.is_not(None), Enterprise.registration_no.is_not(None)),
    )
    drafted_by_name = deals.name_of(page.c, page.c.drafted_by).label("drafted_by_name")
    return select(*page.c, is_borne.label("is_borne"), is_identified.label("is_identified"), drafted_by_name)


def _unmet(row: dict[str, Any], reviewed: set[Any], today: date) -> list[Label]:
    """Returns the blocking gates of the approval of a draft that are unmet. The approval itself asks
    `deals/approval.py`; a test compares the two."""
    signed_on = row["signed_on"]
    unmet = {
        Gate.signed_on: signed_on is None or signed_on > today,
        Gate.agreed_amount: not row["agreed_amount"],
        Gate.investor: row["investor_id"] is None,
        Gate.agreement_no: row["agreement_key"] is None,
        Gate.agreement_no_once: row["is_borne"],
    }
    if row["kind"] is DealKind.formal:
        unmet[Gate.investor_identified] = not row["is_identified"]
        unmet[Gate.legality_review] = not {row["project_id"], row["line_id"]} & reviewed
    return [gate.label for gate, is_unmet in unmet.items() if is_unmet]


async def completed(
    session: AsyncSession, actor: Actor, rows: Sequence[dict[str, Any]], today: date
) -> Sequence[dict[str, Any]]:
    """Adds to rows which gates of approval are unmet, null for what is no draft, and the open acts. Two statements, one
    of them where there is a draft of a formal deal."""
    await _judge(session, rows, today)
    may = await rights.of_page(session, actor, [row["id"] for row in rows])
    for row in rows:
        row["may"] = may[row["id"]]
    return rows


async def _judge(session: AsyncSession, rows: Sequence[dict[str, Any]], today: date) -> None:
    """Adds to rows which gates of approval are unmet, in one statement where there is a draft of a formal deal."""
    drafts = [row for row in rows if row["status"] is DealStatus.draft]
    formal = [row for row in drafts if row["kind"] is DealKind.formal]
    reviewed: set[Any] = set()
    if formal:
        lines = {row[name] for row in formal for name in ("project_id", "line_id")}
        having = evidence.having(Gate.legality_review.value)
        reviewed = set(await session.scalars(select(Project.id).where(Project.id.in_(lines), Project.id.in_(having))))
    for row in rows:
        row["gates_missing"] = None
    for row in drafts:
        row["gates_missing"] = _unmet(row, reviewed, today)


async def gates_missing(session: AsyncSession, deal_ids: Sequence[UUID], today: date) -> dict[UUID, list[Label]]:
    """Returns the blocking gates of approval that are unmet, of these drafts, in two statements."""
    page = stored([Deal.id.in_(deal_ids)]).subquery("page")
    rows = [row._asdict() for row in await session.execute(_judged(page))]
    await _judge(session, rows, today)
    return {row["id"]: row["gates_missing"] for row in rows}


async def find(session: AsyncSession, actor: Actor, query: DealQuery) -> DealList:
    """Returns a page of the deals the actor sees."""
    reading = await Reading.of(session, actor, query)
    filters = query.filters()
    key = (json.dumps(filters), reading.key, query.limit, query.cursor is None)
    part = await paging.fetch(
        session,
        _PAGES.get(key, lambda: _page(query, reading)),
        order(query.sort),
        name="deals",
        limit=query.limit,
        cursor=query.cursor,
        filters=filters,
        names=_REFERENCES,
    )
    rows = await completed(session, actor, part.rows, reading.today)
    total, left_out = None, None
    if query.wants_sums:
        grouped = deal_sums.grouped(conditions(query, reading))
        total, left_out = deal_sums.read((await session.execute(grouped)).all())
    return DealList(
        items=[DealRow.model_validate(row) for row in rows],
        next_cursor=part.next_cursor,
        count=await paging.count(session, stored(conditions(query, reading))) if query.wants_count else None,
        today=reading.today,
        scope=scope_of(actor),
        sum=total,
        left_out=left_out,
    )


_PAGES: Remembered[Select[*tuple[Any, ...]]] = Remembered()


def _page(query: DealQuery, reading: Reading) -> Select[*tuple[Any, ...]]:
    rows = stored(conditions(query, reading))
    return paging.statement(
        rows, order(query.sort), _REFERENCES, _judged, limit=query.limit, is_next=query.cursor is not None
    )
