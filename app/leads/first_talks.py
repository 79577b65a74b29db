"""首谈: the first real contact with the investor that a document shows protects its unit for a time.

The first talk is the one registered first, not the one claimed to be earlier: a unit that claims an earlier talk raises
a dispute with grounds and papers, and the bureau rules on it in the room `pipeline`. By default protection lasts 90
days, and is released for good after more than 30 days without a new row [R] (`clocks`); a row counts from the later of
its own day and the day it was recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock, knowledge, refs
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid, NotFound, refuse
from app.core.ids import new_id
from app.core.localized import Say
from app.core.refs import Reference
from app.events import service as events
from app.leads import clocks, refusals
from app.leads import service as leads
from app.leads.models import ClockCode, FirstTalkDispute, FirstTalkRuling, Lead
from app.leads.schemas import DisputeRaise, DisputeRead, FirstTalkRead, FirstTalkState, RulingRead
from app.organizations import service as organizations
from app.organizations.models import Unit
from app.projects import service as projects
from app.projects import successors
from app.projects.follow_ups import FollowUp
from app.projects.models import Project, Status
from app.projects.refusals import Judged

DISPUTE = Say("首谈争议", "first-talk dispute")


@dataclass(frozen=True, slots=True)
class Record:
    """The lead or project a first talk is about, with the ids whose rows it reads as its own: the lead it was, the
    parent it continues, and the records merged into it."""

    kind: str
    id: UUID
    lead_ids: frozenset[UUID]
    project_ids: frozenset[UUID]

    def of(self, model: Any) -> ColumnElement[bool]:
        """Returns the condition on `model` for the rows beneath this record."""
        return or_(model.lead_id.in_(self.lead_ids), model.project_id.in_(self.project_ids))

    @property
    def project_id(self) -> UUID | None:
        """The project whose timeline shows its events."""
        return self.id if self.kind == "project" else None


def of_lead(lead: Lead) -> Record:
    return Record("lead", lead.id, frozenset({lead.id}), frozenset())


async def of_project(session: AsyncSession, project_id: UUID) -> Record:
    """Returns the record of a project, in a fixed number of statements however long the chain of merges is."""
    parent = select(Project.parent_id).where(Project.id == project_id, Project.continues_parent)
    start = select(Project.id, Project.lead_id).where(or_(Project.id == project_id, Project.id.in_(parent)))
    chain = start.cte("chain", recursive=True)
    chain = chain.union(select(Project.id, Project.lead_id).join(chain, Project.merged_into_id == chain.c.id))
    rows = await session.execute(select(chain.c.id, chain.c.lead_id))
    records = rows.all()
    return Record(
        "project",
        project_id,
        frozenset(row.lead_id for row in records if row.lead_id is not None),
        frozenset(row.id for row in records),
    )


def protected_until(
    first_on: date, known_on: date, activity: Sequence[date], days: int, idle: int, today: date
) -> tuple[date, bool]:
    """Returns the last day of protection, and whether protection was released early because nothing happened.

    `known_on` is the day on which the first talk was put on record; the days without activity count from it.
    """
    end = first_on + timedelta(days=days)
    last = known_on
    for day in sorted(day for day in activity if day >= known_on):
        if (day - last).days > idle:
            break
        last = day
    released = last + timedelta(days=idle)
    if released < end and released < today:
        return released, True
    return end, False


_UNIT = [Reference("unit", "unit_id", Unit)]
_TALKS = refs.joined(
    select(FollowUp.on, FollowUp.unit_id, FollowUp.document, FollowUp.with_investor, FollowUp.recorded_at),
    FollowUp.__table__.c,
    _UNIT,
)


async def read(session: AsyncSession, record: Record) -> FirstTalkRead:
    today, allowed = await clock.today(session), await clocks.limits(session)
    talks = _TALKS.where(record.of(FollowUp)).order_by(FollowUp.recorded_at, FollowUp.id)
    rows = (await session.execute(talks)).all()
    first = next((row for row in rows if row.with_investor and row.document is not None), None)
    disputes = await _disputes(session, record)
    ruling = next((dispute.ruling for dispute in disputes if dispute.ruling is not None), None)
    unit = None if first is None else refs.named(first, _UNIT)["unit"]
    until, released, state = None, False, FirstTalkState.none
    if first is not None:
        days, idle = allowed[ClockCode.first_talk], allowed[ClockCode.first_talk_idle]
        activity = [_known_on(row, today) for row in rows]
        until, released = protected_until(first.on, _known_on(first, today), activity, days, idle, today)
        state = FirstTalkState.protected if today <= until else FirstTalkState.expired
        state = FirstTalkState.released if released else state
    return FirstTalkRead(
        state=state,
        state_zh=state.say.zh,
        state_en=state.say.en,
        unit_id=ruling.unit_id if ruling else first.unit_id if first else None,
        unit=ruling.unit if ruling else unit,
        is_ruled=ruling is not None,
        on=first.on if first else None,
        document=first.document if first else None,
        protected_until=until,
        disputes=disputes,
    )


def _known_on(row: Any, today: date) -> date:
    """Returns the day from which a row counts as activity: the later of its own day and the day of recording, which
    counts as no later than `today`."""
    recorded_on: date = row.recorded_at.astimezone(clock.SHANGHAI).date()
    on: date = row.on
    return max(on, min(recorded_on, today))


async def _disputes(session: AsyncSession, record: Record) -> list[DisputeRead]:
    """Returns every dispute with its ruling, latest first."""
    claimant, unit = aliased(Unit), aliased(Unit)
    query = (
        select(FirstTalkDispute, claimant, FirstTalkRuling, unit)
        .join(claimant, claimant.id == FirstTalkDispute.claimant_unit_id)
        .outerjoin(FirstTalkRuling, FirstTalkRuling.dispute_id == FirstTalkDispute.id)
        .outerjoin(unit, unit.id == FirstTalkRuling.unit_id)
    )
    rows = await session.execute(query.where(record.of(FirstTalkDispute)).order_by(FirstTalkDispute.recorded_at.desc()))
    found = []
    for dispute, claims, ruling, ruled_for in rows:
        ruled = None if ruling is None else refs.read(RulingRead, ruling, unit=refs.of(ruled_for))
        found.append(refs.read(DisputeRead, dispute, claimant_unit=refs.of(claims), ruling=ruled))
    return found


async def of_lead_id(session: AsyncSession, actor: Actor, lead_id: UUID) -> FirstTalkRead:
    return await read(session, of_lead(await leads.fetch(session, actor, lead_id)))


async def of_project_id(session: AsyncSession, actor: Actor, project_id: UUID) -> FirstTalkRead:
    await projects.require_visible(session, actor, project_id)
    return await read(session, await of_project(session, project_id))


async def raise_on_lead(session: AsyncSession, actor: Actor, lead_id: UUID, body: DisputeRaise) -> FirstTalkRead:
    lead = await leads.lock(session, actor, lead_id, None, reports=True)
    refuse(refusals.raised_elsewhere(lead, lead.became))
    return await _raise(session, actor, of_lead(lead), body)


async def raise_on_project(session: AsyncSession, actor: Actor, project_id: UUID, body: DisputeRaise) -> FirstTalkRead:
    project = await projects.lock(session, actor, project_id, None, reports=True)
    refuse(raised_elsewhere(project))
    record = await of_project(session, project_id)
    return await _raise(session, actor, record, body)


def raised_elsewhere(project: Judged) -> Conflict | None:
    """Returns the refusal for a merged project: a dispute is raised on its successor."""
    if project.status is not Status.merged:
        return None
    return successors.refusal(project, "raised_elsewhere")


async def _raise(session: AsyncSession, actor: Actor, record: Record, body: DisputeRaise) -> FirstTalkRead:
    """Records a dispute. Raises Conflict where one is open or there is no first talk, Invalid where the unit has it
    already."""
    actor.require_unit(body.claimant_unit_id, "/claimant_unit_id")
    await organizations.require_units(session, {body.claimant_unit_id}, "/claimant_unit_id")
    talk = await read(session, record)
    if talk.state is FirstTalkState.none:
        say = Say("还没有附凭证的实质接触记录，无首谈可争议。", "No contact shown by a document is on record.")
        raise Conflict(say, code="no_first_talk")
    if talk.unit_id == body.claimant_unit_id:
        say = Say("首谈已属这个单位。", "The first talk is that unit's already.")
        raise Invalid.field("/claimant_unit_id", "unchanged", say)
    if any(dispute.ruling is None for dispute in talk.disputes):
        raise Conflict(Say("已有争议待裁定。", "A dispute waits for its ruling already."), code="dispute_open")
    event_id = await events.note(
        session,
        actor,
        "first_talk.disputed",
        record.kind,
        record.id,
        {"claimant_unit_id": body.claimant_unit_id, "papers": body.papers},
        project_id=record.project_id,
    )
    session.add(
        FirstTalkDispute(
            id=new_id(),
            lead_id=record.id if record.kind == "lead" else None,
            project_id=record.project_id,
            recorded_at=await knowledge.take(session),
            recorded_by=actor.name,
            event_id=event_id,
            **body.model_dump(),
        )
    )
    await session.flush()
    return await read(session, record)


async def open_dispute(session: AsyncSession, record: Record, dispute_id: UUID) -> FirstTalkDispute:
    """Returns a dispute of this record that has no ruling yet. Raises NotFound, Conflict."""
    query = select(FirstTalkDispute).where(FirstTalkDispute.id == dispute_id, record.of(FirstTalkDispute))
    dispute = (await session.scalars(query)).one_or_none()
    if dispute is None:
        raise NotFound.of(DISPUTE)
    ruled = select(FirstTalkRuling.id).where(FirstTalkRuling.dispute_id == dispute_id)
    if await session.scalar(ruled) is not None:
        raise Conflict(Say("这一争议已裁定。", "This dispute was ruled on already."), code="ruled_already")
    return dispute
