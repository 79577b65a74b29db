"""Outgoing messages: resends, replays and pings."""

from datetime import timedelta

import pytest

from app.core.clock import moment_text
from tests.conftest import World
from tests.factories import city as make
from tests.webhooks.endpoints import endpoint
from tests.webhooks.receiver import answer, receiver
from tests.webhooks.sender import work_off

pytestmark = pytest.mark.anyio


async def test_what_came_while_it_was_off_can_be_had(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        await to.act("PATCH", body={"is_active": False})
        assert (await to.send("POST", "/replay", {"since": "2023-01-01T00:00:00Z"})).json()["code"] == "endpoint_off"
        since = moment_text(world.clock.moment)
        await make.make_investor(world)
        await make.make_investor(world)
        await work_off(world)
        assert len(other.requests) == 1
        await to.act("PATCH", body={"is_active": True})
        asked = await to.act("POST", "/replay", {"since": since})
        await work_off(world)
        assert await to.states() == ["delivered"] * 3
        assert (await world.get(f"/jobs/{asked['job_id']}"))["result"] == {"count": 2}
        # Everything since then once more, under the same ids.
        before = [request.id for request in other.requests]
        await to.act("POST", "/replay", {"since": since, "what": "all"})
        await work_off(world)
        assert sorted(request.id for request in other.requests[3:]) == sorted(before[1:])
        await to.act("POST", "/replay", {"since": since, "until": since, "what": "all"})
        await work_off(world)
        assert len(other.requests) == 5


async def test_an_endpoint_is_replayed_ten_times_an_hour_by_one_user(world: World) -> None:
    """Others' messages wait behind them. Another endpoint and user have their own count, and so has the next hour."""
    since = {"since": "2023-01-01T00:00:00Z"}
    async with receiver() as other:
        to = await endpoint(world, other)
        for _ in range(10):
            await to.act("POST", "/replay", since)
        refused = await to.send("POST", "/replay", since)
        assert (refused.status_code, refused.json()["code"]) == (429, "replayed_too_often")
        assert 3500 < int(refused.headers["Retry-After"]) <= 3600
        await (await endpoint(world, other, owner="second")).act("POST", "/replay", since)
        world.clock.moment += timedelta(hours=1)
        await to.act("POST", "/replay", since)


async def test_ten_messages_an_hour_are_sent_again_by_one_user(world: World) -> None:
    """One message ten times, or ten messages once: it is counted for the endpoint, apart from replays."""
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await make.make_investor(world, name="示例：另一投资方", credit_code=make.credit_code(77))
        await work_off(world)
        first, second = [f"/webhook-deliveries/{row['id']}/redelivery" for row in await to.deliveries()]
        for path in (first, second) * 5:
            assert (await world.send("POST", path)).status_code == 202
        refused = await world.send("POST", first)
        assert (refused.status_code, refused.json()["code"]) == (429, "replayed_too_often")
        assert 3500 < int(refused.headers["Retry-After"]) <= 3600
        await to.act("POST", "/replay", {"since": "2023-01-01T00:00:00Z"})
        world.clock.moment += timedelta(hours=1)
        assert (await world.send("POST", second)).status_code == 202


async def test_one_is_sent_again(world: World) -> None:
    async with receiver() as other:
        other.script = [answer(500)]
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        delivery = await to.only()
        again = f"/webhook-deliveries/{delivery['id']}/redelivery"
        assert (await world.send("POST", again)).json()["state"] == "pending"
        await work_off(world)
        assert await to.states() == ["delivered"], "at once, whatever the schedule says"
        assert (await world.send("POST", again)).status_code == 202
        await work_off(world)
        assert [request.id for request in other.requests] == [other.requests[0].id] * 3
        found = await to.only()
        assert (found["state"], len(found["made"])) == ("delivered", 3)
        await to.act("PATCH", body={"is_active": False})
        assert (await world.send("POST", again)).json()["code"] == "endpoint_off"
        assert await to.states() == ["delivered"]


async def test_a_ping_goes_once_and_also_where_it_is_off(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other, "deal.*")
        await to.act("POST", "/ping")
        await work_off(world)
        (request,) = other.requests
        assert request.verify(to.secret)["type"] == "webhook.ping"
        await to.act("PATCH", body={"is_active": False})
        other.default = answer(500)
        made = await to.act("POST", "/ping")
        await work_off(world)
        found = await world.get(f"/webhook-deliveries/{made['id']}")
        assert (found["state"], found["attempts"], found["made"][0]["status"]) == ("failed", 1, 500)
        await world.holds()
