"""Kept copies: columns of a project that repeat what is on record elsewhere. Writing them raises no version."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from app.projects.models import Project

PROJECTS = cast(Table, Project.__table__)


async def keep(session: AsyncSession, project_id: UUID, **copies: Any) -> None:
    """Write copies, each a value or an expression; the project follows where it is loaded."""
    written = update(PROJECTS).where(PROJECTS.c.id == project_id).values(**copies)
    written = written.execution_options(writes_copies=True)
    row = (await session.execute(written.returning(*(PROJECTS.c[name] for name in copies)))).one()
    refresh_loaded(session, project_id, **row._mapping)


def refresh_loaded(session: AsyncSession, project_id: UUID, **copies: Any) -> None:
    """Let a project, where it is loaded, say what was written to its row."""
    project = session.identity_map.get(identity_key(Project, project_id))
    if project is not None:
        for name, value in copies.items():
            set_committed_value(project, name, value)
