"""My tasks: one ordered queue over all rooms, page by page, each task with the one act that clears it.

The order is that of the days, within a day that of the kinds; undated tasks stand under today.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import policy
from app.core import clock, knowledge, paging
from app.core.actor import Actor, scope_of
from app.core.refs import Reference
from app.core.remembered import Remembered
from app.deals.models import Deal
from app.five_ones import due, strokes
from app.five_ones.models import Milestone
from app.leads.models import Lead
from app.mine import queue, wording
from app.mine.kinds import BY_RANK, UNDATED, Severity, SubjectType, TaskKind, TaskScope
from app.mine.queue import Asked, IdleEnds
from app.mine.schemas import MyCounts, Quarter, Subject, Task, TaskAct, TaskCounts, TaskList, TaskQuery, TaskWith
from app.organizations.models import Unit
from app.projects.follow_ups import FollowUp
from app.projects.models import Project
from app.projects.stages import LimitKind, LimitUnit, Pipeline, Stage, StageLimit, pipeline
from app.reference import workdays
from app.totals import filters, overview, periods
from app.webhooks.inbound.models import InboxMessage

_REFERENCES = [
    Reference("project", "project_id", Project),
    Reference("lead", "lead_id", Lead),
    Reference("deal", "deal_id", Deal, lambda deal: deal.title),
    Reference("unit", "unit_id", Unit),
]
_OF_LIMITS = frozenset({TaskKind.overdue, TaskKind.idle_limit, TaskKind.stage_limit})
_DETAILS = (
    "id stage program status is_parent parent_id continues_parent stage_since paused_days last_activity_on due_on"
)
_HORIZON = timedelta(days=14)


async def find(session: AsyncSession, actor: Actor, query: TaskQuery) -> TaskList:
    """Returns a page of the queue, in a fixed number of statements."""
    today, table = await clock.today(session), await pipeline(session)
    until = today + timedelta(days=query.horizon_days)
    asked = Asked(actor, query.scope, today, until, table, await _idle_ends(session, table, today, until))
    statements = _BUILT.get((asked.key, str(query.kind), query.limit), lambda: _Statements(asked, query))
    part = await paging.fetch(
        session,
        statements.first if query.cursor is None else statements.next,
        statements.order,
        name="tasks",
        limit=query.limit,
        cursor=query.cursor,
        filters=query.filters(),
        names=_REFERENCES,
    )
    details = await _details(session, part.rows, today, table)
    return TaskList(
        items=[_task(actor, {**row, **details.get(row["project_id"], {})}, today) for row in part.rows],
        next_cursor=part.next_cursor,
        count=await paging.count(session, statements.rows) if query.wants_count else None,
        today=today,
        scope=scope_of(actor),
        counts=await _counts(session, statements.counts),
        quarter=await _quarter(session, actor, today) if TaskWith.quarter in (query.with_ or ()) else None,
    )


async def _quarter(session: AsyncSession, actor: Actor, today: date) -> Quarter:
    query = filters.OverviewFilter(period=periods.quarter_of(periods.number_of(today)))
    period = filters.Asked(*query.days(), await knowledge.known_at(session, None))
    sums = await overview.signings_sums(session, actor, period, query)
    return Quarter.model_validate({**dict(sums), "period": query.period})


class _Statements:
    """The statements of a queue, built once for each shape."""

    def __init__(self, asked: Asked, query: TaskQuery) -> None:
        union = queue.tasks(asked).subquery("tasks")
        self.rows: Select[*tuple[Any, ...]] = select(union)
        if query.kind is not None:
            self.rows = self.rows.where(union.c.rank.in_([kind.rank for kind in query.kind]))
        self.order = paging.Order([union.c.due_on, union.c.rank, union.c.id])
        self.first = paging.statement(self.rows, self.order, _REFERENCES, _shown, limit=query.limit, is_next=False)
        self.next = paging.statement(self.rows, self.order, _REFERENCES, _shown, limit=query.limit, is_next=True)
        self.counts = _numbers(asked)


_BUILT: Remembered[_Statements] = Remembered()
_COUNTS: Remembered[Select[*tuple[Any, ...]]] = Remembered()


def _numbers(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Selects the number of tasks of each kind, and of those past their day."""
    union = queue.tasks(asked).subquery("tasks")
    late = func.sum(case((union.c.due_on < asked.today, 1), else_=0))
    return select(union.c.rank, func.count().label("n"), late.label("late")).group_by(union.c.rank)


async def _idle_ends(session: AsyncSession, table: Pipeline, first: date, last: date) -> IdleEnds:
    rules: dict[tuple[Any, Any], list[StageLimit]] = {}
    for stage in table.stages:
        for limit in table.limits(stage.code):
            if limit.kind is LimitKind.idle:
                rules.setdefault((limit.amount, limit.unit), []).append(limit)
    has_workdays = any(unit is LimitUnit.workday for _, unit in rules)
    calendar = await workdays.calendar(session) if has_workdays else {}
    return tuple(
        (tuple(limit.stage for limit in limits), tuple(due.idle_ends(limits[0], first, last, calendar)))
        for limits in rules.values()
    )


def _shown(page: Subquery) -> Select[*tuple[Any, ...]]:
    """Selects a page with what it shows of its rows besides the names."""

    def of(column: Any, key: Any, id: Any) -> Any:
        return select(column).where(key == id).scalar_subquery()

    row = page.c
    versions = [of(model.version, model.id, row[f"{name}_id"]) for name, model in _VERSIONED.items()]
    return select(
        *row,
        func.coalesce(*versions).label("version"),
        of(Project.stage, Project.id, row.project_id).label("stage"),
        of(Milestone.name, Milestone.id, row.id).label("milestone"),
        of(FollowUp.next_step, FollowUp.id, row.id).label("next_step"),
        of(InboxMessage.message_id, InboxMessage.id, row.id).label("message_id"),
        of(InboxMessage.type, InboxMessage.id, row.id).label("message_type"),
    )


_VERSIONED: Mapping[str, Any] = {"project": Project, "lead": Lead, "deal": Deal}


async def _details(
    session: AsyncSession, rows: Sequence[Mapping[str, Any]], today: date, table: Pipeline
) -> dict[UUID, dict[str, Any]]:
    """Returns the limit that ends first and what is lacking, of the projects of a page."""
    kinds = _OF_LIMITS | {TaskKind.five_ones}
    asked = {row["project_id"] for row in rows if BY_RANK[row["rank"]] in kinds}
    columns = [getattr(Project, name) for name in _DETAILS.split()]
    flags = strokes.flags(Project, today, table).columns()
    found = (await session.execute(select(*columns, *flags).where(Project.id.in_(sorted(asked))))).all()
    ends = await due.limit_ends(session, found)
    return {row.id: {"end": ends[row.id], "flags": row._mapping} for row in found}


def _task(actor: Actor, row: Mapping[str, Any], today: date) -> Task:
    kind, due_on = BY_RANK[row["rank"]], row["due_on"]
    say = wording.sentence(kind, row, today)
    severity = Severity.today if due_on == today else Severity.overdue if due_on < today else Severity.soon
    is_dated = kind not in UNDATED
    return Task(
        kind=kind,
        id=row["id"],
        severity=severity,
        due_on=due_on if is_dated else None,
        days=(due_on - today).days if is_dated else None,
        zh=say.zh,
        en=say.en,
        subject=_subject(row),
        unit=row["unit"],
        act=_act(actor, kind, row),
    )


def _subject(row: Mapping[str, Any]) -> Subject:
    kind = next((kind for kind in SubjectType if row.get(kind.value)), SubjectType.inbox_message)
    if kind is SubjectType.inbox_message:
        name = row["message_type"] or row["message_id"]
        return Subject(type=kind, id=row["id"], code=row["message_id"], name=name, stage=None, version=None)
    named = row[kind.value]
    return Subject(
        type=kind,
        id=named["id"],
        code=named["code"],
        name=named["name"],
        stage=row["stage"],
        version=row["version"],
    )


_FOLLOW_UP = ("add_follow_up", "记跟进", "record a follow-up", "/projects/{project_id}/follow-ups")
ACTS: Mapping[str, tuple[str, str, str, str]] = {
    "follow_up": _FOLLOW_UP,
    "lead_follow_up": ("add_lead_follow_up", "记跟进", "record a follow-up", "/leads/{lead_id}/follow-ups"),
    "move": ("move_project", "移动阶段", "move it on", "/projects/{project_id}/moves"),
    "answer": ("answer_lead", "回应", "answer", "/leads/{lead_id}/answer"),
    "assess": ("assess_lead", "研判", "assess", "/leads/{lead_id}/assessments"),
    "milestone": ("report_milestone", "报进度", "report", "/projects/{project_id}/milestones/{id}/reports"),
    "approval": ("approve_deal", "去审核", "approve", "/deals/{deal_id}/approval"),
    "lacks_leader": ("appoint_leader", "确定包保领导", "appoint a leader", "/projects/{project_id}/leaders"),
    "is_leader_out_of_post": (
        "hand_over_leader",
        "交接包保领导",
        "hand over to another leader",
        "/projects/{project_id}/leader-handovers",
    ),
    "lacks_team": ("set_team", "确定班子", "set the team", "/projects/{project_id}/teams"),
    "lacks_plan": ("publish_plan", "发布方案", "publish a plan", "/projects/{project_id}/plans"),
    "inbox": ("replay_inbox_message", "重办", "replay", "/inbox/{id}/replay"),
}
_REPORTS = frozenset({"add_follow_up", "add_lead_follow_up", "report_milestone"})
"""Acts open to whoever sees the record without deciding on it."""


def _act(actor: Actor, kind: TaskKind, row: Mapping[str, Any]) -> TaskAct | None:
    """Returns the act that clears a task; None where the actor may not do it."""
    operation, zh, en, path = ACTS[_way(kind, row)]
    decides = operation in _REPORTS or kind is TaskKind.inbox or actor.reaches(row["unit_id"], row["task_force_id"])
    wants = policy.wanted(operation).any_of
    if not (row["is_open"] and decides and wants & actor.permissions):
        return None
    ids = {name: row[name] for name in ("id", "project_id", "lead_id", "deal_id")}
    return TaskAct(operation=operation, zh=zh, en=en, method="POST", path="/api/v1" + path.format(**ids))


def _way(kind: TaskKind, row: Mapping[str, Any]) -> str:
    if kind in _OF_LIMITS:
        return "follow_up" if row["end"] is not None and row["end"].kind is LimitKind.idle else "move"
    if kind is TaskKind.next_step:
        return "follow_up" if row["lead_id"] is None else "lead_follow_up"
    if kind is TaskKind.five_ones:
        lacks = ("lacks_leader", "is_leader_out_of_post", "lacks_team", "lacks_plan")
        return next(name for name in lacks if row["flags"][name])
    return kind.value


async def _counts(session: AsyncSession, numbers: Select[*tuple[Any, ...]]) -> TaskCounts:
    found = {BY_RANK[row.rank].value: row.n for row in await session.execute(numbers)}
    counts = {kind.value: found.get(kind.value, 0) for kind in TaskKind}
    return TaskCounts(all=sum(counts.values()), **counts)


async def my_counts(session: AsyncSession, actor: Actor) -> MyCounts:
    """Returns what waits for the actor, in two statements."""
    today = await clock.today(session)
    stages = list(await session.scalars(select(Stage).order_by(Stage.position)))
    asked = Asked(actor, TaskScope.mine, today, today + _HORIZON, Pipeline(stages, [], []))
    rows = (await session.execute(_COUNTS.get(asked.key, lambda: _numbers(asked)))).all()
    found = {BY_RANK[row.rank]: row for row in rows}

    def number(*kinds: TaskKind) -> int:
        return sum(found[kind].n for kind in kinds if kind in found)

    return MyCounts(
        todo=number(*TaskKind),
        overdue=sum(row.late for row in rows),
        leads=number(TaskKind.answer, TaskKind.assess),
        deals=number(TaskKind.approval),
        inbox=number(TaskKind.inbox),
    )
