"""Data of the article (Liaoning Daily, spring 2023, on Fushun) and the fixed table of its twelve signings.

The article names one signing and gives only the total of the other eleven; their rows are made up, say 示例 and are
marked illustrative.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

SOURCE = "辽宁日报 2023 年春"
NOT_REPORTED = "报道未载明"
BUSINESS_DAY = date(2023, 3, 31)
FOUNDED_ON = date(2021, 1, 1)
"""First day of the sample's units, officials and task forces; made up, the article gives no such day."""

LISTED_ON = date(2023, 1, 12)
"""First day of the year's plan list; made up."""

CEREMONY_ON = date(2023, 3, 20)
"""Day of the collective start of the 36 projects; made up, the article gives no day."""

VISITED_ON = date(2023, 3, 29)
"""Day on which the reporter saw the project of 祥顺 being built; the article does not give the day of its start."""

XIANGSHUN_ALL = Decimal("500000000.00")
XIANGSHUN_FIRST = Decimal("120000000.00")

TASK_FORCES = {
    "新型煤化工及煤矸石综合利用": "煤化工",
    "新型清洁能源": "清洁能源",
    "高端精细化工": "精细化工",
    "先进装备制造业": "装备制造",
    "农产品(中药材)深加工": "农产品加工",
    "冰雪旅游": "冰雪旅游",
    "闲置资产盘活": "闲置资产",
}
"""The seven task forces of the article, with their short names."""


@dataclass(frozen=True, slots=True)
class Signing:
    """A made-up signing. Day and amount (in 亿元) are fixed by the table, everything else is illustrative."""

    signed_on: date
    amount_yi: str
    unit: str
    task_force: str
    industry: str
    what: str
    landed_on: date | None = None

    @property
    def amount(self) -> Decimal:
        return Decimal(self.amount_yi) * 100_000_000


SANMU_SIGNED_ON = date(2023, 2, 27)
SANMU_AMOUNT = Decimal("8680000000.00")

SIGNINGS = (
    Signing(date(2023, 1, 10), "3.2", "210404", "先进装备制造业", "34", "通用设备项目", date(2023, 2, 20)),
    Signing(date(2023, 1, 18), "5.0", "210403", "高端精细化工", "26", "化学制品项目", date(2023, 3, 10)),
    Signing(date(2023, 2, 7), "4.6", "210411", "新型清洁能源", "44", "清洁能源项目", date(2023, 3, 22)),
    Signing(date(2023, 2, 15), "2.2", "210422", "农产品(中药材)深加工", "27", "中药材加工项目"),
    Signing(date(2023, 3, 3), "6.0", "210400-GX", "高端精细化工", "26", "精细化工项目"),
    Signing(date(2023, 3, 8), "3.5", "210423", "新型清洁能源", "44", "清洁能源项目"),
    Signing(date(2023, 3, 14), "8.0", "210404", "新型煤化工及煤矸石综合利用", "25", "煤化工项目"),
    Signing(date(2023, 3, 17), "1.5", "210421", "冰雪旅游", "89", "冰雪场地项目"),
    Signing(date(2023, 3, 21), "9.0", "210403", "先进装备制造业", "35", "专用设备项目"),
    Signing(date(2023, 3, 24), "4.0", "210402", "闲置资产盘活", "70", "闲置厂房盘活项目"),
    Signing(date(2023, 3, 28), "5.0", "210422", "农产品(中药材)深加工", "13", "农产品加工项目"),
)
