"""Security headers of every answer, which proxies are believed about the client's address, and pages of our own origin
only."""

import re

import pytest
from httpx import AsyncClient

from app.audit.models import SecurityEventType
from app.core import logs
from app.core.config import Settings
from app.main import create_app
from tests.accounts.people import sign_in_required
from tests.accounts.test_sign_in import events
from tests.conftest import ROOT, World
from tests.transport import InProcess

pytestmark = pytest.mark.anyio


async def test_every_answer_carries_the_headers(world: World) -> None:
    for path in ("/healthz", "/login", "/pages/login.js", "/docs", "/api/v1/projects", "/api/v1/nothing", "/nothing"):
        headers = (await world.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY"
        assert "script-src 'self';" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"].split("script-src")[1].split(";")[0]
        assert "strict-transport-security" not in headers
        assert (headers.get("cache-control") == "no-store") == path.startswith("/api/"), path
    secure = await world.client.get("https://five-ones.test/healthz")
    assert "max-age" in secure.headers["strict-transport-security"]
    assert "access-control-allow-origin" not in secure.headers


def test_pages_hold_no_inline_code_and_name_no_other_host() -> None:
    for path in (ROOT / "app" / "pages").glob("*.html"):
        page = path.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|javascript:|<style|\sstyle=", page), path
        assert not re.search(r"https?://", page), path


async def test_the_page_says_that_single_sign_on_goes_on(world: World) -> None:
    """Only beside the way in that it concerns, in both languages."""
    page = (await world.client.get("/login")).text
    _, _, beside = page.partition('<div id="sign-on" hidden>')
    beside, _, _ = beside.partition("</div>")
    assert "不会退出单点登录" in beside
    assert "does not sign you out of single sign-on" in beside


async def test_the_parts_of_pages_are_those_and_no_others(world: World) -> None:
    for name in ("routes.py", "..%2Frouting.py", "login.html", "%00", "%2e%2e/x"):
        assert (await world.client.get(f"/pages/{name}")).status_code == 404


async def test_an_unread_page_leads_to_the_sign_in_and_back(world: World) -> None:
    async with sign_in_required(world):
        answer = await world.client.get("/docs", headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/docs")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address", "is_secure"),
    [
        ("", "203.0.113.7", "127.0.0.1", False),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7", True),
        ("127.0.0.0/8, 10.0.0.0/8", "198.51.100.1, 203.0.113.7, 10.1.2.3", "203.0.113.7", True),
        ("127.0.0.1", "made up\x1b[31m", None, True),
    ],
)
async def test_only_a_proxy_of_ours_says_where_somebody_comes_from(
    world: World, proxies: str, forwarded: str, address: str | None, is_secure: bool
) -> None:
    settings = Settings(database_url=world.settings.database_url, log_level="error", trusted_proxies=proxies)
    logs.configure(settings)
    app = create_app(settings)
    app.state.database, app.state.trail = world.database, world.app.state.trail
    async with AsyncClient(transport=InProcess(app), base_url="http://five-ones.test") as client:
        headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
        body = {"name": "nobody", "password": "示例"}
        answer = await client.post("/api/v1/session", json=body, headers=headers)
        assert answer.status_code == 401
        assert ("strict-transport-security" in answer.headers) is is_secure
    (failed,) = await events(world, SecurityEventType.sign_in_failed)
    assert failed.address == address
