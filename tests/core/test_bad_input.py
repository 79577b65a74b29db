"""Every bad request gets a clear 4xx in both languages, and nothing is written."""

import base64
import json
from typing import Any

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def refused(world: World, method: str, path: str, status: int, code: str | None = None, **how: Any) -> Any:
    """Returns the answer in Chinese, after asserting that the English one is otherwise the same."""
    headers = how.pop("headers", {})
    answers = [
        await world.client.request(method, f"/api/v1{path}", headers={**headers, "Accept-Language": language}, **how)
        for language in ("zh-CN", "en")
    ]
    chinese, english = (answer.json() for answer in answers)
    assert [answer.status_code for answer in answers] == [status, status], answers[0].text
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert chinese["detail"]
    assert english["detail"]
    assert chinese["detail"] != english["detail"]
    codes = {chinese["code"], *(error["code"] for error in chinese.get("errors", []))}
    assert code is None or code in codes, chinese
    return chinese


AMOUNT = {"kind": "planned_total", "effective_on": "2023-02-01", "source": "示例"}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("-1.00", "money_negative"),
        ("1000000000000.00", "money_too_large"),
        ("1.005", "money_text"),
        (1, "money_text"),
        (1.5, "money_text"),
        ("1e5", "money_text"),
        (" 1 ", "money_text"),
        ("1_000", "money_text"),
        ("٣", "money_text"),
        ("9" * 5000, "money_text"),
        (True, "money_text"),
    ],
)
async def test_amounts(world: World, city: make.City, value: Any, code: str) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}/amounts"
    await refused(world, "POST", path, 422, code, json={**AMOUNT, "value": value})
    assert await world.get(path) == []


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2023-06-02", "future_day"),
        ("1949-09-30", "day_range"),
        ("2200-01-01", "day_range"),
        ("2023-2-1", "day_text"),
        ("20230201", "day_text"),
        ("2023-02-30", "day_text"),
        (0, "day_text"),
        ("2023-02-01T00:00:00Z", "day_text"),
    ],
)
async def test_days(world: World, city: make.City, day: Any, code: str) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}"
    await refused(world, "POST", f"{path}/amounts", 422, code, json={**AMOUNT, "value": "1.00", "effective_on": day})
    await refused(world, "POST", f"{path}/evidence", 422, code, json={"kind": "acceptance", "on": day})


ENTERPRISES = (
    (b'{"name": "a", "nmae": "b"}', 422, "extra_forbidden"),
    (b"[]", 422, None),
    (b'"text"', 422, None),
    (b"null", 422, None),
    (b"", 422, "missing"),
    (b"{", 422, "json_invalid"),
    (b'{"name": NaN}', 422, "json_not_finite"),
    (b'{"name": 1e999}', 422, "json_not_finite"),
    (b'{"name": -Infinity}', 422, "json_not_finite"),
    (b'{"name": ' + b"9" * 5000 + b"}", 422, "json_invalid"),
    (b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 422, "json_too_deep"),
    (b'{"name": "a\\u0000b"}', 422, "text_nul"),
    (b'{"name": "a\\ud800b"}', 422, None),
    (b'{"name": "a", "\\ud800": 1}', 422, None),
    (b'{"name": "\xff"}', 422, None),
    (b'{"name": "   "}', 422, "string_too_short"),
    (b'{"name": "' + b"a" * 201 + b'"}', 422, "string_too_long"),
    (b'{"name": "' + b"a" * 1_100_000 + b'"}', 413, "too_large"),
)


@pytest.mark.parametrize(("body", "status", "code"), ENTERPRISES, ids=range(len(ENTERPRISES)))
async def test_bodies(world: World, body: bytes, status: int, code: str | None) -> None:
    headers = {"Content-Type": "application/json"}
    await refused(world, "POST", "/enterprises", status, code, content=body, headers=headers)
    assert await world.count("/enterprises") == 0


async def test_a_body_of_another_type(world: World) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        headers = {"Content-Type": kind}
        await refused(world, "POST", "/enterprises", 422, content=b'{"name": "a"}', headers=headers)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "missing"),
        ("q=", "string_too_short"),
        ("q=%00", "text_nul"),
        ("q=%E2%80%AE", "text_direction"),
        ("q=%E2%80%8B", "text_invisible"),
        ("q=a&q=b", "repeated_parameter"),
        ("q=a&types=contact", "enum"),
        ("q=a&types=project,,deal", "enum"),
        ("q=a&limit=21", "less_than_equal"),
        ("q=a&nothing=1", "unknown_parameter"),
    ],
)
async def test_queries_of_the_search(world: World, query: str, code: str) -> None:
    await refused(world, "GET", f"/search?{query}", 422, code)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "greater_than_equal"),
        ("limit=201", "less_than_equal"),
        ("limit=99999999999999999999999999", None),
        ("limit=x", "int_parsing"),
        ("nothing=1", "unknown_parameter"),
        ("limit=1&limit=2", "repeated_parameter"),
        ("stage=%00", "text_nul"),
        ("q=%00", "text_nul"),
        ("q=%ED%A0%80", "not_utf8"),
        ("q=%FF", "not_utf8"),
        ("%00=1", "unknown_parameter"),
        ("sort=password", "enum"),
        ("unit_id=7", "uuid_parsing"),
        ("cursor=x", "cursor_broken"),
        ("cursor=%ED%A0%80", "not_utf8"),
        ("cursor=" + base64.urlsafe_b64encode(b"[[[[").decode(), "cursor_broken"),
        ("cursor=" + base64.urlsafe_b64encode(b'{"k": []}').decode(), "cursor_foreign"),
    ],
)
async def test_queries(world: World, query: str, code: str | None) -> None:
    await refused(world, "GET", f"/projects?{query}", 422, code)


async def test_cursors_stay_where_they_were_given(world: World, city: make.City) -> None:
    for _ in range(3):
        await make.make_project(city)
    cursor = (await world.get("/projects", limit=1))["next_cursor"]
    for path in (
        f"/projects?limit=1&sort=name&cursor={cursor}",
        f"/projects?program=both&cursor={cursor}",
        f"/deals?cursor={cursor}",
        f"/units?cursor={cursor}",
    ):
        await refused(world, "GET", path, 422, "cursor_foreign")
    plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for edge in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2023-01-01T00:00:00"):
        forged = base64.urlsafe_b64encode(json.dumps({**plain, "k": [edge, plain["k"][1]]}).encode()).decode()
        await refused(world, "GET", f"/projects?limit=1&cursor={forged.rstrip('=')}", 422, "cursor_broken")
        pinned = base64.urlsafe_b64encode(json.dumps({**plain, "p": edge}).encode()).decode().rstrip("=")
        entries = f"/totals/signings/entries?from=2023-01-01&to=2023-03-31&cursor={pinned}"
        await refused(world, "GET", entries, 422, "cursor_broken")
    for keys in ([1, 2], ["x", "y"], [None, None], ["2023-01-01", "7"], [], [plain["k"][0]]):
        forged = base64.urlsafe_b64encode(json.dumps({**plain, "k": keys}).encode()).decode().rstrip("=")
        await refused(world, "GET", f"/projects?cursor={forged}", 422, "cursor_broken")


async def test_paths(world: World) -> None:
    await refused(world, "GET", "/projects/7", 422, "uuid_parsing")
    await refused(world, "GET", "/projects/%00", 422)
    await refused(world, "GET", "/projects/01890000-0000-7000-8000-000000000000", 404, "not_found")
    body = {"name_zh": "示例", "name_en": "x", "limits": []}
    headers = {"If-Match": '"1"'}
    await refused(world, "PUT", "/pipeline/stages/%00", 422, "text_nul", json=body, headers=headers)
    await refused(world, "PUT", "/pipeline/stages/%ED%A0%80", 422, "not_utf8", json=body, headers=headers)
    await refused(world, "PUT", "/pipeline/stages/nowhere", 404, "not_found", json=body, headers=headers)


async def test_periods(world: World) -> None:
    path = "/totals/signings"
    await refused(world, "GET", path, 422, "missing")
    await refused(world, "GET", f"{path}?from=2023-03-31&to=2023-01-01", 422, "before_from")
    period = f"{path}?from=2023-01-01&to=2023-03-31"
    await refused(world, "GET", f"{period}&known_at=2023-02-01T00:00:00", 422, "moment_without_offset")
    await refused(world, "GET", f"{period}&known_at=yesterday", 422, "moment_text")
    await refused(world, "GET", f"{period}&group_by=person", 422, "enum")


async def test_versions(world: World) -> None:
    unit = await make.make_unit(world, "示例局", kind="department")
    path, body = f"/units/{unit}", {"name": "示例新局"}
    await refused(world, "PATCH", path, 428, "if_match_required", json=body)
    for tag in ("1", "*", '"x"', '"-1"', '"99999999999999"', '"١"'.encode()):
        await refused(world, "PATCH", path, 422, "if_match", json=body, headers={"If-Match": tag})
    await refused(world, "PATCH", path, 412, "stale", json=body, headers={"If-Match": '"2"'})
    weak = await world.client.patch(f"/api/v1{path}", json=body, headers={"If-Match": 'W/"1"'})
    assert weak.status_code == 200


async def test_an_idempotency_key_answers_its_own_request_only(world: World) -> None:
    first = await world.send("POST", "/enterprises", {"name": "示例甲"}, Idempotency_Key="k-1")
    again = await world.send("POST", "/enterprises", {"name": "示例甲"}, Idempotency_Key="k-1")
    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, first.headers["etag"])
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    headers = {"Idempotency-Key": "k-1"}
    other = {"name": "示例乙"}
    await refused(world, "POST", "/enterprises", 422, "idempotency_key_reused", json=other, headers=headers)
    await refused(
        world, "POST", "/enterprises", 422, "idempotency_key", json=other, headers={"Idempotency-Key": "x" * 201}
    )
    bad = await world.send("POST", "/enterprises", {"name": ""}, Idempotency_Key="k-2")
    assert bad.status_code == 422
    assert (await world.send("POST", "/enterprises", other, Idempotency_Key="k-2")).status_code == 201
    assert await world.count("/enterprises") == 2
