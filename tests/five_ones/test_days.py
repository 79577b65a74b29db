"""Nobody leads, works on or divides a project before it was entered; gaps are what the project's page says."""

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


@pytest.mark.xfail(strict=True, reason="a leader may be there before the project")
async def test_no_leader_before_the_project(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    body = {"official_id": city.officials[0], "opened_on": "2022-12-31"}
    answer = await world.send("POST", f"/projects/{project['id']}/leaders", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/opened_on"


@pytest.mark.xfail(strict=True, reason="the list leaves out what is not yet negotiated")
async def test_a_screened_project_without_leader_is_listed(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    assert (await world.get(f"/projects/{project['id']}/five-ones"))["continuity"]["is_leader_late"]
    assert [row["id"] for row in (await world.get("/five-ones/gaps"))["items"]] == [project["id"]]
