"""What a task says, in both languages: what it is, and how many days are left."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.core.localized import Say
from app.five_ones.due import LimitEnd
from app.mine.kinds import TaskKind
from app.projects.stages import LimitKind

_GAPS = {
    "lacks_leader": Say("缺包保领导", "no leader"),
    "is_leader_out_of_post": Say("包保领导已离任", "the leader's post has ended"),
    "lacks_team": Say("缺工作班子", "no team"),
    "lacks_plan": Say("缺推进方案", "no plan"),
}
"""By the names of `strokes.Flags`."""
_STAGE_LIMIT = Say("阶段时限", "limit of the stage")


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _left(due_on: date, today: date) -> Say:
    left = (due_on - today).days
    if left < 0:
        return Say(f"超期 {-left} 天", f"{_days(-left)} overdue")
    return Say(f"还剩 {left} 天", f"{_days(left)} left") if left else Say("今天到期", "due today")


def _joined(what: Say, due_on: date, today: date) -> Say:
    left = _left(due_on, today)
    return Say(f"{what.zh}，{left.zh}", f"{what.en}, {left.en}")


def _limit(end: LimitEnd | None, today: date) -> Say:
    if end is None:
        return _STAGE_LIMIT
    passed = (today - end.since).days
    return {
        LimitKind.idle: Say(f"未跟进 {passed} 天", f"{_days(passed)} without follow-up"),
        LimitKind.in_stage: Say(f"停留 {passed} 天", f"{_days(passed)} in its stage"),
        LimitKind.plan_date: Say(f"计划 {end.due_on} 进入下一阶段", f"next stage planned for {end.due_on}"),
    }[end.kind]


def gaps(flags: Mapping[str, Any]) -> Say:
    """Returns what a project lacks of the five ones."""
    found = [say for name, say in _GAPS.items() if flags[name]]
    return Say("、".join(say.zh for say in found), ", ".join(say.en for say in found))


def sentence(kind: TaskKind, row: Mapping[str, Any], today: date) -> Say:
    """Returns what a task says. `row` is a row of the page, with `end` and `flags` where the kind has them."""
    due_on: date = row["due_on"]
    if kind in (TaskKind.overdue, TaskKind.idle_limit, TaskKind.stage_limit):
        return _joined(_limit(row["end"], today), due_on, today)
    if kind is TaskKind.five_ones:
        return gaps(row["flags"])
    if kind is TaskKind.approval:
        return Say("签约草稿待审核", "a draft waits for approval")
    if kind is TaskKind.inbox:
        return Say("推送未能自动办理", "a message was not applied by itself")
    if kind in (TaskKind.milestone, TaskKind.next_step):
        what = row["milestone"] if kind is TaskKind.milestone else row["next_step"]
        said = Say(f"{kind.say.zh}：{what}", f"{kind.say.en}: {what}") if what else kind.say
        return _joined(said, due_on, today)
    return _joined(kind.say, due_on, today)
