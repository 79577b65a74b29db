"""A lead becomes a project in one step, and none of its data is lost."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.projects.schemas import ProspectFields
from tests.conftest import World, running
from tests.factories import city as make
from tests.properties import asked


async def followed_up(city: make.City, **fields: Any) -> dict[str, Any]:
    lead = await make.make_lead(city, **fields)
    body = {"outcome": "follow_up", "on": "2023-06-01"}
    found: dict[str, Any] = await city.world.act(f"/leads/{lead['id']}", "assessments", body)
    return found


@pytest.mark.anyio
async def test_contacts_and_follow_ups_go_over_and_the_link_is_kept(world: World, city: make.City) -> None:
    lead = await followed_up(city)
    path = f"/leads/{lead['id']}"
    contact = await world.post(f"{path}/contacts", make.CONTACT)
    said = {"kind": "visit", "with_investor": True, "on": "2023-05-20", "summary": "示例", "next_step": "示例"}
    row = await world.post(f"{path}/follow-ups", said)
    answer = await world.send("POST", f"{path}/conversion", {}, version=lead["version"])
    assert answer.status_code == 201
    project = answer.json()
    own = answer.headers["location"].removeprefix("/api/v1")
    assert (await world.get(own))["lead_id"] == lead["id"]
    assert (project["stage"], project["stage_since"]) == ("screened", "2023-06-01")
    after = await world.get(path)
    assert (after["status"], after["project_id"], after["converted_on"]) == ("converted", project["id"], "2023-06-01")
    assert after["due_on"] is None
    assert (await world.get(f"{own}/follow-ups"))["items"] == [row] == (await world.get(f"{path}/follow-ups"))["items"]
    assert contact.pop("warnings") == []
    assert await world.get(f"{own}/contacts") == [contact]
    events = [event["type"] for event in (await world.get(f"{own}/timeline"))["items"]]
    assert events == ["lead.converted", "project.converted"]
    # The visit opens the gate of `negotiating` as if it had been made on the project.
    gates = {gate["code"]: gate["is_met"] for gate in (await world.get(f"{own}/gates"))["gates"]}
    assert gates["investor_contact"]
    await world.holds()


@pytest.mark.anyio
async def test_a_converted_lead_is_closed(world: World, city: make.City) -> None:
    lead = await followed_up(city)
    path = f"/leads/{lead['id']}"
    await world.act(path, "conversion", {})
    version = await world.version(path)
    for method, verb, body in (
        ("POST", "/conversion", {}),
        ("POST", "/assessments", {"outcome": "follow_up", "on": "2023-06-01"}),
        ("PATCH", "", {"name": "示例改"}),
        ("POST", "/follow-ups", {"kind": "call", "on": "2023-06-01", "summary": "示例"}),
        ("POST", "/contacts", make.CONTACT),
    ):
        answer = await world.send(method, f"{path}{verb}", body, version=version)
        assert (answer.status_code, answer.json()["code"]) == (409, "lead_converted")
    assert await world.count("/projects") == 1
    # An answer that comes late is still put on record.
    answered = await world.act(path, "answer", {"on": "2023-06-01", "note": "示例"})
    assert (answered["answered_on"], answered["due_on"]) == ("2023-06-01", None)
    await world.holds()


@pytest.mark.anyio
@pytest.mark.parametrize("outcome", [None, "reserve", "decline"])
async def test_only_what_is_to_be_followed_up_becomes_a_project(
    world: World, city: make.City, outcome: str | None
) -> None:
    lead = await make.make_lead(city)
    path = f"/leads/{lead['id']}"
    if outcome:
        await world.act(path, "assessments", {"outcome": outcome, "on": "2023-06-01", "reason": "示例"})
    answer = await world.send("POST", f"{path}/conversion", {}, version=await world.version(path))
    assert answer.status_code == 409
    [gate] = answer.json()["gates"]
    [way] = gate["acts"]
    assert (gate["code"], way["method"], way["path"]) == ("assessed", "POST", f"/api/v1{path}/assessments")
    assert (way["body"], way["may"]) == ({"outcome": "follow_up"}, None)
    body = {"override": {"gates": ["assessed"], "reason": "示例：领导交办"}}
    project = await world.act(path, "conversion", body)
    assert project["lead_id"] == lead["id"]
    await world.holds()


@pytest.mark.anyio
async def test_what_is_missing_is_named_where_it_is_given(world: World, city: make.City) -> None:
    lead = await followed_up(city, industry_code=None, place_unit_id=None, unit_id=None)
    path = f"/leads/{lead['id']}"
    answer = await world.send("POST", f"{path}/conversion", {}, version=lead["version"])
    ways = {gate["code"]: gate["acts"] for gate in answer.json()["gates"]}
    assert {code: (way["path"], *way["fields"]) for code, [way] in ways.items()} == {
        "industry": (f"/api/v1{path}", "industry_code"),
        "place": (f"/api/v1{path}", "place_unit_id"),
        "unit_in_charge": (f"/api/v1{path}", "unit_id"),
    }
    for day in ("2023-05-31", "2023-06-02"):
        answer = await world.send("POST", f"{path}/conversion", {"converted_on": day}, version=lead["version"])
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/converted_on")
    assert await world.count("/projects") == 0


_MONEY = st.integers(0, 10**12).map(lambda fen: f"{Decimal(fen).scaleb(-2):.2f}")
_TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=200)
_QUANTITY = st.integers(0, 10**12).map(lambda n: f"{Decimal(n).scaleb(-4):.4f}")
_OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "occasion": _TEXT,
    "description": _TEXT,
    "land_area": st.integers(0, 10**8).map(lambda n: f"{Decimal(n).scaleb(-2):.2f}"),
    "plant_area": _QUANTITY,
    "energy_use": _QUANTITY,
    "energy_note": _TEXT,
    "source": _TEXT,
    "confidentiality": st.sampled_from(["internal", "sensitive"]),
    "referrer_id": st.just("referrer"),
    "task_force_id": st.just("task_force"),
}
_FIELDS = st.fixed_dictionaries(
    {
        "name": _TEXT,
        "channel": st.sampled_from(["official_trip", "event", "chamber", "adviser", "online", "other"]),
        "program": st.sampled_from(["promotion", "both"]),
        "estimate": st.none() | st.tuples(_MONEY, _MONEY).map(lambda pair: sorted(pair, key=Decimal)),
    },
    optional=_OPTIONAL,
)


def test_conversion_loses_no_field(founded: tuple[str, make.City, str], copy_of: Callable[[str], str]) -> None:
    url, city, referrer = founded

    @asked(url, 12)
    @given(fields=_FIELDS)
    def loses_none(fields: dict[str, Any]) -> None:
        asyncio.run(_convert(copy_of(url), city, referrer, fields))

    loses_none()


@pytest.fixture
def founded(database_url: str) -> tuple[str, make.City, str]:
    async def fill() -> tuple[str, make.City, str]:
        async with running(database_url) as world:
            city = await make.make_city(world)
            referrer = await world.post("/referrers", {"kind": "chamber", "name": "示例商会"})
            return database_url, city, referrer["id"]

    return asyncio.run(fill())


async def _convert(url: str, city: make.City, referrer: str, fields: dict[str, Any]) -> None:
    fields = dict(fields)
    estimate = fields.pop("estimate")
    if estimate is not None:
        fields["estimate_from"], fields["estimate_to"] = estimate
    for name, real in (("referrer_id", referrer), ("task_force_id", city.task_forces[0])):
        if name in fields:
            fields[name] = real
    async with running(url) as world:
        city = replace(city, world=world)
        lead = await followed_up(city, **fields)
        project = await world.act(f"/leads/{lead['id']}", "conversion", {})
        kept = [*ProspectFields.model_fields, "program", "unit_id", "task_force_id"]
        assert {name: project[name] for name in kept} == {name: lead[name] for name in kept}
        assert {name: project[name] for name in fields} == fields
        await world.holds()
