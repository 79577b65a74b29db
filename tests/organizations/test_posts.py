"""An official holds a post once at a time."""

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


@pytest.mark.xfail(strict=True, reason="the same post is entered twice")
async def test_the_same_post_twice(world: World) -> None:
    unit = await make.make_unit(world, "示例市", kind="city")
    official = await make.make_official(world, unit, "示例干部")
    post = {"unit_id": unit, "title": "示例职务", "started_on": "2020-01-01"}
    again = await world.send("POST", f"/officials/{official}/posts", post)
    assert (again.status_code, again.json()["code"]) == (409, "post_overlaps")
