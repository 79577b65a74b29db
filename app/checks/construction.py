"""Checks the rows behind the figures outside the ledger: start batches, plan lists, work resumptions."""

from functools import cache
from typing import Any

from sqlalchemy import case, exists, extract, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.checks.findings import Finding
from app.construction.models import PlanListRow, StartBatch, StartBatchRow, StartBatchWithdrawal, WorkResumption
from app.core import knowledge
from app.core.localized import Say
from app.core.series import latest_rows
from app.projects import as_of, phase_links
from app.projects.models import PhaseLink, Project
from app.projects.moves import MoveKind
from app.projects.stages import STARTED


@cache
def _in_batches() -> Any:
    """Returns a subquery of the members of batches not withdrawn: project and day."""
    members = latest_rows(StartBatchRow, StartBatchRow.batch_id, StartBatchRow.project_id)
    withdrawn = exists().where(StartBatchWithdrawal.batch_id == StartBatch.id)
    return (
        select(members.c.project_id, StartBatch.held_on)
        .join(StartBatch, (StartBatch.id == members.c.batch_id) & ~withdrawn)
        .subquery()
    )


@cache
def _before_the_phase() -> list[tuple[Say, Any]]:
    """Returns the names of three kinds of rows, each with the query of those from before their project was a phase."""
    plans = latest_rows(PlanListRow, PlanListRow.project_id, PlanListRow.year)
    resumed = latest_rows(WorkResumption, WorkResumption.project_id, WorkResumption.year)
    year = extract("year", PhaseLink.effective_on)
    batches = _in_batches()
    columns = (Project.code, PhaseLink.effective_on)
    phases = select(*columns).join(Project, Project.id == PhaseLink.project_id).where(phase_links.in_force())
    return [
        (name, phases.join(rows, rows.c.project_id == PhaseLink.project_id).where(is_earlier).order_by(Project.code))
        for rows, is_earlier, name in (
            (plans, plans.c.year < year, Say("年度计划库", "a plan list")),
            (batches, batches.c.held_on < PhaseLink.effective_on, Say("开工批次", "a start batch")),
            (resumed, resumed.c.on < PhaseLink.effective_on, Say("复工", "a work resumption")),
        )
    ]


async def rows_before_the_phase(session: AsyncSession) -> list[Finding]:
    """Finds batches, plan lists and work resumptions of a phase from before it was one: figures do not count them."""
    findings = []
    for name, earlier in _before_the_phase():
        for row in await session.execute(earlier):
            say = Say(
                f"{row.effective_on} 起才是分期，却有此前的{name.zh}登记，不予统计；请撤回",
                f"a phase from {row.effective_on} on, with {name.en} of an earlier day, which is not counted: "
                "withdraw it",
            )
            findings.append(Finding("before_phase", f"project {row.code}", say))
    return findings


@cache
def _of_a_parent() -> list[tuple[Say, Any]]:
    """Returns the names of two kinds of rows, each with the query of those of a project that had phases on their day,
    none of which continues it."""
    resumed = latest_rows(WorkResumption, WorkResumption.project_id, WorkResumption.year)
    batches = _in_batches()
    became = (
        select(PhaseLink.parent_id, func.min(PhaseLink.effective_on).label("first_day"))
        .where(phase_links.in_force())
        .group_by(PhaseLink.parent_id)
        .having(func.max(case((PhaseLink.continues_parent, 1), else_=0)) == 0)
        .subquery()
    )
    return [
        (
            name,
            select(Project.code, became.c.first_day, day.label("day"))
            .join(became, became.c.parent_id == Project.id)
            .join(rows, rows.c.project_id == Project.id)
            .where(day >= became.c.first_day)
            .order_by(Project.code, day),
        )
        for rows, day, name in (
            (batches, batches.c.held_on, Say("开工批次", "a start batch")),
            (resumed, resumed.c.on, Say("复工", "a work resumption")),
        )
    ]


async def rows_of_a_parent(session: AsyncSession) -> list[Finding]:
    """Finds batches and work resumptions of a project on a day on which it had phases, where none continues it: figures
    do not count them."""
    findings = []
    for name, late in _of_a_parent():
        for row in await session.execute(late):
            say = Say(
                f"{row.first_day} 起已分期，仍有 {row.day} 的{name.zh}登记，不予统计；请撤回，改登记到各期",
                f"has phases from {row.first_day} on, and {name.en} of {row.day}, which is not counted: withdraw it, "
                "and put it on record of a phase",
            )
            findings.append(Finding("parent_rows", f"project {row.code}", say))
    return findings


async def batch_members_not_started(session: AsyncSession) -> list[Finding]:
    """Finds members of a batch without an entry into `started` in force. Notices only: the figure counts them."""
    rows = latest_rows(StartBatchRow, StartBatchRow.batch_id, StartBatchRow.project_id)
    moves = as_of.moves_in_force(await knowledge.known_at(session, None))
    started = exists().where(
        moves.c.project_id == Project.id,
        moves.c.to_stage == STARTED,
        moves.c.kind.in_([MoveKind.entry, MoveKind.forward]),
    )
    withdrawn = exists().where(StartBatchWithdrawal.batch_id == StartBatch.id)
    members = await session.execute(
        select(Project.code, StartBatch.name, StartBatch.held_on)
        .select_from(rows)
        .join(StartBatch, StartBatch.id == rows.c.batch_id)
        .join(Project, Project.id == rows.c.project_id)
        .where(~started, ~withdrawn)
        .order_by(StartBatch.held_on, Project.code)
    )
    return [
        Finding(
            "start_batch",
            f"project {row.code}",
            Say(
                f"列入 {row.held_on} 的批次“{row.name}”，但没有进入开工阶段",
                f"in the batch “{row.name}” of {row.held_on} without an entry into `started`",
            ),
            is_notice=True,
        )
        for row in members
    ]
