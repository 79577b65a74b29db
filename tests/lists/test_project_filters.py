"""Every filter of the list of projects, one by one, against what was made; and what it refuses."""

from typing import Any

import pytest

from app.accounts.roles import Role
from tests.conftest import World
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def made(world: World) -> tuple[make.City, dict[str, str]]:
    """Makes four projects that differ in every filtered field. Returns their ids by name."""
    city = await make.make_city(world)
    there = city.districts[1]
    force = city.task_forces[0]
    overseas = await make.make_investor(world, origin="overseas", ownership="foreign")
    signed, _ = await make.make_signed(city, name="示例：甲", task_force_id=force, investor_id=overseas)
    bare = await make.make_project(city, name="示例：乙", unit_id=there, place_unit_id=there, industry_code="31")
    both = await make.make_project(city, name="示例：丙", program="both")
    works = await make.make_project(city, name="示例：丁", program="construction")
    total = {"kind": "planned_total", "value": "300.00", "effective_on": "2023-01-05", "source": "示例"}
    await world.post(f"/projects/{works['id']}/amounts", total)
    await world.post(f"/plan-lists/2023/projects/{works['id']}", {"source": "示例"})
    await make.add_evidence(city, both["id"], "site_secured")
    pause = {"happened_on": "2023-05-01", "reason": "示例", "resume_expected_on": "2024-01-01"}
    await world.act(f"/projects/{bare['id']}", "pause", pause)
    return city, {"甲": signed["id"], "乙": bare["id"], "丙": both["id"], "丁": works["id"]}


async def test_each_filter_alone(world: World) -> None:
    city, ids = await made(world)
    here, there = city.districts
    force, (leader, *others) = city.task_forces[0], city.officials
    expected: list[tuple[dict[str, Any], str]] = [
        ({"stage": "signed"}, "甲"),
        ({"stage": "signed,screened"}, "甲乙丙丁"),
        ({"status": "paused"}, "乙"),
        ({"status": "active,paused"}, "甲乙丙丁"),
        ({"program": "promotion"}, "甲乙"),
        ({"program": "both,construction"}, "丙丁"),
        ({"pool": "promotion"}, "甲乙丙"),
        ({"pool": "construction"}, "丙丁"),
        ({"unit_id": city.city}, "甲乙丙丁"),
        ({"unit_id": f"{here},{there}"}, "甲乙丙丁"),
        ({"own_unit_id": city.city}, ""),
        ({"own_unit_id": there}, "乙"),
        ({"place_unit_id": there}, "乙"),
        ({"task_force_id": force}, "甲"),
        ({"task_force_id": "none"}, "乙丙丁"),
        ({"task_force_id": f"none,{force}"}, "甲乙丙丁"),
        ({"industry_code": "31"}, "乙"),
        ({"origin": "overseas"}, "甲"),
        ({"ownership": "foreign,local_soe"}, "甲"),
        ({"leader_id": leader}, "甲"),
        ({"leader_id": "none"}, "乙丙丁"),
        ({"leader_id": f"{leader},none"}, "甲乙丙丁"),
        ({"member_id": others[2]}, "甲"),
        ({"member_id": others[3]}, ""),
        ({"five_ones": "lacks_leader"}, "乙丙丁"),
        ({"five_ones": "lacks_team,lacks_plan"}, "乙丙丁"),
        ({"lacks_evidence": "site_secured"}, "甲乙丁"),
        ({"lacks_evidence": "site_secured,legality_review"}, "甲乙丙丁"),
        ({"idle_days_min": 31}, "甲乙丙丁"),
        ({"idle_days_min": 121}, "丙丁"),
        ({"planned_total_min": "300.00"}, "丁"),
        ({"planned_total_max": "299.99"}, ""),
        ({"signed_from": "2023-02-01", "signed_to": "2023-02-01"}, "甲"),
        ({"signed_from": "2023-02-02"}, ""),
        ({"stage_since_from": "2023-02-01"}, "甲"),
        ({"stage_since_to": "2023-01-31"}, "乙丙丁"),
        ({"on_plan_list": 2023}, "丁"),
        ({"on_plan_list": 2022}, ""),
        ({"is_leaf": "true"}, "甲乙丙丁"),
        ({"is_leaf": "false"}, ""),
        ({"is_illustrative": "true"}, ""),
        ({"q": "示例：丙"}, "丙"),
        ({"stage": "screened", "pool": "construction", "task_force_id": "none"}, "丙丁"),
    ]
    for asked, names in expected:
        answer = await world.get("/projects", **asked, **{"with": "count,sum"})
        assert {row["id"] for row in answer["items"]} == {ids[name] for name in names}, asked
        assert answer["count"]["value"] == len(names)
        board = await world.get("/pipeline/board", **{"status": "active,paused", **asked})
        assert sum(column["count"] for column in board["columns"]) == len(names), asked
        for column in board["columns"][:2]:
            cards = (await world.client.get(column["cards_url"] + "&with=count")).json()
            assert cards["count"]["value"] == len(cards["items"]) == column["count"]


async def test_days_and_overdue(world: World) -> None:
    _, ids = await made(world)
    rows = {row["id"]: row for row in (await world.get("/projects"))["items"]}
    for row in rows.values():
        for asked, holds in (
            ({"due_from": row["due_on"], "due_to": row["due_on"]}, True),
            ({"is_overdue": "true"}, row["is_overdue"]),
            ({"is_overdue": "false"}, not row["is_overdue"]),
        ):
            if None not in asked.values():
                chosen = {one["id"] for one in (await world.get("/projects", **asked))["items"]}
                assert (row["id"] in chosen) is holds, (asked, row)
    assert rows[ids["乙"]]["clock"] is None, "no limit runs while it is paused"
    assert {row["is_overdue"] for row in rows.values()} == {True, False}


async def test_me_is_the_official_of_the_account(world: World) -> None:
    city, ids = await made(world)
    world.actor = clerk(Role.leader, official=city.officials[0])
    for asked in ({"leader_id": "me"}, {"member_id": "me"}):
        assert [row["id"] for row in (await world.get("/projects", **asked))["items"]] == [ids["甲"]]
    world.actor = clerk(Role.leader)
    assert (await world.get("/projects", leader_id="me"))["items"] == []


async def test_a_row_shows_its_own_deal_and_says_where_the_line_has_another(world: World) -> None:
    city = await make.make_city(world)
    project, deal = await make.make_signed(city, amount="700.00")
    phase = {"name": make.distinct_name("一期"), "phase_no": 1, "from_on": "2023-03-01", "continues_parent": True}
    answer = await world.send(
        "POST", f"/projects/{project['id']}/phases", phase, version=await world.version(f"/projects/{project['id']}")
    )
    assert answer.status_code == 201, answer.text
    rows = {row["id"]: row for row in (await world.get("/projects"))["items"]}
    parent, leaf = rows[project["id"]], rows[answer.json()["id"]]
    assert (parent["agreed_amount"], parent["signed_on"], parent["line_deal"]) == ("700.00", "2023-02-01", False)
    assert (leaf["agreed_amount"], leaf["signed_on"], leaf["line_deal"]) == (None, None, True)
    assert deal["id"]


async def test_every_sort_walks_all_rows_both_ways(world: World) -> None:
    _, ids = await made(world)
    document = (await world.client.get("/api/openapi.json")).json()
    sorts = document["components"]["schemas"]["ProjectSort"]["enum"]
    assert len(sorts) == 22
    for sort in sorts:
        names = []
        cursor: dict[str, str] = {}
        while True:
            page = await world.get("/projects", sort=sort, limit=1, **cursor)
            names += [row["id"] for row in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert sorted(names) == sorted(ids.values()), sort
        back = sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"
        other = [row["id"] for row in (await world.get("/projects", sort=back))["items"]]
        assert other == names[::-1], sort


@pytest.mark.parametrize(
    ("asked", "pointer", "code"),
    [
        ({"stage": "nowhere"}, "?stage", "unknown_stage"),
        ({"lacks_evidence": "site_secured,nothing"}, "?lacks_evidence", "unknown_kind"),
        ({"industry_code": "26,1"}, "?industry_code", "unknown_industry"),
        ({"stage": "signed,"}, "?stage", None),
        ({"status": "active,asleep"}, "?status", None),
        ({"pool": "both"}, "?pool", None),
        ({"task_force_id": "nobody"}, "?task_force_id", None),
        ({"leader_id": "you"}, "?leader_id", None),
        ({"with": "everything"}, "?with", None),
        ({"sort": "-colour"}, "?sort", None),
        ({"on_plan_list": "1899"}, "?on_plan_list", None),
        ({"colour": "red"}, "?colour", None),
    ],
)
async def test_what_a_filter_refuses(world: World, asked: dict[str, str], pointer: str, code: str | None) -> None:
    for path in ("/projects", "/projects/facets", "/pipeline/board"):
        more = {"by": "stage"} if path.endswith("facets") else {}
        if path != "/projects" and asked.keys() & {"with", "sort"}:
            continue
        answer = await world.client.get(f"/api/v1{path}", params={**asked, **more})
        assert answer.status_code == 422, (path, asked, answer.text)
        errors = answer.json()["errors"]
        assert any(error["pointer"].startswith(pointer) for error in errors), errors
        assert code in (None, errors[0]["code"])


async def test_statements_of_lists_boards_and_facets_do_not_grow(world: World) -> None:
    city, _ = await made(world)
    paths = (
        "/projects?with=count,sum&five_ones=lacks_leader&member_id=me",
        "/projects/facets?by=stage,unit,task_force,leader,ownership",
        "/pipeline/board",
    )

    async def numbers() -> list[int]:
        found = []
        for path in paths:
            with counted(world) as statements:
                await world.get(path)
            found.append(len(statements))
        return found

    await make.make_project(city)  # of rows just changed, the last moves are read
    await numbers()  # a process reads the stage table once
    before = await numbers()
    for _ in range(3):
        await make.make_signed(city)
        await make.make_project(city)
    assert await numbers() == before
    assert before == [5, 8, 6]


async def test_a_row_names_the_acts_that_its_record_leaves_open(world: World) -> None:
    city, _ = await made(world)
    here = city.districts[0]
    for actor in (world.actor, clerk(Role.district, units=[here]), clerk(Role.leader), clerk(Role.bureau)):
        world.actor = actor
        rows = (await world.get("/projects"))["items"]
        cards = {
            card["id"]: card for column in (await world.get("/pipeline/board"))["columns"] for card in column["cards"]
        }
        for row in rows:
            may = (await world.get(f"/projects/{row['id']}"))["may"]
            assert row["may"] == [act for act, reason in may.items() if reason is None]
            assert cards.get(row["id"], row)["may"] == row["may"]
