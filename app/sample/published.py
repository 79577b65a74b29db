"""The figures that the article published, unchanged."""

from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from app.published import service as published
from app.published.models import PublishedKind
from app.published.schemas import PublishedCreate
from app.sample.acts import SAMPLE
from app.sample.city import SOURCE

YI = Decimal(100_000_000)

FIGURES = (
    PublishedCreate(
        reference="S1 S2",
        kind=PublishedKind.signings,
        period="2023Q1",
        count=12,
        amount=Decimal("138.8") * YI,
        caliber="签约项目及签约额",
        source=SOURCE,
    ),
    PublishedCreate(
        reference="S3",
        kind=PublishedKind.same_quarter_landed,
        period="2023Q1",
        count=3,
        caliber="当季签约当季落地",
        source=SOURCE,
    ),
    PublishedCreate(
        reference="S7",
        kind=PublishedKind.collective_start,
        period="2023Q1",
        count=36,
        amount=Decimal("46.8") * YI,
        caliber="集中开复工仪式上开工的招商引资项目",
        source=SOURCE,
    ),
    PublishedCreate(
        reference="C1",
        kind=PublishedKind.started_or_resumed,
        period="2023Q1",
        count=243,
        amount=Decimal("648.6") * YI,
        caliber="一季度开复工项目及总投资",
        source=SOURCE,
    ),
    PublishedCreate(
        reference="C2",
        kind=PublishedKind.started_or_resumed,
        period="2023Q1",
        min_planned_total=YI,
        count=77,
        amount=Decimal("351.7") * YI,
        caliber="其中亿元以上项目",
        source=SOURCE,
        explanation=(
            "243 个、648.6 亿元减去“亿元以上”77 个、351.7 亿元，余 166 个、296.9 亿元，平均 1.79 亿元，"
            "不可能都在 1 亿元以下：发布的两组数不出自同一口径，发布时的口径未载明。"
            "系统按计划总投资不低于 1 亿元统计，示例为 146 个、600.6 亿元，相差 69 个、248.9 亿元。"
        ),
        explanation_en=(
            "243 projects, 64.86 billion yuan, less the 77 «of 100 million and more», 35.17 billion, leaves 166 of "
            "29.69 billion: 179 million each, which cannot all lie below 100 million. The two were not counted under "
            "one definition, and the article does not say which. The system counts planned totals of 100 million "
            "and more: in the sample 146 projects, 60.06 billion; the difference is 69 projects, 24.89 billion."
        ),
    ),
    PublishedCreate(
        reference="C3",
        kind=PublishedKind.planned_year,
        period="2023",
        count=731,
        amount=Decimal(1532) * YI,
        planned_this_year=Decimal(204) * YI,
        caliber="全年谋划实施项目、总投资、年度计划投资",
        source=SOURCE,
    ),
    PublishedCreate(
        reference="A1",
        kind=PublishedKind.city_activities,
        period="2023Q1",
        count=32,
        caliber="市领导带队“走出去”“请进来”招商活动",
        source=SOURCE,
    ),
    PublishedCreate(
        reference="A2",
        kind=PublishedKind.district_activities,
        period="2023Q1",
        count=61,
        caliber="县区、开发区党政主要领导带队招商活动",
        source=SOURCE,
    ),
)


async def enter(session: AsyncSession) -> None:
    for figure in FIGURES:
        await published.create(session, SAMPLE, figure)
