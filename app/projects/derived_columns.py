"""Derived columns of a project: they repeat what other rows say. Writing them does not raise the version."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from app.projects.models import Project

PROJECTS = cast(Table, Project.__table__)


async def keep(session: AsyncSession, project_id: UUID, **columns: Any) -> None:
    """Writes derived columns, each a value or an SQL expression, and refreshes the project where it is loaded."""
    statement = update(PROJECTS).where(PROJECTS.c.id == project_id).values(**columns)
    statement = statement.execution_options(writes_copies=True)
    row = (await session.execute(statement.returning(*(PROJECTS.c[name] for name in columns)))).one()
    refresh_loaded(session, project_id, **row._mapping)


def refresh_loaded(session: AsyncSession, project_id: UUID, **columns: Any) -> None:
    """Sets these columns on the project object, if the session has it, without marking them as changed."""
    project = session.identity_map.get(identity_key(Project, project_id))
    if project is not None:
        for name, value in columns.items():
            set_committed_value(project, name, value)
