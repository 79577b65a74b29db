from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.core.body import body
from app.core.clock import Day
from app.core.text import Prose, Text
from app.reference.models import HolidayKind, IndustryLevel, Sector


class IndustryWord(BaseModel):
    """An everyday word for an industry."""

    zh: str
    en: str
    pinyin: str = Field(description="音节以空格分开 / syllables, by blanks")


class IndustryRead(BaseModel):
    """An industry of GB/T 4754-2017, and what else it is found by."""

    code: str
    name_zh: str
    name_en: str
    level: IndustryLevel
    parent_code: str | None
    sector: Sector | None
    pinyin: str = Field(description="name_zh 的拼音，音节以空格分开 / of name_zh: syllables, by blanks")
    words: list[IndustryWord] = Field(
        description="日常说法，用于查找；标准中没有，是我们的默认值 / everyday words to find it by: our default, the "
        "standard has none"
    )


class CalendarDay(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)

    day: Day
    kind: HolidayKind = Field(description="off 放假，work 调休上班")
    name_zh: Annotated[Text, Field(max_length=40)]


class CalendarSet(BaseModel):
    """All exceptional days of a year (days off and worked weekend days), by one notice."""

    model_config = body(
        {
            "source": "示例：国务院办公厅关于节假日安排的通知",
            "days": [{"day": "2027-01-01", "kind": "off", "name_zh": "元旦"}],
        }
    )

    source: Text
    is_provisional: bool = Field(False, description="暂估：尚无国办通知 / no notice yet")
    days: list[CalendarDay] = Field(max_length=366)
    reason: Prose | None = Field(
        None, description="增加放假日时必填，由另一人确认 / required for a day off more, for who confirms it"
    )


class CalendarRead(BaseModel):
    """The working calendar of a year. Version 0: nothing is on record; weekdays alone apply, as provisional."""

    year: int
    version: int
    source: str | None
    is_provisional: bool
    days: list[CalendarDay]
