"""Milestones that lead to stages lie in the order of their stages; the same day is allowed."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from app.core.localized import Say
from app.five_ones.schemas import MilestoneRead, PlanWarning
from app.projects.stages import Pipeline


class Aim(NamedTuple):
    """The day on which a stage is to be reached, and where its milestone stands in the plan."""

    position: int
    day: date
    place: int


def disorder(aims: Iterable[Aim]) -> tuple[Aim, Aim] | None:
    """The first milestone, by stage, whose day lies before that of an earlier stage, and that earlier one."""
    latest: Aim | None = None
    for aim in sorted(aims):
        if latest is not None and aim.day < latest.day:
            return aim, latest
        latest = aim
    return None


def aims(table: Pipeline, dated: Sequence[tuple[str | None, date]]) -> list[Aim]:
    """Of stages with a day each, in the order of the plan; what leads to no known stage is left out."""
    return [
        Aim(table.stage(stage).position, day, index)
        for index, (stage, day) in enumerate(dated)
        if stage is not None and stage in table
    ]


def expected_on(milestone: MilestoneRead) -> date:
    """The actual day, else the forecast, else the planned day."""
    return milestone.actual_on or milestone.forecast_on or milestone.planned_on


def warnings(table: Pipeline, milestones: Sequence[MilestoneRead], today: date) -> list[PlanWarning]:
    """What in the current plan wants attention: days against the order of stages, and open milestones that are past."""
    found = []
    for day_of, word in ((_planned_on, Say("计划日", "planned day")), (expected_on, Say("预计日", "expected day"))):
        wrong = disorder(aims(table, [(milestone.leads_to, day_of(milestone)) for milestone in milestones]))
        if wrong is not None:
            late, early = milestones[wrong[0].place], milestones[wrong[1].place]
            found.append(
                PlanWarning(
                    code="out_of_order",
                    milestone_id=late.id,
                    zh=f"“{late.name}”的{word.zh} {wrong[0].day} 早于前一阶段“{early.name}”的 {wrong[1].day}，"
                    "请调整方案。",
                    en=f"The {word.en} {wrong[0].day} of {late.name} lies before {wrong[1].day} of the earlier "
                    f"{early.name}: publish a further version.",
                )
            )
            break
    for milestone in milestones:
        if milestone.actual_on is None and expected_on(milestone) < today:
            found.append(
                PlanWarning(
                    code="past_day",
                    milestone_id=milestone.id,
                    zh=f"“{milestone.name}”应于 {expected_on(milestone)} 完成而尚未报告，请报告实际日或新的预测日。",
                    en=f"{milestone.name} was due on {expected_on(milestone)} and is not reported: report the actual "
                    "day, or a new forecast.",
                )
            )
    return found


def _planned_on(milestone: MilestoneRead) -> date:
    return milestone.planned_on
