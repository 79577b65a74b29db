"""The figures of the wall, as they are answered: no ids, no addresses."""

from datetime import date

from pydantic import BaseModel, Field

from app.core.actor import ScopeRead
from app.core.clock import Moment
from app.core.localized import Label, Word
from app.core.money import Yuan


class WallGrain(Word):
    """The kind of period that the wall shows: the one that today lies in."""

    month = "month", "月", "month"
    quarter = "quarter", "季度", "quarter"
    half = "half", "半年", "half-year"
    year = "year", "年", "year"


class WallSum(BaseModel):
    count: int
    amount: Yuan


class WallPart(WallSum):
    name: str | None = Field(description="项目；看不到的为空 / the project; null out of scope")
    is_illustrative: bool


class WallMonth(WallSum):
    month: str
    is_in_period: bool


class WallGroup(WallSum):
    zh: str
    en: str
    short_name: str | None = Field(description="用于图表；没有的为空 / for axes; null where it has none")
    is_none: bool = Field(description="无值的组 / the group without a value")


class WallSignings(WallSum):
    same_quarter_landed: int
    largest: list[WallPart]
    rest: WallSum
    trend: list[WallMonth]
    units: list[WallGroup]
    task_forces: list[WallGroup]
    caliber: Label


class WallCollective(WallSum):
    from_1_yi: WallSum = Field(description="其中 1 亿元及以上的 / of these, 100 million yuan and more")
    caliber: Label


class WallStarted(WallSum):
    new: WallSum = Field(description="其中新开工的 / of these, newly started")
    resumed: WallSum = Field(description="其中复工的 / of these, resumed")
    caliber: Label


class WallPlanned(WallSum):
    planned_this_year: Yuan
    started: WallSum = Field(description="其中期末前已开工的 / of these, started by the last day")
    caliber: Label


class WallStage(WallSum):
    """Active promotion leaves at a stage now. The amount is their planned total."""

    name_zh: str
    name_en: str


class WallAttention(BaseModel):
    overdue: int = Field(description="停留超过时限的项目 / projects overdue")
    gaps: int = Field(description="五个一不到位的项目 / projects with gaps in the five ones")
    unanswered: int = Field(description="等待响应的线索 / leads that wait for an answer")


class Wall(BaseModel):
    """The figures of the running period for a screen on a wall."""

    today: date
    is_day_set: bool = Field(description="业务日由本局设定，即示例数据 / the office has set the day: made-up data")
    period: str
    scope: ScopeRead
    known_at: Moment
    signings: WallSignings
    collective_start: WallCollective
    started_or_resumed: WallStarted
    planned_year: WallPlanned
    stages: list[WallStage]
    attention: WallAttention
