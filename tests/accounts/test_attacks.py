"""What a signed-in user may try against records of others, and what a stranger may try against the logs."""

import json
from typing import Any

import pytest

from app.accounts.roles import Role
from app.core import logs
from app.core.config import Settings
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import World
from tests.core.test_statements import counted
from tests.factories import city as make

pytestmark = pytest.mark.anyio

INJECTIONS = ("' OR 1=1 --", '"; DROP TABLE projects; --', "-id, name", "%")
SECRET = "乙区机密"


async def two_districts(world: World) -> tuple[make.City, dict[str, Any], dict[str, str]]:
    """Makes a city, a project of the second district, and a clerk of the first. Returns city, project, and the clerk's
    headers."""
    city = await make.make_city(world)
    here, there = city.districts[:2]
    for number in range(3):
        await make.make_project(city, name=f"示例甲区{number}", unit_id=here, place_unit_id=here)
    foreign, _ = await make.make_signed(city, "777000000.00", name=SECRET, unit_id=there, place_unit_id=there)
    for number in range(3):
        placed = {"unit_id": there, "place_unit_id": there, "duplicate_ruling": "示例：不是同一项目"}
        await make.make_project(city, name=f"{SECRET}{number}", **placed)
    await user(world, "clerk", Role.district, unit_id=here)
    return city, foreign, await session_of(world, "clerk")


async def test_nothing_in_a_filter_or_a_sort_is_taken_for_sql(world: World) -> None:
    _, _, clerk = await two_districts(world)
    tried = 0
    async with sign_in_required(world):
        for path, operations in world.app.openapi()["paths"].items():
            if "get" not in operations or "{" in path or not path.startswith("/api/v1/"):
                continue
            for parameter in operations["get"].get("parameters", []):
                if parameter["in"] != "query":
                    continue
                for text in INJECTIONS:
                    params = {"from": "2023-01-01", "to": "2023-12-31", "period": "2023", "stage": "screened"}
                    known = {one["name"] for one in operations["get"]["parameters"]}
                    params = {name: value for name, value in params.items() if name in known} | {
                        parameter["name"]: text
                    }
                    answer = await world.client.get(path, params=params, headers=clerk)
                    expected = (303,) if "/sign-on" in path and "arrivals" not in path else (200, 403, 422)
                    assert answer.status_code in expected, f"{path} {parameter['name']} {text}: {answer.text}"
                    assert SECRET not in answer.text, f"{path} {parameter['name']} {text}"
                    tried += 1
        assert (await world.client.get("/api/v1/projects?with=count", headers=clerk)).json()["count"]["value"] == 3
    assert tried > 150


async def test_a_cursor_of_somebody_else_opens_nothing(world: World) -> None:
    _, _, clerk = await two_districts(world)
    await user(world, "bureau", Role.bureau)
    bureau = await session_of(world, "bureau")
    async with sign_in_required(world):
        for path in ("/projects", "/deals", "/totals/signings/entries?from=2023-01-01&to=2023-12-31"):
            address = f"/api/v1{path}{'&' if '?' in path else '?'}limit=1"
            page = (await world.client.get(address, headers=bureau)).json()
            while page["next_cursor"] is not None:
                cursor = page["next_cursor"]
                for headers, may_see in ((clerk, False), (bureau, True)):
                    page = (await world.client.get(f"{address}&cursor={cursor}", headers=headers)).json()
                    assert may_see or SECRET not in json.dumps(page, ensure_ascii=False), path


async def test_a_foreign_record_is_answered_as_one_that_is_not(world: World) -> None:
    """The same words, the same headers and as many statements, whichever version is named: the answers cannot be told
    apart."""
    city, foreign, clerk = await two_districts(world)
    nobodys = foreign["id"][:-4] + "0000"
    edit = {"name": "示例"}
    async with sign_in_required(world):
        assert (await world.client.get("/api/v1/projects?with=count", headers=clerk)).status_code == 200
        for method, path, body in (
            ("GET", "/projects/{}", None),
            ("GET", "/projects/{}/gates", None),
            ("GET", "/projects/{}/timeline", None),
            ("PATCH", "/projects/{}", edit),
            ("POST", "/projects/{}/moves", {"to": "landed", "happened_on": "2023-05-01"}),
            ("POST", "/projects/{}/follow-ups", {"kind": "visit", "on": "2023-05-01", "summary": "示例"}),
        ):
            answers = []
            for id, version in ((foreign["id"], foreign["version"]), (foreign["id"], 999), (nobodys, 1)):
                headers = {**clerk, "If-Match": f'"{version}"', "If-None-Match": f'"{version}"'}
                with counted(world) as statements:
                    address = f"/api/v1{path.format(id)}"
                    answer = await world.client.request(method, address, json=body, headers=headers)
                assert answer.status_code == 404, f"{method} {path}: {answer.text}"
                said = {**answer.json(), "request_id": ""}
                told = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
                answers.append((said, told, len(statements)))
            assert answers[0] == answers[1] == answers[2], f"{method} {path}"
        body = {"name": "示例新项目", "unit_id": city.districts[1], "place_unit_id": city.districts[1]}
        refused = await world.client.post("/api/v1/projects", json=body, headers=clerk)
        assert refused.status_code in (403, 422)


async def test_one_request_is_one_line_of_the_log(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    """With line breaks, terminal codes or a forged entry in the request."""
    logs.configure(Settings(database_url=world.settings.database_url, log_level="info"))
    forged = '\n{"event": "request", "path": "/forged"}'
    async with sign_in_required(world):
        await world.client.get("/api/v1/" + "%0a%7b%22event%22%3a%22forged%22%7d%1b%5b31m")
        await world.client.post("/api/v1/session", json={"name": forged, "password": forged})
        await world.client.get("/api/v1/me", headers={"Authorization": "Bearer secret-of-somebody"})
    logs.configure(world.settings)
    lines = capfd.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["request"] * 3
    assert "\x1b" not in "".join(lines)
    assert "secret-of-somebody" not in "".join(lines)
