"""Timelines that people read: of a project, lead, deal, enterprise or official.

They show the events that `GET …/timeline` shows to the same reader, in words. What an event names is resolved under the
reader's scope; the text of a follow-up is read from its row, so that it is gone once it is erased there. A page takes
three statements: whether the record is visible, its events, the names in them; one more where the latest act on a
project may be one to undo.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, cast, func, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import policy
from app.core import clock, paging
from app.core.actor import Actor
from app.core.records import one
from app.deals import service as deals
from app.deals.models import Deal
from app.dossiers import telling
from app.dossiers.schemas import (
    ActivityAct,
    ActivityItem,
    ActivityKind,
    ActivityPage,
    ActivityQuery,
    ActivityWith,
)
from app.dossiers.sentences import OTHER, SENTENCES
from app.enterprises import service as enterprises
from app.enterprises.models import Enterprise
from app.events import service as events
from app.events.models import Event
from app.leads import service as leads
from app.organizations import service as organizations
from app.organizations.models import Official
from app.pipeline import undoing
from app.projects import service as projects
from app.projects.follow_ups import FollowUp
from app.projects.models import Project

_COLUMNS = tuple(
    getattr(Event, name)
    for name in ("id", "at", "type", "actor_id", "actor_name", "actor_kind", "subject_type", "subject_id", "data")
)
_TEXT = (FollowUp.summary, FollowUp.next_step, FollowUp.next_step_on)


def _with_text(beneath: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Selects events with the follow-up that each of them tells of, if it stands beneath the record asked for."""
    follow_up = (FollowUp.event_id == Event.id) & beneath
    return select(*_COLUMNS, *_TEXT).join(FollowUp, follow_up, isouter=True)


def _without_text() -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS, *(cast(null(), column.type).label(column.key) for column in _TEXT))


def _of_kinds(query: ActivityQuery) -> list[ColumnElement[bool]]:
    if query.kind is None:
        return []
    return [Event.type.in_(sorted(name for name, sentence in SENTENCES.items() if sentence.kind in query.kind))]


async def _page(
    session: AsyncSession, actor: Actor, query: ActivityQuery, about: UUID, *parts: Select[*tuple[Any, ...]]
) -> ActivityPage:
    kinds = _of_kinds(query)
    narrowed = [part.where(*kinds) for part in parts]
    found = (union_all(*narrowed) if len(narrowed) > 1 else narrowed[0]).subquery("told")
    statement = select(*found.c)
    part = await paging.rows(
        session,
        statement,
        paging.Order([found.c.at, found.c.id], descending=True),
        name=f"activity:{about}",
        limit=query.limit,
        cursor=query.cursor,
        filters=query.filters(),
    )
    told, references = telling.taken(part.rows, about)
    await references.read(session, actor)
    return ActivityPage(
        items=[one.item(references, shows_actor=events.shows_actor(actor, one.row)) for one in told],
        next_cursor=part.next_cursor,
        count=await paging.count(session, statement) if query.wants_count else None,
        kinds=await _numbers(session, parts) if ActivityWith.kinds in (query.with_ or ()) else None,
    )


async def _numbers(session: AsyncSession, parts: Sequence[Select[*tuple[Any, ...]]]) -> dict[ActivityKind, int]:
    """Returns how many events there are of each kind."""
    types = [part.with_only_columns(Event.type, maintain_column_froms=True) for part in parts]
    told = (union_all(*types) if len(types) > 1 else types[0]).subquery("told")
    numbers = dict.fromkeys(ActivityKind, 0)
    for row in await session.execute(select(told.c.type, func.count().label("n")).group_by(told.c.type)):
        numbers[SENTENCES.get(row.type, OTHER).kind] += row.n
    return numbers


async def _mark_undoable(session: AsyncSession, actor: Actor, project: Project, items: Sequence[ActivityItem]) -> None:
    """Says at the act that made the latest move that the actor may undo it. One statement, where the page has an act
    that is not too old."""
    since = clock.now(session) - undoing.WITHIN
    is_recent = any(item.kind is ActivityKind.stage and item.at >= since for item in items)
    if not is_recent or policy.lacking(actor, "undo_move") or not actor.reaches(project.unit_id, project.task_force_id):
        return
    last = (await undoing.latest(session, [project.id])).get(project.id)
    if last is None or undoing.refusal(actor, project, last) is not None:
        return
    for item in items:
        if item.id == last.event_id:
            item.may.append(ActivityAct.undo)


async def of_project(session: AsyncSession, actor: Actor, project_id: UUID, query: ActivityQuery) -> ActivityPage:
    """Returns the events of a project and of its deals, newest first, with the follow-ups of the lead it was. Raises
    NotFound."""
    project = await projects.fetch(session, actor, project_id)
    beneath = FollowUp.project_id == project_id
    own = _with_text(beneath).where(Event.project_id == project_id)
    # Follow-ups of its lead, or of a project merged into it: their events are of that record.
    brought = (
        select(*_COLUMNS, *_TEXT)
        .join(FollowUp, FollowUp.event_id == Event.id)
        .where(beneath, Event.project_id.is_distinct_from(project_id))
    )
    page = await _page(session, actor, query, project_id, own, brought)
    await _mark_undoable(session, actor, project, page.items)
    return page


async def of_lead(session: AsyncSession, actor: Actor, lead_id: UUID, query: ActivityQuery) -> ActivityPage:
    """Returns the events of a lead, newest first. Raises NotFound."""
    await leads.require_visible(session, actor, lead_id)
    own = _with_text(FollowUp.lead_id == lead_id).where(events.about(actor, "lead", lead_id))
    return await _page(session, actor, query, lead_id, own)


async def of_deal(session: AsyncSession, actor: Actor, deal_id: UUID, query: ActivityQuery) -> ActivityPage:
    """Returns the events of a deal, newest first. Raises NotFound."""
    await one(session, deals.visible_to(actor).where(Deal.id == deal_id), deals.DEAL)
    return await _page(session, actor, query, deal_id, _without_text().where(events.about(actor, "deal", deal_id)))


async def of_enterprise(session: AsyncSession, actor: Actor, enterprise_id: UUID, query: ActivityQuery) -> ActivityPage:
    """Returns the events of an enterprise, newest first; those about contacts to whoever sees the whole city. Raises
    NotFound."""
    await one(session, select(Enterprise.id).where(Enterprise.id == enterprise_id), enterprises.ENTERPRISE)
    return await _page(
        session, actor, query, enterprise_id, _without_text().where(events.about(actor, "enterprise", enterprise_id))
    )


async def of_official(session: AsyncSession, actor: Actor, official_id: UUID, query: ActivityQuery) -> ActivityPage:
    """Returns the events of an official, newest first. Raises NotFound."""
    await one(session, select(Official.id).where(Official.id == official_id), organizations.OFFICIAL)
    return await _page(
        session, actor, query, official_id, _without_text().where(events.about(actor, "official", official_id))
    )
