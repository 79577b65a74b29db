"""Merges 并入 two records of one enterprise. Refused where they are different legal persons.

The successor takes over projects, leads, deals, contacts, rankings, subsidiaries, the records the merged one referred,
and every field that it does not state itself. Ledger entries keep their dimensions of the signing. The merged record
stays readable and points to its successor.
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
from app.merging.conflicts import MergeRefused
from app.merging.fields import both
from app.merging.schemas import EnterpriseMergeCreate, MergePreview
from app.pipeline.schemas import MergeItem, item
from app.projects.models import Project
from app.referrers.models import Referrer


@dataclass(frozen=True, slots=True)
class _Pair:
    """The record to be merged, its successor, and the rows about both."""

    merged: Enterprise
    successor: Enterprise
    rankings: Sequence[Ranking]
    groups: set[UUID]
    """The groups the successor belongs to."""
    is_group_below: bool
    """The group of the merged record is the successor, or belongs to it."""
    referrers: Sequence[Referrer]
    """The records of either as a referrer."""
    successors: Mapping[UUID, EnterpriseSuccessor]
    """By id the successor of each of the two that was merged already."""

    @property
    def referrer(self) -> Referrer | None:
        """The record of the merged one as a referrer."""
        return next((row for row in self.referrers if row.enterprise_id == self.merged.id), None)

    @property
    def referrer_of_successor(self) -> Referrer | None:
        """The record of the successor as a referrer."""
        return next((row for row in self.referrers if row.enterprise_id == self.successor.id), None)


async def _load_pair(session: AsyncSession, merged: Enterprise, successor: Enterprise) -> _Pair:
    ids = [merged.id, successor.id]
    rankings = await session.scalars(select(Ranking).where(Ranking.enterprise_id.in_(ids)).order_by(Ranking.id))
    referrers = await session.scalars(select(Referrer).where(Referrer.enterprise_id.in_(ids)))
    above = await enterprises.groups_above(session, merged)
    return _Pair(
        merged,
        successor,
        rankings.all(),
        await enterprises.groups_above(session, successor),
        successor.id in above,
        referrers.all(),
        {key: successor_of for key in ids if (successor_of := await successors.find(session, key)) is not None},
    )


def _conflicts(two: _Pair) -> list[MergeItem]:
    """Returns everything that prevents the merge, each with its remedy."""
    merged, successor = two.merged, two.successor
    if merged.id == successor.id:
        return [item("itself", "不能并入自身。", "An enterprise is not merged into itself.")]
    conflicts: list[MergeItem] = []
    for enterprise in (merged, successor):
        conflicts += _merged_already(enterprise.name, two.successors.get(enterprise.id))
    of_merged, of_successor = _identities(merged), _identities(successor)
    for kind, zh, en in (
        ("credit_code", "统一社会信用代码", "credit codes"),
        ("registration", "境外注册号", "foreign registrations"),
    ):
        if kind in of_merged and kind in of_successor and of_merged[kind] != of_successor[kind]:
            conflicts.append(
                item(f"{kind}_differs", f"两家的{zh}不同，不是同一主体。", f"Their {en} differ: these are two.")
            )
    if of_merged.keys() - of_successor.keys():
        if of_successor.keys() - of_merged.keys():
            say = (
                "两家登记的证照种类不同，请先在一家补全。",
                "Each is identified otherwise: complete one first.",
            )
            conflicts.append(item("identities_apart", *say))
        else:
            say_zh = f"{merged.name} 有登记证照而 {successor.name} 没有，请反过来并入。"
            say_en = f"{merged.name} is the one identified: merge {successor.name} into it instead."
            conflicts.append(item("merge_other_way", say_zh, say_en))
    if merged.id in two.groups:
        say = ("它是对方的所属集团，请先修改所属集团。", "It is the other's group: change the group first.")
        conflicts.append(item("group_ring", *say))
    return conflicts + _rank_conflicts(two)


def _merged_already(name: str, successor: EnterpriseSuccessor | None) -> list[MergeItem]:
    if successor is None:
        return []
    zh = f"{name} 已并入 {successor.named}，请以那一家办理。"
    return [item("merged_already", zh, f"{name} was merged into {successor.named}: take that one.")]


def refusal(name: str, successor: EnterpriseSuccessor | None) -> MergeRefused | None:
    """Returns the refusal of a merge of this enterprise into any other: it was merged already."""
    conflicts = _merged_already(name, successor)
    return MergeRefused.of(conflicts) if conflicts else None


def _identities(enterprise: Enterprise) -> dict[str, object]:
    """Returns the identifiers of a legal person, by kind."""
    identities: dict[str, object] = {}
    if enterprise.credit_code is not None:
        identities["credit_code"] = enterprise.credit_code
    if enterprise.registration_no is not None:
        identities["registration"] = (enterprise.country, enterprise.registration_key or enterprise.registration_no)
    return identities


def _rank_conflicts(two: _Pair) -> list[MergeItem]:
    """Returns a conflict for each ranking list and year in which the two have different ranks."""
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


async def _moved_records(session: AsyncSession, two: _Pair) -> list[MergeItem]:
    """Returns the kinds of records that the successor takes over, with their numbers."""
    named = [(column, code, zh, en) for _, column, code, zh, en in _RECORDS]
    named.append((Contact.enterprise_id, "contacts", "联系人", "contacts"))
    named.append((Ranking.enterprise_id, "rankings", "榜单名次", "rankings"))
    items = []
    for column, code, zh, en in named:
        count = (await session.scalars(select(func.count()).where(column == two.merged.id))).one()
        if count:
            items.append(item(code, zh, en, count))
    if two.referrer is not None:
        items.append(item("referrer", "作为引荐方的登记", "its record as a referrer", 1))
    return items


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
"""Every descriptive field except the name and the identifiers, which `_conflicts` checks."""


def _taken_over(two: _Pair) -> list[Group]:
    """Returns the fields that only the merged record states. Its group is left out where it is the successor itself or
    belongs to it."""
    groups = taken_over(GROUPS, two.merged, two.successor)
    return [field for field in groups if field.columns != ("parent_id",) or not two.is_group_below]


async def _fields(session: AsyncSession, two: _Pair) -> tuple[list[MergeItem], list[MergeItem]]:
    """Returns for display the fields taken over, with their values, and those that stay, with both values."""
    merged, successor = two.merged, two.successor
    ids = {one.parent_id for one in (merged, successor) if one.parent_id is not None}
    rows = await session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(ids)))
    names = {row.id: row.name for row in rows}

    def shown(field: Group, enterprise: Enterprise) -> str:
        (value,) = field.of(enterprise)
        return value.say.zh if isinstance(value, Word) else names.get(value, str(value))

    over = [
        item(one.columns[0], f"{one.name.zh}：{shown(one, merged)}", f"{one.name.en}: {shown(one, merged)}", 1)
        for one in _taken_over(two)
    ]
    apart = [
        both(one.columns[0], one.name, shown(one, merged), shown(one, successor), successor.name)
        for one in stated_differently((group("name", "名称", "name"), *GROUPS), merged, successor)
    ]
    return over, apart


def _require(actor: Actor) -> None:
    """Raises Forbidden unless the actor may merge and sees everything: a merge edits records of the whole city."""
    actor.require(Permission.merge)
    if not actor.sees_all:
        raise Forbidden(
            Say(
                "并入企业涉及全市的记录，请由全市范围的人办理。",
                "It concerns the whole city; ask the bureau.",
            )
        )


async def preview(session: AsyncSession, actor: Actor, enterprise_id: UUID, into_id: UUID) -> MergePreview:
    """Returns the dry run of a merge. Raises Forbidden, NotFound, Invalid where there is no such successor."""
    _require(actor)
    merged = await one(session, select(Enterprise).where(Enterprise.id == enterprise_id), enterprises.ENTERPRISE)
    two = await _load_pair(session, merged, await _successor(session, into_id, "?into_id"))
    conflicts = _conflicts(two)
    over, apart = await _fields(session, two)
    return MergePreview(
        id=enterprise_id,
        version=merged.version,
        into_id=into_id,
        is_possible=not conflicts,
        conflicts=conflicts,
        goes_over=[*await _moved_records(session, two), *over],
        stays=[*_STAYING, *apart],
    )


async def _successor(session: AsyncSession, into_id: UUID, pointer: str) -> Enterprise:
    """Returns the enterprise. Raises Invalid for the field `pointer` where it does not exist."""
    enterprise = await session.get(Enterprise, into_id)
    if enterprise is None:
        raise Invalid.field(pointer, "unknown_enterprise", Say("没有这家企业。", "There is no such enterprise."))
    return enterprise


async def merge(
    session: AsyncSession, actor: Actor, enterprise_id: UUID, version: int, body: EnterpriseMergeCreate
) -> EnterpriseRead:
    """Merges an enterprise into its successor.

    Raises MergeRefused with everything that prevents it, Forbidden, NotFound or Stale, Invalid.
    """
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
    two = await _load_pair(session, merged, successor)
    conflicts = _conflicts(two)
    if conflicts:
        raise MergeRefused.of(conflicts)
    data = {"merged_id": merged.id, "into_id": successor.id, "reason": body.reason}
    await _take_over_fields(session, actor, two, data)
    for kind, column, *_ in _RECORDS:
        await _hand_over(session, actor, kind, column, two, data)
    await session.execute(update(Contact).where(Contact.enterprise_id == merged.id).values(enterprise_id=successor.id))
    ranked = {(row.list_name, row.year) for row in two.rankings if row.enterprise_id == successor.id}
    for row in two.rankings:
        if row.enterprise_id == merged.id and (row.list_name, row.year) not in ranked:
            row.enterprise_id = successor.id
    await _hand_over_referred(session, actor, two, data)
    merged.merged_into_id = successor.id
    await events.record(session, actor, "enterprise.merged", merged, data)
    await events.note(session, actor, "enterprise.absorbed", "enterprise", successor.id, data)
    return await enterprises.get(session, enterprise_id)


async def _take_over_fields(session: AsyncSession, actor: Actor, two: _Pair, data: dict[str, Any]) -> None:
    changes: Changes = {}
    for field in _taken_over(two):
        (column,) = field.columns
        changes[column] = [None, plain(getattr(two.merged, column))]
        setattr(two.successor, column, getattr(two.merged, column))
    if changes:
        await events.record(session, actor, "enterprise.updated", two.successor, {**data, "changes": changes})


async def _hand_over_referred(session: AsyncSession, actor: Actor, two: _Pair, data: dict[str, Any]) -> None:
    """Gives the merged record's referrer to the successor. Where the successor is a referrer already, the leads and
    projects that the merged one referred name that record instead."""
    referrer, successor_referrer = two.referrer, two.referrer_of_successor
    if referrer is None:
        return
    if successor_referrer is None:
        referrer.enterprise_id = two.successor.id
        await events.record(session, actor, "referrer.updated", referrer, {**data, "fields": ["enterprise_id"]})
        return
    columns: tuple[tuple[type[Any], Any], ...] = ((Lead, Lead.referrer_id), (Project, Project.referrer_id))
    for kind, column in columns:
        await _rename(session, actor, kind, column, (referrer.id, successor_referrer.id), data)


async def _hand_over(
    session: AsyncSession, actor: Actor, kind: type[Any], column: Any, two: _Pair, data: dict[str, Any]
) -> None:
    """Lets each record that names the merged enterprise name its successor."""
    await _rename(session, actor, kind, column, (two.merged.id, two.successor.id), data)


async def _rename(
    session: AsyncSession,
    actor: Actor,
    kind: type[Any],
    column: Any,
    before_and_after: tuple[UUID, UUID],
    data: dict[str, Any],
) -> None:
    """Replaces one id by another in a column: each record gets one edit, one version and one event."""
    before, after = before_and_after
    # Locks a parent before its phases, as every verb does.
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
        await events.record(session, actor, event, row, {**data, "changes": changes}, project_id=project_id)
