"""What is put on record for the figures outside the ledger: rows of a phase before it was one, and members of a batch
that never started, whom the figure counts all the same."""

from sqlalchemy import exists, extract, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.checks.findings import Finding
from app.construction.models import PlanListRow, StartBatch, StartBatchRow, StartBatchWithdrawal, WorkResumption
from app.construction.series import latest_rows
from app.core import knowledge
from app.core.say import Say
from app.projects import phase_links
from app.projects.models import PhaseLink, Project
from app.projects.moves import MoveKind
from app.totals import figures


async def rows_before_the_phase(session: AsyncSession) -> list[Finding]:
    """Batches, plan lists and work resumptions of a phase for a day on which it was none: figures leave them out."""
    plans = latest_rows(PlanListRow, PlanListRow.project_id, PlanListRow.year)
    members = latest_rows(StartBatchRow, StartBatchRow.batch_id, StartBatchRow.project_id)
    resumed = latest_rows(WorkResumption, WorkResumption.project_id, WorkResumption.year)
    withdrawn = exists().where(StartBatchWithdrawal.batch_id == StartBatch.id)
    year = extract("year", PhaseLink.effective_on)
    of_batches = select(members.c.project_id, StartBatch.held_on).join(
        StartBatch, (StartBatch.id == members.c.batch_id) & ~withdrawn
    )
    held = of_batches.subquery()
    columns = (Project.code, PhaseLink.effective_on)
    own = select(*columns).join(Project, Project.id == PhaseLink.project_id).where(phase_links.stand())
    found = []
    for rows, is_earlier, zh, en in (
        (plans, plans.c.year < year, "年度计划库", "a plan list"),
        (held, held.c.held_on < PhaseLink.effective_on, "开工批次", "a start batch"),
        (resumed, resumed.c.on < PhaseLink.effective_on, "复工", "a work resumption"),
    ):
        earlier = own.join(rows, rows.c.project_id == PhaseLink.project_id).where(is_earlier).order_by(Project.code)
        for row in await session.execute(earlier):
            say = Say(
                f"{row.effective_on} 起才是分期，却有此前的{zh}登记，不予统计；请撤回",
                f"a phase from {row.effective_on} on, with {en} of an earlier day, which is not counted: withdraw it",
            )
            found.append(Finding("before_phase", f"project {row.code}", say))
    return found


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
