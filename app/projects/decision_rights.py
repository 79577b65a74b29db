"""Seeing is not deciding. Whoever sees a project through its team alone reports: follow-ups, milestone reports,
evidence. Its unit in charge and its task force decide. The table of the verbs is in ADR 0032.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Forbidden
from app.core.localized import Say
from app.organizations.models import Unit
from app.projects.models import Project
from app.taskforces.models import TaskForce

_MEMBER = Say(
    "班子成员可登记跟进、里程碑报告和依据",
    "a member of the team may add follow-ups, milestone reports and evidence",
)


def decided_by(actor: Actor) -> ColumnElement[bool]:
    """The condition on Project under which an actor decides: its unit in charge or task force is the actor's own."""
    return actor.within(Project.unit_id, Project.task_force_id)


def held_by(unit_ids: Collection[UUID], task_force_ids: Collection[UUID]) -> ColumnElement[bool]:
    """The condition on Project that one of these units is in charge of it, or that it is one of these task forces'."""
    ways = [Project.unit_id.in_(unit_ids)]
    if task_force_ids:
        ways.append(Project.task_force_id.in_(task_force_ids))
    return or_(*ways)


async def require(session: AsyncSession, actor: Actor, project: Project) -> None:
    """Raises Forbidden, naming who decides, for whoever sees the project through its team alone."""
    if not actor.reaches(project.unit_id, project.task_force_id):
        raise await refusal(session, project.unit_id, project.task_force_id, _MEMBER)


async def refusal(session: AsyncSession, unit_id: UUID | None, task_force_id: UUID | None, may: Say) -> Forbidden:
    """The refusal of what the holder of a record decides; `may` is what whoever only sees it may do instead."""
    names = [
        await session.scalar(select(Unit.name).where(Unit.id == unit_id)),
        await session.scalar(select(TaskForce.name).where(TaskForce.id == task_force_id)),
    ]
    named = [name for name in names if name is not None]
    zh, en = "、".join(named) or "招商局", " or ".join(named) or "the bureau"
    return Forbidden(Say(f"由{zh}决定；{may.zh}。", f"{en} decides; {may.en}."), code="owner_decides")
