"""What a refusal advises is something that the one who reads it may do."""

from dataclasses import replace

import pytest

from app.core.actor import Permission
from tests.conftest import World
from tests.core.test_scope import staff
from tests.factories import city as make

pytestmark = pytest.mark.anyio


@pytest.mark.xfail(strict=True, reason="two full stops, and advice that answers 403")
async def test_a_district_is_told_what_it_may_do(world: World) -> None:
    city = await make.make_city(world)
    other = await make.make_lead(city, first_unit_id=city.districts[1], unit_id=city.districts[1])
    clerk = staff(units=[city.districts[0]])
    world.actor = replace(clerk, permissions=frozenset({Permission.read, Permission.write}))
    body = {"name": other["name"], "channel": "walk_in", "first_unit_id": city.districts[0]}
    answer = await world.send("POST", "/leads", {**body, "unit_id": city.districts[0]}, Accept_Language="en")
    assert answer.status_code == 409
    assert ".." not in answer.json()["detail"]
    assert "duplicate_ruling" not in answer.json()["detail"]
