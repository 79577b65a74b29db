"""Personal data: masked, seen in full for a purpose and on record, and deleted without a trace of the person."""

from typing import Any

import pytest
from sqlalchemy import text

from app.accounts.roles import Role
from app.audit.models import SecurityEventType
from app.audit.unmasking import MOST_AN_HOUR
from tests.accounts.people import session_of, sign_in_required, token, user
from tests.accounts.test_sign_in import events
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

PERSON = {
    "name": "示例联系人甲",
    "phone": "13800001234",
    "email": "someone@example.com",
    "purpose": "项目洽谈",
    "consent": "当面告知并同意",
    "consent_on": "2023-02-01",
    "keep_until": "2024-02-01",
}


async def everything_kept(world: World) -> str:
    """Returns every row of every table, as one text."""
    async with world.database.reading() as session:
        if world.database.is_sqlite:
            names = await session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        else:
            names = await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        found = []
        for name in names:
            rows = (await session.execute(text(f'SELECT * FROM "{name}"'))).all()
            found += [
                value.decode(errors="replace") if isinstance(value, bytes) else str(value)
                for row in rows
                for value in row
            ]
    return "\n".join(found)


async def test_seen_in_full_for_a_purpose_by_whoever_sees_the_project(world: World, city: make.City) -> None:
    here, there = city.districts[:2]
    project = await make.make_project(city, unit_id=here, place_unit_id=here)
    await user(world, "clerk", Role.district, unit_id=here)
    await user(world, "foreign", Role.district, unit_id=there)
    await user(world, "leader", Role.leader)
    clerk, foreign, leader = [await session_of(world, name) for name in ("clerk", "foreign", "leader")]
    key = await token(world, "clerk")
    client = world.client
    async with sign_in_required(world):
        made = await client.post(f"/api/v1/projects/{project['id']}/contacts", json=PERSON, headers=clerk)
        assert (made.json()["phone_masked"], made.json()["email_masked"]) == ("138****1234", "s***@example.com")
        path = f"/api/v1/contacts/{made.json()['id']}/unmasking"
        purpose = {"purpose": "negotiate"}
        seen = await client.post(path, json=purpose, headers=clerk)
        assert seen.json() == {"name": PERSON["name"], "phone": PERSON["phone"], "email": PERSON["email"]}
        assert (await client.post(path, json=purpose, headers=foreign)).status_code == 404
        assert (await client.post(path, json=purpose, headers=leader)).json()["permission"] == "unmask"
        assert (await client.post(path, json=purpose, headers=key)).json()["code"] == "in_person"
        assert (await client.post(path, json={"purpose": "because"}, headers=clerk)).status_code == 422
        assert (await client.post(path, json={}, headers=clerk)).status_code == 422
        for _ in range(MOST_AN_HOUR - 1):
            assert (await client.post(path, json=purpose, headers=clerk)).status_code == 200
        assert (await client.post(path, json=purpose, headers=clerk)).json()["code"] == "unmasked_too_often"
        world.clock.set(2024, 2, 3)
        clerk = await session_of(world, "clerk")
        assert (await client.post(path, json=purpose, headers=clerk)).status_code == 404
    found = await events(world, SecurityEventType.unmasked)
    assert len(found) == MOST_AN_HOUR
    assert (found[0].data, str(found[0].subject_id)) == (purpose, made.json()["id"])


async def test_a_mask_shows_no_phone_and_an_end_that_is_over_is_refused(world: World, city: make.City) -> None:
    project = await make.make_project(city, investor_id=city.investor)
    lead = await make.make_lead(city, investor_id=city.investor)
    doors = [f"/enterprises/{city.investor}", f"/projects/{project['id']}", f"/leads/{lead['id']}"]
    for door in doors:
        made = await world.post(f"{door}/contacts", {**PERSON, "phone": "a@13800001234"})
        assert "13800001234" not in str(made)
        over = await world.send("POST", f"{door}/contacts", {**PERSON, "keep_until": "2023-05-31"})
        assert (over.status_code, over.json()["errors"][0]["pointer"]) == (422, "/keep_until")
        await world.post(f"{door}/contacts", {**PERSON, "keep_until": "2023-06-01"})
        assert len(await world.get(f"{door}/contacts")) >= 2
    world.clock.set(2024, 2, 2)
    for door in doors:
        assert await world.get(f"{door}/contacts") == []


async def test_a_deletion_leaves_no_copy(world: World, city: make.City) -> None:
    lead = await make.make_lead(city, investor_id=city.investor)
    await user(world, "clerk", Role.bureau)
    await user(world, "district", Role.district, unit_id=city.districts[0])
    clerk, district = await session_of(world, "clerk"), await session_of(world, "district")
    client = world.client
    async with sign_in_required(world):
        kept: list[dict[str, Any]] = []
        for number, path in enumerate((f"/enterprises/{city.investor}", f"/leads/{lead['id']}")):
            headers = {**clerk, "Idempotency-Key": f"once {number}"}
            made = await client.post(f"/api/v1{path}/contacts", json=PERSON, headers=headers)
            assert made.status_code == 201, made.text
            kept.append(made.json())
        assert PERSON["name"] in await everything_kept(world)
        for contact in kept:
            path = f"/api/v1/contacts/{contact['id']}"
            assert (await client.delete(path, headers=district)).json()["permission"] == "erase"
            assert (await client.delete(path, headers=clerk)).status_code == 204
            assert (await client.delete(path, headers=clerk)).status_code == 404
        left = await everything_kept(world)
        for value in (PERSON["name"], PERSON["phone"], PERSON["email"]):
            assert value not in left
        assert (await client.get(f"/api/v1/leads/{lead['id']}/contacts", headers=clerk)).json() == []
    assert len(await events(world, SecurityEventType.erased)) == 2
    await world.holds()


async def test_an_officials_phone_is_masked_too(world: World, city: make.City) -> None:
    await user(world, "clerk", Role.bureau)
    clerk = await session_of(world, "clerk")
    version = await world.version(f"/officials/{city.officials[0]}")
    edited = await world.send("PATCH", f"/officials/{city.officials[0]}", {"phone": "13900001234"}, version=version)
    assert edited.json()["phone_masked"] == "139****1234"
    async with sign_in_required(world):
        path = f"/api/v1/officials/{city.officials[0]}/unmasking"
        seen = await world.client.post(path, json={"purpose": "verify"}, headers=clerk)
        assert (seen.json()["phone"], seen.json()["email"]) == ("13900001234", None)
    assert len(await events(world, SecurityEventType.unmasked)) == 1
