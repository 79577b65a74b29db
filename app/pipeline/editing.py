"""Edits a project, and checks for duplicates where the edit changes what identifies it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.enterprises import service as enterprises
from app.events.service import Rehearsed
from app.leads import duplicates, likeness
from app.leads.schemas import Candidate
from app.pipeline.schemas import ProjectRegistered
from app.projects import service as projects
from app.projects.schemas import ProjectRead, ProjectUpdate

_IDENTIFYING = frozenset({"name", "national_code", "upstream_code", "investor_id", "duplicate_ruling"})
"""The fields by which duplicates are found, and the ruling that there is none."""


def registered(project: ProjectRead, warnings: list[Candidate]) -> ProjectRegistered:
    return ProjectRegistered.model_validate({**project.model_dump(), "warnings": warnings})


async def update(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: ProjectUpdate
) -> ProjectRegistered:
    """Edits a project. Returns it with possible duplicates. Raises DuplicatesFound, and as `projects.update`."""
    before = await projects.fetch(session, actor, project_id)
    await enterprises.hold(session, before.investor_id, body.investor_id)
    try:
        project, changes, event_id = await projects.update(session, actor, project_id, version, body)
    except Rehearsed as rehearsed:
        if rehearsed.data["changes"].keys() & _IDENTIFYING:
            await duplicates.judge(session, actor, likeness.of_project(before), body.duplicate_ruling)
        raise
    warnings: list[Candidate] = []
    if event_id is not None and changes.keys() & _IDENTIFYING:
        candidate = likeness.of_project(project)
        warnings = await duplicates.settle(session, actor, candidate, body.duplicate_ruling, event_id)
    return registered(await projects.get(session, actor, project_id), warnings)
