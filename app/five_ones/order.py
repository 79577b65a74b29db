"""Milestones that lead to stages follow the order of their stages; equal days are allowed."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from app.core.localized import Say
from app.five_ones.schemas import MilestoneRead, PlanWarning
from app.projects.stages import Pipeline


class StageDay(NamedTuple):
    """The day on which a stage is to be reached, and the index (`place`) of its milestone in the plan."""

    position: int
    day: date
    place: int


def disorder(stage_days: Iterable[StageDay]) -> tuple[StageDay, StageDay] | None:
    """Returns the first milestone, by stage, whose day is before that of an earlier stage, and that earlier one."""
    latest: StageDay | None = None
    for stage_day in sorted(stage_days):
        if latest is not None and stage_day.day < latest.day:
            return stage_day, latest
        latest = stage_day
    return None


def stage_days(table: Pipeline, dated: Sequence[tuple[str | None, date]]) -> list[StageDay]:
    """Returns the stages with their days, in the order of the plan; a milestone that leads to no known stage is left
    out."""
    return [
        StageDay(table.stage(stage).position, day, index)
        for index, (stage, day) in enumerate(dated)
        if stage is not None and stage in table
    ]


def expected_on(milestone: MilestoneRead) -> date:
    """Returns the actual day, else the forecast, else the planned day."""
    return milestone.actual_on or milestone.forecast_on or milestone.planned_on


def warnings(table: Pipeline, milestones: Sequence[MilestoneRead], today: date) -> list[PlanWarning]:
    """Returns warnings on the current plan: days against the order of stages, and open milestones whose day has
    passed."""
    plan_warnings = []
    for day_of, word in ((_planned_on, Say("计划日", "planned day")), (expected_on, Say("预计日", "expected day"))):
        misplaced = disorder(stage_days(table, [(milestone.leads_to, day_of(milestone)) for milestone in milestones]))
        if misplaced is not None:
            late, early = milestones[misplaced[0].place], milestones[misplaced[1].place]
            plan_warnings.append(
                PlanWarning(
                    code="out_of_order",
                    milestone_id=late.id,
                    zh=f"“{late.name}”的{word.zh} {misplaced[0].day} 早于前一阶段“{early.name}”的 {misplaced[1].day}，"
                    "请调整方案。",
                    en=f"The {word.en} {misplaced[0].day} of {late.name} lies before {misplaced[1].day} of the earlier "
                    f"{early.name}: publish a further version.",
                )
            )
            break
    for milestone in milestones:
        if milestone.actual_on is None and expected_on(milestone) < today:
            plan_warnings.append(
                PlanWarning(
                    code="past_day",
                    milestone_id=milestone.id,
                    zh=f"“{milestone.name}”应于 {expected_on(milestone)} 完成而尚未报告，请报告实际日或新的预测日。",
                    en=f"{milestone.name} was due on {expected_on(milestone)} and is not reported: report the actual "
                    "day, or a new forecast.",
                )
            )
    return plan_warnings


def _planned_on(milestone: MilestoneRead) -> date:
    return milestone.planned_on
