"""并入: two records of one enterprise become one. The legal person is the same, or it is refused.

Projects, leads and deals go over, with contacts, rankings and subsidiaries; ledger entries hold what was so at their
signing and stay. The merged record stays readable and points to its successor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, Permission
from app.core.errors import Forbidden, Invalid
from app.core.records import locked, one
from app.core.say import Say
from app.deals.models import Deal
from app.enterprises import service as enterprises
from app.enterprises.models import Contact, Enterprise, Ranking
from app.enterprises.schemas import EnterpriseRead
from app.events import service as events
from app.leads.models import Lead
from app.pipeline.merging import MergeRefused, item
from app.pipeline.schemas import EnterpriseMergeCreate, MergeItem, MergePreview
from app.projects.models import Project


@dataclass(frozen=True, slots=True)
class _Two:
    merged: Enterprise
    successor: Enterprise
    rankings: Sequence[Ranking]
    groups: set[UUID]
    """The groups the successor belongs to."""


async def _two(session: AsyncSession, merged: Enterprise, successor: Enterprise) -> _Two:
    ids = [merged.id, successor.id]
    rankings = await session.scalars(select(Ranking).where(Ranking.enterprise_id.in_(ids)).order_by(Ranking.id))
    return _Two(merged, successor, rankings.all(), await enterprises.groups_above(session, successor))


def _conflicts(two: _Two) -> list[MergeItem]:
    """What stands in the way, each with its remedy."""
    merged, successor = two.merged, two.successor
    if merged.id == successor.id:
        return [item("itself", "不能并入自身。", "An enterprise is not merged into itself.")]
    found = []
    for one_of in (merged, successor):
        if one_of.merged_into_id is not None:
            found.append(item("merged_already", f"{one_of.name} 已并入别处。", f"{one_of.name} was merged already."))
    mine, theirs = _identities(merged), _identities(successor)
    for kind, zh, en in (
        ("credit_code", "统一社会信用代码", "credit codes"),
        ("registration", "境外注册号", "foreign registrations"),
    ):
        if kind in mine and kind in theirs and mine[kind] != theirs[kind]:
            found.append(
                item(f"{kind}_differs", f"两家的{zh}不同，不是同一主体。", f"Their {en} differ: these are two.")
            )
    if mine.keys() - theirs.keys():
        if theirs.keys() - mine.keys():
            say = (
                "两家登记的证照种类不同，请先在一家补全。",
                "Each is identified otherwise: complete one first.",
            )
            found.append(item("identities_apart", *say))
        else:
            say_zh = f"{merged.name} 有登记证照而 {successor.name} 没有，请反过来并入。"
            say_en = f"{merged.name} is the one identified: merge {successor.name} into it instead."
            found.append(item("merge_other_way", say_zh, say_en))
    if merged.id in two.groups:
        say = ("它是对方的所属集团，请先修改所属集团。", "It is the other's group: change the group first.")
        found.append(item("group_ring", *say))
    return found + _rank_conflicts(two)


def _identities(enterprise: Enterprise) -> dict[str, object]:
    """What identifies a legal person, by kind."""
    found: dict[str, object] = {}
    if enterprise.credit_code is not None:
        found["credit_code"] = enterprise.credit_code
    if enterprise.registration_no is not None:
        found["registration"] = (enterprise.country, enterprise.registration_no)
    return found


def _rank_conflicts(two: _Two) -> list[MergeItem]:
    ranks = {(row.list_name, row.year): row.rank for row in two.rankings if row.enterprise_id == two.successor.id}
    return [
        item(
            "ranking_differs",
            f"{row.year} 年“{row.list_name}”的名次不同。",
            f"Their ranks in “{row.list_name}” of {row.year} differ.",
        )
        for row in two.rankings
        if row.enterprise_id == two.merged.id and ranks.get((row.list_name, row.year), row.rank) != row.rank
    ]


_RECORDS: tuple[tuple[type[Any], Any, str, str, str], ...] = (
    (Enterprise, Enterprise.parent_id, "subsidiaries", "下属企业", "subsidiaries"),
    (Lead, Lead.investor_id, "leads", "线索", "leads"),
    (Project, Project.investor_id, "projects", "项目", "projects"),
    (Deal, Deal.investor_id, "deals", "签约", "deals"),
)
"""Versioned records that name an enterprise, in the order in which they are locked."""


async def _going_over(session: AsyncSession, two: _Two) -> list[MergeItem]:
    named = [(column, code, zh, en) for _, column, code, zh, en in _RECORDS]
    named.append((Contact.enterprise_id, "contacts", "联系人", "contacts"))
    named.append((Ranking.enterprise_id, "rankings", "榜单名次", "rankings"))
    found = []
    for column, code, zh, en in named:
        count = (await session.scalars(select(func.count()).where(column == two.merged.id))).one()
        if count:
            found.append(item(code, zh, en, count))
    return found


_STAYING = (
    item("ledger", "台账记载（签约时的来源地与所有制）", "ledger entries, with origin and ownership at signing"),
    item("referrer", "作为引荐方的登记", "its record as a referrer"),
)


def _require(actor: Actor) -> None:
    """A merge edits every record that names the enterprise, wherever it is. Raises Forbidden."""
    actor.require(Permission.merge)
    if not actor.sees_all:
        raise Forbidden(
            Say(
                "并入企业涉及全市的记录，请由全市范围的人办理。",
                "It concerns the whole city; ask the bureau.",
            )
        )


async def preview(session: AsyncSession, actor: Actor, enterprise_id: UUID, into_id: UUID) -> MergePreview:
    _require(actor)
    merged = await one(session, select(Enterprise).where(Enterprise.id == enterprise_id), enterprises.ENTERPRISE)
    two = await _two(session, merged, await _successor(session, into_id, "?into_id"))
    conflicts = _conflicts(two)
    return MergePreview(
        id=enterprise_id,
        version=merged.version,
        into_id=into_id,
        is_possible=not conflicts,
        conflicts=conflicts,
        goes_over=await _going_over(session, two),
        stays=list(_STAYING),
    )


async def _successor(session: AsyncSession, into_id: UUID, pointer: str) -> Enterprise:
    found = await session.get(Enterprise, into_id)
    if found is None:
        raise Invalid.field(pointer, "unknown_enterprise", Say("没有这家企业。", "There is no such enterprise."))
    return found


async def merge(
    session: AsyncSession, actor: Actor, enterprise_id: UUID, version: int, body: EnterpriseMergeCreate
) -> EnterpriseRead:
    """Merge an enterprise into its successor. Raises MergeRefused with everything that stands in the way."""
    _require(actor)
    await one(session, select(Enterprise.id).where(Enterprise.id == enterprise_id), enterprises.ENTERPRISE)
    await _successor(session, body.into_id, "/into_id")
    await enterprises.hold(session, enterprise_id, body.into_id)
    merged = await locked(
        session, select(Enterprise).where(Enterprise.id == enterprise_id), version, enterprises.ENTERPRISE
    )
    successor = await locked(
        session, select(Enterprise).where(Enterprise.id == body.into_id), None, enterprises.ENTERPRISE
    )
    two = await _two(session, merged, successor)
    conflicts = _conflicts(two)
    if conflicts:
        raise MergeRefused.of(conflicts)
    told = {"merged_id": merged.id, "into_id": successor.id, "reason": body.reason}
    for kind, column, *_ in _RECORDS:
        await _hand_over(session, actor, kind, column, two, told)
    await session.execute(update(Contact).where(Contact.enterprise_id == merged.id).values(enterprise_id=successor.id))
    known = {(row.list_name, row.year) for row in two.rankings if row.enterprise_id == successor.id}
    for row in two.rankings:
        if row.enterprise_id == merged.id and (row.list_name, row.year) not in known:
            row.enterprise_id = successor.id
    merged.merged_into_id = successor.id
    await events.record(session, actor, "enterprise.merged", merged, told)
    await events.note(session, actor, "enterprise.absorbed", "enterprise", successor.id, told)
    return await enterprises.get(session, enterprise_id)


async def _hand_over(
    session: AsyncSession, actor: Actor, kind: type[Any], column: Any, two: _Two, told: dict[str, Any]
) -> None:
    """Each record that named the merged enterprise names its successor: one edit, one version, one event."""
    # A parent before its phases, as every verb locks them.
    order = (Project.line_id, Project.parent_id.is_not(None), Project.id) if kind is Project else (kind.id,)
    query = select(kind).where(column == two.merged.id).order_by(*order)
    rows = await session.scalars(
        query.with_for_update(key_share=True, of=kind).execution_options(populate_existing=True)
    )
    for row in rows.all():
        setattr(row, column.key, two.successor.id)
        changes = {column.key: [two.merged.id, two.successor.id]}
        project_id = row.id if kind is Project else getattr(row, "project_id", None)
        event = f"{events.subject_name(kind)}.updated"
        await events.record(session, actor, event, row, {**told, "changes": changes}, project_id=project_id)
