"""The Host header decides nothing: no answer redirects elsewhere, and an idempotency key belongs to one request."""

import httpx
import pytest
from httpx import AsyncClient

from app.core.config import Settings
from app.main import create_app
from tests.conftest import World, anybody
from tests.transport import InProcess

pytestmark = pytest.mark.anyio

EVIL = {"Host": "evil.example"}


def _client(world: World, public_url: str | None, hosts: str = "") -> AsyncClient:
    """Returns a client of an app of its own: its allowed hosts are set when it is built."""
    settings = Settings(database_url=world.settings.database_url, public_url=public_url, hosts=hosts, worker=False)
    app = create_app(settings, actor_source=anybody)
    app.state.database, app.state.trail = world.database, world.app.state.trail
    return AsyncClient(transport=InProcess(app), base_url="http://127.0.0.1:8000")


def _says(answer: httpx.Response) -> str:
    return f"{answer.headers} {answer.text}"


@pytest.mark.parametrize(
    "path", ["/api/v1/me/", "/api/v1/projects/", "/docs/", "/docs-assets", "/", "//evil.example/x"]
)
async def test_no_answer_leads_to_the_host_asked_for(world: World, path: str) -> None:
    answer = await world.client.get(f"http://five-ones.test{path}", headers=EVIL)
    assert "evil.example" not in answer.headers.get("location", "")
    assert not answer.headers.get("location", "/").startswith(("http", "//"))
    assert answer.status_code in (200, 307, 404)


@pytest.mark.parametrize("public_url", [None, "https://zs.example.cn"])
async def test_the_address_of_a_source_is_the_public_one(
    world: World, public_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.settings, "public_url", public_url)
    made = await world.client.post("/api/v1/webhook-sources", json={"name": "示例平台"}, headers=EVIL)
    assert made.status_code == 201
    assert "evil.example" not in _says(made)
    assert made.json()["address"] == f"{public_url or ''}/api/v1/hooks/{made.json()['id']}"


async def test_with_a_public_url_other_hosts_are_refused(world: World) -> None:
    async with _client(world, "https://zs.example.cn", "hooks.intranet, 10.1.2.3") as client:
        for host in (
            "evil.example",
            "zs.example.cn.evil.example",
            "10.1.2.4",
            "a@zs.example.cn",
            "zs.example.cn:x",
            "",
        ):
            answer = await client.get("/api/v1/stages", headers={"Host": host})
            assert (answer.status_code, answer.json()["code"]) == (400, "host_unknown"), host
            assert "evil" not in _says(answer)
            assert answer.headers["x-content-type-options"] == "nosniff"
        for host in ("zs.example.cn", "ZS.example.cn:443", "zs.example.cn.", "hooks.intranet:8000", "10.1.2.3"):
            assert (await client.get("/api/v1/task-forces", headers={"Host": host})).status_code == 200, host


async def test_whoever_looks_after_the_service_asks_by_any_name(world: World) -> None:
    async with _client(world, "https://zs.example.cn") as client:
        for host in ("127.0.0.1:8000", "10.9.8.7", "evil.example"):
            assert (await client.get("/healthz", headers={"Host": host})).status_code == 200
            assert (await client.get("/readyz", headers={"Host": host})).status_code == 200
    async with _client(world, None) as client:
        assert (await client.get("/api/v1/task-forces", headers={"Host": "10.9.8.7"})).status_code == 200


async def test_a_key_is_of_one_query(world: World) -> None:
    async def replay(query: str) -> httpx.Response:
        return await world.send("POST", f"/inbox/replay{query}", Idempotency_Key="k-1")

    first = await replay("?state=failed")
    assert (first.status_code, "idempotent-replayed" in first.headers) == (200, False)
    for other in ("?state=parked", "?state=failed&limit=7", "?state=failed&limit=8"):
        assert "idempotent-replayed" not in (await replay(other)).headers, other
    for same in ("?state=failed", "?limit=7&state=failed", "?state=fail%65d"):
        assert "idempotent-replayed" in (await replay(same)).headers, same
