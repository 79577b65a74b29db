"""The web client as browsers get it, from the address of the API; and the service where no client has been built."""

import gzip
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import brotli
import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from pydantic import ValidationError

from app.core.config import Settings
from app.main import create_app
from tests.conftest import ROOT, World, anybody
from tests.transport import InProcess

pytestmark = pytest.mark.anyio

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCRIPT = "console.log('示例');\n" * 100
BUILT = ROOT / "frontend" / "dist"


@pytest.fixture
def backend() -> str:
    """Pages do not ask the database."""
    return "sqlite"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client as its build leaves it."""
    tmp_path = tmp_path_factory.mktemp("client")
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    for name in ("index", "login"):
        (assets.parent / f"{name}.html").write_text(f"<!doctype html><title>{name} 示例</title>", "utf-8")
    (assets.parent / "favicon.svg").write_text("<svg/>", "utf-8")
    (assets.parent / "notes.txt").write_text("not a part of the client", "utf-8")
    (assets / "index-a1b2.js").write_text(SCRIPT, "utf-8")
    (assets / "index-a1b2.js.br").write_bytes(brotli.compress(SCRIPT.encode()))
    (assets / "index-a1b2.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (assets / "inter-c3d4.woff2").write_bytes(b"wOF2" + bytes(2000))
    (tmp_path / "outside.js").write_text("secret", "utf-8")
    (assets / "outside.js").symlink_to(tmp_path / "outside.js")
    return assets.parent


@cache
def app_with(directory: Path | str) -> FastAPI:
    return create_app(Settings(client_directory=str(directory), log_level="error"), actor_source=anybody)


@asynccontextmanager
async def served(world: World, directory: Path | str) -> AsyncIterator[AsyncClient]:
    """Runs the service on the database of the world with the client of that directory."""
    app = app_with(directory)
    app.state.database, app.state.trail = world.database, world.app.state.trail
    async with AsyncClient(transport=InProcess(app), base_url="http://five-ones.test") as client:
        yield client


def is_page(answer: Response, title: str) -> bool:
    return (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8") and (
        f"<title>{title} 示例" in answer.text
    )


async def test_every_address_of_the_client_is_its_page(world: World, built: Path) -> None:
    """Also without a session: the client itself asks for one and leads to the sign-in."""
    async with served(world, built) as client:
        for path in ("/", "/projects/01890000-0000-7000-8000-000000000000", "/cockpit", "/项目?状态=1", "/leads/"):
            answer = await client.get(path, headers=BROWSER)
            assert is_page(answer, "index"), path
            assert answer.headers["cache-control"] == "no-cache"
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self';" in policy
            assert "style-src 'self' 'unsafe-inline';" in policy
            assert "connect-src 'self';" in policy
            head = await client.head(path, headers=BROWSER)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["etag"] == answer.headers["etag"]
            again = await client.get(path, headers={**BROWSER, "If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            # Browsers take the headers of a 304 for those of the page that they kept.
            assert again.headers["content-security-policy"] == policy
        sign_in = await client.get("/login?next=/cockpit", headers=BROWSER)
        assert is_page(sign_in, "login")
        assert "unsafe-inline" not in sign_in.headers["content-security-policy"]
        assert is_page(await client.get("/"), "index")  # whatever it accepts


async def test_a_new_build_is_served_at_once(world: World, built: Path) -> None:
    async with served(world, built) as client:
        before = await client.get("/", headers=BROWSER)
        (built / "index.html").write_text("<title>index 示例</title> built anew", "utf-8")
        after = await client.get("/", headers={**BROWSER, "If-None-Match": before.headers["etag"]})
        assert is_page(after, "index")
        assert "built anew" in after.text


async def test_assets_come_as_the_build_compressed_them(world: World, built: Path) -> None:
    async with served(world, built) as client:
        for accepted, encoding, suffix in (
            ("gzip, deflate, br, zstd", "br", ".br"),
            ("gzip", "gzip", ".gz"),
            ("br;q=0, gzip;q=0.5", "gzip", ".gz"),
            ("br;q=0.0", None, ""),
            ("identity", None, ""),
        ):
            answer = await client.get("/assets/index-a1b2.js", headers={"Accept-Encoding": accepted})
            assert answer.headers.get("content-encoding") == encoding
            assert answer.text == SCRIPT
            length = (built / "assets" / f"index-a1b2.js{suffix}").stat().st_size
            assert answer.headers["content-length"] == str(length)
            assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert answer.headers["vary"] == "Accept-Encoding"
            assert answer.headers["x-content-type-options"] == "nosniff"
            kept = {"Accept-Encoding": accepted, "If-None-Match": answer.headers["etag"]}
            assert (await client.get("/assets/index-a1b2.js", headers=kept)).status_code == 304


async def test_what_is_not_hashed_is_asked_for_anew(world: World, built: Path) -> None:
    async with served(world, built) as client:
        font = await client.get("/assets/inter-c3d4.woff2", headers={"Accept-Encoding": "br"})
        assert (font.headers["content-type"], font.headers.get("content-encoding")) == ("font/woff2", None)
        icon = await client.get("/favicon.svg")
        assert (icon.headers["content-type"], icon.headers["cache-control"]) == ("image/svg+xml", "no-cache")


async def test_everything_else_is_what_it_was(world: World, built: Path) -> None:
    """The API answers a browser in JSON, and what is not there is not there."""
    async with served(world, built) as client:
        for method, path, status in (
            ("GET", "/api/v1/nothing", 404),
            ("GET", "/api", 404),
            ("GET", "/api/", 404),
            ("GET", "/%61pi/v1/nothing", 404),
            ("PUT", "/api/v1/projects", 405),
            ("GET", "/api/v1/projects?nothing=1", 422),
            ("GET", "/assets/none-a1b2.js", 404),
            ("GET", "/assets/none", 404),
            ("GET", "/assets/", 404),
            ("GET", "/assets/index-a1b2.js.br", 404),
            ("GET", "/favicon.ico", 404),
            ("GET", "/robots.txt", 404),
            ("GET", "/notes.txt", 404),
            ("GET", "/index.html", 404),
            ("GET", "/docs-assets/none", 404),
            ("GET", "/pages/none", 404),
            ("POST", "/", 405),
            ("POST", "/login", 405),
            ("POST", "/healthz", 405),
            ("POST", "/assets/index-a1b2.js", 405),
            ("POST", "/projects/1", 404),
        ):
            answer = await client.request(method, path, headers=BROWSER)
            assert answer.status_code == status, path
            assert answer.headers["content-type"] == "application/problem+json", path
            assert answer.json()["code"] in ("not_found", "method_not_allowed", "invalid_input"), path
        assert (await client.get("/projects/1")).json()["code"] == "not_found"  # no browser
        assert (await client.get("/docs", headers=BROWSER)).text.count("swagger") > 0
        listed = await client.get("/api/v1/projects", headers=BROWSER)
        assert listed.headers["content-type"] == "application/json"
        assert "unsafe-inline" not in listed.headers["content-security-policy"]


OUTSIDE = [
    "/assets/../../outside.js",
    "/assets/..%2f..%2foutside.js",
    "/%2e%2e/outside.js",
    "/assets/%2e%2e/%2e%2e/outside.js",
    "/..%5coutside.js",
    "/assets//../../outside.js",
    "//outside.js",
    "/%2foutside.js",
    "/assets/outside.js",
    "/assets/outside.js%00.js",
    "/assets/index-a1b2.js%00",
    "/assets/" + "a" * 5000 + ".js",
    "/assets/%ff.js",
    "//evil.example/x",
]


async def test_nothing_outside_the_build_is_read(world: World, built: Path) -> None:
    async with served(world, built) as client:
        for path in OUTSIDE:
            # The path as it stands: httpx would resolve its dots.
            request = client.build_request("GET", "/", headers=BROWSER)
            request.url = request.url.copy_with(raw_path=path.encode())
            answer = await client.send(request)
            assert answer.status_code == 404, path
            assert answer.headers["content-type"] == "application/problem+json", path


async def test_without_a_client_the_service_signs_in_by_its_own_page(world: World) -> None:
    async with served(world, "") as client:
        assert '<form id="sign-in"' in (await client.get("/login", headers=BROWSER)).text
        assert (await client.head("/login")).status_code == 200
        root = await client.get("/", headers=BROWSER)
        assert (root.status_code, root.headers["location"]) == (307, "/docs")
        deep = await client.get("/projects/1", headers=BROWSER)
        assert (deep.status_code, deep.json()["code"]) == (404, "not_found")


def test_a_named_directory_without_a_client_stops_the_start(tmp_path: Path, built: Path) -> None:
    with pytest.raises(ValidationError, match="a built client"):
        Settings(client_directory=str(tmp_path))
    assert Settings(client_directory=str(built)).client == built
    assert Settings(client_directory="").client is None


@pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason="the web client has not been built")
async def test_the_built_client_loads_from_this_origin_alone(world: World) -> None:
    """Each page names files of this service, has no code of its own, and what it names is there, also compressed."""
    async with served(world, BUILT) as client:
        for path in ("/", "/login"):
            page = (await client.get(path, headers=BROWSER)).text
            assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|javascript:|https?://", page), path
            named = re.findall(r'(?:src|href)="([^"]+)"', page)
            assert len(named) > 2
            for address in named:
                assert address.startswith("/"), address
                answer = await client.get(address, headers={"Accept-Encoding": "br"})
                assert answer.status_code == 200, address
                if address.endswith((".js", ".css")):
                    assert answer.headers["content-encoding"] == "br", address
                    assert "immutable" in answer.headers["cache-control"]
