"""A few made-up leads of the last weeks, in every state that a lead can have before it becomes a project."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.leads import registration, service
from app.leads.models import Outcome
from app.leads.schemas import LeadAnswer, LeadAssess, LeadCreate
from app.referrers import service as referrers
from app.referrers.models import Channel, ReferrerKind
from app.referrers.schemas import ReferrerCreate
from app.sample import acts
from app.sample.acts import MADE_UP, MADE_UP_PREFIX, SAMPLE, City
from app.sample.city import FOUNDED_ON


@dataclass(frozen=True, slots=True)
class Tip:
    """A made-up lead and its days. `low_yi` to `high_yi`: its amount in 亿元. `outcome` None: not assessed yet."""

    reported_on: date
    what: str
    unit: str
    industry: str
    channel: Channel
    low_yi: str
    high_yi: str
    answered_on: date | None = None
    assessed_on: date | None = None
    outcome: Outcome | None = None
    reason: str | None = None


TIPS = (
    Tip(
        date(2023, 2, 28),
        "特种陶瓷项目",
        "210404",
        "30",
        Channel.chamber,
        "1.5",
        "2.0",
        date(2023, 3, 1),
        date(2023, 3, 2),
        Outcome.follow_up,
    ),
    Tip(
        date(2023, 3, 6),
        "预制菜加工项目",
        "210421",
        "14",
        Channel.event,
        "0.8",
        "1.2",
        date(2023, 3, 7),
        date(2023, 3, 9),
        Outcome.reserve,
        "示例：用地未落实，转储备",
    ),
    Tip(
        date(2023, 3, 9),
        "电镀中心项目",
        "210403",
        "33",
        Channel.walk_in,
        "0.5",
        "0.5",
        date(2023, 3, 10),
        date(2023, 3, 13),
        Outcome.decline,
        "示例：不符合产业与环保方向",
    ),
    Tip(
        date(2023, 3, 15),
        "轨道交通配件项目",
        "210411",
        "37",
        Channel.adviser,
        "3.0",
        "5.0",
        date(2023, 3, 16),
        date(2023, 3, 20),
        Outcome.follow_up,
    ),
    Tip(date(2023, 3, 24), "冷链物流园项目", "210402", "59", Channel.official_trip, "2.0", "2.0", date(2023, 3, 27)),
    Tip(date(2023, 3, 27), "医用耗材项目", "210400-GX", "35", Channel.online, "0.6", "1.0"),
    Tip(date(2023, 3, 29), "山野菜精深加工项目", "210423", "13", Channel.chamber, "0.3", "0.5", date(2023, 3, 30)),
    Tip(date(2023, 3, 31), "储能电池配套项目", "210403", "38", Channel.adviser, "6.0", "10.0"),
)


def plan(city: City) -> None:
    referrer_ids: dict[Channel, UUID] = {}
    city.at(FOUNDED_ON, lambda s: _add_referrers(s, referrer_ids))
    for number, tip in enumerate(TIPS):
        _plan(city, referrer_ids, number, tip)


async def _add_referrers(session: AsyncSession, referrer_ids: dict[Channel, UUID]) -> None:
    for channel, kind, name in (
        (Channel.chamber, ReferrerKind.chamber, "示例商会"),
        (Channel.adviser, ReferrerKind.adviser, "示例经济顾问01"),
    ):
        body = ReferrerCreate(kind=kind, name=name, is_illustrative=True)
        referrer_ids[channel] = (await referrers.create(session, SAMPLE, body)).id


def _plan(city: City, referrer_ids: dict[Channel, UUID], number: int, tip: Tip) -> None:
    lead_ids: list[UUID] = []
    city.at(tip.reported_on, lambda s: _report(s, city, referrer_ids, tip, lead_ids))
    if tip.answered_on is not None:
        answered_on = tip.answered_on
        city.at(answered_on, lambda s: _answer(s, city, number, lead_ids[0], answered_on))
    if tip.outcome is not None and tip.assessed_on is not None:
        assessment = LeadAssess(outcome=tip.outcome, on=tip.assessed_on, reason=tip.reason)
        city.at(tip.assessed_on, lambda s: _assess(s, lead_ids[0], assessment))


async def _report(
    session: AsyncSession, city: City, referrer_ids: dict[Channel, UUID], tip: Tip, lead_ids: list[UUID]
) -> None:
    yi = Decimal(100_000_000)
    unit_id = city.units[tip.unit]
    body = LeadCreate(
        name=MADE_UP_PREFIX + tip.what,
        channel=tip.channel,
        referrer_id=referrer_ids.get(tip.channel),
        first_unit_id=unit_id,
        unit_id=unit_id,
        place_unit_id=unit_id,
        industry_code=tip.industry,
        investor_id=await acts.investor(session, city),
        estimate_from=Decimal(tip.low_yi) * yi,
        estimate_to=Decimal(tip.high_yi) * yi,
        source=MADE_UP,
    )
    lead_ids.append((await registration.create(session, SAMPLE, body, is_illustrative=True)).id)


async def _answer(session: AsyncSession, city: City, number: int, lead_id: UUID, on: date) -> None:
    """Answers a lead and names the official who handles it."""
    body = LeadAnswer(on=on, note="示例：已电话回复", handler_id=city.people(number)[1])
    await service.answer(session, SAMPLE, lead_id, (await service.get(session, SAMPLE, lead_id)).version, body)


async def _assess(session: AsyncSession, lead_id: UUID, body: LeadAssess) -> None:
    await service.assess(session, SAMPLE, lead_id, (await service.get(session, SAMPLE, lead_id)).version, body)
