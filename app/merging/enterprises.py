"""并入: two records of one enterprise become one. The legal person is the same, or it is refused.

Projects, leads and deals go over, with contacts, rankings and subsidiaries, what it referred, and every field that its
successor does not state; ledger entries hold what was so at their signing and stay. The merged record stays readable
and points to its successor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, Permission
from app.core.errors import Forbidden, Invalid
from app.core.localized import Say, Word
from app.core.merge_rules import Group, group, stated_differently, taken_over
from app.core.records import Changes, locked, one, plain
from app.deals.models import Deal
from app.enterprises import service as enterprises
from app.enterprises import successors
from app.enterprises.models import Contact, Enterprise, Ranking
from app.enterprises.schemas import EnterpriseRead
from app.enterprises.successors import EnterpriseSuccessor
from app.events import service as events
from app.leads.models import Lead
from app.merging.fields import both
from app.merging.projects import MergeRefused
from app.merging.schemas import EnterpriseMergeCreate, MergePreview
from app.pipeline.schemas import MergeItem, item
from app.projects.models import Project
from app.referrers.models import Referrer


@dataclass(frozen=True, slots=True)
class _Two:
    merged: Enterprise
    successor: Enterprise
    rankings: Sequence[Ranking]
    groups: set[UUID]
    """The groups the successor belongs to."""
    is_group_below: bool
    """The group of the merged record is the successor, or belongs to it."""
    referrers: Sequence[Referrer]
    """The records of either as a referrer."""
    now: Mapping[UUID, EnterpriseSuccessor]
    """Of each of the two that was merged already: what it is by now."""

    @property
    def referrer(self) -> Referrer | None:
        """The record of the merged one as a referrer."""
        return next((row for row in self.referrers if row.enterprise_id == self.merged.id), None)

    @property
    def own_referrer(self) -> Referrer | None:
        return next((row for row in self.referrers if row.enterprise_id == self.successor.id), None)


async def _two(session: AsyncSession, merged: Enterprise, successor: Enterprise) -> _Two:
    ids = [merged.id, successor.id]
    rankings = await session.scalars(select(Ranking).where(Ranking.enterprise_id.in_(ids)).order_by(Ranking.id))
    referrers = await session.scalars(select(Referrer).where(Referrer.enterprise_id.in_(ids)))
    above = await enterprises.groups_above(session, merged)
    return _Two(
        merged,
        successor,
        rankings.all(),
        await enterprises.groups_above(session, successor),
        successor.id in above,
        referrers.all(),
        {one_of: found for one_of in ids if (found := await successors.find(session, one_of)) is not None},
    )


def _conflicts(two: _Two) -> list[MergeItem]:
    """What stands in the way, each with its remedy."""
    merged, successor = two.merged, two.successor
    if merged.id == successor.id:
        return [item("itself", "不能并入自身。", "An enterprise is not merged into itself.")]
    found = []
    for one_of in (merged, successor):
        if (now := two.now.get(one_of.id)) is not None:
            say_zh = f"{one_of.name} 已并入 {now.named}，请以那一家办理。"
            found.append(item("merged_already", say_zh, f"{one_of.name} was merged into {now.named}: take that one."))
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
        found["registration"] = (enterprise.country, enterprise.registration_key or enterprise.registration_no)
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
    if two.referrer is not None:
        found.append(item("referrer", "作为引荐方的登记", "its record as a referrer", 1))
    return found


_STAYING = (
    item("ledger", "台账记载（签约时的来源地与所有制）", "ledger entries, with origin and ownership at signing"),
)

GROUPS = (
    group("parent_id", "所属集团", "group"),
    group("origin", "来源地", "origin"),
    group("ownership", "所有制", "ownership"),
    group("registered_place", "注册地", "registered place"),
    group("headquarters", "总部", "headquarters"),
    group("industry_code", "行业", "industry"),
    group("source", "数据来源", "source"),
)
"""Everything that describes an enterprise but its name and what identifies it: of that, `_conflicts` decides."""


def _taken(two: _Two) -> list[Group]:
    """The fields that only the merged record states. A group that is the successor, or below it, is none above it."""
    found = taken_over(GROUPS, two.merged, two.successor)
    return [one for one in found if one.columns != ("parent_id",) or not two.is_group_below]


async def _fields(session: AsyncSession, two: _Two) -> tuple[list[MergeItem], list[MergeItem]]:
    """For people: the fields that go over with their values, and those that stay with both values."""
    merged, successor = two.merged, two.successor
    ids = {one.parent_id for one in (merged, successor) if one.parent_id is not None}
    rows = await session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(ids)))
    names = {row.id: row.name for row in rows}

    def shown(one: Group, enterprise: Enterprise) -> str:
        (value,) = one.of(enterprise)
        return value.say.zh if isinstance(value, Word) else names.get(value, str(value))

    over = [
        item(one.columns[0], f"{one.name.zh}：{shown(one, merged)}", f"{one.name.en}: {shown(one, merged)}", 1)
        for one in _taken(two)
    ]
    apart = [
        both(one.columns[0], one.name, shown(one, merged), shown(one, successor), successor.name)
        for one in stated_differently((group("name", "名称", "name"), *GROUPS), merged, successor)
    ]
    return over, apart


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
    over, apart = await _fields(session, two)
    return MergePreview(
        id=enterprise_id,
        version=merged.version,
        into_id=into_id,
        is_possible=not conflicts,
        conflicts=conflicts,
        goes_over=[*await _going_over(session, two), *over],
        stays=[*_STAYING, *apart],
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
    await _take_over_fields(session, actor, two, told)
    for kind, column, *_ in _RECORDS:
        await _hand_over(session, actor, kind, column, two, told)
    await session.execute(update(Contact).where(Contact.enterprise_id == merged.id).values(enterprise_id=successor.id))
    known = {(row.list_name, row.year) for row in two.rankings if row.enterprise_id == successor.id}
    for row in two.rankings:
        if row.enterprise_id == merged.id and (row.list_name, row.year) not in known:
            row.enterprise_id = successor.id
    await _hand_over_referred(session, actor, two, told)
    merged.merged_into_id = successor.id
    await events.record(session, actor, "enterprise.merged", merged, told)
    await events.note(session, actor, "enterprise.absorbed", "enterprise", successor.id, told)
    return await enterprises.get(session, enterprise_id)


async def _take_over_fields(session: AsyncSession, actor: Actor, two: _Two, told: dict[str, Any]) -> None:
    changes: Changes = {}
    for found in _taken(two):
        (column,) = found.columns
        changes[column] = [None, plain(getattr(two.merged, column))]
        setattr(two.successor, column, getattr(two.merged, column))
    if changes:
        await events.record(session, actor, "enterprise.updated", two.successor, {**told, "changes": changes})


async def _hand_over_referred(session: AsyncSession, actor: Actor, two: _Two, told: dict[str, Any]) -> None:
    """The record as a referrer names the successor; where that has one of its own, what it referred names that."""
    referrer, own = two.referrer, two.own_referrer
    if referrer is None:
        return
    if own is None:
        referrer.enterprise_id = two.successor.id
        await events.record(session, actor, "referrer.updated", referrer, {**told, "fields": ["enterprise_id"]})
        return
    columns: tuple[tuple[type[Any], Any], ...] = ((Lead, Lead.referrer_id), (Project, Project.referrer_id))
    for kind, column in columns:
        await _rename(session, actor, kind, column, (referrer.id, own.id), told)


async def _hand_over(
    session: AsyncSession, actor: Actor, kind: type[Any], column: Any, two: _Two, told: dict[str, Any]
) -> None:
    """Each record that named the merged enterprise names its successor."""
    await _rename(session, actor, kind, column, (two.merged.id, two.successor.id), told)


async def _rename(
    session: AsyncSession,
    actor: Actor,
    kind: type[Any],
    column: Any,
    before_and_after: tuple[UUID, UUID],
    told: dict[str, Any],
) -> None:
    """Each record whose column named the one names the other: one edit, one version, one event."""
    before, after = before_and_after
    # A parent before its phases, as every verb locks them.
    order = (Project.line_id, Project.parent_id.is_not(None), Project.id) if kind is Project else (kind.id,)
    query = select(kind).where(column == before).order_by(*order)
    rows = await session.scalars(
        query.with_for_update(key_share=True, of=kind).execution_options(populate_existing=True)
    )
    for row in rows.all():
        setattr(row, column.key, after)
        changes = {column.key: [before, after]}
        project_id = row.id if kind is Project else getattr(row, "project_id", None)
        event = f"{events.subject_name(kind)}.updated"
        await events.record(session, actor, event, row, {**told, "changes": changes}, project_id=project_id)
