"""Project and live deal go together: where a correction moves the deal, its project's places follow."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.records import plain
from app.deals.ledger import Position
from app.deals.models import Deal, DealFact, DealStatus, FactKind
from app.events import service as events
from app.projects import placements
from app.projects.models import Project
from app.projects.placements import Series

_DIMENSIONS = ("unit_id", "task_force_id")


def corrected(known: Series, fact: DealFact, values: dict[str, Any]) -> Series:
    """The places of a project once a signing or transfer of its deal is right: moved to its day, then renamed."""
    if fact.kind is FactKind.transfer and "effective_on" in values:
        known = placements.redated(known, fact.effective_on, values["effective_on"], _DIMENSIONS)
    changes = {name: values[name] for name in _DIMENSIONS if name in values}
    if fact.kind not in (FactKind.signing, FactKind.transfer) or not changes:
        return known
    return placements.changed(known, values.get("effective_on", fact.effective_on), **changes)


async def follow(
    session: AsyncSession,
    actor: Actor,
    deal: Deal,
    position: Position | None,
    reason: str,
    wanted: Series | None = None,
) -> None:
    """Write the project's places as `wanted`, and see that it stands where its live deal stands."""
    if position is None or deal.status is not DealStatus.live:
        return
    project = (await session.scalars(select(Project).where(Project.id == deal.project_id))).one()
    known = await placements.series(session, project.id)
    here = position.dimensions
    now = {name: getattr(here, name) for name in _DIMENSIONS}
    since = position.latest_transfer_on or position.signed_on
    wanted = known if wanted is None else wanted
    if {name: getattr(wanted[-1][1], name) for name in _DIMENSIONS} != now:
        wanted = placements.changed(wanted, since, **now)
    if {name: getattr(wanted[-1][1], name) for name in _DIMENSIONS} != now:
        wanted = placements.changed(wanted, wanted[-1][0], **now)
    if wanted == known and placements.of(project) == known[-1][1]:
        return
    before = placements.of(project)
    placements.assign(project, wanted)
    after = placements.of(project)
    changes = {name: plain([getattr(before, name), getattr(after, name)]) for name in _DIMENSIONS}
    data = {"deal_id": deal.id, "reason": reason, "changes": changes}
    event_id = await events.record(session, actor, "project.place_corrected", project, data, project_id=project.id)
    await placements.write(session, project, wanted, event_id)
