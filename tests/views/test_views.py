"""Saved views: what they may hold, who sees and edits them, and how many rows they show the reader."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.accounts.models import User
from app.accounts.roles import Role
from app.views.models import Layout, SavedView, Shared, ViewRoom
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import World
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio

MINE = {"room": "projects", "name": "示例：缺领导", "query": {"five_ones": "lacks_leader", "sort": "-planned_total"}}


async def test_a_view_is_saved_edited_in_its_version_and_deleted(world: World) -> None:
    columns = [{"code": "name", "width": 240, "pinned": True}, {"code": "unit", "width": None, "pinned": False}]
    answer = await world.send("POST", "/views", {**MINE, "columns": columns})
    view = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert answer.headers["location"] == f"/api/v1/views/{view['id']}"
    assert (view["query"], view["columns"], view["layout"], view["shared"]) == (MINE["query"], columns, "table", "none")
    assert (view["is_mine"], view["may_edit"], view["notices"]) == (True, True, [])
    path = f"/views/{view['id']}"
    assert await world.get(path) == view == (await world.get("/views", room="projects"))[0]
    assert await world.get("/views", room="leads") == []

    edit = {"name": "示例：改名", "query": {"stage": "signed,landed"}, "layout": "group", "position": 3}
    edited = await world.send("PATCH", path, edit, version=1)
    assert (edited.status_code, edited.headers["etag"]) == (200, '"2"')
    assert {key: edited.json()[key] for key in edit} == edit
    assert (await world.send("PATCH", path, edit, version=1)).status_code == 412
    assert (await world.send("PATCH", path, {}, version=2)).json()["version"] == 2
    assert (await world.send("DELETE", path, version=2)).status_code == 204
    assert (await world.send("GET", path)).status_code == 404
    await world.holds()


@pytest.mark.parametrize(
    ("room", "query", "pointer"),
    [
        ("projects", {"colour": "red"}, "/query/colour"),
        ("projects", {"stage": "signed", "status": "asleep"}, "/query/status"),
        ("projects", {"cursor": "x"}, "/query/cursor"),
        ("projects", {"limit": "10"}, "/query/limit"),
        ("leads", {"five_ones": "complete"}, "/query/five_ones"),
        ("deals", {"sort": "colour"}, "/query/sort"),
        ("entries", {"from": "tomorrow"}, "/query/from"),
        ("board", {"cards": "many"}, "/query/cards"),
    ],
)
async def test_a_view_holds_only_what_its_list_takes(
    world: World, room: str, query: dict[str, str], pointer: str
) -> None:
    answer = await world.send("POST", "/views", {"room": room, "name": "示例", "query": query})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


async def test_nobody_keeps_more_than_a_hundred(world: World) -> None:
    kept = {"owner_id": world.actor.id, "owner_name": world.actor.name, "query": {}, "columns": [], "position": 0}
    async with world.database.writing() as session:
        session.add_all(
            SavedView(
                **kept,
                room=ViewRoom.projects,
                name="示例",
                layout=Layout.table,
                shared=Shared.none,
                created_at=world.clock(),
                updated_at=world.clock(),
            )
            for _ in range(100)
        )
    answer = await world.send("POST", "/views", MINE)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_views")


async def test_a_view_has_only_the_columns_of_its_list(world: World) -> None:
    """Fields of its rows, and columns of its export."""
    for room, known, unknown in (
        ("projects", "five_ones.leader", "handler"),
        ("board", "clock", "colour"),
        ("leads", "handler", "stage"),
        ("deals", "gates_missing", "leader"),
        ("entries", "deal.title", "deal.colour"),
        ("gaps", "lacks_plan", "lacks_everything"),
    ):
        made = await world.post("/views", {"room": room, "name": "示例", "columns": [{"code": known}]})
        both = {"columns": [{"code": known}, {"code": unknown}]}
        path = f"/views/{made['id']}"
        for answer in (
            await world.send("POST", "/views", {"room": room, "name": "示例", **both}),
            await world.send("PATCH", path, both, version=1),
        ):
            assert answer.status_code == 422, answer.text
            [error] = answer.json()["errors"]
            assert (error["pointer"], error["code"]) == ("/columns/1/code", "unknown_column")
            assert known in error["detail"]
        assert await world.version(path) == 1


async def test_a_parameter_that_is_gone_leaves_the_view_with_a_notice(world: World) -> None:
    view = await world.post("/views", MINE)
    async with world.database.writing() as session:
        saved = await session.get_one(SavedView, UUID(view["id"]))
        saved.query = {**saved.query, "colour": "red", "status": "asleep"}
    read = await world.get(f"/views/{view['id']}")
    assert read["query"] == MINE["query"]
    assert [notice["code"] for notice in read["notices"]] == ["colour", "status"]
    assert (await world.get("/views/counts", room="projects"))["counts"][view["id"]]["value"] == 0


async def test_who_sees_and_edits_shared_views(world: World) -> None:
    city = await make.make_city(world)
    here, there = city.districts
    for name, role, unit in (
        ("one", Role.district, here),
        ("colleague", Role.district, here),
        ("other", Role.district, there),
        ("bureau", Role.bureau, city.city),
        ("boss", Role.leader, None),
    ):
        await user(world, name, role, **({"unit_id": unit} if unit else {}))
    headers = {name: await session_of(world, name) for name in ("one", "colleague", "other", "bureau", "boss")}
    async with sign_in_required(world):

        async def send(who: str, method: str, path: str, body: Any = None, version: int | None = None) -> Any:
            match = {} if version is None else {"If-Match": f'"{version}"'}
            return await world.client.request(method, f"/api/v1{path}", json=body, headers={**headers[who], **match})

        own = (await send("one", "POST", "/views", {**MINE, "shared": "unit"})).json()
        all_of_us = await send("one", "POST", "/views", {**MINE, "shared": "everyone"})
        assert (all_of_us.status_code, all_of_us.json()["code"]) == (403, "forbidden"), "a right of the bureau's"
        whole = (await send("bureau", "POST", "/views", {**MINE, "shared": "everyone"})).json()
        quiet = (await send("bureau", "POST", "/views", MINE)).json()
        none = await send("boss", "POST", "/views", {**MINE, "shared": "unit"})
        assert (none.status_code, none.json()["code"]) == (409, "no_own_unit")

        async def seen(who: str) -> dict[str, bool]:
            return {view["id"]: view["may_edit"] for view in (await send(who, "GET", "/views")).json()}

        assert await seen("one") == {own["id"]: True, whole["id"]: False}
        assert await seen("colleague") == {own["id"]: False, whole["id"]: False}
        assert await seen("other") == await seen("boss") == {whole["id"]: False}
        assert await seen("bureau") == {whole["id"]: True, quiet["id"]: True}
        for who, view, status in (
            ("colleague", own, 403),
            ("other", own, 404),
            ("one", whole, 403),
            ("boss", quiet, 404),
        ):
            answer = await send(who, "PATCH", f"/views/{view['id']}", {"name": "示例"}, 1)
            assert answer.status_code == status, (who, answer.text)
            assert (await send(who, "DELETE", f"/views/{view['id']}", None, 1)).status_code == status

        await user(world, "leaving", Role.bureau, unit_id=city.city)
        headers["leaving"] = await session_of(world, "leaving")
        left = (await send("leaving", "POST", "/views", {**MINE, "shared": "everyone"})).json()
        kept = (await send("leaving", "POST", "/views", MINE)).json()

        async with world.database.writing() as session:
            await session.execute(update(User).where(User.name == "leaving").values(is_locked=True))
        assert kept["id"] not in await seen("bureau")
        assert (await seen("bureau"))[left["id"]] is True
        assert (await seen("one"))[left["id"]] is False
        (orphan,) = [view for view in (await send("one", "GET", "/views")).json() if view["id"] == left["id"]]
        assert orphan["owner"] is None, "the bureau's"
        assert (await send("bureau", "DELETE", f"/views/{left['id']}", None, 1)).status_code == 204


async def test_counts_are_the_readers_in_one_statement(world: World) -> None:
    city = await make.make_city(world)
    here, there = city.districts
    for number, unit in enumerate((here, here, there)):
        await make.make_project(city, unit_id=unit, place_unit_id=unit, name=f"示例：第{number}个")
    queries: list[dict[str, str]] = [{}, {"stage": "screened"}, {"stage": "signed"}, {"own_unit_id": there}]
    views = [await world.post("/views", {**MINE, "query": query}) for query in queries]
    found = (await world.get("/views/counts", room="projects"))["counts"]
    assert [found[view["id"]]["value"] for view in views] == [3, 3, 0, 1]
    for view, query in zip(views, queries, strict=True):
        assert await world.count("/projects", **query) == found[view["id"]]["value"]
    with counted(world) as few:
        await world.get("/views/counts", room="projects")
    for _ in range(3):
        await world.post("/views", MINE)
    with counted(world) as many:
        await world.get("/views/counts", room="projects")
    assert len(many) == len(few)
    owner = world.actor
    world.actor = clerk(Role.district, units=[here], name=owner.id)
    found = (await world.get("/views/counts", room="projects"))["counts"]
    assert [found[view["id"]]["value"] for view in views] == [2, 2, 0, 0]


LISTS = {"leads": "/leads", "deals": "/deals", "entries": "/totals/signings/entries", "gaps": "/five-ones/gaps"}
QUARTER = {"from": "2023-01-01", "to": "2023-03-31"}


async def test_the_views_of_every_room_are_counted_as_their_lists_are(world: World, city: make.City) -> None:
    here, there = city.districts
    await make.make_lead(city)
    for unit in (here, here, there):
        await make.make_signed(city, unit_id=unit)
    views = {}
    for room, query, number in (
        ("leads", {}, 1),
        ("leads", {"status": "registered"}, 1),
        ("leads", {"handler_id": "me"}, 0),
        ("deals", {"status": "live,draft"}, 3),
        ("deals", {"drafted_by": "others"}, 0),
        ("deals", {"approvable": "true"}, 0),
        ("entries", QUARTER, 3),
        ("entries", {"period": "2023", "own_unit_id": there, "within": "2023-03"}, None),
        ("entries", {**QUARTER, "known_at": "2023-01-01"}, 0),
        ("gaps", {}, 3),
        ("gaps", {"kind": "is_late,lacks_plan", "unit_id": there}, 1),
    ):
        view = await world.post("/views", {"room": room, "name": "示例", "query": query})
        views[view["id"]] = (room, query)
        found = (await world.get("/views/counts", room=room))["counts"][view["id"]]
        assert found == {"value": await world.count(LISTS[room], **query), "capped": False}, (room, query)
        assert number is None or found["value"] == number, (room, query)
    for room, query in (("entries", {}), ("entries", {"from": "2023-01-01"}), ("projects", {"stage": "no_such"})):
        view = await world.post("/views", {"room": room, "name": "示例", "query": query})
        assert (await world.get("/views/counts", room=room))["counts"][view["id"]] is None, "the page gives the period"
    world.actor = clerk(Role.district, units=[there], name=world.actor.id)
    of_room = {room: (await world.get("/views/counts", room=room))["counts"] for room in LISTS}
    for view_id, (room, query) in views.items():
        assert of_room[room][view_id]["value"] == await world.count(LISTS[room], **query), (room, query)
    assert of_room["gaps"] != {}


@pytest.mark.parametrize(
    ("room", "query"), [("projects", {"on_plan_list": "2023"}), ("deals", {"approvable": "true"}), ("entries", QUARTER)]
)
async def test_more_views_take_no_more_statements(world: World, room: str, query: dict[str, str]) -> None:
    costs = []
    for _ in range(3):
        await world.post("/views", {"room": room, "name": "示例", "query": query})
        with counted(world) as statements:
            await world.get("/views/counts", room=room)
        costs.append(len(statements))
    assert costs[1] == costs[2] <= 5, "the first one read what a process keeps"
