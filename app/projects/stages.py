"""The stage table: stages, their order, limits and gates are rows, made by a migration and edited by an office."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core import context, stage_versions
from app.core.column_types import CODE, NAME
from app.core.context import ContextValue
from app.core.db import Base, Versioned, choice
from app.core.localized import Word
from app.core.remembered import Remembered
from app.projects.models import Program

SCREENED = "screened"
NEGOTIATING = "negotiating"
SIGNED = "signed"
LANDED = "landed"
PREPARING = "preparing"
STARTED = "started"
COMPLETED = "completed"
OPERATING = "operating"
AT_CAPACITY = "at_capacity"
"""Codes of the stages that rules name. The stages themselves are rows, made by a migration."""


class LimitKind(Word):
    idle = "idle", "无进展", "without progress"
    in_stage = "in_stage", "停留", "in the stage"
    plan_date = "plan_date", "计划节点", "planned day of the next stage"


class LimitUnit(Word):
    day = "day", "天", "days"
    workday = "workday", "工作日", "workdays"
    month = "month", "个月", "months"


class Strictness(Word):
    block = "block", "必须满足", "blocks"
    warn = "warn", "仅提示", "warns"


class Stage(Versioned, Base):
    """A stage of the pipeline, at its `position` in the order. `for_…`: which programs pass through it."""

    __tablename__ = "stages"
    __table_args__ = (UniqueConstraint("code"), UniqueConstraint("position"))

    code: Mapped[str] = mapped_column(CODE)
    position: Mapped[int]
    name_zh: Mapped[str] = mapped_column(NAME)
    name_en: Mapped[str] = mapped_column(NAME)
    for_promotion: Mapped[bool]
    for_construction: Mapped[bool]
    is_skippable: Mapped[bool]

    def applies_to(self, program: Program) -> bool:
        """Returns whether projects of the program pass through the stage; those of both programs pass as promotion."""
        return self.for_construction if program is Program.construction else self.for_promotion


class StageLimit(Base):
    """How long a project may stay in a stage. A stage may have several limits: the earliest day counts."""

    __tablename__ = "stage_limits"
    __table_args__ = (
        CheckConstraint("(kind = 'plan_date') = (amount IS NULL)", name="amount_unless_planned"),
        CheckConstraint("(amount IS NULL) = (unit IS NULL)", name="amount_has_unit"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    stage: Mapped[str] = mapped_column(ForeignKey("stages.code"), primary_key=True)
    kind: Mapped[LimitKind] = mapped_column(choice(LimitKind, "kind"), primary_key=True)
    amount: Mapped[int | None]
    unit: Mapped[LimitUnit | None] = mapped_column(choice(LimitUnit, "unit"))
    source: Mapped[str] = mapped_column(String(10))


class StageGate(Base):
    """A named predicate that must hold to enter a stage. `is_fixed` gates cannot be loosened or overridden."""

    __tablename__ = "stage_gates"

    stage: Mapped[str] = mapped_column(ForeignKey("stages.code"), primary_key=True)
    gate: Mapped[str] = mapped_column(CODE, primary_key=True)
    position: Mapped[int]
    strictness: Mapped[Strictness] = mapped_column(choice(Strictness, "strictness"))
    for_promotion: Mapped[bool]
    for_construction: Mapped[bool]
    is_fixed: Mapped[bool]

    def applies_to(self, program: Program) -> bool:
        return self.for_construction if program is Program.construction else self.for_promotion


class Pipeline:
    """The whole stage table, read once a transaction: it has some twelve stages, and most acts ask for it often."""

    def __init__(self, stages: list[Stage], limits: list[StageLimit], gates: list[StageGate]) -> None:
        self.stages = stages
        self.rows: list[Stage | StageLimit | StageGate] = [*stages, *limits, *gates]
        self._by_code = {stage.code: stage for stage in stages}
        self.positions = {stage.code: stage.position for stage in stages}
        self._limits: dict[str, list[StageLimit]] = {stage.code: [] for stage in stages}
        for limit in limits:
            self._limits[limit.stage].append(limit)
        self._gates = sorted(gates, key=lambda gate: gate.position)
        self._walks = {program: [stage for stage in stages if stage.applies_to(program)] for program in Program}
        self.next_required = {(program, here.code): self._next(program, here) for program in Program for here in stages}
        """The next stage of a program that may not be skipped, by program and stage; None after the last one."""

    def _next(self, program: Program, here: Stage) -> str | None:
        later = (s.code for s in self._walks[program] if s.position > here.position and not s.is_skippable)
        return next(later, None)

    def stage(self, code: str) -> Stage:
        return self._by_code[code]

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def walk(self, program: Program) -> list[Stage]:
        """Returns the stages that a program passes through, in order."""
        return self._walks[program]

    def between(self, program: Program, after: str, up_to: str) -> list[Stage]:
        """Returns the stages of a program after one stage up to another, `up_to` included."""
        low, high = self.stage(after).position, self.stage(up_to).position
        return [stage for stage in self.walk(program) if low < stage.position <= high]

    def gates(self, stage: str, program: Program) -> list[StageGate]:
        """Returns the gates that a stage asks of a program, in order."""
        return [gate for gate in self._gates if gate.stage == stage and gate.applies_to(program)]

    def all_gates(self, stage: str) -> list[StageGate]:
        return [gate for gate in self._gates if gate.stage == stage]

    def limits(self, stage: str) -> list[StageLimit]:
        return self._limits.get(stage, [])

    def at_least(self, stage: str, other: str) -> bool:
        """Returns whether a stage is the other one or a later one."""
        return self.stage(stage).position >= self.stage(other).position


_PIPELINE: ContextValue[Pipeline] = ContextValue("pipeline")
_IS_EDITED: ContextValue[bool] = ContextValue("stages_edited")
"""Whether this transaction edits the table: what it reads then may be rolled back, and is not remembered."""


_VERSIONS_LOCKED = stage_versions.of(select(Stage.version, Stage.updated_at).with_for_update(read=True))
_REMEMBERED: Remembered[Pipeline] = Remembered(100)
"""The tables that this process has read, by database and by the versions of the stages: an edit of a limit or a gate
raises that of its stage."""


async def pipeline(session: AsyncSession) -> Pipeline:
    """Returns the stage table, to be read alone. A writing transaction locks its rows against edits (FOR SHARE)."""
    table = _PIPELINE.get(session)
    return table or _PIPELINE.set(session, await _read(session))


async def _read(session: AsyncSession) -> Pipeline:
    if _IS_EDITED.get(session):
        return await _whole(session)
    key = (session.get_bind().engine.url, await _current_versions(session))
    table = _REMEMBERED.find(key)
    if table is None:
        table = _REMEMBERED.keep(key, await _whole(session))
        for row in table.rows:
            session.expunge(row)  # it is shared by all sessions: none may expire it
    return table


async def _current_versions(session: AsyncSession) -> str | None:
    if context.IS_WRITING.get(session):
        return await session.scalar(_VERSIONS_LOCKED)
    before = context.READ_BEFORE.get(session)
    return await session.scalar(stage_versions.CURRENT) if before is None else before.stage_versions


async def for_edit(session: AsyncSession) -> Pipeline:
    """Returns the stage table with rows to be edited, which this transaction alone reads. Locks them."""
    _IS_EDITED.set(session, True)
    return _PIPELINE.set(session, await _whole(session, is_locked=True))


async def _whole(session: AsyncSession, *, is_locked: bool = False) -> Pipeline:
    query = select(Stage).order_by(Stage.position)
    # A writer that waited for somebody's edit of the table must read the rows as edited.
    fresh = {"populate_existing": True}
    stages = list(await session.scalars(query.with_for_update() if is_locked else query, execution_options=fresh))
    limits = list(await session.scalars(select(StageLimit), execution_options=fresh))
    gates = list(await session.scalars(select(StageGate), execution_options=fresh))
    return Pipeline(stages, limits, gates)


def forget(session: AsyncSession) -> None:
    """Clears the cached table of this transaction, after an edit."""
    _PIPELINE.clear(session)
