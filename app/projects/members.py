"""Who works on a project now. Written by the room `five_ones`; read by the scope of projects."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id, choice
from app.core.localized import Word


class MemberRole(Word):
    leader = "leader", "包保领导", "leader"
    team_unit = "team_unit", "班子牵头单位", "lead unit of the team"
    team_official = "team_official", "班子成员", "team member"


class ProjectMember(Base):
    """An official or unit that works on a project now. Derived from the open leader assignment and team."""

    __tablename__ = "project_members"
    __table_args__ = (CheckConstraint("(official_id IS NULL) <> (unit_id IS NULL)", name="one_of_both"),)

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    official_id: Mapped[UUID | None] = mapped_column(ForeignKey("officials.id"), index=True)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    role: Mapped[MemberRole] = mapped_column(choice(MemberRole, "role"))


async def replace_leader(session: AsyncSession, project_id: UUID, official_id: UUID | None) -> None:
    """Replaces the leader; None removes it."""
    await _clear(session, project_id, [MemberRole.leader])
    if official_id is not None:
        session.add(ProjectMember(project_id=project_id, official_id=official_id, role=MemberRole.leader))
    await session.flush()


async def replace_team(session: AsyncSession, project_id: UUID, unit_id: UUID | None, official_ids: set[UUID]) -> None:
    """Replaces the lead unit and the members of the team; None and an empty set remove them."""
    await _clear(session, project_id, [MemberRole.team_unit, MemberRole.team_official])
    if unit_id is not None:
        session.add(ProjectMember(project_id=project_id, unit_id=unit_id, role=MemberRole.team_unit))
    for official_id in sorted(official_ids):
        session.add(ProjectMember(project_id=project_id, official_id=official_id, role=MemberRole.team_official))
    await session.flush()


async def _clear(session: AsyncSession, project_id: UUID, roles: list[MemberRole]) -> None:
    await session.execute(
        delete(ProjectMember).where(ProjectMember.project_id == project_id, ProjectMember.role.in_(roles))
    )
