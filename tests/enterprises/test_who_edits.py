"""What an enterprise is known by changes by the bureau, or by whoever alone has business with it."""

import pytest

from app.accounts.roles import Role
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


@pytest.mark.xfail(strict=True, reason="any writer edits any enterprise")
async def test_a_district_does_not_rename_the_investor_of_anothers_deal(world: World) -> None:
    city = await make.make_city(world)
    await make.make_signed(city)
    path = f"/enterprises/{city.investor}"
    world.actor = clerk(Role.district, units=[city.districts[1]])
    for body in ({"name": "示例改名有限公司"}, {"credit_code": None}, {"origin": "foreign"}):
        answer = await world.send("PATCH", path, body, version=1)
        assert (answer.status_code, answer.json()["code"]) == (403, "bureau_decides"), answer.text
        assert "示例区" not in answer.text
    world.actor = LOCAL_PERSON
    assert (await world.get(path))["version"] == 1
