"""What was kept before is read anew by the migrations that change a rule."""

import asyncio
from typing import Any

from app import schema
from app.core.config import Settings
from tests.conftest import World, running
from tests.factories import city as make

BEFORE = "2026112611"


def after_down_and_up(database_url: str, fill: Any, see: Any) -> None:
    """Fills a database, takes it down to where these rules were not, and sees it when it is up again."""

    async def within(work: Any) -> None:
        async with running(database_url) as world:
            await work(world)

    asyncio.run(within(fill))
    schema.downgrade(Settings(database_url=database_url), BEFORE)
    schema.upgrade(Settings(database_url=database_url))
    asyncio.run(within(see))


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
