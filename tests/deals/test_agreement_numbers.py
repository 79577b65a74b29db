"""One agreement counts once, in whatever writing its number is given."""

from typing import Any

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.factories import city as make

pytestmark = pytest.mark.anyio

NUMBER = "示例协〔2023〕88号"


async def draft(city: make.City, **fields: Any) -> dict[str, Any]:
    """A complete draft of a new project."""
    project = await make.make_project(city)
    await make.add_evidence(city, project["id"], "legality_review", "fair_competition_review")
    body = {
        "project_id": project["id"],
        "title": "示例投资协议",
        "agreement_no": NUMBER,
        "signed_on": "2023-03-30",
        "agreed_amount": "1000000000.00",
        **fields,
    }
    made: dict[str, Any] = await city.world.post("/deals", body)
    return made


async def approve(world: World, deal: dict[str, Any], **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = await world.post(
        f"/deals/{deal['id']}/approval", body, version=await world.version(f"/deals/{deal['id']}"), status=200
    )
    return made


async def test_a_number_that_another_deal_bears_is_a_gate(world: World) -> None:
    city = await make.make_city(world)
    first = await approve(world, await draft(city))
    second = await draft(city)
    headers = {"If-Match": f'"{second["version"]}"'}
    answer = await refused(
        world, "POST", f"/deals/{second['id']}/approval", 409, "gates_unmet", json={}, headers=headers
    )
    assert [gate["code"] for gate in answer["gates"]] == ["agreement_no_once"]
    assert first["code"] in answer["detail"]
