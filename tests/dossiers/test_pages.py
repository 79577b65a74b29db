"""The page of a project in one request says what its parts say at their own addresses."""

import pytest

from app.accounts.roles import Role
from app.dossiers.schemas import Part
from tests.conftest import World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio

NAMES = {part.value for part in Part}
PARTS = ",".join(Part)
ADDRESSES = {
    "five_ones": "five-ones",
    "gates": "gates",
    "amounts": "amounts",
    "moves": "moves",
    "evidence": "evidence",
    "contacts": "contacts",
    "plans": "plans",
}


async def says_what_its_parts_say(world: World, path: str) -> None:
    page = await world.get(path, include=PARTS)
    for part, address in ADDRESSES.items():
        assert page[part] == await world.get(f"{path}/{address}"), part
    assert page["milestones"] == (page["plans"][0]["milestones"] if page["plans"] else [])
    (row,) = [row for row in (await world.get("/projects", limit=200))["items"] if row["id"] == page["id"]]
    assert page["clock"] == row["clock"]
    assert page["deals"] == (await world.get("/deals", project_id=page["id"]))["items"]
    alone = await world.get(path)
    assert {name: value for name, value in alone.items() if name not in NAMES} == {
        name: value for name, value in page.items() if name not in NAMES
    }
    assert {alone[name] for name in NAMES} == {None}


async def test_the_page_says_what_its_parts_say(world: World, city: make.City, signed_project: make.Signed) -> None:
    path = f"/projects/{signed_project[0]['id']}"
    await world.post(f"{path}/contacts", make.CONTACT)
    await says_what_its_parts_say(world, path)
    some = await world.get(path, include="deals,contacts")
    assert (len(some["deals"]), len(some["contacts"]), some["gates"]) == (1, 1, None)
    world.actor = clerk(Role.district, units=[city.districts[0]])
    await says_what_its_parts_say(world, path)


async def test_the_page_of_a_project_with_phases_and_of_a_merged_one(world: World, city: make.City) -> None:
    parent, merged, into = [await make.make_project(city) for _ in range(3)]
    phase = {"name": "示例：一期", "phase_no": 1, "from_on": "2023-02-01"}
    made = await world.post(f"/projects/{parent['id']}/phases", phase, version=parent["version"])
    body = {"into_id": into["id"], "merged_on": "2023-05-01", "reason": "示例"}
    await world.post(f"/projects/{merged['id']}/merge", body, version=merged["version"])
    for project in (parent, made, merged, into):
        await says_what_its_parts_say(world, f"/projects/{project['id']}")


async def test_a_part_that_is_none_is_refused_and_scope_holds(world: World, city: make.City) -> None:
    path = f"/api/v1/projects/{(await make.make_project(city))['id']}"
    answer = await world.client.get(path, params={"include": "gates,secrets"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?include.1")
    world.actor = clerk(Role.district, units=[city.districts[1]])
    assert (await world.client.get(path, params={"include": PARTS})).status_code == 404
