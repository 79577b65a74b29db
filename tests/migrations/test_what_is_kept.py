"""Migrations that change a rule convert the rows stored under the old one."""

import asyncio
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app import schema
from app.core.config import Settings
from tests.conftest import World, running
from tests.factories import city as make
from tests.factories.controls import confirm, confirmed
from tests.migrations.test_migrations import in_database
from tests.webhooks.sender import inbox, source, states, work_off
from tests.webhooks.test_facts import ready, signed, total

BEFORE = "2026112611"
BEFORE_MESSAGES_KEPT_TRUST = "2026112917"


def after_down_and_up(database_url: str, fill: Any, see: Any, to: str = BEFORE) -> None:
    """Fills a database, downgrades it to before these rules, upgrades it again and asserts the result."""

    asyncio.run(within(database_url, fill))
    schema.downgrade(Settings(database_url=database_url), to)
    schema.upgrade(Settings(database_url=database_url))
    asyncio.run(within(database_url, see))


async def within(database_url: str, work: Any) -> None:
    async with running(database_url) as world:
        await work(world)


def test_surnames_are_read_anew(database_url: str) -> None:
    names = ["安某", "区某", "单某", "东某", "曾某"]

    async def fill(world: World) -> None:
        unit = await make.make_unit(world, "单家示例区", kind="city")
        for name in names:
            await make.make_official(world, unit, name)
        for kind, name in (("adviser", "单某"), ("chamber", "单车商会"), ("adviser", "李某")):
            await world.post("/referrers", {"kind": kind, "name": name})

    async def see(world: World) -> None:
        # an, dong, ou, shan, zeng
        found = [row["name"] for row in (await world.get("/officials"))["items"]]
        assert found == ["安某", "东某", "区某", "单某", "曾某"]
        found = [row["name"] for row in (await world.get("/referrers"))["items"]]
        assert found == ["单车商会", "李某", "单某"]

    after_down_and_up(database_url, fill, see)


def test_published_figures_are_given_the_precision_they_show(database_url: str) -> None:
    shown = {
        "12300000000.00": "10000000.00",  # 123 亿
        "7740000000.00": "10000000.00",  # 77.4 亿
        "7743000000.00": "1000000.00",  # 77.43 亿
        "350000.00": "10000.00",
        "351.00": "1.00",
        "0.50": "0.01",
    }
    said = {"kind": "signings", "period": "2023Q1", "source": "示例：某报"}

    async def fill(world: World) -> None:
        for amount in shown:
            await world.post("/published-figures", {**said, "amount": amount})
        await world.post("/published-figures", {**said, "count": 3})
        # The finer of the two, and one that was said to be coarse: from before, nobody could say.
        await world.post("/published-figures", {**said, "amount": "100000000.00", "planned_this_year": "10000.00"})
        await world.post("/published-figures", {**said, "amount": "900000000.00", "precision": "100000000.00"})

    async def see(world: World) -> None:
        items = (await world.get("/published-figures", period="2023Q1"))["items"]
        kept = [item["published"]["precision"] for item in items]
        assert kept == [*shown.values(), None, "10000.00", "10000000.00"]
        await world.post(
            f"/published-figures/{items[0]['published']['id']}/supersession", {"count": 1, "source": "示例"}
        )

    after_down_and_up(database_url, fill, see)


UNREGISTERED = {"investor_credit_code": make.credit_code(77)}


async def _register_and_replay(world: World, *messages: dict[str, Any]) -> None:
    await make.make_investor(world, name="示例：另一投资方", **{"credit_code": make.credit_code(77)})
    for message in messages:
        await world.post(f"/inbox/{message['id']}/replay", None, status=200)
    await work_off(world)


def test_trust_from_before_two_people_confirmed_it_ends(database_url: str) -> None:
    """Messages of such a source become drafts, its approvals count as one person's, and the log stays valid."""

    async def fill(world: World) -> None:
        city, project = await ready(world)
        sender = await source(world, is_trusted=True)
        await sender.send("deal.signed", signed(project))
        await work_off(world)
        assert await states(world) == ["applied"]
        other = await make.make_project(city)
        await sender.send("deal.signed", signed(other, 1, id="D-2", agreement_no="示例2号", **UNREGISTERED))
        await work_off(world)
        assert await states(world) == ["applied", "parked"]

    async def see(world: World) -> None:
        (one,) = (await world.get("/webhook-sources"))["items"]
        assert (one["is_trusted"], one["wants_trust"], one["confirmed_by_name"]) == (False, True, None)
        (change,) = (await world.get("/control-changes", state="pending"))["items"]
        assert (change["asked_by"], change["asked"]["is_trusted"]) == ("migration", True)
        (deal,) = (await world.get("/deals", status="live"))["items"]
        deal = await world.get(f"/deals/{deal['id']}")
        assert (deal["is_approved_at_source"], deal["trust_confirmed_by"]) == (True, None)
        signings = (await world.get("/totals/overview", period="2023Q1"))["signings"]
        assert signings["approved_at_source"]["count"] == signings["single_person"]["count"] == 1
        await _register_and_replay(world, (await inbox(world))[1])
        assert await states(world) == ["applied", "applied"]
        (draft,) = (await world.get("/deals", status="draft"))["items"]
        assert draft["is_approved_at_source"] is False
        assert (await total(world))[0] == 1
        await world.holds()

    after_down_and_up(database_url, fill, see)


def test_messages_that_wait_keep_the_trust_they_came_under(database_url: str) -> None:
    """Of two sources one was trusted throughout, the other was confirmed again after its message had arrived."""

    async def fill(world: World) -> None:
        city, project = await ready(world)
        for number, name in enumerate(("示例甲平台", "示例乙平台"), 1):
            own = project if number == 1 else await make.make_project(city)
            sender = await source(world, name, is_trusted=True)
            more = {"id": f"D-{number}", "agreement_no": f"示例{number}号", **UNREGISTERED}
            await sender.send("deal.signed", signed(own, 1, **more))
            path = f"/webhook-sources/{sender.id}"
            if number == 2:
                await world.send("PATCH", path, {"is_trusted": False}, version=2)
                again = {"is_trusted": True, "reason": "示例"}
                await confirmed(world, await world.send("PATCH", path, again, version=3))
        await work_off(world)
        assert await states(world) == ["parked"] * 2

    async def see(world: World) -> None:
        trusted = {one["name"]: one["is_trusted"] for one in (await world.get("/webhook-sources"))["items"]}
        assert trusted == {"示例甲平台": True, "示例乙平台": True}
        await _register_and_replay(world, *(await inbox(world)))
        assert await states(world) == ["applied"] * 2
        found = {deal["agreement_no"]: deal["status"] for deal in (await world.get("/deals"))["items"]}
        assert found == {"示例1号": "live", "示例2号": "draft"}
        await world.holds()

    after_down_and_up(database_url, fill, see, BEFORE_MESSAGES_KEPT_TRUST)


def test_trust_that_no_change_confirmed_ends(database_url: str) -> None:
    """As if somebody had set it in the database."""

    async def fill(world: World) -> None:
        await source(world)

    async def trust(session: AsyncSession) -> None:
        await session.execute(text("UPDATE webhook_sources SET is_trusted = true"))

    async def see(world: World) -> None:
        assert [one["is_trusted"] for one in (await world.get("/webhook-sources"))["items"]] == [False]

    settings = Settings(database_url=database_url)
    asyncio.run(within(database_url, fill))
    schema.downgrade(settings, BEFORE_MESSAGES_KEPT_TRUST)
    in_database(database_url, trust, writes=True)
    schema.upgrade(settings)
    asyncio.run(within(database_url, see))


def test_the_days_on_which_separation_was_off_are_found_in_the_log(database_url: str) -> None:
    async def put(world: World, value: str, day: int) -> None:
        world.clock.set(2023, 5, day)
        body = {"value": value, "reason": "示例"}
        answer = await world.send("PUT", "/office-settings/separation", body)
        if answer.status_code == 202:
            await confirm(world, answer.json()["id"])

    async def off_days(world: World, period: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = (await world.get("/totals/overview", period=period))["separation_off"]
        return found

    said: list[list[dict[str, str]]] = []

    async def fill(world: World) -> None:
        for value, day in (("on", 2), ("off", 4), ("on", 10), ("off", 28)):
            await put(world, value, day)
        world.clock.set(2023, 7, 2)
        await make.make_city(world)
        said.extend([await off_days(world, "2023Q2"), await off_days(world, "2023Q3")])
        assert said == [
            [{"from": "2023-05-04", "to": "2023-05-10"}, {"from": "2023-05-28", "to": "2023-06-30"}],
            [{"from": "2023-07-01", "to": "2023-07-02"}],
        ]

    async def see(world: World) -> None:
        assert [await off_days(world, "2023Q2"), await off_days(world, "2023Q3")] == said
        await world.holds()

    after_down_and_up(database_url, fill, see)
