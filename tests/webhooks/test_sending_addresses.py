"""Outgoing messages: blocked addresses, and how an allowed one is connected to."""

from pathlib import Path

import pytest
from httpx_secure import SSRFProtectionError

from app.accounts.roles import Role
from app.webhooks.outbound import guard
from tests.accounts.people import user
from tests.conftest import World
from tests.factories import city as make
from tests.webhooks.endpoints import ask, endpoint
from tests.webhooks.receiver import Receiver, certificate, receiver
from tests.webhooks.sender import work_off

pytestmark = pytest.mark.anyio


FORBIDDEN = [
    "https://127.0.0.1/",
    "https://localhost/",
    "https://10.1.2.3/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fd00::1]/",
    "https://[fec0::1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[::ffff:0:10.0.0.1]/",
    "https://[::10.0.0.1]/",
    "https://[3fff::1]/",
    "https://192.88.99.1/",
    "https://224.0.0.1/",
    "https://2130706433/",
    "http://93.184.215.14/",
]


@pytest.mark.parametrize("url", FORBIDDEN)
async def test_where_nothing_is_sent(world: World, url: str) -> None:
    await user(world, "owner", Role.bureau)
    said = await ask(world, "owner", "POST", "/webhook-endpoints", {"name": "示例", "url": url, "types": ["*"]})
    assert said.status_code == 422
    (wrong,) = said.json()["errors"]
    assert (wrong["pointer"], wrong["code"]) == ("/url", "url_refused")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "https://user@example.com/",
        "https://:pw@1.1.1.1/",
        "https://[2606:4700::1].x/",
        "https://",
        "https://exa mple.com/",
        "https://[v1.a]/",
        "https://[",
        "x",
    ],
)
async def test_what_is_no_address(world: World, url: str) -> None:
    said = await world.send("POST", "/webhook-endpoints", {"name": "示例", "url": url, "types": ["deals.*"]})
    assert said.status_code == 422
    assert {(one["pointer"], one["code"]) for one in said.json()["errors"]} == {
        ("/url", "url"),
        ("/types/0", "event_pattern"),
    }


async def test_an_address_that_is_allowed_no_longer_is_not_connected_to(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        world.settings.outbound_networks = ""
        await work_off(world)
        assert other.requests == []
        assert [(one["status"], one["error"]) for one in (await to.only())["made"]] == [(None, "address")]
        # The connection asks by itself, whatever was found out before.
        with pytest.raises(SSRFProtectionError):
            async with guard.client(world.settings, "http", 5) as client:
                await client.post(other.url)
        assert other.requests == []


async def test_a_name_is_asked_once_and_its_judged_address_is_used(world: World) -> None:
    """`localhost` by its name: the connection goes to the address that was judged, the name is in the Host header."""
    async with receiver() as other:
        named = Receiver(port=other.port, host="localhost")
        await endpoint(world, named)
        await make.make_investor(world)
        await work_off(world)
        assert [request.headers["host"] for request in other.requests] == [f"localhost:{other.port}"]


async def test_a_certificate_is_for_the_name_that_was_given(world: World, tmp_path: Path) -> None:
    """The connection goes to a number; whom it may be is judged by the name, under the authorities that are trusted."""
    rightly, right = certificate("localhost", tmp_path)
    wrongly, wrong = certificate("another.example", tmp_path)
    for number, (secured, trusted, comes_of_it) in enumerate(
        [
            (right, str(rightly), (200, None)),
            (right, None, (None, "certificate")),
            (wrong, str(wrongly), (None, "certificate")),
        ]
    ):
        async with receiver(secured) as other:
            world.settings.outbound_ca_file = trusted
            to = await endpoint(world, other, owner=f"owner{number}")
            await make.make_investor(world)
            await work_off(world)
            (made,) = (await to.only())["made"]
            assert (made["status"], made["error"]) == comes_of_it
            assert len(other.requests) == (1 if made["status"] else 0)
            await to.act("PATCH", body={"is_active": False})


@pytest.mark.parametrize("url", ["https://xn--ls8h.la/hooks", "https://xn--a/", "https://xn--zz--/"])
async def test_an_odd_name_is_asked_as_it_is_written(world: World, url: str) -> None:
    """There is no such name here, or nothing may be asked: refused, and no fault of ours."""
    await user(world, "owner", Role.bureau)
    said = await ask(world, "owner", "POST", "/webhook-endpoints", {"name": "示例", "url": url, "types": ["*"]})
    assert (said.status_code, said.json()["errors"][0]["code"]) == (422, "url_refused")
