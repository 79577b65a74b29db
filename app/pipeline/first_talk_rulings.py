"""The bureau rules whose first talk it is, and may pass the record to that unit by the same ruling."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor, Permission
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.say import Say
from app.events import service as events
from app.leads import first_talks
from app.leads import service as leads
from app.leads.first_talks import Record
from app.leads.models import FirstTalkRuling, LeadStatus
from app.leads.schemas import DisputeRule, FirstTalkRead
from app.organizations import service as organizations
from app.pipeline import transfers
from app.pipeline.schemas import TransferCreate
from app.projects import service as projects


async def on_project(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, dispute_id: UUID, body: DisputeRule
) -> FirstTalkRead:
    actor.require(Permission.rule_first_talks)
    project = await projects.lock(session, actor, project_id, version)
    record = first_talks.of_project(project)
    await first_talks.open_dispute(session, record, dispute_id)
    await _check(session, body)
    passes = body.transfer and project.unit_id != body.unit_id
    if passes:
        ruling = TransferCreate(
            unit_id=body.unit_id, ruled_on=body.ruled_on, document=body.document, reason=body.grounds
        )
        await transfers.transfer(session, actor, project_id, version, ruling)
    await _write(session, actor, record, dispute_id, body, is_transferred=passes)
    return await first_talks.read(session, record)


async def on_lead(
    session: AsyncSession, actor: Actor, lead_id: UUID, version: int, dispute_id: UUID, body: DisputeRule
) -> FirstTalkRead:
    actor.require(Permission.rule_first_talks)
    lead = await leads.lock(session, actor, lead_id, version)
    record = first_talks.of_lead(lead)
    await first_talks.open_dispute(session, record, dispute_id)
    await _check(session, body)
    passes = body.transfer and lead.unit_id != body.unit_id and lead.status is not LeadStatus.converted
    if passes:
        changes = {"unit_id": [lead.unit_id, body.unit_id]}
        lead.unit_id = body.unit_id
        data = {"changes": changes, "document": body.document, "reason": body.grounds}
        await events.record(session, actor, "lead.transferred", lead, data)
    await _write(session, actor, record, dispute_id, body, is_transferred=passes)
    return await first_talks.read(session, record)


async def _check(session: AsyncSession, body: DisputeRule) -> None:
    await organizations.require_units(session, {body.unit_id}, "/unit_id", on=body.ruled_on)
    today: date = await clock.today(session)
    if body.ruled_on > today:
        say = Say(f"不能晚于业务日 {today}。", f"Not after the business day {today}.")
        raise Invalid.field("/ruled_on", "future_day", say)


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
