"""The service for its operators: health, ids, documentation from our own origin."""

import re
import socket

import pytest
from sqlalchemy import text

from tests.conftest import World, running

pytestmark = pytest.mark.anyio


async def test_alive_and_ready(world: World) -> None:
    assert (await world.client.get("/healthz")).json() == {"status": "alive"}
    assert (await world.client.get("/readyz")).json()["status"] == "ready"


async def test_documentation_comes_from_our_own_origin(world: World) -> None:
    for page in ("/docs", "/redoc"):
        html = (await world.client.get(page)).text
        named = re.findall(r'(?:src|href)="([^"]+)"', html) + re.findall(r"https?://\S+", html)
        assert named
        for address in named:
            assert address.startswith("/"), address
            assert (await world.client.get(address)).status_code == 200


async def test_every_answer_carries_a_request_id(world: World) -> None:
    given = await world.client.get("/healthz", headers={"X-Request-ID": "office-12345678"})
    assert given.headers["x-request-id"] == "office-12345678"
    forged = await world.client.get("/api/v1/nothing", headers={"X-Request-ID": "a b\tc"})
    assert forged.headers["x-request-id"] == forged.json()["request_id"] != "a b\tc"


async def test_errors_speak_the_language_asked_for(world: World) -> None:
    chinese = (await world.client.get("/api/v1/nothing")).json()
    english = (await world.client.get("/api/v1/nothing", headers={"Accept-Language": "en, zh;q=0.5"})).json()
    assert (chinese["title"], english["title"]) == ("找不到", "Not found")
    assert chinese["code"] == english["code"] == "not_found"
    wrong = await world.client.put("/api/v1/projects")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


async def test_a_database_out_of_reach_is_503_and_comes_back() -> None:
    """The port is closed, as while a server restarts; no answer is 500, and it asks to try again."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with running(f"postgresql://nobody@127.0.0.1:{port}/none") as world:
        for answer in (
            await world.client.get("/api/v1/projects"),
            await world.send("POST", "/enterprises", {"name": "示例"}),
        ):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json()["code"] == "busy"
        assert (await world.client.get("/readyz")).status_code == 503
        assert (await world.client.get("/healthz")).status_code == 200


async def test_the_document_says_what_an_integrator_needs(world: World) -> None:
    """Every body has an example, every act its If-Match, and the members of each refusal are declared."""
    document = (await world.client.get("/api/openapi.json")).json()
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            asked = {parameter["name"]: parameter for parameter in operation.get("parameters", [])}
            assert asked.get("if-match", {"required": True})["required"], (method, path)
            if "requestBody" in operation:
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                for part in schema.get("anyOf") or schema.get("oneOf") or [schema]:
                    if "$ref" in part:
                        assert schemas[part["$ref"].rpartition("/")[2]]["examples"], (method, path)
    members = schemas["ProblemDocument"]["properties"]
    assert {"gates", "current_version", "permission"} <= set(members)
    parts = {name: members[name]["anyOf"][0]["items"]["$ref"].rpartition("/")[2] for name in ("gates", "conflicts")}
    assert parts == {"gates": "GateRead", "conflicts": "MergeItem"}
    assert set(parts.values()) <= set(schemas)
    assert "ETag" in document["paths"]["/api/v1/projects/{project_id}"]["get"]["responses"]["200"]["headers"]


async def test_postgresql_compiles_no_statement(world: World) -> None:
    if world.database.is_sqlite:
        pytest.skip("SQLite compiles none")
    for session in (world.database.reading(), world.database.writing(), world.database.snapshot()):
        async with session as opened:
            assert await opened.scalar(text("SHOW jit")) == "off"
