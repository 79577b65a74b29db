"""The kinds of object that messages are about, received and sent: their path and which of them an actor sees."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction.models import StartBatch
from app.core.actor import Actor
from app.deals import service as deals
from app.deals.models import Deal
from app.enterprises.models import Enterprise
from app.leads import service as leads
from app.leads.models import Lead
from app.organizations.models import Unit
from app.projects import service as projects
from app.projects.models import Project
from app.taskforces.models import TaskForce


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """`path` lies below /api/v1; `visible_to` selects the ids of those an actor sees."""

    path: str
    model: Any
    visible_to: Callable[[Actor], Select[UUID]]


def _for_all(path: str, model: Any) -> ObjectKind:
    return ObjectKind(path, model, lambda _actor: select(model.id))


OBJECTS: dict[str, ObjectKind] = {
    "project": ObjectKind("projects", Project, projects.visible_to),
    "deal": ObjectKind("deals", Deal, deals.visible_to),
    "lead": ObjectKind("leads", Lead, leads.visible_to),
    "enterprise": _for_all("enterprises", Enterprise),
    "unit": _for_all("units", Unit),
    "task_force": _for_all("task-forces", TaskForce),
    "start_batch": _for_all("start-batches", StartBatch),
}


async def visible(session: AsyncSession, actor: Actor, objects: Iterable[tuple[str, UUID]]) -> set[tuple[str, UUID]]:
    """Returns those of the objects, each a kind and an id, that the actor sees."""
    by_kind: dict[str, list[UUID]] = {}
    for kind, object_id in objects:
        by_kind.setdefault(kind, []).append(object_id)
    visible_objects = set()
    for kind, ids in by_kind.items():
        object_kind = OBJECTS[kind]
        rows = await session.scalars(object_kind.visible_to(actor).where(object_kind.model.id.in_(sorted(ids))))
        visible_objects |= {(kind, object_id) for object_id in rows}
    return visible_objects
