"""Collective starts: the figure counts members of any stage, so the keeper of the list is told of those not started."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.checks.findings import Finding
from app.construction.models import StartBatch, StartBatchRow, StartBatchWithdrawal
from app.construction.series import latest_rows
from app.core import knowledge
from app.core.say import Say
from app.projects.models import Project
from app.projects.moves import MoveKind
from app.totals import figures


async def batch_members_not_started(session: AsyncSession) -> list[Finding]:
    """Members of a batch without an entry into `started` that stands."""
    rows = latest_rows(StartBatchRow, StartBatchRow.batch_id, StartBatchRow.project_id)
    moves = figures.standing_moves(await knowledge.known_at(session, None))
    started = exists().where(
        moves.c.project_id == Project.id,
        moves.c.to_stage == "started",
        moves.c.kind.in_([MoveKind.entry, MoveKind.forward]),
    )
    withdrawn = exists().where(StartBatchWithdrawal.batch_id == StartBatch.id)
    found = await session.execute(
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
        for row in found
    ]
