"""Submission 送审: a drafter submits a draft; whoever may approve it approves or returns it.

An edit takes the submission back, so that what is approved is what was submitted. A draft may also be approved without
a submission, as programs do; the queue of those who approve holds the submitted ones.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, not_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor, Permission
from app.core.errors import refuse
from app.deals import refusals, separation, service
from app.deals.models import Deal, DealStatus
from app.deals.schemas import DealRead, DealReturn
from app.events import service as events
from app.projects import refusals as project_refusals
from app.projects.models import Project, Status


def is_submitted() -> ColumnElement[bool]:
    """Returns the condition on Deal that it is a draft submitted for approval."""
    return and_(Deal.status == DealStatus.draft, Deal.submitted_at.is_not(None))


def is_returned() -> ColumnElement[bool]:
    """Returns the condition on Deal that it is a draft returned to its drafter, and not submitted again."""
    return and_(Deal.status == DealStatus.draft, Deal.return_reason.is_not(None))


def awaits(actor: Actor, *, is_separated: bool) -> ColumnElement[bool]:
    """Returns the condition on Deal and its Project that it is submitted, and for this actor to approve or return. What
    it drafted or edited itself is for others, unless the office does not separate duties. A draft of a project that has
    ended waits for nobody: it can only be discarded."""
    if Permission.approve_deals not in actor.permissions:
        return false()
    awaited = and_(is_submitted(), Project.status.in_([Status.active, Status.paused]))
    return and_(awaited, not_(separation.drafted_by(actor))) if is_separated else awaited


async def submit(session: AsyncSession, actor: Actor, deal_id: UUID, version: int) -> DealRead:
    """Submits a draft for approval.

    Raises Conflict where it is no draft or is submitted already, Forbidden where the actor neither drafted nor edited
    it.
    """
    deal, project = await service.lock(session, actor, deal_id, version)
    refuse(refusals.not_a_draft(deal))
    refuse(project_refusals.ended(project))
    refuse(refusals.submitted(is_submitted=deal.submitted_at is not None))
    if not await separation.has_drafted(session, actor, deal):
        raise separation.not_the_drafter()
    deal.submitted_by, deal.submitted_at, deal.return_reason = actor.id, clock.now(session), None
    data = {"submitted_at": deal.submitted_at}
    await events.record(session, actor, "deal.submitted", deal, data, project_id=project.id)
    return await service.get(session, actor, deal_id)


async def send_back(session: AsyncSession, actor: Actor, deal_id: UUID, version: int, body: DealReturn) -> DealRead:
    """Returns a submitted draft to its drafter, with the reason.

    Raises Conflict where it is not submitted, Forbidden where another person has to decide on it.
    """
    actor.require(Permission.approve_deals)
    deal, project = await service.lock(session, actor, deal_id, version)
    refuse(refusals.not_a_draft(deal))
    refuse(refusals.not_submitted(is_submitted=deal.submitted_at is not None))
    await separation.require_another(session, actor, [deal])
    data = {"submitted_by": deal.submitted_by, "reason": body.reason}
    deal.submitted_by, deal.submitted_at, deal.return_reason = None, None, body.reason
    await events.record(session, actor, "deal.returned", deal, data, project_id=project.id)
    return await service.get(session, actor, deal_id)
