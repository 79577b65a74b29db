"""A line in hand: how every act on a project or a deal begins and ends.

A line is a project with its phases. `held` and `of_deal` lock the project at the head of the act and the formal deals
of its whole line, and load the stage table and the history of moves once. On a clean exit they restate every project
whose moves changed, settle the ledger where a landing did, and require «Deal and stage» on every line held, new
phases included. After an exception they do nothing: the transaction is rolled back.

Enterprises are locked before; knowledge is taken after.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.deals import ledger
from app.deals import service as deals
from app.deals.models import Deal, DealKind, DealStatus
from app.five_ones import due
from app.pipeline import deal_and_stage
from app.projects import moves
from app.projects import service as projects
from app.projects.derived_columns import keep
from app.projects.models import Project, Status
from app.projects.moves import Move, State
from app.projects.stages import LANDED, Pipeline, pipeline

_COUNTED = (DealStatus.live, DealStatus.terminated)


@dataclass(frozen=True, slots=True)
class Head:
    """The project an act is on, and the version that was read of it: None where none was."""

    project_id: UUID
    version: int | None = None
    reports: bool = False
    """Whether a member of its team may do it (`projects.lock`)."""


@dataclass(slots=True)
class Line:
    """A project of the line with all that an act on it needs."""

    session: AsyncSession
    actor: Actor
    project: Project
    """The one the act is on, locked."""
    table: Pipeline
    deals: Sequence[Deal]
    """The formal deals of the whole line that have counted, live or terminated, locked."""
    _histories: dict[UUID, list[Move]]
    _moved: dict[UUID, tuple[Project, UUID]] = field(default_factory=dict)

    @property
    def history(self) -> list[Move]:
        """All moves of the project the act is on, withdrawn ones included."""
        return self._histories[self.project.id]

    async def history_of(self, project: Project) -> list[Move]:
        """Returns all moves of any project of the line."""
        if project.id not in self._histories:
            self._histories[project.id] = await moves.history_of(self.session, project.id)
        return self._histories[project.id]

    def state(self, history: Sequence[Move]) -> State:
        return moves.state_of(history, self.table.positions)

    def assign(self, history: Sequence[Move]) -> None:
        """Set stage and status of the project from its moves, for a correction; the caller records the event.

        A parent shows its furthest leaf, whatever moves it made while it was one.
        """
        if not self.project.is_parent:
            self.state(history).assign_to(self.project)

    @property
    def own_deals(self) -> list[Deal]:
        """Those of the formal deals that hang on the project itself."""
        return [deal for deal in self.deals if deal.project_id == self.project.id]

    def moves_are(self, project: Project, history: list[Move]) -> None:
        """Let later moves of the act follow these."""
        self._histories[project.id] = history

    def moved(self, project: Project, history: list[Move], event_id: UUID) -> None:
        """Say that the moves of a project are these by now; it is restated under that event when the act ends."""
        self._histories[project.id] = history
        self._moved[project.id] = project, event_id

    async def restate(self) -> None:
        """Restate every project whose moves changed since the last time."""
        moved, self._moved = self._moved, {}
        for project, event_id in moved.values():
            await self._restate(project, event_id)

    async def _restate(self, project: Project, event_id: UUID) -> None:
        """Derived columns, the ledger's landing, the parent's stage, `due_on`."""
        history = await self.history_of(project)
        landed_on = self.state(history).entries.get(LANDED)
        landed_changed = landed_on != project.landed_on
        last_activity_on = (await due.latest_activity(self.session, [project], {project.id: history}))[project.id]
        if landed_changed or last_activity_on != project.last_activity_on:
            await keep(self.session, project.id, landed_on=landed_on, last_activity_on=last_activity_on)
        if landed_changed:
            await self.settle(event_id)
        await entered(self.session, project)

    async def settle(self, event_id: UUID) -> None:
        """Bring the ledger of every formal deal of the line to its facts and landings."""
        for deal in self.deals:
            if deal.status in _COUNTED:
                await ledger.settle(self.session, deal, event_id)


@asynccontextmanager
async def held(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int | None, *, reports: bool = False
) -> AsyncIterator[Line]:
    """The line of the project an act is on. Raises NotFound, Forbidden or Stale; on exit Conflict naming the remedy."""
    async with both_held(session, actor, Head(project_id, version, reports)) as [line]:
        yield line


@asynccontextmanager
async def of_deal(
    session: AsyncSession, actor: Actor, deal_id: UUID, version: int | None
) -> AsyncIterator[tuple[Deal, Line]]:
    """A deal an act is on, with the line of its project. Raises NotFound or Stale (of the deal), as `held` on exit."""
    deal, project = await deals.lock(session, actor, deal_id, version)
    async with held(session, actor, project.id, None) as line:
        yield deal, line


@asynccontextmanager
async def both_held(session: AsyncSession, actor: Actor, *heads: Head) -> AsyncIterator[list[Line]]:
    """The lines of several projects, in the order asked for; locked in the order that every act locks several."""
    by_id = {head.project_id: head for head in heads}
    locked = {}
    for project_id in await projects.in_lock_order(session, list(by_id)):
        head = by_id[project_id]
        locked[project_id] = await projects.lock(session, actor, project_id, head.version, reports=head.reports)
    formal: dict[UUID, Sequence[Deal]] = {}
    for project in sorted(locked.values(), key=lambda project: project.line_id):
        if project.line_id not in formal:
            formal[project.line_id] = await _formal(session, project)
    table, histories = await pipeline(session), await moves.history(session, list(locked))
    lines = []
    for head in heads:
        project = locked[head.project_id]
        lines.append(Line(session, actor, project, table, formal[project.line_id], histories))
    yield lines
    for line in lines:
        await line.restate()
    await deal_and_stage.require(session, list(formal))


async def _formal(session: AsyncSession, project: Project) -> Sequence[Deal]:
    approved = await deals.on_line(session, project, *_COUNTED, whole=True)
    return [deal for deal in approved if deal.kind is DealKind.formal]


async def entered(session: AsyncSession, project: Project) -> None:
    """After a project was made or moved: the parent's stage, `due_on`."""
    if project.is_parent or project.parent_id is not None:
        await _restate_parent(session, project.line_id, await pipeline(session))
    await due.refresh(session, [project.id])


async def _restate_parent(session: AsyncSession, parent_id: UUID, table: Pipeline) -> None:
    """A parent's stage is shown as that of its furthest leaf."""
    stages = await session.scalars(
        select(Project.stage).where(Project.parent_id == parent_id, Project.status.in_([Status.active, Status.paused]))
    )
    if reached := sorted(set(stages), key=lambda code: table.stage(code).position):
        await keep(session, parent_id, stage=reached[-1])
