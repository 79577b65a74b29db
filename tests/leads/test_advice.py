"""A refusal advises only acts that its reader may do."""

from dataclasses import replace
from typing import Any

import pytest

from app.core.actor import Permission
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_bad_input import refused
from tests.core.test_scope import staff
from tests.factories import city as make

pytestmark = pytest.mark.anyio

CLERK = frozenset({Permission.read, Permission.write})


async def refusals(world: World, body: dict[str, Any]) -> tuple[str, str]:
    """Returns the refusals of a lead that may be a duplicate, in Chinese and in English."""
    found = []
    for language in ("zh-CN", "en"):
        answer = await world.send("POST", "/leads", body, Accept_Language=language)
        assert (answer.status_code, answer.json()["code"]) == (409, "duplicates_found")
        found.append(answer.json()["detail"])
    return found[0], found[1]


async def test_a_district_is_told_what_it_may_do(world: World, city: make.City) -> None:
    theirs = await make.make_lead(city, first_unit_id=city.districts[1], unit_id=city.districts[1])
    own = await make.make_lead(city)
    world.actor = replace(staff(units=[city.districts[0]]), permissions=CLERK)
    body = {"channel": "walk_in", "first_unit_id": city.districts[0], "unit_id": city.districts[0]}

    chinese, english = await refusals(world, {**body, "name": theirs["name"]})
    assert "duplicate_ruling" not in chinese + english
    assert "招商局" in chinese
    assert english.endswith("ask there.")
    ruled = {**body, "name": theirs["name"], "duplicate_ruling": "示例：不是同一条"}
    await refused(world, "POST", "/leads", 403, json=ruled)  # so that advice would have been wrong

    chinese, english = await refusals(world, {**body, "name": own["name"]})
    assert "duplicate_ruling" in chinese
    assert "duplicate_ruling" in english
    await world.post("/leads", {**body, "name": own["name"], "duplicate_ruling": "示例：不是同一条"})


async def test_the_bureau_may_rule_on_any(world: World, city: make.City) -> None:
    theirs = await make.make_lead(city, first_unit_id=city.districts[1], unit_id=city.districts[1])
    body = {"channel": "walk_in", "first_unit_id": city.districts[0], "name": theirs["name"]}
    for actor in (LOCAL_PERSON, staff(units=[city.districts[0]])):  # a district with the right, too
        world.actor = actor
        said = await refusals(world, body)
        assert all("duplicate_ruling" in detail for detail in said)


async def test_no_sentence_ends_twice(world: World, city: make.City) -> None:
    theirs = await make.make_lead(city, first_unit_id=city.districts[1], unit_id=city.districts[1])
    body = {"channel": "walk_in", "first_unit_id": city.districts[0], "name": theirs["name"]}
    for actor in (LOCAL_PERSON, replace(staff(units=[city.districts[0]]), permissions=CLERK)):
        world.actor = actor
        for detail in await refusals(world, body):
            assert not [twice for twice in ("..", "。。", "。；", ".;", "。.") if twice in detail], detail
