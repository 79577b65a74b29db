"""Projects: scope, lists, locks, edits. The room `pipeline` moves them from stage to stage."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, refs
from app.core.actor import Actor
from app.core.codes import next_code
from app.core.context import ContextValue
from app.core.errors import Invalid, NotFound, Stale, refuse
from app.core.ids import new_id
from app.core.localized import Say
from app.core.name_key import normalized
from app.core.pinyin import initials, name_pinyin
from app.core.records import Changes, apply, one
from app.core.refs import Reference
from app.enterprises import service as enterprises
from app.enterprises.models import Enterprise
from app.events import service as events
from app.organizations import service as organizations
from app.organizations.models import Unit
from app.projects import decision_rights, placements, refusals, successors
from app.projects.members import ProjectMember
from app.projects.models import PhaseLink, Project, ProjectCapacity, Prospect, Status
from app.projects.schemas import (
    CapacitySet,
    PhaseRead,
    ProjectFields,
    ProjectRead,
    ProjectUpdate,
)
from app.reference import service as reference
from app.reference.models import Industry
from app.referrers import service as referrers
from app.referrers.models import Referrer
from app.taskforces.models import TaskForce

PROJECT = Say("项目", "project")

REFERENCES = [
    Reference("unit", "unit_id", Unit),
    Reference("task_force", "task_force_id", TaskForce),
    Reference("industry", "industry_code", Industry),
    Reference("investor", "investor_id", Enterprise),
]
"""What a row of the lists of leads and projects names."""
PROSPECT_REFERENCES = [
    Reference("referrer", "referrer_id", Referrer, referrers.current_name),
    Reference("place", "place_unit_id", Unit),
]
"""What the whole lead or project names besides."""


def scope(actor: Actor) -> ColumnElement[bool]:
    """Returns the condition on Project that the actor sees it: by unit subtree, task force or five-ones team."""
    if actor.unit_ids is None:
        return true()
    return _scope(actor.unit_ids, actor.task_force_ids, actor.official_id)


@lru_cache(maxsize=500)
def _scope(unit_ids: frozenset[UUID], task_force_ids: frozenset[UUID], official_id: UUID | None) -> ColumnElement[bool]:
    """Cached by scope: a request uses the condition several times, and building it takes as long as a statement."""
    return _within(unit_ids, task_force_ids, official_id, Project)


def _within(
    unit_ids: frozenset[UUID], task_force_ids: frozenset[UUID], official_id: UUID | None, project: Any
) -> ColumnElement[bool]:
    works_on: ColumnElement[bool] = ProjectMember.unit_id.in_(unit_ids)
    if official_id is not None:
        works_on = or_(works_on, ProjectMember.official_id == official_id)
    is_member = select(ProjectMember.id).where(ProjectMember.project_id == project.id, works_on).exists()
    return or_(decision_rights.held_by(unit_ids, task_force_ids, project), is_member)


def reference_in_scope(field: str, key: str, actor: Actor) -> Reference:
    """Returns a field that names another project, where the actor sees that."""

    def in_scope(project: Any) -> ColumnElement[bool]:
        if actor.unit_ids is None:
            return true()
        return _within(actor.unit_ids, actor.task_force_ids, actor.official_id, project)

    return Reference(field, key, Project, scope=in_scope)


def visible_to(actor: Actor) -> Select[UUID]:
    """Selects the ids of the projects that the actor sees."""
    return select(Project.id).where(scope(actor))


def is_leaf() -> ColumnElement[bool]:
    """Returns the condition on Project that it has no phases."""
    return Project.is_parent == false()


def is_overdue(today: date, project: Any = Project) -> ColumnElement[bool]:
    """Returns the condition on a project that it is an active leaf whose due day is past; never NULL. `project` has the
    columns of one: Project itself, or the columns of a subquery."""
    is_active_leaf = and_(project.status == Status.active, project.is_parent == false())
    condition: ColumnElement[bool] = func.coalesce(and_(project.due_on < today, is_active_leaf), false())
    return condition


_COMPUTED = {
    "days_in_stage",
    "is_overdue",
    "capacities",
    "phases",
    "parent",
    "merged_into",
    "merged_into_code",
    "successor",
}
_NAMED = {reference.field for reference in (*REFERENCES, *PROSPECT_REFERENCES)}
_READ = refs.joined(
    select(*(getattr(Project, name) for name in ProjectRead.model_fields if name not in _COMPUTED | _NAMED)),
    Project.__table__.c,
    [*REFERENCES, *PROSPECT_REFERENCES],
).add_columns(
    exists(select(ProjectCapacity.id).where(ProjectCapacity.project_id == Project.id)).label("has_capacities")
)
"""Built once: every verb returns the project, and building a SELECT of sixty columns costs more than running it."""


async def get(session: AsyncSession, actor: Actor, project_id: UUID) -> ProjectRead:
    """Returns the project as the actor sees it. Raises NotFound."""
    return await read(session, project_id, scope(actor), phases=scope(actor))


async def read(
    session: AsyncSession, project_id: UUID, *conditions: ColumnElement[bool], phases: ColumnElement[bool]
) -> ProjectRead:
    """Returns the project where the conditions on Project hold. Its phases and its successor are shown where the
    condition `phases` holds for them. Raises NotFound."""
    row = (await session.execute(_READ.where(Project.id == project_id, *conditions))).one_or_none()
    if row is None:
        raise NotFound.of(PROJECT)
    today = await clock.today(session)
    return ProjectRead.model_validate(
        {
            **refs.named(row, [*REFERENCES, *PROSPECT_REFERENCES]),
            "days_in_stage": (today - row.stage_since).days,
            "is_overdue": row.status is Status.active and row.due_on is not None and row.due_on < today,
            "capacities": await _capacities(session, project_id) if row.has_capacities else [],
            "phases": await _phases(session, project_id, phases) if row.is_parent else [],
            **await _others(session, row, phases),
        }
    )


async def _capacities(session: AsyncSession, project_id: UUID) -> list[CapacitySet]:
    rows = await session.execute(
        select(ProjectCapacity.product, ProjectCapacity.quantity, ProjectCapacity.unit)
        .where(ProjectCapacity.project_id == project_id)
        .order_by(ProjectCapacity.product)
    )
    return [CapacitySet.model_validate(row) for row in rows]


async def _others(session: AsyncSession, row: Any, condition: ColumnElement[bool]) -> dict[str, Any]:
    """Returns the fields that name other projects: those for which the condition on Project holds."""
    merged_into = await refs.find(session, Project, row.merged_into_id, condition)
    return {
        "parent": await refs.find(session, Project, row.parent_id, condition),
        "merged_into": merged_into,
        "merged_into_code": None if merged_into is None else merged_into.code,
        "successor": None if row.merged_into_id is None else await successors.find(session, row.id, condition),
    }


async def _phases(session: AsyncSession, parent_id: UUID, condition: ColumnElement[bool]) -> list[PhaseRead]:
    columns = [getattr(Project, name) for name in PhaseRead.model_fields if name != "effective_on"]
    rows = await session.execute(
        select(*columns, PhaseLink.effective_on)
        .join(PhaseLink, PhaseLink.project_id == Project.id)
        .where(Project.parent_id == parent_id, condition)
        .order_by(Project.phase_no)
    )
    return [PhaseRead.model_validate(row) for row in rows]


async def require_visible(session: AsyncSession, actor: Actor, project_id: UUID) -> None:
    """Raises NotFound where the project does not exist or the actor does not see it."""
    if await session.scalar(select(Project.id).where(Project.id == project_id, scope(actor))) is None:
        raise NotFound.of(PROJECT)


async def fetch(session: AsyncSession, actor: Actor, project_id: UUID) -> Project:
    """Returns the project, not locked. Raises NotFound where the actor does not see it."""
    in_scope = scope(actor)
    project = await one(session, select(Project).where(Project.id == project_id, in_scope), PROJECT)
    return await _with_successor(session, project, in_scope)


_LOCKED: ContextValue[dict[tuple[str, UUID], Project]] = ContextValue("locked_projects", copied=lambda _locked: {})
"""The projects that this transaction has locked, by (actor id, project id). A rollback to a savepoint empties it, for
what was loaded may say what was rolled back: each is read anew when it is asked for again."""


async def lock(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int | None, *, reports: bool = False
) -> Project:
    """Locks a project, after its parent, and returns it freshly read.

    Acts on a project pass the version they read; acts that only add a row beneath it pass None. A project that this
    transaction has locked already is not read again. `reports`: the act is one that a mere member of the team may do.

    Raises NotFound where the actor does not see the project, Forbidden where it may only report, Stale for another
    version.
    """
    locked = _LOCKED.get_or_set(session, dict)
    project = locked.get((actor.id, project_id))
    if project is None:
        project = locked[actor.id, project_id] = await _lock(session, actor, project_id)
    if not reports:
        await decision_rights.require(session, actor, project)
    if version is not None and project.version != version:
        raise Stale(project.version, record=project, asked=version)
    return project


async def _lock(session: AsyncSession, actor: Actor, project_id: UUID) -> Project:
    is_project, in_scope = Project.id == project_id, scope(actor)
    parent_id = select(Project.parent_id).where(is_project, in_scope).correlate(None).scalar_subquery()
    # Locks the parent first, then the project. Where the project is out of scope, `parent_id` is NULL: no row matches.
    line = await session.scalars(
        select(Project)
        .where(Project.id.in_([project_id, parent_id]), or_(~is_project, in_scope))
        .order_by(Project.parent_id.is_not(None))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    project = next((row for row in line if row.id == project_id), None)
    if project is None:
        raise NotFound.of(PROJECT)
    return await _with_successor(session, project, in_scope)


async def _with_successor(session: AsyncSession, project: Project, in_scope: ColumnElement[bool]) -> Project:
    """Returns the project, with what it was merged into, which its refusals name."""
    if project.merged_into_id is not None:
        project.successor = await successors.find(session, project.id, in_scope)
    return project


async def in_lock_order(session: AsyncSession, project_ids: Collection[UUID]) -> list[UUID]:
    """Returns the ids in the order in which every verb locks several projects: by line, then id; unknown ids last."""
    rows = await session.scalars(
        select(Project.id).where(Project.id.in_(project_ids)).order_by(Project.line_id, Project.id)
    )
    existing = list(rows)
    return existing + [project_id for project_id in project_ids if project_id not in existing]


async def check_prospect(session: AsyncSession, prospect: Prospect) -> None:
    """Raises Invalid where a field of a lead or project names a record that does not exist, or the estimate is no
    range."""
    low, high = prospect.estimate_from, prospect.estimate_to
    if (low is None) != (high is None):
        missing = "/estimate_from" if low is None else "/estimate_to"
        say = Say("上下限须同时填写；单一数额时填相同的数。", "Give both ends; for one value, the same twice.")
        raise Invalid.field(missing, "missing", say)
    if low is not None and high is not None and low > high:
        raise Invalid.field("/estimate_to", "range_descends", Say("上限不能小于下限。", "Not below the lower end."))
    if prospect.place_unit_id is not None:
        await organizations.require_units(session, {prospect.place_unit_id}, "/place_unit_id")
    if prospect.industry_code is not None:
        await reference.require_industries(session, {prospect.industry_code}, "/industry_code")
    await enterprises.require(session, prospect.investor_id, "/investor_id")
    await referrers.require(session, prospect.referrer_id, "/referrer_id")


def set_name(prospect: Prospect) -> None:
    """Sets the columns for searching and sorting from the name."""
    prospect.name_normalized = normalized(prospect.name)
    prospect.name_pinyin = name_pinyin(prospect.name)
    prospect.initials = initials(prospect.name)


async def _check(session: AsyncSession, project: Project) -> None:
    await check_prospect(session, project)
    await clock.refuse_future(session, project.progress_on, "/progress_on")
    for name, limit in (("longitude", 180), ("latitude", 90)):
        degrees = getattr(project, name)
        if degrees is not None and abs(degrees) > limit:
            raise Invalid.field(f"/{name}", "out_of_range", Say(f"应在 ±{limit} 度之内。", f"Within ±{limit} degrees."))


async def create(
    session: AsyncSession,
    actor: Actor,
    fields: ProjectFields,
    *,
    stage: str,
    on: date,
    event: str,
    **columns: Any,
) -> tuple[Project, UUID]:
    """Creates a project at a stage, with its first placement. Returns it with the id of its event.

    `columns` are those that `fields` does not have. The caller checks the gates. Raises Invalid for a wrong field.
    """
    project_id = new_id()
    parent_id: UUID | None = columns.get("parent_id")
    values: dict[str, Any] = {
        **{name: getattr(fields, name) for name in ProjectFields.model_fields},
        "id": project_id,
        "code": await next_code(session, "P", on.year),
        "line_id": parent_id or project_id,
        "is_parent": False,
        "continues_parent": False,
        "stage": stage,
        "stage_since": on,
        "last_activity_on": on,
        "status": Status.active,
        "paused_days": 0,
        "is_illustrative": False,
        **columns,
    }
    project = Project(**values)
    set_name(project)
    await _check(session, project)
    data = {"fields": fields.model_dump(mode="json", exclude_none=True), **columns}
    event_id = await events.record(session, actor, event, project, data, project_id=project_id)
    await placements.begin(session, project, on, event_id)
    return project, event_id


async def update(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: ProjectUpdate
) -> tuple[Project, Changes, UUID | None]:
    """Edits a project. Returns it with the changes and the id of the event, None where nothing changed.

    The caller looks for duplicates. Raises Invalid for a wrong field, Conflict for a merged project, and as `lock`.
    """
    project = await lock(session, actor, project_id, version)
    refuse(refusals.merged(project))
    changes = apply(project, body)
    if body.duplicate_ruling is not None:
        # The same text may be a ruling on another pair of duplicates.
        changes.setdefault("duplicate_ruling", [project.duplicate_ruling, body.duplicate_ruling])
    if not changes:
        return project, changes, None
    await _check(session, project)
    set_name(project)
    data = {"changes": changes}
    return (
        project,
        changes,
        await events.record(session, actor, "project.updated", project, data, project_id=project_id),
    )


async def fetch_unscoped(session: AsyncSession, project_id: UUID) -> Project:
    """Returns the project, not locked, whatever the scope of the actor is. Raises NotFound."""
    return await one(session, select(Project).where(Project.id == project_id), PROJECT)
