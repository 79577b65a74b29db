"""Moves: the facts that stage and status are computed from. The room `pipeline` writes them.

A mistaken move is corrected by a further row; the latest correction is in force. An entry into a stage is in force
unless its move is withdrawn or, before `started`, a later move goes back behind it.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    ScalarSelect,
    and_,
    case,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.column_types import NAME, PROSE
from app.core.db import Base, Id, choice
from app.core.localized import Word
from app.projects.models import PhaseLink, Project, Status, TerminationReason


class MoveKind(Word):
    entry = "entry", "入库", "entry"
    forward = "forward", "前进", "forward"
    back = "back", "回退", "back"
    pause = "pause", "暂缓", "paused"
    reactivate = "reactivate", "恢复", "reactivated"
    terminate = "terminate", "终止", "terminated"
    merge = "merge", "并入", "merged"


class ProjectMove(Base):
    """One move. Append-only. It counts for `happened_on`, which is never after the business day of recording."""

    __tablename__ = "project_moves"
    __table_args__ = (
        Index("uq_project_moves_project_id_seq", "project_id", "seq", unique=True),
        CheckConstraint("kind <> 'terminate' OR reason_code IS NOT NULL", name="termination_has_code"),
        CheckConstraint("kind <> 'back' OR reason IS NOT NULL", name="back_has_reason"),
        Index("ix_project_moves_to_stage", "to_stage", "happened_on"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    seq: Mapped[int]
    kind: Mapped[MoveKind] = mapped_column(choice(MoveKind, "kind"))
    from_stage: Mapped[str | None] = mapped_column(ForeignKey("stages.code"))
    to_stage: Mapped[str] = mapped_column(ForeignKey("stages.code"))
    from_status: Mapped[Status | None] = mapped_column(choice(Status, "from_status"))
    to_status: Mapped[Status] = mapped_column(choice(Status, "to_status"))
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime]
    is_catch_up: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(PROSE)
    reason_code: Mapped[TerminationReason | None] = mapped_column(choice(TerminationReason, "reason_code"))
    expected_on: Mapped[date | None]
    authority: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    override: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class MoveCorrection(Base):
    """Corrects a move: gives it another day, or withdraws it. Append-only; the latest row of a move is in force."""

    __tablename__ = "move_corrections"
    __table_args__ = (
        CheckConstraint("(happened_on IS NULL) = is_withdrawn", name="day_or_withdrawn"),
        Index("ix_move_corrections_move_id", "move_id", "recorded_at"),
    )

    id: Mapped[Id]
    move_id: Mapped[UUID] = mapped_column(ForeignKey("project_moves.id"))
    happened_on: Mapped[date | None]
    is_withdrawn: Mapped[bool]
    reason: Mapped[str] = mapped_column(NAME)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


@dataclass(frozen=True, slots=True)
class Move:
    """A move with its corrections applied."""

    id: UUID
    project_id: UUID
    seq: int
    kind: MoveKind
    from_stage: str | None
    to_stage: str
    from_status: Status | None
    to_status: Status
    happened_on: date
    is_withdrawn: bool
    is_catch_up: bool
    expected_on: date | None


@dataclass(slots=True)
class State:
    """Stage and status after all moves of a project. `paused_days` counts the present stage, without an open pause."""

    stage: str = ""
    stage_since: date | None = None
    status: Status = Status.active
    paused_on: date | None = None
    paused_days: int = 0
    resume_expected_on: date | None = None
    entries: dict[str, date] = field(default_factory=dict)
    """The day of each entry into a stage that is in force."""

    def assign_to(self, project: Project) -> None:
        """Set stage and status of the project; the caller records the event."""
        assert self.stage_since is not None
        project.stage, project.stage_since = self.stage, self.stage_since
        project.status = self.status
        project.paused_on, project.paused_days = self.paused_on, self.paused_days
        project.resume_expected_on = self.resume_expected_on


def state_of(history: Sequence[Move], positions: Mapping[str, int]) -> State:
    """Returns the state after these moves; withdrawn ones do not count."""
    state = State()
    for move in history:
        if move.is_withdrawn:
            continue
        if move.kind is MoveKind.merge and state.stage_since is None:
            # The entry of a withdrawn phase is withdrawn too: its stage is that of its merge into the parent.
            state.stage, state.stage_since = move.to_stage, move.happened_on
        if move.kind in (MoveKind.entry, MoveKind.forward, MoveKind.back):
            state.stage, state.stage_since, state.paused_days = move.to_stage, move.happened_on, 0
        if move.kind is MoveKind.reactivate and state.paused_on is not None:
            state.paused_days += (move.happened_on - state.paused_on).days
        if move.to_status is Status.paused:
            state.paused_on = move.happened_on
            state.resume_expected_on = move.expected_on or state.resume_expected_on
        else:
            state.paused_on = state.resume_expected_on = None
        state.status = move.to_status
    state.entries = entries(history, positions)
    return state


def withdrawn(history: Sequence[Move], move_ids: Container[UUID]) -> list[Move]:
    """Returns the history with those moves marked as withdrawn."""
    return [replace(move, is_withdrawn=True) if move.id in move_ids else move for move in history]


def redated(history: Sequence[Move], move_id: UUID, day: date) -> list[Move]:
    """Returns the history with that move on another day."""
    return [replace(move, happened_on=day) if move.id == move_id else move for move in history]


is_of_history: ColumnElement[bool] = or_(
    ProjectMove.project_id == Project.id,
    and_(Project.continues_parent, ProjectMove.project_id == Project.parent_id),
)
"""The condition on Project and ProjectMove that the move is in the history of the project: its own, and those that a
parent made as a leaf, which belong also to the phase that continues it."""


def is_withdrawn() -> ColumnElement[bool]:
    """Returns the condition on ProjectMove that its latest correction withdraws it. Never NULL."""
    latest = (
        select(MoveCorrection.is_withdrawn)
        .where(MoveCorrection.move_id == ProjectMove.id)
        .order_by(MoveCorrection.recorded_at.desc(), MoveCorrection.id.desc())
        .limit(1)
        .correlate(ProjectMove)
        .scalar_subquery()
    )
    return func.coalesce(latest, false())


async def history_of(session: AsyncSession, project_id: UUID) -> list[Move]:
    """Returns `history` of one project."""
    return (await history(session, [project_id]))[project_id]


async def history(session: AsyncSession, project_ids: Sequence[UUID]) -> dict[UUID, list[Move]]:
    """Returns all moves of each project in the order they were made, withdrawn ones included and marked."""
    rank = (
        func.row_number()
        .over(
            partition_by=MoveCorrection.move_id,
            order_by=(MoveCorrection.recorded_at.desc(), MoveCorrection.id.desc()),
        )
        .label("rank")
    )
    ranked = select(MoveCorrection.move_id, MoveCorrection.happened_on, MoveCorrection.is_withdrawn, rank).subquery()
    rows = await session.execute(
        select(
            Project.id.label("owner_id"),
            ProjectMove.id,
            ProjectMove.project_id,
            ProjectMove.seq,
            ProjectMove.kind,
            ProjectMove.from_stage,
            ProjectMove.to_stage,
            ProjectMove.from_status,
            ProjectMove.to_status,
            func.coalesce(ranked.c.happened_on, ProjectMove.happened_on).label("happened_on"),
            func.coalesce(ranked.c.is_withdrawn, False).label("is_withdrawn"),
            ProjectMove.is_catch_up,
            ProjectMove.expected_on,
        )
        .join_from(Project, ProjectMove, is_of_history)
        .join(ranked, (ranked.c.move_id == ProjectMove.id) & (ranked.c.rank == 1), isouter=True)
        .where(Project.id.in_(project_ids))
        .order_by(Project.id, ProjectMove.project_id == Project.id, ProjectMove.seq)
    )
    histories: dict[UUID, list[Move]] = {project_id: [] for project_id in project_ids}
    for owner_id, *move in rows:
        histories[owner_id].append(Move(*move))
    return histories


class Entering(Protocol):
    """The part of a move that tells which stage it entered, and when."""

    @property
    def kind(self) -> MoveKind: ...
    @property
    def to_stage(self) -> str: ...
    @property
    def happened_on(self) -> date: ...
    @property
    def is_withdrawn(self) -> bool: ...


Entry = TypeVar("Entry", bound=Entering)


def entries_in_force(moves: Iterable[Entry], position: Mapping[str, int]) -> dict[str, Entry]:
    """Returns by stage the entry in force: not withdrawn, and no later move goes back behind it."""
    in_force: dict[str, Entry] = {}
    for move in moves:
        if move.is_withdrawn:
            continue
        if move.kind in (MoveKind.entry, MoveKind.forward):
            in_force.setdefault(move.to_stage, move)
        elif move.kind is MoveKind.back:
            level = position[move.to_stage]
            in_force = {stage: entry for stage, entry in in_force.items() if position[stage] <= level}
    return in_force


def entries(moves: Iterable[Entering], position: Mapping[str, int]) -> dict[str, date]:
    """Returns by stage the day of the entry in force."""
    return {stage: entry.happened_on for stage, entry in entries_in_force(moves, position).items()}


def entered_on(project: Any = Project) -> ScalarSelect[date | None]:
    """Returns the scalar subquery, correlated to the project, of the day of the first move in `history`, as corrected.
    For a phase that continues its parent this is the day of the parent's entry. `project` has the columns of a project:
    Project itself, or the columns of a subquery."""
    corrected = (
        select(MoveCorrection.happened_on)
        .where(MoveCorrection.move_id == ProjectMove.id)
        .order_by(MoveCorrection.recorded_at.desc(), MoveCorrection.id.desc())
        .limit(1)
        .correlate(ProjectMove)
        .scalar_subquery()
    )
    entered = case((project.continues_parent, project.parent_id), else_=project.id)
    return (
        select(func.coalesce(corrected, ProjectMove.happened_on))
        .where(ProjectMove.project_id == entered)
        .order_by(ProjectMove.seq)
        .limit(1)
        .correlate_except(ProjectMove)
        .scalar_subquery()
    )


async def first_day(session: AsyncSession, project: Project) -> date | None:
    """Returns the day from which a project may have a leader and a team: a phase from its first day as a phase, any
    other project from the day of its entry."""
    phase_from = select(PhaseLink.effective_on).where(PhaseLink.project_id == project.id)
    entered = select(entered_on()).where(Project.id == project.id)
    day: date | None = await session.scalar(entered if project.parent_id is None else phase_from)
    return day


def last_day(moves: Sequence[Move]) -> date | None:
    """Returns the latest day of a move that is not withdrawn; None without moves."""
    return max((move.happened_on for move in moves if not move.is_withdrawn), default=None)
