"""A token shows and does what its owner's roles permit, within its scopes."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.accounts import service, tokens
from app.accounts.models import TokenScope
from app.accounts.roles import GRANTS, Role
from app.core import office
from app.core.actor import Permission
from app.core.errors import Invalid
from tests.accounts.people import CLI, sign_in_required, token, user
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def test_a_token_that_does_not_hold_is_refused_in_the_same_words(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    live = await token(world, "clerk")
    revoked = await token(world, "clerk")
    expired = await token(world, "clerk", days=1)
    await user(world, "gone", Role.bureau, active_from="2023-01-01", active_until="2023-05-31")
    await user(world, "coming", Role.bureau, active_from="2023-07-01")
    await user(world, "locked", Role.bureau)
    others = [await token(world, name) for name in ("gone", "coming", "locked")]
    async with world.database.writing() as session:
        await service.set_locked(session, CLI, "locked", True)
        await tokens.revoke(session, CLI, revoked["Authorization"].split()[1][:15])
    world.clock.moment += timedelta(days=2)
    wrong = {"Authorization": live["Authorization"][:-1] + ("a" if live["Authorization"][-1] != "a" else "b")}
    async with sign_in_required(world):
        answers = [
            (await world.client.get("/api/v1/me", headers=headers))
            for headers in (revoked, expired, wrong, {"Authorization": "Bearer x"}, *others)
        ]
        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.json()["detail"] for answer in answers}) == 1
        assert (await world.client.get("/api/v1/me", headers=live)).status_code == 200


async def test_what_each_role_sees(world: World, city: make.City) -> None:
    here, there = city.districts[0], city.districts[1]
    own = await make.make_project(city, name="示例甲", unit_id=here, place_unit_id=here)
    other = await make.make_project(
        city, name="示例乙", unit_id=there, place_unit_id=there, task_force_id=city.task_forces[0]
    )
    await user(world, "mayor", Role.leader)
    await user(world, "bureau", Role.bureau)
    await user(world, "district", Role.district, unit_id=here)
    await user(world, "department", Role.department, unit_id=here)
    await user(world, "force", Role.task_force, task_force_ids=[city.task_forces[0]])
    await user(world, "machine", Role.integration)
    for role in (Role.system_admin, Role.security_admin, Role.auditor):
        await user(world, role.value.replace("_", "-"), role)
    sees = {
        "mayor": {own["id"], other["id"]},
        "bureau": {own["id"], other["id"]},
        "district": {own["id"]},
        "department": {own["id"]},
        "force": {other["id"]},
        "machine": set(),
        "system-admin": set(),
        "security-admin": set(),
        "auditor": set(),
    }
    held = {name: await token(world, name) for name in sees}
    async with sign_in_required(world):
        for name, ids in sees.items():
            page = await world.client.get("/api/v1/projects", headers=held[name])
            if not ids:
                assert (page.status_code, page.json()["permission"]) == (403, "read"), name
                continue
            assert {item["id"] for item in page.json()["items"]} == ids, name
            for project in (own["id"], other["id"]):
                answer = await world.client.get(f"/api/v1/projects/{project}", headers=held[name])
                assert answer.status_code == (200 if project in ids else 404), name
        me = (await world.client.get("/api/v1/me", headers=held["district"])).json()
        assert (me["sees_all"], me["unit_ids"], [role["code"] for role in me["roles"]]) == (False, [here], ["district"])
        assert (await world.client.get("/api/v1/me", headers=held["mayor"])).json()["sees_all"] is True


async def test_a_token_is_no_wider_than_its_scopes(world: World, city: make.City) -> None:
    await user(world, "bureau", Role.bureau)
    await user(world, "mayor", Role.leader)
    only_reads, writes = await token(world, "bureau", TokenScope.read), await token(world, "bureau", TokenScope.write)
    mayor = await token(world, "mayor", TokenScope.write)
    lead = {"name": "示例", "channel": "walk_in", "first_unit_id": city.districts[0]}
    async with sign_in_required(world):
        for headers, status in ((only_reads, 403), (mayor, 403), (writes, 201)):
            answer = await world.client.post("/api/v1/leads", json=lead, headers=headers)
            assert answer.status_code == status, answer.text
        unit = {"code": "9", "name": "示例", "kind": "department"}
        assert (await world.client.post("/api/v1/units", json=unit, headers=writes)).status_code == 403
        event = (await world.client.get(f"/api/v1/leads/{answer.json()['id']}/timeline", headers=writes)).json()
        assert event["items"][0]["actor_kind"] == "token"
        assert event["items"][0]["actor_name"].startswith("示例人员（fiveones_")


async def test_what_a_stranger_sends_is_not_looked_at(world: World) -> None:
    await user(world, "auditor", Role.auditor)
    auditor = await token(world, "auditor")
    json = {"Content-Type": "application/json"}
    async with sign_in_required(world):
        for headers, status in ((json, 401), ({**json, **auditor}, 403)):
            for path, body in (("/api/v1/leads", b"{"), ("/api/v1/leads", b'{"a": NaN}'), ("/api/v1/leads?x=1", b"{}")):
                answer = await world.client.post(path, content=body, headers=headers)
                assert answer.status_code == status, f"{path} {body!r}: {answer.text}"
        assert (await world.client.get("/api/v1/projects?x=1")).status_code == 401


async def test_nothing_fails_by_remembering_the_use_of_a_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written once in ten minutes, and not at all while others lock the database; expiry follows the real day."""
    await user(world, "clerk", Role.bureau, active_until="2023-12-31")
    first, second = await token(world, "clerk"), await token(world, "clerk", days=300)

    async def used() -> list[datetime | None]:
        async with world.database.reading() as session:
            owner = await service.get(session, "clerk")
            return [found.last_used_at for found in await tokens.of_user(session, owner.id)]

    async with sign_in_required(world):
        assert (await world.client.get("/api/v1/me", headers=first)).status_code == 200
        before = await used()
        assert [day is None for day in before] == [False, True]
        assert (await world.client.get("/api/v1/me", headers=first)).status_code == 200
        assert await used() == before
        pool: Any = world.database.write_engine.pool
        monkeypatch.setattr(pool, "_timeout", 0.1)
        held = [await world.database.write_engine.connect() for _ in range(pool.size())]
        assert (await world.client.get("/api/v1/me", headers=second)).status_code == 200
        for connection in held:
            await connection.close()
        assert await used() == before
    world.clock.set(2024, 1, 2)
    async with world.database.writing() as session:
        await office.put(session, office.BUSINESS_DAY, "2023-03-31")
    async with sign_in_required(world):
        assert (await world.client.get("/api/v1/me", headers=second)).status_code == 401


async def test_who_has_no_role_yet_is_told_so(world: World) -> None:
    await user(world, "new", display_name="长" * 200)
    new = await token(world, "new")
    async with sign_in_required(world):
        assert (await world.client.get("/api/v1/me", headers=new)).json()["roles"] == []
        refused = await world.client.get("/api/v1/enterprises", headers=new)
        assert (refused.status_code, refused.json()["code"]) == (403, "no_role")
        async with world.database.writing() as session:
            await service.grant(session, CLI, "new", [Role.bureau], [])
        made = await world.client.post("/api/v1/enterprises", json={"name": "示例企业"}, headers=new)
        assert made.status_code == 201


async def test_two_tokens_are_one_person(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    await make.add_evidence(city, project["id"], "legality_review", on="2023-01-20")
    await user(world, "bureau", Role.bureau)
    await user(world, "other", Role.bureau)
    first, second, other = [await token(world, name) for name in ("bureau", "bureau", "other")]
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None)
    draft = {
        "project_id": project["id"],
        "title": "示例协议",
        "agreement_no": "示例〔2023〕1号",
        "signed_on": "2023-02-01",
        "agreed_amount": "1.00",
    }
    async with sign_in_required(world):
        deal = (await world.client.post("/api/v1/deals", json=draft, headers=first)).json()
        path = f"/api/v1/deals/{deal['id']}/approval"
        for headers, status in ((first, 403), (second, 403), (other, 200)):
            answer = await world.client.post(path, json={}, headers={"If-Match": '"1"', **headers})
            assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("roles", "fields", "code"),
    [
        ([Role.system_admin, Role.auditor], {}, "roles_apart"),
        ([Role.security_admin, Role.auditor], {}, "roles_apart"),
        ([Role.leader, Role.bureau], {}, "roles_apart"),
        ([Role.leader, Role.system_admin], {}, "roles_apart"),
        ([Role.bureau, Role.security_admin], {}, "roles_apart"),
        ([Role.district], {}, "role_wants_unit"),
        ([Role.department], {}, "role_wants_unit"),
        ([Role.task_force], {}, "task_forces_where_due"),
    ],
)
async def test_roles_that_do_not_go_together(
    world: World, roles: list[Role], fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await user(world, "clerk", *roles, **fields)
    assert [found for _, found, _ in refused.value.fields] == [code]
    async with world.database.reading() as session:
        assert await service.everybody(session) == []


async def test_rights_that_no_role_brings_are_an_oversight(world: World) -> None:
    brought = frozenset().union(*(grant.permissions for grant in GRANTS.values()))
    assert brought == frozenset(Permission)
    table = {item["code"]: item for item in (await world.get("/roles"))["items"]}
    assert {code: set(item["permissions"]) for code, item in table.items()} == {
        role.value: set(grant.permissions) for role, grant in GRANTS.items()
    }
