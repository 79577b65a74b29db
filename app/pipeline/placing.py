"""Project and deal go together: where a deal is corrected to have counted elsewhere, its project's places follow."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.records import plain
from app.deals import facts
from app.deals.models import Deal, DealFact, FactKind
from app.events import service as events
from app.projects import placements
from app.projects.models import Project
from app.projects.placements import Series

_DIMENSIONS = ("unit_id", "task_force_id")


def corrected(known: Series, fact: DealFact, values: dict[str, Any]) -> Series:
    """The places of a project once a signing or transfer of its deal is right: moved to its day, then renamed.

    A wrong unit at the signing was wrong since the project came to it, not only since the signing.
    """
    day = values.get("effective_on", fact.effective_on)
    changes = {name: values[name] for name in _DIMENSIONS if name in values}
    if fact.kind is FactKind.transfer:
        if day != fact.effective_on:
            known = known.redated(fact.effective_on, day, _DIMENSIONS)
        return known.corrected(day, **changes) if changes else known
    if fact.kind is FactKind.signing:
        signed_from = facts.signed_from(known, day)
        for name, value in changes.items():
            known = known.corrected(known.since(signed_from, name), **{name: value})
    return known


async def rewrite(
    session: AsyncSession, actor: Actor, deal: Deal, project: Project, wanted: Series, reason: str
) -> None:
    """Write a project's places as a correction of its deal says they were. The deal's facts follow them."""
    if wanted == await placements.series(session, project.id):
        return
    before = placements.of(project)
    placements.assign(project, wanted)
    after = placements.of(project)
    changes = {name: plain([getattr(before, name), getattr(after, name)]) for name in _DIMENSIONS}
    data = {"deal_id": deal.id, "reason": reason, "changes": changes}
    event_id = await events.record(session, actor, "project.place_corrected", project, data, project_id=project.id)
    await placements.write(session, project, wanted, event_id)
