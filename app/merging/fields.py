"""Copies to the successor of a merge what it does not state: descriptive fields, capacities, unit and task force.

Where both state different values, the successor keeps its own; the dry run names both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.ids import new_id
from app.core.localized import Say, Word
from app.core.merge_rules import Group, group, stated_differently, taken_over
from app.core.name_key import normalized
from app.core.records import Changes, plain
from app.deals.models import Deal, DealKind, DealStatus
from app.enterprises.models import Enterprise
from app.events import service as events
from app.organizations.models import Unit
from app.pipeline.schemas import MergeItem
from app.projects import placements
from app.projects.models import Confidentiality, Project, ProjectCapacity
from app.reference.models import Industry
from app.referrers.models import Referrer
from app.taskforces.models import TaskForce

_NAME = group("name", "名称", "name")
GROUPS = (
    group("short_name", "简称", "short name"),
    group("upstream_code", "上级平台编码", "superior code"),
    group("national_code", "投资项目统一代码", "national code"),
    group("statistical_name", "纳统名称", "statistical name"),
    group("channel", "来源渠道", "channel"),
    group("occasion", "来源活动", "occasion"),
    group("referrer_id", "引荐方", "referrer"),
    group("investor_id", "投资方", "investor"),
    group("description", "建设内容及规模", "description"),
    group("estimate_from estimate_to", "拟投资额", "estimate"),
    group("industry_code", "行业", "industry"),
    group("place_unit_id", "落地县区或开发区", "place"),
    group("longitude latitude", "经纬度", "coordinates"),
    group("parcel_no", "地块", "parcel"),
    group("land_area", "用地（亩）", "land in mu"),
    group("plant_area", "厂房（平方米）", "floor space in m²"),
    group("energy_use", "年用能（吨标准煤）", "energy use in tonnes of coal equivalent"),
    group("energy_note", "用能要求", "energy wanted"),
    group("chain chain_role", "产业链环节", "place in the chain"),
    group("construction_nature", "建设性质", "nature of construction"),
    group("annual_revenue", "达产年营业收入（元）", "annual revenue in yuan"),
    group("annual_tax", "达产年税收（元）", "annual tax in yuan"),
    group("jobs", "就业岗位", "jobs"),
    group("progress progress_on", "当前进展", "progress"),
    group("next_steps", "下步计划", "next steps"),
    group("source", "数据来源", "source"),
)
"""Every descriptive field except name and confidentiality; the successor gets the stricter confidentiality of both."""

_PLACES = (group("unit_id", "承接单位", "unit in charge"), group("task_force_id", "专班", "task force"))
_NAMED: dict[str, Any] = {
    "referrer_id": (Referrer.id, Referrer.name),
    "investor_id": (Enterprise.id, Enterprise.name),
    "place_unit_id": (Unit.id, Unit.name),
    "unit_id": (Unit.id, Unit.name),
    "task_force_id": (TaskForce.id, TaskForce.name),
    "industry_code": (Industry.code, Industry.name_zh),
}
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Succession:
    """`taken` and `places` are copied, `places` from the days they are stated for. `apart`: both state other values."""

    taken: list[Group]
    places: list[Group]
    apart: list[Group]
    is_stricter: bool
    """The merged record is sensitive, and its successor was not."""
    own_products: list[ProjectCapacity]
    """The capacities of the successor."""
    products: list[ProjectCapacity]
    """The capacities to copy."""
    products_apart: list[tuple[ProjectCapacity, ProjectCapacity]]
    """Pairs (merged, successor) of the same product with different capacities."""


async def compare(session: AsyncSession, merged: Project, successor: Project) -> Succession:
    """Returns what the successor takes over from a project about to be merged, and where the two state different
    values."""
    places = taken_over(_PLACES, merged, successor)
    kept = await _stated_of_place(session, successor, places) if places else []
    query = select(ProjectCapacity).where(ProjectCapacity.project_id.in_([merged.id, successor.id]))
    rows = list(await session.scalars(query.order_by(ProjectCapacity.product)))
    existing = {normalized(row.product): row for row in rows if row.project_id == successor.id}
    offered = [row for row in rows if row.project_id == merged.id]
    pairs = [(row, existing[key]) for row in offered if (key := normalized(row.product)) in existing]
    return Succession(
        taken=taken_over(GROUPS, merged, successor),
        places=[field for field in places if field not in kept],
        apart=[*stated_differently((_NAME, *GROUPS, *_PLACES), merged, successor), *kept],
        is_stricter=merged.confidentiality is Confidentiality.sensitive
        and successor.confidentiality is not Confidentiality.sensitive,
        own_products=list(existing.values()),
        products=[row for row in offered if normalized(row.product) not in existing],
        products_apart=[
            (row, other) for row, other in pairs if (row.quantity, row.unit) != (other.quantity, other.unit)
        ],
    )


async def _stated_of_place(session: AsyncSession, project: Project, places: list[Group]) -> list[Group]:
    """Returns those of the places, now empty, that must not be copied: the project had one before, or has formal deals
    of its own, which would be transferred without a ruling."""
    segments = (await placements.series(session, project.id)).segments()
    had = [field for field in places if any(field.is_stated(place) for _, place in segments)]
    return places if await _has_signed(session, project) else had


async def _has_signed(session: AsyncSession, project: Project) -> bool:
    signed = select(Deal.id).where(
        Deal.project_id == project.id,
        Deal.kind == DealKind.formal,
        Deal.status.in_([DealStatus.live, DealStatus.terminated]),
    )
    return await session.scalar(signed.limit(1)) is not None


async def items(
    session: AsyncSession, compared: Succession, merged: Project, successor: Project
) -> tuple[list[MergeItem], list[MergeItem]]:
    """Returns for display what is copied, with its value, and what stays, with both values."""
    names = await _names(session, [*compared.taken, *compared.places, *compared.apart], merged, successor)
    over = [
        MergeItem(code=field.columns[0], zh=f"{field.name.zh}：{value}", en=f"{field.name.en}: {value}", count=1)
        for field in (*compared.taken, *compared.places)
        for value in [_shown(field, merged, names)]
    ]
    if compared.is_stricter:
        say = Confidentiality.sensitive.say
        over.append(MergeItem(code="confidentiality", zh=f"密级：{say.zh}", en=f"confidentiality: {say.en}", count=1))
    over += [
        MergeItem(
            code="capacities",
            zh=f"产能：{row.product} {_plain(row.quantity)} {row.unit}",
            en=f"capacity: {row.product} {_plain(row.quantity)} {row.unit}",
            count=1,
        )
        for row in compared.products
    ]
    apart = [
        both(
            field.columns[0], field.name, _shown(field, merged, names), _shown(field, successor, names), successor.code
        )
        for field in compared.apart
    ]
    apart += [
        both(
            "capacities",
            Say(f"产能 {row.product}", f"capacity of {row.product}"),
            f"{_plain(row.quantity)} {row.unit}",
            f"{_plain(other.quantity)} {other.unit}",
            successor.code,
        )
        for row, other in compared.products_apart
    ]
    return over, apart


def both(code: str, name: Say, value: str, other: str, successor: str) -> MergeItem:
    """Returns the item for a field with different values: the merged record's, and the successor's, which is valid."""
    return MergeItem(
        code=code,
        zh=f"{name.zh}：{value}（{successor} 为 {other or '空'}，以后者为准）",
        en=f"{name.en}: {value} ({successor} has {other or 'none'}, which stands)",
    )


async def _names(session: AsyncSession, groups: Sequence[Group], *projects: Project) -> dict[Any, str]:
    """Returns by id or code the names of the records that the columns of these groups point to."""
    names: dict[Any, str] = {}
    for column in {column for field in groups for column in field.columns if column in _NAMED}:
        key, name = _NAMED[column]
        values = {value for project in projects if (value := getattr(project, column)) is not None}
        rows = await session.execute(select(key.label("key"), name.label("name")).where(key.in_(values)))
        names |= {row.key: row.name for row in rows}
    return names


def _shown(field: Group, project: Project, names: dict[Any, str]) -> str:
    values = [value for value in field.of(project) if value is not None]
    shown = " / ".join(dict.fromkeys(names.get(value) or _plain(value) for value in values))
    return shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + "…"


def _plain(value: Any) -> str:
    if isinstance(value, Word):
        return value.say.zh
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


async def take_over(
    session: AsyncSession, actor: Actor, compared: Succession, merged: Project, successor: Project, data: dict[str, Any]
) -> None:
    """Copies what was compared to the successor, which the caller holds locked. Raises its version once for the fields
    and once for the capacities."""
    changes: Changes = {}
    series = await _places(session, compared, merged, successor) if compared.places else None
    before = {
        column: getattr(successor, column) for field in (*compared.taken, *compared.places) for column in field.columns
    }
    for column in (column for field in compared.taken for column in field.columns):
        setattr(successor, column, getattr(merged, column))
    if series is not None:
        placements.assign(successor, series)
    for column, value in before.items():
        if getattr(successor, column) != value:
            changes[column] = [plain(value), plain(getattr(successor, column))]
    if compared.is_stricter:
        changes["confidentiality"] = [successor.confidentiality.value, merged.confidentiality.value]
        successor.confidentiality = merged.confidentiality
    if changes:
        event_id = await events.record(
            session, actor, "project.updated", successor, {**data, "changes": changes}, project_id=successor.id
        )
        if series is not None:
            await placements.write(session, successor, series, event_id)
    if compared.products:
        await _capacities(session, actor, compared, successor, data)


async def _places(
    session: AsyncSession, compared: Succession, merged: Project, successor: Project
) -> placements.Series:
    """Returns the successor's series with the places it never had, from the days the merged record had them."""
    of_merged = await placements.series(session, merged.id)
    wanted = await placements.series(session, successor.id)
    first = min(of_merged.stated[0][0], wanted.stated[0][0])
    wanted = wanted.beginning(first)
    for field in compared.places:
        (column,) = field.columns
        days: dict[date, UUID | None] = {first: getattr(of_merged.segments()[0][1], column)}
        days |= {day: values[column] for day, values in of_merged.stated if column in values}
        for day, value in days.items():
            wanted = wanted.corrected(day, **{column: value})
    return wanted


async def _capacities(
    session: AsyncSession, actor: Actor, compared: Succession, successor: Project, merge_data: dict[str, Any]
) -> None:
    before, added = ([_capacity(row) for row in rows] for rows in (compared.own_products, compared.products))
    data = {**merge_data, "changes": {"capacities": [plain(before), plain(before + added)]}}
    event_id = await events.record(session, actor, "project.capacities_set", successor, data, project_id=successor.id)
    session.add_all(
        ProjectCapacity(id=new_id(), project_id=successor.id, event_id=event_id, **values) for values in added
    )
    await session.flush()


def _capacity(row: ProjectCapacity) -> dict[str, Any]:
    return {"product": row.product, "quantity": row.quantity, "unit": row.unit}
