"""My tasks: one ordered queue over all rooms, page by page, each task with the one act that clears it.

The order is that of the days, within a day that of the kinds; undated tasks stand under today.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, ScalarSelect, Select, String, cast, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import policy
from app.core import clock, knowledge, paging
from app.core.actor import Actor, scope_of
from app.core.remembered import Remembered
from app.five_ones import due
from app.mine import lines, queue, wording
from app.mine.kinds import BY_RANK, UNDATED, Severity, SubjectType, TaskKind, TaskScope
from app.mine.queue import Asked, IdleEnds
from app.mine.schemas import (
    Agenda,
    AgendaDay,
    MyCounts,
    Quarter,
    Subject,
    Task,
    TaskAct,
    TaskCounts,
    TaskDraft,
    TaskFollowUp,
    TaskList,
    TaskMilestone,
    TaskQuery,
    TaskWith,
    TimeLeft,
    Urgency,
)
from app.projects.stages import LimitKind, LimitUnit, Pipeline, StageLimit, pipeline
from app.reference import workdays
from app.totals import filters, overview, periods

_HORIZON = timedelta(days=14)
_AGENDA_DAYS = 14
_AGENDA_ITEMS = 5


async def find(session: AsyncSession, actor: Actor, query: TaskQuery) -> TaskList:
    """Returns a page of the queue, in a fixed number of statements."""
    today, table = await clock.today(session), await pipeline(session)
    until = today + timedelta(days=query.horizon_days)
    asked = Asked(actor, query.scope, today, until, table, await _idle_ends(session, table, today, until))
    key = (asked.key, str(query.kind), str(query.severity), query.limit)
    statements = _BUILT.get(key, lambda: _Statements(asked, query))
    part = await paging.fetch(
        session,
        statements.first if query.cursor is None else statements.next,
        statements.order,
        name="tasks",
        limit=query.limit,
        cursor=query.cursor,
        filters=query.filters(),
        names=lines.REFERENCES,
    )
    if part.rows:
        numbers: Sequence[Any] = _read_numbers(part.rows[0]["counts"])
    else:
        numbers = (await session.execute(statements.counts)).all()
    wanted = query.with_ or ()
    diary = await _diary(session, replace(asked, idle_ends=())) if TaskWith.agenda in wanted else None
    items = await _tasks(session, actor, [*part.rows, *(diary.rows if diary else ())], today, table)
    return TaskList(
        items=items[: len(part.rows)],
        next_cursor=part.next_cursor,
        count=await paging.count(session, statements.rows) if query.wants_count else None,
        today=today,
        scope=scope_of(actor),
        counts=_counts(numbers),
        quarter=await _quarter(session, actor, today) if TaskWith.quarter in wanted else None,
        agenda=Agenda(days=diary.days, items=items[len(part.rows) :]) if diary else None,
    )


async def _quarter(session: AsyncSession, actor: Actor, today: date) -> Quarter:
    query = filters.OverviewFilter(period=periods.quarter_of(periods.number_of(today)))
    period = filters.Asked(*query.days(), await knowledge.known_at(session, None))
    sums = await overview.signings_sums(session, actor, period, query)
    return Quarter.model_validate({**dict(sums), "period": query.period})


class _Diary(NamedTuple):
    days: list[AgendaDay]
    rows: Sequence[Mapping[str, Any]]


async def _diary(session: AsyncSession, asked: Asked) -> _Diary:
    """Returns how much each day of this week and the next holds, and the first rows after today, in three
    statements."""
    monday = asked.today - timedelta(days=asked.today.weekday())
    days = [monday + timedelta(days=number) for number in range(_AGENDA_DAYS)]
    asked = replace(asked, until=max(asked.until, days[-1]))
    union = queue.tasks(asked, queue.APPOINTED).subquery("tasks")
    of_day = select(union.c.due_on, func.count().label("n")).where(union.c.due_on.between(monday, days[-1]))
    numbers = {row.due_on: row.n for row in await session.execute(of_day.group_by(union.c.due_on))}
    order = paging.Order([union.c.due_on, union.c.rank, union.c.id])
    coming = select(union).where(union.c.due_on > asked.today)
    first = paging.statement(coming, order, lines.REFERENCES, lines.shown, limit=_AGENDA_ITEMS, is_next=False)
    part = await paging.fetch(
        session, first, order, name="agenda", limit=_AGENDA_ITEMS, cursor=None, filters={}, names=lines.REFERENCES
    )
    calendar = await workdays.calendar(session)
    return _Diary(
        [AgendaDay(on=day, is_workday=workdays.is_workday(day, calendar), count=numbers.get(day, 0)) for day in days],
        part.rows,
    )


class _Statements:
    """The statements of a queue, built once for each shape. Those of a page bring the numbers of the whole queue with
    each row, so that the database finds the tasks once for both; where a page is empty, `counts` reads them."""

    def __init__(self, asked: Asked, query: TaskQuery) -> None:
        union = queue.tasks(asked).cte("tasks")
        self.counts = _numbers(union, asked.today)
        self.rows: Select[*tuple[Any, ...]] = select(union)
        if query.kind is not None:
            self.rows = self.rows.where(union.c.rank.in_([kind.rank for kind in query.kind]))
        if query.severity is not None:
            urgent = _urgent(union, asked.today)
            self.rows = self.rows.where(or_(*(urgent[severity] for severity in query.severity)))
        self.order = paging.Order([union.c.due_on, union.c.rank, union.c.id])
        rows = self.rows.add_columns(_as_text(self.counts).label("counts"))
        self.first, self.next = (
            paging.statement(rows, self.order, lines.REFERENCES, lines.shown, limit=query.limit, is_next=is_next)
            for is_next in (False, True)
        )


_BUILT: Remembered[_Statements] = Remembered()
_COUNTS: Remembered[Select[*tuple[Any, ...]]] = Remembered()


def _urgent(union: FromClause, today: date) -> dict[Severity, ColumnElement[bool]]:
    day = union.c.due_on
    return {Severity.overdue: day < today, Severity.today: day == today, Severity.soon: day > today}


class _Number(NamedTuple):
    """The number of tasks of a kind, by how urgent they are."""

    rank: int
    n: int
    overdue: int
    today: int
    soon: int


def _numbers(union: FromClause, today: date) -> Select[*tuple[Any, ...]]:
    """Selects the columns of `_Number`."""
    urgent = [
        func.count().filter(condition).label(severity.value) for severity, condition in _urgent(union, today).items()
    ]
    return select(union.c.rank, func.count().label("n"), *urgent).group_by(union.c.rank)


def _as_text(numbers: Select[*tuple[Any, ...]]) -> ScalarSelect[str]:
    """Returns all rows of `_numbers` as one text, for `_read_numbers`."""
    first, *others = (cast(column, String) for column in numbers.subquery("numbers").c)
    row: ColumnElement[str] = first
    for column in others:
        row = row + literal_column("','", String) + column
    return select(func.aggregate_strings(row, " ")).scalar_subquery()


def _read_numbers(text: str) -> list[_Number]:
    return [_Number(*map(int, row.split(","))) for row in text.split()]


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


async def _tasks(
    session: AsyncSession, actor: Actor, rows: Sequence[Mapping[str, Any]], today: date, table: Pipeline
) -> list[Task]:
    return [_task(actor, row, today) for row in await lines.completed(session, rows, today, table)]


def _task(actor: Actor, row: Mapping[str, Any], today: date) -> Task:
    kind, due_on = BY_RANK[row["rank"]], row["due_on"]
    say = wording.sentence(kind, row, today)
    severity = Severity.today if due_on == today else Severity.overdue if due_on < today else Severity.soon
    is_dated = kind not in UNDATED
    left, unit = row["left"]
    return Task(
        kind=kind,
        id=row["id"],
        severity=severity,
        due_on=due_on if is_dated else None,
        days=(due_on - today).days if is_dated else None,
        left=TimeLeft(amount=left, unit=unit) if is_dated else None,
        limit=row["limit"],
        zh=say.zh,
        en=say.en,
        subject=_subject(row),
        unit=row["unit"],
        **{name: row[name] for name in ("amount", "amount_to", "channel", "answered_on", "next_step")},
        last_follow_up=_last_follow_up(row),
        milestone=_milestone(row),
        draft=_draft(actor, row) if kind in lines.OF_DRAFTS else None,
        act=_act(actor, kind, row, _way(kind, row)),
        others=[act for way in _OTHER_WAYS.get(kind, ()) if (act := _act(actor, kind, row, way))],
    )


def _last_follow_up(row: Mapping[str, Any]) -> TaskFollowUp | None:
    if row["last_on"] is None:
        return None
    return TaskFollowUp(on=row["last_on"], kind=row["last_kind"], with_investor=row["last_with_investor"])


def _milestone(row: Mapping[str, Any]) -> TaskMilestone | None:
    if row["milestone"] is None:
        return None
    days = {name: row[name] for name in ("planned_on", "forecast_on", "plan_number")}
    return TaskMilestone(name=row["milestone"], **days)


def _draft(actor: Actor, row: Mapping[str, Any]) -> TaskDraft:
    stated = {name: row[name] for name in ("agreement_no", "signed_on", "gates_missing", "return_reason")}
    is_mine = row["drafted_by"] == actor.id
    return TaskDraft(kind=row["deal_kind"], project=row["of_project"], is_drafted_by_me=is_mine, **stated)


def _subject(row: Mapping[str, Any]) -> Subject:
    kind = next((kind for kind in SubjectType if row.get(kind.value)), SubjectType.inbox_message)
    made_up = row["is_illustrative"]
    if kind is SubjectType.inbox_message:
        name, code = row["message_type"] or row["message_id"], row["message_id"]
        return Subject(type=kind, id=row["id"], code=code, name=name, stage=None, version=None, is_illustrative=made_up)
    named = row[kind.value]
    return Subject(
        type=kind,
        id=named["id"],
        code=named["code"],
        name=named["name"],
        stage=row["stage"],
        version=row["version"],
        is_illustrative=made_up,
    )


_FOLLOW_UP = ("add_follow_up", "记跟进", "record a follow-up", "/projects/{project_id}/follow-ups")
ACTS: Mapping[str, tuple[str, str, str, str]] = {
    "follow_up": _FOLLOW_UP,
    "lead_follow_up": ("add_lead_follow_up", "记跟进", "record a follow-up", "/leads/{lead_id}/follow-ups"),
    "move": ("move_project", "移动阶段", "move it on", "/projects/{project_id}/moves"),
    "answer": ("answer_lead", "响应", "answer", "/leads/{lead_id}/answer"),
    "assess": ("assess_lead", "研判", "assess", "/leads/{lead_id}/assessments"),
    "milestone": ("report_milestone", "报进度", "report", "/projects/{project_id}/milestones/{id}/reports"),
    "approval": ("approve_deal", "去审核", "approve", "/deals/{deal_id}/approval"),
    "return": ("return_deal", "退回起草人", "return it", "/deals/{deal_id}/return"),
    "returned": ("submit_deal", "改后再送审", "submit it again", "/deals/{deal_id}/submission"),
    "pause": ("pause_project", "暂缓", "pause", "/projects/{project_id}/pause"),
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


_OTHER_WAYS = {**dict.fromkeys(lines.OF_LIMITS, ("pause",)), TaskKind.approval: ("return",)}


def _act(actor: Actor, kind: TaskKind, row: Mapping[str, Any], way: str) -> TaskAct | None:
    """Returns an act that clears a task; None where the actor may not do it."""
    operation, zh, en, path = ACTS[way]
    decides = operation in _REPORTS or kind is TaskKind.inbox or actor.reaches(row["unit_id"], row["task_force_id"])
    wants = policy.wanted(operation).any_of
    if not (row["is_open"] and decides and wants & actor.permissions):
        return None
    ids = {name: row[name] for name in ("id", "project_id", "lead_id", "deal_id")}
    return TaskAct(operation=operation, zh=zh, en=en, method="POST", path="/api/v1" + path.format(**ids))


def _way(kind: TaskKind, row: Mapping[str, Any]) -> str:
    if kind in lines.OF_LIMITS:
        return "follow_up" if row["end"] is not None and row["end"].kind is LimitKind.idle else "move"
    if kind is TaskKind.next_step:
        return "follow_up" if row["lead_id"] is None else "lead_follow_up"
    if kind is TaskKind.five_ones:
        lacks = ("lacks_leader", "is_leader_out_of_post", "lacks_team", "lacks_plan")
        return next(name for name in lacks if row["flags"][name])
    return kind.value


def _urgency(rows: Iterable[Any]) -> dict[str, int]:
    """Returns the fields of `Urgency`, from rows of `_numbers`."""
    found = list(rows)
    return {
        "all": sum(row.n for row in found),
        "past_due": sum(row.overdue for row in found),
        "today": sum(row.today for row in found),
        "soon": sum(row.soon for row in found),
    }


def _counts(rows: Sequence[Any]) -> TaskCounts:
    of_kind = {kind: _urgency(row for row in rows if row.rank == kind.rank) for kind in TaskKind}
    return TaskCounts(
        **_urgency(rows),
        **{kind.value: urgency["all"] for kind, urgency in of_kind.items()},
        overdue_projects=of_kind[TaskKind.overdue]["all"],
        by_kind={kind: Urgency(**urgency) for kind, urgency in of_kind.items()},
    )


async def my_counts(session: AsyncSession, actor: Actor) -> MyCounts:
    """Returns what waits for the actor, in three statements with the one that tells who it is."""
    today, table = await clock.today(session), await pipeline(session)
    asked = Asked(actor, TaskScope.mine, today, today + _HORIZON, table)
    statement = _COUNTS.get(asked.key, lambda: _numbers(queue.tasks(asked).subquery("tasks"), today))
    counts = _counts((await session.execute(statement)).all())
    return MyCounts(
        todo=counts.all,
        overdue=counts.past_due,
        leads=counts.answer + counts.assess,
        deals=counts.approval,
        **counts.model_dump(include={"past_due", "today", "soon", "overdue_projects", "returned", "inbox"}),
    )
