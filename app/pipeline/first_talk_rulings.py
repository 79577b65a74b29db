"""Rulings of the bureau on first-talk disputes 首谈. A ruling may also transfer the record to the unit it names."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor, Permission
from app.core.errors import Invalid, refuse
from app.core.ids import new_id
from app.core.localized import Say
from app.events import service as events
from app.leads import first_talks, refusals
from app.leads import service as leads
from app.leads.first_talks import Record
from app.leads.models import FirstTalkDispute, FirstTalkRuling
from app.leads.schemas import DisputeRule, FirstTalkRead
from app.organizations import service as organizations
from app.pipeline import transfers
from app.pipeline.schemas import TransferCreate
from app.projects import giver_and_taker
from app.projects import service as projects


async def on_project(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, dispute_id: UUID, body: DisputeRule
) -> FirstTalkRead:
    """Rules on a dispute of a project, and transfers the project where the ruling says so."""
    actor.require(Permission.rule_first_talks)
    project = await projects.lock(session, actor, project_id, version)
    refuse(first_talks.raised_elsewhere(project))
    record = await first_talks.of_project(session, project_id)
    await _check(session, body, await first_talks.open_dispute(session, record, dispute_id))
    is_transferred = body.transfer and project.unit_id != body.unit_id
    if is_transferred:
        ruling = TransferCreate(
            unit_id=body.unit_id, ruled_on=body.ruled_on, document=body.document, reason=_reason(body)
        )
        await transfers.transfer(session, actor, project_id, version, ruling)
    await _write(session, actor, record, dispute_id, body, is_transferred=is_transferred)
    return await first_talks.read(session, record)


async def on_lead(
    session: AsyncSession, actor: Actor, lead_id: UUID, version: int, dispute_id: UUID, body: DisputeRule
) -> FirstTalkRead:
    """Rules on a dispute of a lead, and transfers the lead where the ruling says so."""
    actor.require(Permission.rule_first_talks)
    lead = await leads.lock(session, actor, lead_id, version)
    refuse(refusals.raised_elsewhere(lead, lead.became))
    record = first_talks.of_lead(lead)
    await _check(session, body, await first_talks.open_dispute(session, record, dispute_id))
    is_transferred = body.transfer and lead.unit_id != body.unit_id
    if is_transferred:
        giver_and_taker.require_ruling(actor)
        changes = {"unit_id": [lead.unit_id, body.unit_id]}
        lead.unit_id = body.unit_id
        data = {"changes": changes, "document": body.document}
        await events.record(session, actor, "lead.transferred", lead, data)
    await _write(session, actor, record, dispute_id, body, is_transferred=is_transferred)
    return await first_talks.read(session, record)


def _reason(body: DisputeRule) -> str:
    """Returns the reason for log and ledger, without the grounds: they may name people and stay in the ruling's row."""
    return f"首谈裁定 {body.document}"


async def _check(session: AsyncSession, body: DisputeRule, dispute: FirstTalkDispute) -> None:
    await organizations.require_units(session, {body.unit_id}, "/unit_id", on=body.ruled_on)
    today: date = await clock.today(session)
    raised_on = min(dispute.recorded_at.astimezone(clock.SHANGHAI).date(), today)
    if not raised_on <= body.ruled_on <= today:
        say = Say(
            f"应在提出之日 {raised_on} 与业务日 {today} 之间。",
            f"Between {raised_on}, when it was raised, and the business day {today}.",
        )
        raise Invalid.field("/ruled_on", "out_of_range", say)


async def _write(
    session: AsyncSession, actor: Actor, record: Record, dispute_id: UUID, body: DisputeRule, *, is_transferred: bool
) -> None:
    data = {
        "dispute_id": dispute_id,
        "unit_id": body.unit_id,
        "ruled_on": body.ruled_on,
        "document": body.document,
        "papers": body.papers,
        "is_transferred": is_transferred,
    }
    event_id = await events.note(
        session, actor, "first_talk.ruled", record.kind, record.id, data, project_id=record.project_id
    )
    session.add(
        FirstTalkRuling(
            id=new_id(),
            dispute_id=dispute_id,
            is_transferred=is_transferred,
            recorded_at=await knowledge.take(session),
            recorded_by=actor.name,
            event_id=event_id,
            **body.model_dump(exclude={"transfer"}),
        )
    )
    await session.flush()
