"""Opens and closes every act on a project or a deal: locks its line, and updates what depends on it at the end.

A line is a project with its phases. `held` and `of_deal` lock the project of the act and the formal deals of its whole
line, and load the stage table and the history of moves once. On a clean exit they restate every project whose moves
changed, settle the ledger where a landing changed, and require «Deal and stage» on every line held, new phases
included. After an exception they do nothing: the transaction is rolled back.

Lock enterprises before; take `recorded_at` (`knowledge.take`) after.
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
from app.events.service import Rehearsed
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
    """The project of an act, and the version the caller read; None where it read none."""

    project_id: UUID
    version: int | None = None
    reports: bool = False
    """Whether a mere member of its team may do the act (`projects.lock`)."""


@dataclass(slots=True)
class Line:
    """The project of an act, with everything the act needs of its line."""

    session: AsyncSession
    actor: Actor
    project: Project
    """The project of the act, locked."""
    table: Pipeline
    deals: Sequence[Deal]
    """The formal deals of the whole line that have counted, live or terminated, locked."""
    _histories: dict[UUID, list[Move]]
    _states: dict[UUID, State]
    """The state after the moves of each project, where the act has asked for it."""
    _moved: dict[UUID, tuple[Project, UUID]] = field(default_factory=dict)

    @property
    def history(self) -> list[Move]:
        """All moves of the project of the act, withdrawn ones included."""
        return self._histories[self.project.id]

    async def history_of(self, project: Project) -> list[Move]:
        """Returns all moves of any project of the line."""
        if project.id not in self._histories:
            self._histories[project.id] = await moves.history_of(self.session, project.id)
        return self._histories[project.id]

    async def state_of(self, project: Project) -> State:
        """Returns the state of any project of the line after its moves, which are added up once."""
        if project.id not in self._states:
            self._states[project.id] = moves.state_of(await self.history_of(project), self.table.positions)
        return self._states[project.id]

    @property
    def own_deals(self) -> list[Deal]:
        """The formal deals of the project itself, live or terminated."""
        return [deal for deal in self.deals if deal.project_id == self.project.id]

    def set_history(self, project: Project, history: list[Move]) -> None:
        """Replaces the cached history of a project, which later moves of the act are appended to."""
        self._histories[project.id] = history
        self._states.pop(project.id, None)

    def assign(self, project: Project, history: list[Move]) -> None:
        """Replaces the cached history of a project and sets its stage and status from it; the caller records the event.

        A parent keeps its stage, which is that of its furthest leaf.
        """
        self._histories[project.id] = history
        self._states[project.id] = state = moves.state_of(history, self.table.positions)
        if not project.is_parent:
            state.assign_to(project)

    def mark_moved(self, project: Project, event_id: UUID) -> None:
        """Marks a project to be restated from its cached history, under that event, when the act ends."""
        self._moved[project.id] = project, event_id

    async def restate(self) -> None:
        """Recomputes what depends on the moves of each project that was marked as moved since the last call."""
        moved, self._moved = self._moved, {}
        for project, event_id in moved.values():
            await self._restate(project, event_id)

    async def _restate(self, project: Project, event_id: UUID) -> None:
        """Updates what depends on the moves: derived columns, landings in the ledger, the parent's stage, `due_on`."""
        history = await self.history_of(project)
        landed_on = (await self.state_of(project)).entries.get(LANDED)
        landed_changed = landed_on != project.landed_on
        last_activity_on = (await due.latest_activity(self.session, [project], {project.id: history}))[project.id]
        if landed_changed or last_activity_on != project.last_activity_on:
            await keep(self.session, project.id, landed_on=landed_on, last_activity_on=last_activity_on)
        if landed_changed:
            await self.settle(event_id)
        await refresh_after_move(self.session, project)

    async def settle(self, event_id: UUID) -> None:
        """Settles the ledger of every formal deal of the line (`ledger.settle`)."""
        for deal in self.deals:
            if deal.status in _COUNTED:
                await ledger.settle(self.session, deal, event_id)


@asynccontextmanager
async def held(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int | None, *, reports: bool = False
) -> AsyncIterator[Line]:
    """Holds the line of a project for an act. Raises NotFound, Forbidden or Stale; on exit Conflict, naming the remedy,
    where the act breaks «Deal and stage»."""
    async with all_held(session, actor, Head(project_id, version, reports)) as [line]:
        yield line


@asynccontextmanager
async def of_deal(
    session: AsyncSession, actor: Actor, deal_id: UUID, version: int | None
) -> AsyncIterator[tuple[Deal, Line]]:
    """Holds a deal and the line of its project for an act. Raises as `deals.lock`; on exit as `held`."""
    deal, project = await deals.lock(session, actor, deal_id, version)
    async with held(session, actor, project.id, None) as line:
        yield deal, line


@asynccontextmanager
async def all_held(session: AsyncSession, actor: Actor, *heads: Head) -> AsyncIterator[list[Line]]:
    """Holds the lines of several projects, in the order asked for. Locks them in the order that every act uses."""
    by_id: dict[UUID, Head] = {}
    for head in heads:
        by_id.setdefault(head.project_id, head)
    locked = {}
    for project_id in await projects.in_lock_order(session, list(by_id)):
        head = by_id[project_id]
        locked[project_id] = await projects.lock(session, actor, project_id, head.version, reports=head.reports)
    formal: dict[UUID, Sequence[Deal]] = {}
    for project in sorted(locked.values(), key=lambda project: project.line_id):
        if project.line_id not in formal:
            formal[project.line_id] = await _formal(session, project)
    table, histories = await pipeline(session), await moves.history(session, list(locked))
    states: dict[UUID, State] = {}
    lines = []
    for head in heads:
        project = locked[head.project_id]
        lines.append(Line(session, actor, project, table, formal[project.line_id], histories, states))
    try:
        yield lines
    except Rehearsed:
        await deal_and_stage.require(session, list(formal), histories)
        raise
    for line in lines:
        await line.restate()
    await deal_and_stage.require(session, list(formal))


async def _formal(session: AsyncSession, project: Project) -> Sequence[Deal]:
    """Returns the formal deals of the whole line, live or terminated, locked."""
    approved = await deals.on_line(session, project, *_COUNTED, whole=True)
    return [deal for deal in approved if deal.kind is DealKind.formal]


async def refresh_after_move(session: AsyncSession, project: Project) -> None:
    """Updates the parent's stage and `due_on` after a project was created or moved."""
    if project.is_parent or project.parent_id is not None:
        await _restate_parent(session, project.line_id, await pipeline(session))
    await due.refresh(session, [project.id])


async def _restate_parent(session: AsyncSession, parent_id: UUID, table: Pipeline) -> None:
    """Sets a parent's stage to that of its furthest active or paused leaf."""
    stages = await session.scalars(
        select(Project.stage).where(Project.parent_id == parent_id, Project.status.in_([Status.active, Status.paused]))
    )
    if reached := sorted(set(stages), key=lambda code: table.stage(code).position):
        await keep(session, parent_id, stage=reached[-1])
