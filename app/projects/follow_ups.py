"""Follow-ups 跟进 of a lead and of the project it became: contacts with the investor, and steps of the office."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock, paging, refs
from app.core.actor import Actor
from app.core.body import body
from app.core.clock import Day, Moment
from app.core.column_types import NAME, PROSE
from app.core.db import Base, Id, choice
from app.core.errors import Invalid
from app.core.localized import Say, Word
from app.core.paging import ListQuery
from app.core.refs import Ref, Reference
from app.core.text import Prose, Text
from app.organizations import service as organizations
from app.organizations.models import Unit


class FollowUpKind(Word):
    visit = "visit", "走访", "visit"
    reception = "reception", "接待来访", "reception"
    talk = "talk", "洽谈", "talk"
    call = "call", "电话", "call"
    inspection = "inspection", "现场调度", "on-site inspection"
    coordination = "coordination", "协调会", "coordination meeting"
    progress = "progress", "进展", "progress"


_HAS_DAY = text("next_step_on IS NOT NULL")


class FollowUp(Base):
    """跟进. `with_investor` marks a real contact with the investor, made by `unit_id` and proved by `document`.

    The next step of the latest follow-up is the one that is open. The rows of a converted lead belong to its project
    too.
    """

    __tablename__ = "follow_ups"
    __table_args__ = (
        CheckConstraint("project_id IS NOT NULL OR lead_id IS NOT NULL", name="beneath_something"),
        Index("ix_follow_ups_next_step_on", "next_step_on", sqlite_where=_HAS_DAY, postgresql_where=_HAS_DAY),
        Index("ix_follow_ups_project_id_on", "project_id", "on", "id"),
        Index("ix_follow_ups_lead_id_on", "lead_id", "on", "id"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    kind: Mapped[FollowUpKind] = mapped_column(choice(FollowUpKind, "kind"))
    with_investor: Mapped[bool]
    document: Mapped[str | None] = mapped_column(NAME)
    on: Mapped[date]
    summary: Mapped[str] = mapped_column(PROSE)
    next_step: Mapped[str | None] = mapped_column(PROSE)
    next_step_on: Mapped[date | None]
    """By when the next step is to be taken."""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(NAME)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class FollowUpCreate(BaseModel):
    model_config = body(
        {
            "kind": "visit",
            "with_investor": True,
            "on": "2023-02-10",
            "summary": "示例：走访投资方，商谈用地",
            "next_step": "示例：请其来看地块",
            "next_step_on": "2023-02-17",
        }
    )

    kind: FollowUpKind
    with_investor: bool = Field(False, description="与投资方的实质接触 / a real contact with the investor")
    on: Day
    summary: Prose
    next_step: Prose | None = None
    next_step_on: Day | None = Field(None, description="下一步在哪天前办，不早于 on / by when, not before `on`")
    unit_id: UUID | None = Field(None, description="由哪个单位接触，缺省为承接单位 / whose contact it was")
    document: Text | None = Field(None, description="接触凭证，如会议纪要、考察函 / what shows it")

    def event_data(self) -> dict[str, Any]:
        """Returns the data for the event log, without free text: it may name people, and the log cannot be cleared."""
        return self.model_dump(mode="json", include={"kind", "on", "with_investor"})


class FollowUpRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: FollowUpKind
    with_investor: bool
    on: date
    summary: str
    next_step: str | None
    next_step_on: date | None
    unit_id: UUID | None
    unit: Ref | None = Field(description="由哪个单位接触；未写明为空 / whose contact it was; null where not stated")
    document: str | None
    recorded_at: Moment
    recorded_by: str


_REFERENCES = [Reference("unit", "unit_id", Unit)]


class FollowUpQuery(ListQuery):
    with_investor: bool | None = Field(None, description="与投资方的实质接触 / a real contact with the investor")


async def append(
    session: AsyncSession,
    actor: Actor,
    body: FollowUpCreate,
    event_id: UUID,
    units: Sequence[UUID | None],
    **beneath: UUID,
) -> FollowUpRead:
    """Adds the row to a `project_id` or `lead_id`; the caller has checked the day and the record.

    `unit_id` is by default the first of `units` within the actor's scope. Raises Invalid where the next step is dated
    before the follow-up.
    """
    if body.next_step_on is not None and body.next_step_on < body.on:
        say = Say(f"下一步不能早于跟进之日 {body.on}。", f"Not before {body.on}, the day of the follow-up.")
        raise Invalid.field("/next_step_on", "before_follow_up", say)
    if body.unit_id is not None:
        actor.require_unit(body.unit_id, "/unit_id")
        await organizations.require_units(session, {body.unit_id}, "/unit_id", on=body.on)
    in_scope = (unit for unit in units if unit is not None and actor.reaches(unit, None))
    row = FollowUp(
        recorded_at=clock.now(session),
        recorded_by=actor.name,
        event_id=event_id,
        unit_id=body.unit_id or next(in_scope, None),
        **beneath,
        **body.model_dump(exclude={"unit_id"}),
    )
    session.add(row)
    await session.flush()
    return refs.read(FollowUpRead, row, unit=await refs.find(session, Unit, row.unit_id))


async def page(
    session: AsyncSession, beneath: ColumnElement[bool], query: FollowUpQuery, name: str
) -> paging.Page[FollowUpRead]:
    """Returns a page of the follow-ups of one record, latest first."""
    statement = select(*refs.columns(FollowUpRead, FollowUp, _REFERENCES)).where(beneath)
    if query.with_investor is not None:
        statement = statement.where(FollowUp.with_investor == query.with_investor)
    order = paging.Order([FollowUp.on, FollowUp.id], descending=True)
    return await paging.page(session, statement, order, query, name, FollowUpRead.model_validate, _REFERENCES)
