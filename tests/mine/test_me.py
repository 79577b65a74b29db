"""Who I am, with names, the day and my pages; and what I have set for the pages."""

from typing import Any

import pytest

from app.accounts import policy
from app.accounts.roles import GRANTS, Role
from app.mine.kinds import BEGINS_WITH, Page
from tests.accounts.people import one_a_role, session_of, sign_in_required, token, user
from tests.conftest import World
from tests.core.test_statements import counted
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def test_it_says_who_where_and_when_with_names(world: World, city: make.City) -> None:
    here, force, official = city.districts[0], city.task_forces[0], city.officials[0]
    below = await make.make_unit(world, "示例镇", here, kind="zone")
    await user(world, "district", Role.district, unit_id=here, official_id=official)
    await user(world, "force", Role.task_force, Role.department, unit_id=here, task_force_ids=[force])
    await user(world, "leader", Role.leader, unit_id=city.city)
    async with sign_in_required(world):
        answers = {}
        sizes = set()
        for name in ("district", "force", "leader"):
            headers = await session_of(world, name)
            with counted(world) as statements:
                answers[name] = (await world.client.get("/api/v1/me", headers=headers)).json()
            sizes.add(len(statements))
    assert max(sizes) <= 9
    me = answers["district"]
    assert (me["today"], me["business_day_is_set"]) == ("2023-06-01", False)
    assert me["known_at"] == (await world.get("/totals/signings?from=2023-01-01&to=2023-12-31"))["known_at"]
    assert {unit["id"] for unit in me["units"]} == set(me["unit_ids"]) == {here, below}
    assert (me["unit"]["name"], me["official"]["name"]) == ("示例区1", "示例干部0")
    assert me["scope"] == {"is_whole_city": False, "zh": "示例区1及下级单位、参与的班子"} | {"en": me["scope"]["en"]}
    assert me["has_second_factor"] is False
    assert me["office"] == {"separation": "off", "second_factor": "off", "password_sign_in": "on"}
    assert [one["id"] for one in answers["force"]["task_forces"]] == [force]
    leader = answers["leader"]
    assert (leader["scope"]["is_whole_city"], leader["units"], leader["unit"]["id"]) == (True, [], city.city)
    assert leader["official"] is None


async def test_a_page_is_open_where_what_it_begins_with_is(world: World, city: make.City) -> None:
    names = await one_a_role(world, city)
    await user(world, "new")
    async with sign_in_required(world):
        for role, name in names.items():
            headers = await session_of(world, name)
            pages = (await world.client.get("/api/v1/me", headers=headers)).json()["pages"]
            for page in Page:
                wants = policy.wanted(BEGINS_WITH[page])
                assert (page in pages) == (not wants.any_of or bool(wants.any_of & GRANTS[role].permissions)), page
            assert {"workbench" in pages, "task_forces" in pages} == {role in BUSINESS}
        new = await session_of(world, "new")
        assert (await world.client.get("/api/v1/me", headers=new)).json()["pages"] == []


BUSINESS = {Role.leader, Role.bureau, Role.district, Role.task_force, Role.department}


async def test_preferences_are_ones_own_and_want_the_version(world: World) -> None:
    for name in ("one", "other"):
        await user(world, name, Role.leader)
    value: dict[str, Any] = {"密度": "compact", "columns": {"projects": ["code", "name"]}, "n": 1.5, "none": None}
    async with sign_in_required(world):
        one, other = await session_of(world, "one"), await session_of(world, "other")

        async def put(value: Any, version: int | None, headers: dict[str, str] = one) -> Any:
            sent = headers if version is None else {**headers, "If-Match": f'"{version}"'}
            return await world.client.put("/api/v1/me/preferences", json={"value": value}, headers=sent)

        empty = await world.client.get("/api/v1/me/preferences", headers=one)
        assert (empty.json(), empty.headers["etag"]) == ({"version": 0, "value": {}}, '"0"')
        assert (await put(value, None)).status_code == 428
        assert (await put(value, 1)).json()["current_version"] == 0
        first = await put(value, 0)
        assert (first.status_code, first.json(), first.headers["etag"]) == (200, {"version": 1, "value": value}, '"1"')
        assert (await world.client.get("/api/v1/me/preferences", headers=one)).json() == first.json()
        assert (await put({}, 0)).status_code == 412
        assert (await put({"language": "en"}, 1)).json() == {"version": 2, "value": {"language": "en"}}
        assert (await world.client.get("/api/v1/me/preferences", headers=other)).json() == empty.json()
        assert (await put(value, 0, other)).status_code == 200
        assert (await world.client.get("/api/v1/me/preferences", headers=await token(world, "one"))).status_code == 403
    await world.holds()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"value": [1]}', None),
        ('{"value": "dark"}', None),
        ('{"value": {"a": NaN}}', "json_not_finite"),
        ('{"value": {"\\ud800": 1}}', "text_surrogate"),
        ('{"value": {"a": ["\\udfff"]}}', "text_surrogate"),
        ('{"value": {"a": "' + "示" * 11_000 + '"}}', "too_large"),
        ('{"value": ' + '{"a":' * 3000 + "1" + "}" * 3001, None),
        ('{"value": {}, "more": 1}', None),
    ],
)
async def test_what_preferences_refuse(world: World, text: str, code: str | None) -> None:
    await user(world, "one", Role.leader)
    async with sign_in_required(world):
        headers = {**await session_of(world, "one"), "If-Match": '"0"', "Content-Type": "application/json"}
        answer = await world.client.put("/api/v1/me/preferences", content=text.encode(), headers=headers)
    assert answer.status_code in (400, 422), answer.text
    assert code is None or code in answer.text


async def test_any_characters_come_back(world: World) -> None:
    await user(world, "one", Role.leader)
    value = {"a\u0000b": "\u0000\u2028😀", "deep": [[[[]]]], "large": 10**30}
    async with sign_in_required(world):
        headers = {**await session_of(world, "one"), "If-Match": '"0"'}
        answer = await world.client.put("/api/v1/me/preferences", json={"value": value}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert (await world.client.get("/api/v1/me/preferences", headers=headers)).json()["value"] == value
