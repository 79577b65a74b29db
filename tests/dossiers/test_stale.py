"""A stale write is answered with what has changed, who changed it, and the record as it is now."""

import dataclasses
from typing import Any
from uuid import UUID

import pytest

from app.accounts.roles import Role
from app.core import field_names
from app.dossiers.sentences import SENTENCES
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def edit(world: World, path: str, version: int, **body: Any) -> int:
    answer = await world.send("PATCH", path, body, version=version)
    assert answer.status_code == 200, answer.text
    new: int = answer.json()["version"]
    return new


async def stale(world: World, path: str, version: int, **body: Any) -> dict[str, Any]:
    answer = await world.send("PATCH", path, body, version=version)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale"), answer.text
    problem: dict[str, Any] = answer.json()
    return problem


def fields(problem: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {change["field"]: (change["from"], change["to"]) for change in problem["changed"]}


async def test_a_project_says_what_became_of_each_field(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path, read = f"/projects/{project['id']}", project["version"]
    version = await edit(world, path, read, land_area="10", jobs=5, chain="示例")
    version = await edit(world, path, version, land_area="20", place_unit_id=city.districts[1])
    world.actor = clerk(Role.bureau, name="li.ming")
    version = await edit(world, path, version, jobs=None)
    problem = await stale(world, path, read, progress="示例")
    assert fields(problem) == {
        "chain": (None, "示例"),
        "land_area": (None, "20"),
        "place_unit_id": (city.districts[0], city.districts[1]),
    }
    place = next(change for change in problem["changed"] if change["field"] == "place_unit_id")
    assert (place["zh"], place["en"], place["by"]) == ("落地", "place", "本机用户")
    assert (place["from_text"]["zh"], place["to_text"]["zh"]) == ("示例区1", "示例区2")
    assert problem["current"] == await world.get(path)
    assert (problem["current_version"], problem["current"]["version"]) == (version, version)
    assert (await stale(world, path, version - 1, progress="示例"))["changed"][0]["field"] == "jobs"


async def test_acts_without_fields_are_named_by_what_they_change(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    path = f"/projects/{project['id']}"
    handover = {"official_id": city.officials[4], "note": "示例"}
    answer = await world.send("POST", f"{path}/leader-handovers", handover, version=project["version"])
    assert answer.status_code == 201, answer.text
    (change,) = (await stale(world, path, project["version"], jobs=1))["changed"]
    assert (change["field"], change["zh"], change["to"], change["to_text"]["zh"]) == (
        "leader",
        "包保领导",
        None,
        "已更改",
    )
    moved = await stale(world, path, project["version"] - 1, jobs=1)
    assert fields(moved)["stage"] == ("negotiating", "signed")
    approved = await world.send("POST", f"/deals/{deal['id']}/approval", {}, version=deal["version"] - 1)
    assert approved.status_code == 412
    assert fields(approved.json()) == {"status": ("draft", "live")}
    assert approved.json()["current"] == await world.get(f"/deals/{deal['id']}")


async def test_leads_enterprises_and_officials_say_it_too(world: World, city: make.City) -> None:
    lead = await make.make_lead(city)
    path = f"/leads/{lead['id']}"
    amounts = {"estimate_from": "100.00", "estimate_to": "200000000.00", "land_area": "12.50"}
    await edit(world, path, lead["version"], **amounts)
    problem = await stale(world, path, lead["version"], name="示例")
    assert fields(problem) == {field: (None, value) for field, value in amounts.items()}
    assert [change["to_text"]["zh"] for change in problem["changed"]] == ["100元", "2亿元", "12.50"]
    assert problem["changed"][1]["to_text"]["en"] == "200 million yuan"
    assert problem["current"] == await world.get(path)

    path = f"/officials/{city.officials[0]}"
    version = await world.version(path)
    await edit(world, path, version, phone="13912345678")
    problem = await stale(world, path, version, name="示例改名")
    assert fields(problem) == {"phone": (None, None)}
    assert problem["current"]["phone_masked"] == "139****5678"

    path = f"/enterprises/{city.investor}"
    version = await world.version(path)
    await edit(world, path, version, headquarters="示例市")
    assert (await stale(world, path, version, source="示例"))["changed"][0]["by"] == "本机用户"
    world.actor = clerk(Role.district, units=[city.districts[0]])
    (change,) = (await stale(world, path, version, source="示例"))["changed"]
    assert (change["field"], change["to"], change["by"]) == ("headquarters", "示例市", None)

    # Nor is it told who changed another record that all staff see.
    path, world.actor = f"/task-forces/{city.task_forces[0]}", LOCAL_PERSON
    version = await world.version(path)
    await edit(world, path, version, short_name="示例专")
    world.actor = dataclasses.replace(LOCAL_PERSON, id="another", unit_ids=frozenset({UUID(city.districts[0])}))
    (change,) = (await stale(world, path, version, name="示例改名"))["changed"]
    assert (change["field"], change["by"]) == ("short_name", None)
    assert {event["actor_id"] for event in (await world.get(f"{path}/timeline"))["items"]} == {""}


async def test_a_version_that_never_was_names_no_change(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    problem = await stale(world, f"/projects/{project['id']}", project["version"] + 7, jobs=1)
    assert problem["changed"] == []
    assert problem["current"]["version"] == project["version"]


async def test_values_out_of_scope_are_null(world: World, city: make.City) -> None:
    here, there = city.districts
    own = await make.make_project(city, unit_id=here)
    other = await make.make_project(city, unit_id=there, place_unit_id=there, name="示例：邻区机密项目")
    body = {"into_id": other["id"], "merged_on": "2023-05-01", "reason": "示例"}
    path = f"/projects/{own['id']}"
    assert (await world.send("POST", f"{path}/merge", body, version=own["version"])).status_code == 201
    world.actor = clerk(Role.district, units=[here])
    answer = await world.send("PATCH", path, {"jobs": 1}, version=own["version"])
    assert answer.status_code == 412
    assert fields(answer.json())["status"] == ("active", "merged")
    assert answer.json()["current"] == await world.get(path)
    assert not [secret for secret in (other["code"], "机密") if secret in answer.text]


async def test_without_the_right_to_read_a_stale_write_says_no_more(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    world.actor = dataclasses.replace(clerk(Role.bureau), permissions=frozenset())
    problem = await stale(world, f"/projects/{project['id']}", project["version"] + 1, jobs=1)
    assert "current" not in problem
    assert "changed" not in problem


def test_what_an_act_changes_has_a_name() -> None:
    named = {sentence.field for sentence in SENTENCES.values()} - {None}
    assert not [field for field in named if field_names.name_of(field or "") is None]
