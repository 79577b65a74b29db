"""Does one act on many projects, each in a transaction of its own, or tries it up to its event (ADR 42)."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import policy
from app.audit.trail import Subject
from app.bulk.schemas import BulkAct, BulkItem, BulkPlanListAdd, BulkRead, BulkRequest, BulkResult
from app.construction import service as construction
from app.construction.schemas import PlanListAdd
from app.core import context, error_handlers, idempotency
from app.core.actor import Actor
from app.core.db import Database, database
from app.core.errors import refuse
from app.core.ids import new_id
from app.events.service import Rehearsed
from app.five_ones import assignments
from app.pipeline import editing, transfers
from app.pipeline import service as pipeline
from app.pipeline.schemas import MoveCreate
from app.projects import service as projects
from app.projects.models import Project

LONGEST_KEY = idempotency.LONGEST_KEY - 37
"""A slash and the id of an item are added to the key."""

_BATCHES = UUID("6f6e6573-0000-5000-8000-000000000016")
"""The namespace of batch ids that are made from a key: a batch sent again is the same batch."""

Do = Callable[[AsyncSession, Actor, BulkItem, Any], Awaitable[object]]


async def _appoint(session: AsyncSession, actor: Actor, item: BulkItem, body: Any) -> None:
    await projects.lock(session, actor, item.id, item.version)
    await assignments.appoint(session, actor, item.id, body)


async def _set_team(session: AsyncSession, actor: Actor, item: BulkItem, body: Any) -> None:
    await projects.lock(session, actor, item.id, item.version)
    await assignments.set_team(session, actor, item.id, body)


async def _transfer(session: AsyncSession, actor: Actor, item: BulkItem, body: Any) -> None:
    await transfers.transfer(session, actor, item.id, item.version, body)


async def _move(session: AsyncSession, actor: Actor, item: BulkItem, body: Any) -> None:
    await pipeline.advance(session, actor, item.id, item.version, MoveCreate(**dict(body)))


async def _edit(session: AsyncSession, actor: Actor, item: BulkItem, body: Any) -> None:
    await editing.update(session, actor, item.id, item.version, body)


async def _add_to_plan_list(session: AsyncSession, actor: Actor, item: BulkItem, body: BulkPlanListAdd) -> None:
    await projects.lock(session, actor, item.id, item.version)
    row = PlanListAdd(planned_this_year=body.planned_this_year, source=body.source)
    await construction.list_project(session, actor, body.year, item.id, row)


class Act(NamedTuple):
    """An act: the operation that does it on one project, whose right it wants, and how it is done."""

    operation: str
    do: Do


ACTS: Mapping[str, Act] = {
    BulkAct.appoint_leader: Act("appoint_leader", _appoint),
    BulkAct.set_team: Act("set_team", _set_team),
    BulkAct.transfer: Act("transfer_project", _transfer),
    BulkAct.move: Act("move_project", _move),
    BulkAct.edit: Act("update_project", _edit),
    BulkAct.add_to_plan_list: Act("list_project_in_plan", _add_to_plan_list),
}


class Batch(NamedTuple):
    """A request, as its items need it."""

    request: Request
    actor: Actor
    asked: BulkRequest
    act: Act
    key: str | None
    id: UUID

    @property
    def database(self) -> Database:
        return database(self.request)


async def act_on_many(request: Request, actor: Actor, asked: BulkRequest) -> BulkRead:
    """Does an act on each item, or tries it. Raises Forbidden for all where the right to the act is missing."""
    act = ACTS[asked.act]
    refuse(policy.lacking(actor, act.operation))
    key = idempotency.key_of(request, LONGEST_KEY)
    batch_id = new_id() if key is None else uuid5(_BATCHES, f"{actor.kind}:{actor.id}/{key}")
    batch = Batch(request, actor, asked, act, key, batch_id)
    by_id = {item.id: item for item in asked.items}
    async with batch.database.reading() as session:
        order = await projects.in_lock_order(session, list(by_id))
    one = _try if asked.dry_run else _do
    results = {project_id: await _answered(batch, by_id[project_id], one) for project_id in order}
    items = [results[item.id] for item in asked.items]
    done = sum(item.problem is None for item in items)
    return BulkRead(
        batch_id=None if asked.dry_run else batch_id,
        dry_run=asked.dry_run,
        done=done,
        refused=len(items) - done,
        items=items,
    )


async def _answered(
    batch: Batch, item: BulkItem, one: Callable[[Batch, BulkItem], Awaitable[BulkResult]]
) -> BulkResult:
    """Returns what became of an item. No item's failure keeps the others from being done."""
    try:
        return await one(batch, item)
    except idempotency.Replay as stored:
        return BulkResult.model_validate_json(bytes(stored.response.body))
    except Exception as error:
        problem = error_handlers.problem_of(batch.request, error)
        subject = Subject("project", item.id)
        problem = await batch.request.app.state.on_problem(batch.request, problem, subject)
        document = error_handlers.document(batch.request, problem)
        return BulkResult.model_validate(
            {"id": item.id, "status": problem.status, "version": None, "problem": document}
        )


async def _do(batch: Batch, item: BulkItem) -> BulkResult:
    async with batch.database.writing() as session:
        context.BATCH.set(session, batch.id)
        identity = None
        if batch.key is not None:
            body = f"{batch.asked.act}{batch.asked.body.model_dump_json(exclude_unset=True)}{item.model_dump_json()}"
            identity = await idempotency.claim_key(session, batch.request, f"{batch.key}/{item.id}", body.encode())
        await batch.act.do(session, batch.actor, item, batch.asked.body)
        project = await session.get_one(Project, item.id)
        result = BulkResult(id=item.id, status=200, version=project.version, problem=None)
        if identity is not None:
            await idempotency.store(session, identity, result.model_dump_json().encode(), 200, {})
        return result


async def _try(batch: Batch, item: BulkItem) -> BulkResult:
    async with batch.database.rehearsing() as session:
        with suppress(Rehearsed):
            await batch.act.do(session, batch.actor, item, batch.asked.body)
    return BulkResult(id=item.id, status=200, version=None, problem=None)
