"""Who may decide on a project: its unit in charge and its task force. A user who sees it only as a member of its team
may report: follow-ups, milestone reports, evidence. The table of the verbs is in ADR 0032.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Forbidden
from app.core.localized import Say
from app.organizations.models import Unit
from app.projects.models import Project
from app.taskforces.models import TaskForce

MEMBER = Say(
    "班子成员可登记跟进、里程碑报告和依据",
    "a member of the team may add follow-ups, milestone reports and evidence",
)


def decided_by(actor: Actor) -> ColumnElement[bool]:
    """Returns the condition on Project that its unit in charge or task force is in the actor's scope."""
    return actor.within(Project.unit_id, Project.task_force_id)


def held_by(
    unit_ids: Collection[UUID], task_force_ids: Collection[UUID], project: Any = Project
) -> ColumnElement[bool]:
    """Returns the condition on a project, the class or an alias of it, that its unit in charge or its task force is one
    of these."""
    conditions = [project.unit_id.in_(unit_ids)]
    if task_force_ids:
        conditions.append(project.task_force_id.in_(task_force_ids))
    return or_(*conditions)


async def require(session: AsyncSession, actor: Actor, project: Project) -> None:
    """Raises Forbidden, naming who decides, where the actor sees the project only as a member of its team."""
    if not actor.reaches(project.unit_id, project.task_force_id):
        raise refusal(await holders(session, project.unit_id, project.task_force_id), MEMBER)


async def holders(session: AsyncSession, unit_id: UUID | None, task_force_id: UUID | None) -> list[str]:
    """Returns the names of this unit and this task force."""
    names = [
        await session.scalar(select(Unit.name).where(Unit.id == unit_id)),
        await session.scalar(select(TaskForce.name).where(TaskForce.id == task_force_id)),
    ]
    return [name for name in names if name is not None]


def refusal(holders: Sequence[str], may: Say) -> Forbidden:
    """Returns the refusal of an act that only these decide; `may` says what the actor may do."""
    zh, en = "、".join(holders) or "招商局", " or ".join(holders) or "the bureau"
    return Forbidden(Say(f"由{zh}决定；{may.zh}。", f"{en} decides; {may.en}."), code="owner_decides")
