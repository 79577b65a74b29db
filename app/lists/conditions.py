"""The conditions of an export in the words of its page: `阶段=洽谈、签约`, `stage = negotiating, signed`."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import field_names
from app.core.actor import Actor
from app.core.localized import Say, Word
from app.core.several import Several
from app.enterprises.models import Enterprise
from app.organizations.models import Official, Unit
from app.projects import service as projects
from app.projects.evidence_models import EvidenceKind
from app.projects.models import Project
from app.projects.stages import pipeline
from app.reference.models import Industry
from app.referrers.models import Referrer
from app.taskforces.models import TaskForce

_NAMES = field_names.table(
    """
    approvable|待本人审核|for you to approve
    deal_code|协议编号|deals
    due_from|到期日不早于|due from
    due_to|到期日不晚于|due by
    except_deal_code|不含协议|all deals but
    from|起始日|from
    first_unit_id|首报单位及其下级|first unit and those below
    idle_days_min|未跟进天数不少于|idle days at least
    industry_code|行业|industry
    is_illustrative|示例数据|made up
    is_landing|改变当季落地|changes what landed in its quarter
    is_leaf|未分期|has no phases
    is_overdue|超期|overdue
    is_single_person|单人审批|approved by one person
    is_started|期末前已开工|begun by the last day
    known_at|数据截至|as known at
    lacks_evidence|缺依据|lacks evidence
    leader_id|包保领导|leader
    member_id|领导或班子成员|leader or member of the team
    min_planned_total|计划总投资不低于（元）|planned total from (yuan)
    of_kind|更正何类|of kind
    on_plan_list|列入计划的年度|on the plan list of
    origin|来源地|origin
    own_first_unit_id|首报单位本身|first unit itself
    own_unit_id|单位本身|unit itself
    period|期间|period
    place_unit_id|落地县区及其下级|place and those below
    planned_total_max|计划总投资不高于（元）|planned total up to (yuan)
    planned_total_min|计划总投资不低于（元）|planned total from (yuan)
    pool|类别口径|pool
    project_id|项目|project
    q|查找|search
    reported_from|登记日不早于|reported from
    reported_to|登记日不晚于|reported by
    signed_from|签订日不早于|signed from
    signed_to|签订日不晚于|signed by
    size|规模|size
    sort|排序|sorted by
    stage_since_from|进入阶段不早于|in its stage since, from
    stage_since_to|进入阶段不晚于|in its stage since, to
    state|期限|state
    task_force_id|产业专班|task force
    to|截止日|to
    unit_id|单位及其下级|unit and those below
    until|到期日不晚于|due by
    waits_for|等待|waits for
    what|哪一个数|number
    within|期间内|within
    without|缺金额|without
    """
)
"""The names of parameters that have none as fields, or another one."""
_RECORDS: dict[str, Any] = {
    "unit_id": Unit,
    "own_unit_id": Unit,
    "place_unit_id": Unit,
    "first_unit_id": Unit,
    "own_first_unit_id": Unit,
    "task_force_id": TaskForce,
    "investor_id": Enterprise,
    "referrer_id": Referrer,
    "leader_id": Official,
    "member_id": Official,
    "handler_id": Official,
    "project_id": Project,
}
_CODES: dict[str, Any] = {"industry_code": Industry, "lacks_evidence": EvidenceKind}
_UP, _DOWN = Say("升序", "ascending"), Say("降序", "descending")
_EQUALS, _AND = Say("=", " = "), Say("、", ", ")
_NOT_TOLD = ("columns", "known_at")
"""Parameters that are no condition, or said elsewhere."""

Text = Callable[[object], str]
"""Returns a value as a cell shows it, in the language of the export."""


async def told(session: AsyncSession, actor: Actor, asked: BaseModel, text: Text) -> list[str]:
    """Returns the conditions of a filter, each as `name=value`, in one statement for each kind of records that they
    name. A project out of the actor's scope is told by its id."""
    given = {field.alias or name: getattr(asked, name) for name, field in type(asked).model_fields.items()}
    stated = {name: value for name, value in given.items() if value is not None and name not in _NOT_TOLD}
    names = await _names(session, actor, stated)

    def say(name: str, value: Any) -> str:
        if name == "sort":
            key, direction = value.removeprefix("-"), _DOWN if value.startswith("-") else _UP
            return f"{text(field_names.label(key))} {text(direction)}"
        values = list(value) if isinstance(value, Several) else [value]
        return text(_AND).join(text(names.get((name, one), one)) for one in values)

    heads = {name: text(_NAMES.get(name) or field_names.label(name)) for name in stated}
    return [f"{heads[name]}{text(_EQUALS)}{say(name, value)}" for name, value in stated.items()]


async def _names(session: AsyncSession, actor: Actor, stated: dict[str, Any]) -> dict[tuple[str, Any], Say]:
    """Returns the names of the records, stages and codes that the conditions name, by parameter and value."""
    found: dict[tuple[str, Any], Say] = {}
    for name, value in stated.items():
        if name == "stage":
            stages = (await pipeline(session)).stages
            found |= {(name, stage.code): Say(stage.name_zh, stage.name_en) for stage in stages}
        elif name in _CODES:
            model = _CODES[name]
            codes = select(model.code, model.name_zh, model.name_en).where(model.code.in_(_given(value, str)))
            found |= {(name, row.code): Say(row.name_zh, row.name_en) for row in await session.execute(codes)}
        elif name in _RECORDS:
            model = _RECORDS[name]
            records = select(model).where(model.id.in_(_given(value, UUID)))
            seen = records.where(projects.scope(actor)) if model is Project else records
            found |= {(name, record.id): _name(record) for record in await session.scalars(seen)}
    return found


def _given(value: Any, kind: type) -> list[Any]:
    values: Iterable[Any] = value if isinstance(value, Several) else [value]
    return [one for one in values if isinstance(one, kind) and not isinstance(one, Word)]


def _name(record: Any) -> Say:
    return Say(record.name, getattr(record, "name_en", None) or record.name)
