"""What a task says, in both languages: what it is, and how many days are left."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.core.localized import Say
from app.five_ones.due import LimitEnd
from app.mine.kinds import TaskKind
from app.projects.stages import LimitKind, LimitUnit

_GAPS = {
    "lacks_leader": Say("缺包保领导", "no leader"),
    "is_leader_out_of_post": Say("包保领导已离任", "the leader's post has ended"),
    "lacks_team": Say("缺工作班子", "no team"),
    "lacks_plan": Say("缺推进方案", "no plan"),
}
"""By the names of `strokes.Flags`."""
_STAGE_LIMIT = Say("阶段时限", "limit of the stage")


_UNITS = {LimitUnit.day: ("天", "day"), LimitUnit.workday: ("个工作日", "workday")}


def _time(number: int, unit: LimitUnit = LimitUnit.day) -> Say:
    zh, en = _UNITS[unit]
    return Say(f"{number} {zh}", f"{number} {en}" if number == 1 else f"{number} {en}s")


def _left(left: tuple[int, LimitUnit]) -> Say:
    number, unit = left
    time = _time(abs(number), unit)
    if number < 0:
        return Say(f"超期 {time.zh}", f"{time.en} overdue")
    return Say(f"还剩 {time.zh}", f"{time.en} left") if number else Say("今天到期", "due today")


def _joined(what: Say, left: tuple[int, LimitUnit]) -> Say:
    said = _left(left)
    return Say(f"{what.zh}，{said.zh}", f"{what.en}, {said.en}")


def _limit(end: LimitEnd | None, today: date) -> Say:
    if end is None:
        return _STAGE_LIMIT
    passed = _time((today - end.since).days)
    return {
        LimitKind.idle: Say(f"未跟进 {passed.zh}", f"{passed.en} without follow-up"),
        LimitKind.in_stage: Say(f"停留 {passed.zh}", f"{passed.en} in its stage"),
        LimitKind.plan_date: Say(f"计划 {end.due_on} 进入下一阶段", f"next stage planned for {end.due_on}"),
    }[end.kind]


def gaps(flags: Mapping[str, Any]) -> Say:
    """Returns what a project lacks of the five ones."""
    found = [say for name, say in _GAPS.items() if flags[name]]
    return Say("、".join(say.zh for say in found), ", ".join(say.en for say in found))


def sentence(kind: TaskKind, row: Mapping[str, Any], today: date) -> Say:
    """Returns what a task says. `row` is a row of `lines.completed`."""
    if kind in (TaskKind.overdue, TaskKind.idle_limit, TaskKind.stage_limit):
        return _joined(_limit(row["end"], today), row["left"])
    if kind is TaskKind.five_ones:
        return gaps(row["flags"])
    if kind is TaskKind.approval:
        return Say("签约草稿待审核", "a draft waits for approval")
    if kind is TaskKind.returned:
        return Say(f"签约草稿被退回：{row['return_reason']}", f"the draft was returned: {row['return_reason']}")
    if kind is TaskKind.inbox:
        return Say("推送未能自动办理", "a message was not applied by itself")
    what = row["milestone"] if kind is TaskKind.milestone else row["next_step"]
    return _joined(Say(f"{kind.say.zh}：{what}", f"{kind.say.en}: {what}") if what else kind.say, row["left"])
