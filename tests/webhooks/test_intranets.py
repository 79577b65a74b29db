"""Messages go into an intranet only through the networks the operator has named, and nothing is read back from it."""

import json
from ipaddress import ip_address
from typing import Any

import pytest
from pydantic import ValidationError

from app.accounts.roles import Role
from app.core.config import Settings
from app.webhooks.outbound import guard
from tests.accounts.people import user
from tests.conftest import World
from tests.factories import city as make
from tests.webhooks.endpoints import ask, endpoint
from tests.webhooks.receiver import answer, receiver
from tests.webhooks.sender import work_off

pytestmark = pytest.mark.anyio


def _allows(named: str, url: str) -> bool:
    settings = Settings(outbound_networks=named)
    scheme, _, rest = url.partition("://")
    host, _, port = rest.rpartition(":")
    return guard.is_allowed(scheme, ip_address(host.strip("[]")), int(port), settings)


@pytest.mark.parametrize(
    ("named", "allowed", "refused"),
    [
        ("10.20.0.0/16", ["https://10.20.1.1:443"], ["http://10.20.1.1:80", "https://10.20.1.1:6379"]),
        ("10.20.0.0/16:8080", ["http://10.20.1.1:8080"], ["https://10.20.1.1:443", "http://10.21.1.1:8080"]),
        ("10.20.0.7:8080, 10.20.0.7", ["http://10.20.0.7:8080", "https://10.20.0.7:443"], ["http://10.20.0.8:8080"]),
        ("[fd00::/8]:8443", ["https://[fd00::1]:8443"], ["https://[fd00::1]:443", "https://[fe80::1]:8443"]),
        ("fd00::/8", ["https://[fd00::1]:443"], ["https://[fd00::1]:8443"]),
        ("10.0.0.0/8:*", ["http://10.1.1.1:1", "https://10.1.1.1:65535"], ["http://11.1.1.1:1"]),
        ("", ["https://1.1.1.1:8443"], ["http://1.1.1.1:80", "https://10.1.1.1:443"]),
    ],
)
def test_networks_are_named_with_ports(named: str, allowed: list[str], refused: list[str]) -> None:
    assert [url for url in allowed if not _allows(named, url)] == []
    assert [url for url in refused if _allows(named, url)] == []


@pytest.mark.parametrize("named", ["10.20.0.0/16:0", "10.0.0.0/8:http", "10.0.0.1:70000", "intranet:443", "10.0.0.1/8"])
def test_a_door_that_is_none_stops_the_start(named: str) -> None:
    with pytest.raises(ValidationError):
        Settings(outbound_networks=named)


async def test_other_ports_are_not_posted_to(world: World) -> None:
    async with receiver() as named, receiver() as other:
        to = await endpoint(world, named, "enterprise.*")
        world.settings.outbound_networks = f"127.0.0.0/8:{named.port}"
        body = {"name": "示例", "url": other.url, "types": ["*"]}
        refused = await ask(world, "owner", "POST", "/webhook-endpoints", body)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "url_refused")
        await make.make_investor(world)
        await work_off(world)
        assert await to.states() == ["delivered"]
        # The setting is narrowed: a stored address there is refused from now on.
        world.settings.outbound_networks = f"127.0.0.0/8:{other.port}"
        await make.make_investor(world)
        await work_off(world)
        assert (len(named.requests), len(other.requests)) == (1, 0)


async def _attempts(world: World, who: str, delivery_id: str) -> list[dict[str, Any]]:
    read = await ask(world, who, "GET", f"/webhook-deliveries/{delivery_id}")
    assert read.status_code == 200, read.text
    found: list[dict[str, Any]] = read.json()["made"]
    return found


async def test_what_a_receiver_answers_is_for_whoever_runs_the_service(world: World) -> None:
    async with receiver() as other:
        other.default = answer(200, body="internal admin page: secret=hunter2")
        to = await endpoint(world, other, "enterprise.*")
        await user(world, "operator", Role.system_admin)
        await make.make_investor(world)
        await work_off(world)
        (delivery,) = await to.deliveries()
        (own,) = await _attempts(world, "owner", delivery["id"])
        assert (own["status"], own["answer"], own["error"]) == (200, "", None)
        assert own["milliseconds"] >= 0
        (seen,) = await _attempts(world, "operator", delivery["id"])
        assert seen["answer"] == "internal admin page: secret=hunter2"
        health = await ask(world, "owner", "GET", f"{to.path}/health")
        assert "hunter2" not in health.text
        for verb in ("ping", "redelivery"):
            path = f"{to.path}/ping" if verb == "ping" else f"/webhook-deliveries/{delivery['id']}/redelivery"
            assert "hunter2" not in (await ask(world, "owner", "POST", path)).text


async def test_an_address_shows_its_query_to_its_owner_alone(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other, "enterprise.*")
        secret = f"{other.url}?token=sesame"
        await to.act("PATCH", body={"url": secret})
        await user(world, "colleague", Role.bureau)
        await user(world, "operator", Role.system_admin)
        assert (await ask(world, "owner", "GET", to.path)).json()["url"] == secret
        for who in ("colleague", "operator"):
            for path in (to.path, "/webhook-endpoints"):
                read = await ask(world, who, "GET", path)
                assert "sesame" not in read.text
                assert f"{other.url}?…" in json.dumps(read.json(), ensure_ascii=False)
        # Switching it off is theirs as well, and shows no more; taken over, it is the colleague's.
        off = await to.send("PATCH", body={"is_active": False}, by="operator")
        assert (off.status_code, "sesame" in off.text) == (200, False)
        taken = await to.send("POST", "/owner", by="colleague")
        assert taken.json()["url"] == secret
