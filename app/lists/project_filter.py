"""The filter of projects: one object for list, facets, board, export and views.

Conditions are AND; several values of one, separated by commas, are OR.
"""

import json
from collections.abc import Callable, Hashable
from datetime import date, timedelta
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, bindparam, literal_column, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction import plan_years
from app.core import clock, knowledge
from app.core.actor import Actor
from app.core.clock import Day
from app.core.errors import Invalid
from app.core.localized import Say, Word
from app.core.money import PositiveAmount
from app.core.several import PICKED, Absent, IdOrNone, Myself, PersonOrMe, PersonOrNone, Picked, Several
from app.core.text import SEARCHED, Code, SearchText
from app.deals.models import Deal
from app.enterprises.models import Enterprise, Origin, Ownership
from app.five_ones import service as five_ones
from app.five_ones import strokes
from app.five_ones.strokes import Flags
from app.organizations import service as organizations
from app.projects import evidence
from app.projects import service as projects
from app.projects.members import ProjectMember
from app.projects.models import Pool, Program, Project, Status
from app.projects.stages import Pipeline, pipeline
from app.reference import service as reference
from app.search import index, keys


class FiveOnesFilter(Word):
    complete = "complete", "五个一齐全", "all five complete"
    lacks_project = "lacks_project", "缺承接单位", "no unit in charge"
    lacks_leader = "lacks_leader", "缺包保领导", "no leader"
    leader_out_of_post = "leader_out_of_post", "领导已离任", "leader's post has ended"
    lacks_team = "lacks_team", "缺工作班子", "no team"
    lacks_plan = "lacks_plan", "缺推进方案", "no plan"
    interrupted = "interrupted", "责任断档或超期", "interrupted or overdue"
    gap = "gap", "有到限缺口或超期", "lacks what is due, or is overdue"
    gap_lacks_leader = "gap_lacks_leader", "有缺口：缺领导", "a gap: no leader"
    gap_lacks_team = "gap_lacks_team", "有缺口：缺班子", "a gap: no team"
    gap_lacks_plan = "gap_lacks_plan", "有缺口：缺方案", "a gap: no plan"
    gap_is_leader_out_of_post = "gap_is_leader_out_of_post", "有缺口：领导已离任", "a gap: the leader's post has ended"
    gap_is_leader_late = "gap_is_leader_late", "有缺口：入库 7 天仍无领导", "a gap: no leader 7 days after entry"
    gap_is_late = "gap_is_late", "有缺口：跟进超期", "a gap: overdue"


UNKNOWN_STAGE = Say("没有这个阶段，见 GET /api/v1/pipeline/stages。", "No such stage; see GET /api/v1/pipeline/stages.")


class ProjectFilter(BaseModel):
    """The filter of projects."""

    model_config = ConfigDict(extra="forbid")

    stage: Several[Code] | None = Field(
        None, description="阶段 / stages, see GET /api/v1/pipeline/stages", examples=["signed"]
    )
    status: Several[Status] | None = Field(None, description="状态 / statuses")
    program: Several[Program] | None = Field(None, description="登记的类别，原值 / the stored value")
    pool: Pool | None = Field(None, description="口径，含“两者” / the pool; includes projects of both programs")
    unit_id: Several[UUID] | None = Field(None, description="承接单位及其下级 / units in charge and all below them")
    own_unit_id: Several[IdOrNone] | None = Field(
        None, description="承接单位本身，不含下级；none 为无 / the unit itself; `none` for no unit"
    )
    place_unit_id: Several[UUID] | None = Field(None, description="落地县区及其下级 / places and all below them")
    task_force_id: Several[IdOrNone] | None = Field(None, description="专班；none 为未归属 / `none` for no task force")
    industry_code: Several[Code] | None = Field(None, description="行业代码，原值 / the stored code", examples=["26"])
    investor_id: Several[UUID] | None = Field(None, description="投资方 / lead investors")
    origin: Several[Origin] | None = Field(None, description="投资方来源地 / where the investor comes from")
    ownership: Several[Ownership] | None = Field(None, description="投资方所有制 / ownership of the investor")
    leader_id: Several[PersonOrNone] | None = Field(
        None, description="包保领导；me 为本人，none 为无 / leaders; `me`, or `none`"
    )
    member_id: Several[PersonOrMe] | None = Field(
        None, description="领导或班子成员；me 为本人 / leads or is in the team; `me`"
    )
    five_ones: Several[FiveOnesFilter] | None = Field(
        None,
        description="五个一的现状，含尚未到限的；gap 为 GET /api/v1/five-ones/gaps 所列，gap_… 为其各种 kind / "
        "state of the five ones today, also where it is not due yet; `gap`: the rows of GET /api/v1/five-ones/gaps, "
        "`gap_…`: those of each `kind`",
    )
    lacks_evidence: Several[Code] | None = Field(
        None,
        description="缺哪些依据，见 GET /api/v1/evidence-kinds / has no evidence of one of these kinds",
        examples=["site_secured"],
    )
    is_overdue: bool | None = Field(None, description="超期 / overdue")
    due_from: Day | None = Field(None, description="到期日不早于 / due on that day or later")
    due_to: Day | None = Field(None, description="到期日不晚于 / due on that day or earlier")
    stage_since_from: Day | None = Field(None, description="进入本阶段不早于 / in its stage since that day or later")
    stage_since_to: Day | None = Field(None, description="进入本阶段不晚于 / in its stage since that day or earlier")
    signed_from: Day | None = Field(None, description="本项目有效协议签订不早于 / its own live deal signed from")
    signed_to: Day | None = Field(None, description="本项目有效协议签订不晚于 / its own live deal signed up to")
    idle_days_min: int | None = Field(None, ge=1, le=10_000, description="至少多少天未跟进 / idle for so many days")
    planned_total_min: PositiveAmount | None = Field(None, description="计划总投资不低于（元）/ planned total from")
    planned_total_max: PositiveAmount | None = Field(None, description="计划总投资不高于（元）/ planned total up to")
    on_plan_list: int | None = Field(
        None, ge=2000, le=2100, description="现列入该年度计划的 / counted today by the plan list of that year"
    )
    is_leaf: bool | None = Field(None, description="没有分期的 / has no phases")
    is_illustrative: bool | None = Field(None, description="示例数据 / made-up data")
    ids: Picked[UUID] | None = Field(None, description=PICKED)
    q: SearchText | None = Field(None, description=SEARCHED)

    def in_force(self) -> dict[str, Any]:
        """Returns the parameters of the filter, defaults included, as they are sent."""
        return self.model_dump(mode="json", exclude_none=True, include=set(ProjectFilter.model_fields))


Asked = TypeVar("Asked", bound=ProjectFilter)


class Reading:
    """What the conditions of a filter need to know: the day, the stage table, who asks."""

    def __init__(self, actor: Actor, today: date, table: Pipeline, known_at: Any) -> None:
        self.actor = actor
        self.today = today
        self.table = table
        self.known_at = known_at
        self._flags: Flags | None = None

    @classmethod
    async def of(cls, session: AsyncSession, actor: Actor, asked: ProjectFilter) -> "Reading":
        """Returns what the conditions of a filter need, read once. Raises Invalid for an unknown stage, kind of
        evidence or industry."""
        table = await pipeline(session)
        if asked.stage is not None and any(code not in table for code in asked.stage):
            raise Invalid.field("?stage", "unknown_stage", UNKNOWN_STAGE)
        if asked.lacks_evidence is not None:
            await evidence.require_kinds(session, asked.lacks_evidence, "?lacks_evidence")
        await reference.require_industries(session, asked.industry_code, "?industry_code")
        known_at = await knowledge.known_at(session, None) if asked.on_plan_list is not None else None
        return cls(actor, await clock.today(session), table, known_at)

    @property
    def key(self) -> Hashable:
        """What the statements are built from, besides the filter. An edit of the stages makes another table."""
        return (self.actor.scope_key, self.today, self.table, self.known_at)

    @property
    def flags(self) -> Flags:
        if self._flags is None:
            self._flags = strokes.flags(Project, self.today, self.table)
        return self._flags


def _spelled(column: Any, values: Several[Any]) -> ColumnElement[bool]:
    """Returns the condition that the column is one of the values of an enumeration, spelled out in the statement: an
    index that holds some statuses alone serves a statement that names them, not one that passes them as parameters."""
    words: list[ColumnElement[Any]] = [literal_column(f"'{value.value}'") for value in values]
    condition: ColumnElement[bool] = column == words[0] if len(words) == 1 else column.in_(words)
    return condition


def below(column: Any, unit_ids: Several[UUID], today: date) -> ColumnElement[bool]:
    """Returns the condition that the column is one of the units, or a unit below one of them today."""
    return or_(*(column.in_(organizations.subtree(unit_id, today)) for unit_id in unit_ids))


def _of_investor(column: Any, values: Several[Any], _reading: Reading) -> ColumnElement[bool]:
    return Project.investor_id.in_(select(Enterprise.id).where(column.in_(list(values))))


def persons(values: Several[Any], actor: Actor) -> list[UUID]:
    """Returns the ids of officials; `me` is nobody where the account has no official."""
    named = [actor.official_id if value is Myself.me else value for value in values if not isinstance(value, Absent)]
    return [official_id for official_id in named if official_id is not None]


def _led_by(values: Several[Any], reading: Reading) -> ColumnElement[bool]:
    leader_id = strokes.leader(Project).scalar_subquery()
    is_led = leader_id.in_(persons(values, reading.actor))
    return or_(is_led, leader_id.is_(None)) if Absent.none in values else is_led


def _worked_on_by(values: Several[Any], reading: Reading) -> ColumnElement[bool]:
    works = select(ProjectMember.id).where(
        ProjectMember.project_id == Project.id, ProjectMember.official_id.in_(persons(values, reading.actor))
    )
    return works.exists()


def _five_ones(values: Several[FiveOnesFilter], reading: Reading) -> ColumnElement[bool]:
    flags = reading.flags
    conditions: dict[FiveOnesFilter, ColumnElement[bool]] = {
        FiveOnesFilter.complete: flags.is_complete,
        FiveOnesFilter.lacks_project: flags.lacks_unit,
        FiveOnesFilter.lacks_leader: flags.lacks_leader,
        FiveOnesFilter.leader_out_of_post: flags.is_leader_out_of_post,
        FiveOnesFilter.lacks_team: flags.lacks_team,
        FiveOnesFilter.lacks_plan: flags.lacks_plan,
        FiveOnesFilter.interrupted: flags.is_not_followed,
        FiveOnesFilter.gap: (is_gap := five_ones.is_gap(flags, reading.table)),
    }
    kinds = {f"gap_{kind}": and_(is_gap, condition) for kind, condition in five_ones.gap_kinds(flags).items()}
    conditions |= {FiveOnesFilter(name): condition for name, condition in kinds.items()}
    return or_(*(conditions[value] for value in values))


def own_deal(deal: Any = Deal) -> ColumnElement[bool]:
    """Returns the condition on Deal that it is the live formal one, of which a project has at most one. The values are
    spelled out, as the index that holds these alone has them."""
    return and_(deal.kind == literal_column("'formal'"), deal.status == literal_column("'live'"))


def _signed(bound: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    return select(Deal.id).where(Deal.project_id == Project.id, own_deal(), bound(Deal.signed_on)).exists()


def _is_listed(year: int, reading: Reading) -> ColumnElement[bool]:
    day = min(max(reading.today, date(year, 1, 1)), date(year, 12, 31))
    facts = plan_years.rows_in_force(year, day, reading.known_at)
    listed = select(facts.c.project_id).where(plan_years.counts(facts, year, reading.known_at))
    return Project.id.in_(listed)


Condition = Callable[[Any, Reading], ColumnElement[bool]]
_CONDITIONS: dict[str, Condition] = {
    "stage": lambda values, _: Project.stage.in_(list(values)),
    "status": lambda values, _: _spelled(Project.status, values),
    "program": lambda values, _: Project.program.in_(list(values)),
    "pool": lambda pool, _: Project.program.in_(pool.programs),
    "unit_id": lambda ids, reading: below(Project.unit_id, ids, reading.today),
    "own_unit_id": lambda ids, _: ids.holds(Project.unit_id),
    "place_unit_id": lambda ids, reading: below(Project.place_unit_id, ids, reading.today),
    "task_force_id": lambda ids, _: ids.holds(Project.task_force_id),
    "industry_code": lambda codes, _: Project.industry_code.in_(list(codes)),
    "investor_id": lambda ids, _: Project.investor_id.in_(list(ids)),
    "origin": lambda values, reading: _of_investor(Enterprise.origin, values, reading),
    "ownership": lambda values, reading: _of_investor(Enterprise.ownership, values, reading),
    "leader_id": _led_by,
    "member_id": _worked_on_by,
    "five_ones": _five_ones,
    "lacks_evidence": lambda kinds, _: or_(*(Project.id.not_in(evidence.having(kind)) for kind in kinds)),
    "is_overdue": lambda wanted, reading: reading.flags.is_overdue if wanted else not_(reading.flags.is_overdue),
    "due_from": lambda day, _: Project.due_on >= day,
    "due_to": lambda day, _: Project.due_on <= day,
    "stage_since_from": lambda day, _: Project.stage_since >= day,
    "stage_since_to": lambda day, _: Project.stage_since <= day,
    "signed_from": lambda day, _: _signed(lambda signed_on: signed_on >= day),
    "signed_to": lambda day, _: _signed(lambda signed_on: signed_on <= day),
    "idle_days_min": lambda days, reading: Project.last_activity_on <= reading.today - timedelta(days=days),
    "planned_total_min": lambda amount, _: Project.planned_total >= amount,
    "planned_total_max": lambda amount, _: Project.planned_total <= amount,
    "on_plan_list": _is_listed,
    "is_leaf": lambda wanted, _: Project.is_parent == (not wanted),
    "is_illustrative": lambda wanted, _: Project.is_illustrative == wanted,
    "ids": lambda ids, _: Project.id.in_(list(ids)),
    "q": lambda q, _: _found(q),
}


_PARAMETERS = (
    "due_from",
    "due_to",
    "stage_since_from",
    "stage_since_to",
    "signed_from",
    "signed_to",
    "planned_total_min",
    "planned_total_max",
)
"""Fields whose value a statement takes as a parameter, so that it is built once for all their values."""


class Needles(NamedTuple):
    """In place of `q`: how many needles there are, whose texts are parameters."""

    number: int
    is_numerous: bool
    """Whether they find so many projects that each row is looked up."""


class Shape(Generic[Asked]):
    """A filter without the values that its statement takes as parameters."""

    def __init__(self, asked: Asked, *, is_numerous: bool = False) -> None:
        stated = {name: value for name in _PARAMETERS if (value := getattr(asked, name)) is not None}
        places: dict[str, Any] = {name: bindparam(name) for name in stated}
        self.values: dict[str, Any] = stated
        if asked.q is not None:
            needles = keys.sought(asked.q)
            places["q"] = Needles(len(needles), is_numerous)
            self.values = {**stated, **index.values_of("project", needles)}
        self.asked: Asked = asked.model_copy(update=places)
        """The filter to build the statement from."""
        rest = asked.model_dump(mode="json", exclude={*places, "cursor", "with_"}, exclude_none=True)
        self.key: Hashable = (json.dumps(rest), *stated, places.get("q"))


def _found(q: Any) -> ColumnElement[bool]:
    if not isinstance(q, Needles):
        return index.matches("project", q)
    return (index.looked_up if q.is_numerous else index.matches_places)("project", q.number)


def conditions(asked: ProjectFilter, reading: Reading, *, without: str | None = None) -> list[ColumnElement[bool]]:
    """Returns the conditions on Project: the scope of who asks, and each of the filter. `without` leaves one out."""
    found = [projects.scope(reading.actor)]
    for name, condition in _CONDITIONS.items():
        value = getattr(asked, name)
        if value is not None and name != without:
            found.append(condition(value, reading))
    return found
