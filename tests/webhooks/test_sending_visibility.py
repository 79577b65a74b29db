"""Outgoing messages: only records the owner of an endpoint may see, and who may do what with an endpoint."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select
from standardwebhooks.webhooks import WebhookVerificationError

from app.accounts import service as users
from app.accounts.models import UserRole
from app.accounts.roles import Role
from app.core.clock import moment_text
from app.webhooks.outbound import deliveries
from app.webhooks.outbound.models import WebhookMessage
from tests.accounts.people import user
from tests.conftest import World
from tests.factories import city as make
from tests.webhooks.endpoints import ask, endpoint, until
from tests.webhooks.receiver import answer, receiver
from tests.webhooks.sender import work_off

pytestmark = pytest.mark.anyio


async def test_only_what_the_owner_sees_is_told(world: World, city: make.City) -> None:
    async with receiver() as other, receiver() as whole:
        district, elsewhere = city.districts[0], await make.make_unit(world, "示例他区", city.city)
        to = await endpoint(world, other, "project.*", "deal.*", owner="of_district", role=Role.district, of=district)
        everything = await endpoint(world, whole, "project.*", "deal.*", owner="of_bureau", unit_id=district)
        own = await make.make_project(city, unit_id=district)
        await make.make_project(city, unit_id=elsewhere)
        await work_off(world)
        told = [request.told["data"]["object"]["id"] for request in other.requests]
        assert set(told) == {own["id"]}
        assert sorted(told) == sorted(request.told["data"]["object"]["id"] for request in whole.requests)
        # Told and not yet sent when its sight ends.
        count = len(other.requests)
        await world.send("PATCH", f"/projects/{own['id']}", {"name": "示例改名"}, version=own["version"])
        async with world.database.writing() as session:
            mine = select(WebhookMessage.id).order_by(WebhookMessage.id.desc()).limit(1)
            newest = await session.scalar(mine)
        await deliveries.spread_all(world.database)
        ruled = {"unit_id": elsewhere, "ruled_on": "2023-06-01", "reason": "示例", "document": "示例1号"}
        await world.act(f"/projects/{own['id']}", "transfers", ruled)
        await work_off(world)
        assert len(other.requests) == count
        by_message = {one["message_id"]: one["state"] for one in await to.deliveries()}
        assert by_message[str(newest)] == "withheld"
        assert (await everything.states()).count("withheld") >= 1


async def test_whoever_may_not_sign_in_is_told_nothing(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await deliveries.spread_all(world.database)
        async with world.database.writing() as session:
            owner = await users.get(session, "owner")
            owner.is_locked = True
        await make.make_investor(world)
        await work_off(world)
        assert other.requests == []
        assert await to.states() == ["withheld"]


async def test_whose_it_is(world: World, city: make.City) -> None:
    async with receiver() as other:
        other.default = answer(503)
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        waiting = [one["id"] for one in await to.deliveries()]
        assert len(waiting) == 1
        assert (await world.get("/webhook-deliveries"))["items"] == []  # nothing has failed for good
        await user(world, "colleague", Role.bureau)
        await user(world, "district", Role.district, unit_id=city.districts[0])
        await user(world, "administrator", Role.system_admin)
        for who, url, off, seen in (
            ("colleague", "not_the_owner", 200, 200),
            ("administrator", "forbidden", 200, 200),
            ("district", "not_found", 404, 404),
        ):
            assert (await to.send("PATCH", body={"name": "示例"}, by=who)).json()["code"] == url, who
            assert (await to.send("PATCH", body={"is_active": False}, by=who)).status_code == off, who
            assert (await to.send("GET", "/health", by=who)).status_code == seen, who
            assert (await to.send("GET", "/deliveries", by=who)).status_code == seen, who
            undelivered = (await ask(world, who, "GET", "/webhook-deliveries?state=pending")).json()["items"]
            assert [one["id"] for one in undelivered] == (waiting if seen == 200 else [])
            assert {one["endpoint_name"] for one in undelivered} <= {(await to.read())["name"]}
            assert (await to.send("POST", "/secret", by=who)).status_code in (403, 404), who
        assert (await to.send("POST", "/owner", by="district")).status_code == 404
        assert (await to.send("POST", "/owner", by="colleague")).status_code == 200
        assert (await to.send("PATCH", body={"name": "示例"}, by="colleague")).status_code == 200
        assert (await to.send("PATCH", body={"name": "示例"})).json()["code"] == "not_the_owner"
        assert (await to.send("DELETE", by="administrator")).status_code == 204
        assert (await to.send("PATCH", body={"is_active": True}, by="colleague")).json()["code"] == "endpoint_removed"


async def test_whoever_is_no_user_owns_nothing(world: World) -> None:
    world.settings.outbound_networks = "127.0.0.0/8:*, [::1/128]:*"
    body = {"name": "示例", "url": "http://127.0.0.1:9/", "types": ["*"]}
    assert (await world.send("POST", "/webhook-endpoints", body)).json()["code"] == "no_user"


async def test_whoever_takes_over_looks_first_where_it_leads(world: World, city: make.City) -> None:
    async with receiver() as other:
        district = city.districts[0]
        to = await endpoint(world, other, owner="of_district", role=Role.district, of=district)
        await make.make_project(city, unit_id=await make.make_unit(world, "示例他区", city.city))
        await work_off(world)
        other.requests.clear()
        await to.act("POST", "/replay", {"since": "2023-01-01T00:00:00Z", "what": "all"})
        await user(world, "colleague", Role.bureau)
        taken = await to.send("POST", "/owner", by="colleague")
        assert (taken.status_code, taken.json()["is_active"]) == (200, False)
        await work_off(world)
        assert other.requests == []
        assert (await to.send("PATCH", body={"is_active": True}, by="colleague")).status_code == 200
        await make.make_investor(world)
        await work_off(world)
        assert other.requests[-1].verify(taken.json()["secret"])
        with pytest.raises(WebhookVerificationError):
            other.requests[-1].verify(to.secret)


async def test_whoever_may_keep_no_endpoint_is_told_nothing(world: World) -> None:
    async with receiver() as other:
        await endpoint(world, other)
        async with world.database.writing() as session:
            owner = await users.get(session, "owner")
            await session.execute(delete(UserRole).where(UserRole.user_id == owner.id))
            session.add(UserRole(user_id=owner.id, role=Role.leader))
        await make.make_investor(world)
        await work_off(world)
        assert other.requests == []


async def test_what_is_asked_for_no_longer_is_not_sent(world: World) -> None:
    async with receiver() as other:
        other.script = [answer(500)]
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        await to.act("PATCH", body={"types": ["deal.*"]})
        await until(world, moment_text(world.clock.moment + timedelta(minutes=1)))
        assert (len(other.requests), await to.states()) == (1, ["withheld"])


async def test_an_administrator_reads_of_no_business(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        await user(world, "administrator", Role.system_admin)
        listed = (await to.send("GET", "/deliveries", by="administrator")).json()["items"]
        read = await ask(world, "administrator", "GET", f"/webhook-deliveries/{listed[0]['id']}")
        assert (listed[0]["object_id"], read.json()["body"], read.json()["state"]) == (None, None, "delivered")
