from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.body import body
from app.core.clock import Day, KnownAt, Moment
from app.core.localized import Label
from app.core.money import Amount, PositiveAmount, Yuan
from app.core.text import Code, Prose, Text
from app.published.models import PublishedKind
from app.totals.periods import Period


class PublishedValues(BaseModel):
    model_config = ConfigDict(extra="forbid")

    count: int | None = Field(None, ge=0, le=1_000_000)
    amount: Amount | None = Field(None, description="金额（元）")
    planned_this_year: Amount | None = Field(None, description="当年计划投资（元）")
    precision: PositiveAmount | None = Field(
        None,
        description=(
            "发布金额取整到多少元；缺省 0.1 亿元，金额本身更细则随之更细。"
            "What its amounts were rounded to, in yuan: 0.1 亿元 by default, or finer where an amount is finer."
        ),
        examples=["10000000.00"],
    )
    caliber: Prose | None = Field(None, description="发布时的表述 / the words in which it was published")
    source: Text
    published_on: Day | None = Field(None, description="发布日；来源未载明时不填 / none where the source gives none")
    explanation: Prose | None = Field(
        None, description="与系统数不同的原因（中文）/ why it differs from what the system has, in Chinese"
    )
    explanation_en: Prose | None = Field(None, description="同上（英文）/ the same in English")


class PublishedCreate(PublishedValues):
    model_config = body(
        {"kind": "signings", "period": "2023Q1", "count": 12, "amount": "13880000000.00", "source": "示例：某报"}
    )

    reference: Code | None = Field(None, description="本单位编号")
    kind: PublishedKind
    period: Period
    min_planned_total: PositiveAmount | None = Field(None, description="发布口径的门槛（元），如亿元以上")


class PublishedSupersede(PublishedValues):
    """The same figure, published again."""

    model_config = body({"count": 13, "amount": "14000000000.00", "source": "示例：某报更正"})


class SystemFigure(BaseModel):
    """What the system has under its own caliber. Null values come with the reason."""

    count: int | None = None
    amount: Yuan | None = None
    planned_this_year: Yuan | None = None
    without_amount: int | None = None
    caliber: Label | None = None
    rows_url: str | None = None
    reason_zh: str | None = Field(None, description="没有数时的原因 / why there is none")
    reason_en: str | None = None


class Difference(BaseModel):
    """The published numbers minus the system's, exact: neither is rounded for it."""

    count: int | None
    amount: Yuan | None
    planned_this_year: Yuan | None


class PublishedRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reference: str | None
    kind: PublishedKind
    period: str
    min_planned_total: Yuan | None
    count: int | None
    amount: Yuan | None
    planned_this_year: Yuan | None
    precision: Yuan | None = Field(description="发布金额取整到多少元 / what its amounts were rounded to, in yuan")
    caliber: str | None
    source: str
    published_on: date | None
    explanation: str | None
    explanation_en: str | None
    supersedes_id: UUID | None
    recorded_at: Moment
    recorded_by: str


class PublishedBesideOurs(BaseModel):
    published: PublishedRead
    label: Label
    system: SystemFigure
    difference: Difference
    is_equal: bool | None = Field(
        description=(
            "发布的各数按发布精度与系统一致；没有可比的数、或有一项无从比较而其余一致时为 null。"
            "Every published number is ours too, in the precision it was published in; null where a number has nothing "
            "to be compared with and no other differs."
        )
    )
    comparison: Label = Field(description="比较口径 / how the two were compared")


class PublishedFigures(BaseModel):
    period: str
    known_at: Moment
    items: list[PublishedBesideOurs]


class PublishedQuery(BaseModel):
    """Figures whose period overlaps the one asked for; each is compared over its own period."""

    model_config = ConfigDict(extra="forbid")

    period: Period
    known_at: KnownAt | None = None
