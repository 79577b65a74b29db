"""An enterprise is not entered twice without a word."""

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def test_a_second_enterprise_of_the_name_is_refused_with_the_first(world: World) -> None:
    known = await world.post("/enterprises", {"name": "示例：兴海化工有限公司"})
    answer = await refused(
        world, "POST", "/enterprises", 409, "enterprise_twins", json={"name": "示例：兴海化工有限公司"}
    )
    assert [twin["id"] for twin in answer["candidates"]] == [known["id"]]


async def test_a_phone_known_already_is_said_and_no_phone_is_refused(world: World) -> None:
    enterprise = await make.make_investor(world)
    path = f"/enterprises/{enterprise}/contacts"
    await world.post(path, make.CONTACT)
    again = await world.post(path, {**make.CONTACT, "name": "示例另一人"})
    assert len(again["warnings"]) == 1
    await refused(world, "POST", path, 422, "phone", json={**make.CONTACT, "phone": "abc"})
