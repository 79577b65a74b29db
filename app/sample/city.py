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
    "新型煤化工及煤矸石综合利用": ("煤化工", "Coal chemicals and use of coal gangue"),
    "新型清洁能源": ("清洁能源", "Clean energy"),
    "高端精细化工": ("精细化工", "Fine chemicals"),
    "先进装备制造业": ("装备制造", "Advanced equipment"),
    "农产品(中药材)深加工": ("农产品加工", "Farm produce and medicinal herbs"),
    "冰雪旅游": ("冰雪旅游", "Ice and snow tourism"),
    "闲置资产盘活": ("闲置资产", "Idle assets"),
}
"""The seven task forces of the article, with their short names and in English."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is made up of a task force: unit in the lead, how often it meets, and its targets of 2023. `amount_yi` in
    亿元."""

    lead_unit: str
    cadence: str
    signings: int
    amount_yi: int
    same_quarter_landed: int


AIMS = {
    "新型煤化工及煤矸石综合利用": Aim("210404", "示例：每周调度", 6, 40, 2),
    "新型清洁能源": Aim("210423", "示例：每两周调度", 8, 45, 2),
    "高端精细化工": Aim("210400-GX", "示例：每周调度", 10, 120, 3),
    "先进装备制造业": Aim("210403", "示例：每周调度", 10, 60, 3),
    "农产品(中药材)深加工": Aim("210422", "示例：每月调度", 8, 25, 2),
    "冰雪旅游": Aim("210421", "示例：每月调度", 4, 10, 1),
    "闲置资产盘活": Aim("210402", "示例：每两周调度", 5, 15, 2),
}
AIMS_SOURCE = f"{SOURCE}；牵头领导、牵头单位、成员、调度频次与年度目标均为示例"
"""Source of a task force: the article has its name alone."""

POSTS = (
    *("副市长（示例）",) * 5,
    "市政府秘书长（示例）",
    "市政府副秘书长（示例）",
    "市招商局局长（示例）",
    "市发展改革委主任（示例）",
    "市工业和信息化局局长（示例）",
    "市自然资源局局长（示例）",
    "市生态环境局局长（示例）",
    "市住房城乡建设局局长（示例）",
    "市农业农村局局长（示例）",
    "市文化旅游局局长（示例）",
    "市国资委主任（示例）",
    "市财政局局长（示例）",
    "市科技局局长（示例）",
    "市市场监管局局长（示例）",
    "市应急管理局局长（示例）",
    "市交通运输局局长（示例）",
    "市水务局局长（示例）",
    "市招商局副局长（示例）",
    "市营商环境局局长（示例）",
)
"""Posts of the made-up officials, one each. All are of the city, since any of them may lead any project."""


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
