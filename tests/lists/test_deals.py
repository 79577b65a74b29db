"""The list of deals and its facets: every filter against what was made, sums and facets against the rows, the unmet
gates of a row against those of the approval."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Uuid, text

from app.accounts.roles import Role
from app.core import office
from app.core.actor import Actor
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_bad_input import refused
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio

DIMENSIONS = "status,kind,unit,task_force,industry,investor,drafted_by"
DRAFTER = clerk(Role.bureau, name="drafter")
OTHER = clerk(Role.bureau, name="other")


async def made(world: World) -> tuple[make.City, dict[str, dict[str, Any]]]:
    """Makes five deals that differ in every filtered field. Returns them by name."""
    city = await make.make_city(world)
    overseas = await make.make_investor(world, origin="overseas", ownership="foreign")
    _, live = await make.make_signed(city, task_force_id=city.task_forces[0], investor_id=overseas)
    there = await make.make_project(city, unit_id=city.districts[1], industry_code="31")
    framework = await make.make_deal(city, there["id"], "300000000.00", "2023-03-01", kind="framework")
    third = await make.make_project(city)
    ended = await make.make_deal(city, third["id"], "200000000.00", "2023-04-01")
    await world.act(f"/deals/{ended['id']}", "termination", {"effective_on": "2023-04-10", "reason": "示例"})
    world.actor = DRAFTER
    draft = await world.post("/deals", {"project_id": third["id"], "title": "示例草稿", "agreement_no": "示例甲-7"})
    submitted = await world.post("/deals", {"project_id": there["id"], "title": "示例送审"})
    submitted = await world.act(f"/deals/{submitted['id']}", "submission", None)
    world.actor = LOCAL_PERSON
    return city, {"甲": live, "乙": framework, "丙": ended, "丁": draft, "戊": submitted}


async def seen(world: World, deals: dict[str, Any], **asked: Any) -> str:
    """Returns the names of the deals that a filter finds."""
    ids = {row["id"] for row in (await world.get("/deals", **asked))["items"]}
    return "".join(name for name, deal in deals.items() if deal["id"] in ids)


async def test_each_filter_alone(world: World) -> None:
    city, deals = await made(world)
    here, there = city.districts
    force = city.task_forces[0]
    expected: list[tuple[dict[str, Any], str]] = [
        ({}, "甲乙丙丁戊"),
        ({"status": "live"}, "甲乙"),
        ({"status": "draft,terminated"}, "丙丁戊"),
        ({"kind": "framework"}, "乙"),
        ({"project_id": f"{deals['甲']['project_id']},{deals['乙']['project_id']}"}, "甲乙戊"),
        ({"investor_id": city.investor}, "乙丙丁戊"),
        ({"unit_id": city.city}, "甲乙丙丁戊"),
        ({"unit_id": there}, "乙戊"),
        ({"own_unit_id": city.city}, ""),
        ({"own_unit_id": f"none,{here}"}, "甲丙丁"),
        ({"task_force_id": force}, "甲"),
        ({"task_force_id": "none"}, "乙丙丁戊"),
        ({"industry_code": "31"}, "乙戊"),
        ({"signed_from": "2023-03-01"}, "乙丙"),
        ({"signed_to": "2023-03-01"}, "甲乙"),
        ({"signed_from": "2023-02-02", "signed_to": "2023-03-31"}, "乙"),
        ({"drafted_by": "me"}, "甲乙丙"),
        ({"drafted_by": "others"}, "丁戊"),
        ({"approvable": "true"}, "戊"),
        ({"approvable": "false"}, "甲乙丙丁"),
        ({"submitted": "true"}, "戊"),
        ({"submitted": "false"}, "甲乙丙丁"),
        ({"returned": "true"}, ""),
        ({"awaiting_signed": "true"}, ""),
        ({"awaiting_signed": "false"}, "甲乙丙丁戊"),
        ({"ids": f"{deals['甲']['id']},{deals['丁']['id']},{city.city}"}, "甲丁"),
        ({"is_approved_at_source": "true"}, ""),
        ({"is_illustrative": "false"}, "甲乙丙丁戊"),
        ({"q": "送审"}, "戊"),
        ({"q": deals["丙"]["code"]}, "丙"),
        ({"q": "示例甲－7"}, "丁"),
    ]
    for asked, names in expected:
        assert await seen(world, deals, **asked) == names, asked
    for path, more in (("/deals", {}), ("/deals/facets", {"by": "status"})):
        params = {"industry_code": "1", **more}
        wrong = await refused(world, "GET", path, 422, "unknown_industry", params=params)
        assert wrong["errors"][0]["pointer"] == "?industry_code"


async def test_approvable_is_what_is_submitted_and_not_mine(world: World) -> None:
    _, deals = await made(world)
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None)
    path = f"/deals/{deals['戊']['id']}"
    for actor, names in ((DRAFTER, ""), (OTHER, "戊"), (clerk(Role.leader), "")):
        world.actor = actor
        assert await seen(world, deals, approvable="true") == names
    world.actor = OTHER
    await world.send("PATCH", path, {"title": "示例送审（改）"}, version=await world.version(path))
    await world.act(path, "submission", None)
    assert await seen(world, deals, approvable="true") == ""  # whoever edited it leaves it to others
    world.actor = LOCAL_PERSON
    assert await seen(world, deals, approvable="true") == "戊"


async def test_returned_drafts_and_deals_whose_project_is_not_at_signed(world: World) -> None:
    city, deals = await made(world)
    await world.act(f"/deals/{deals['戊']['id']}", "return", {"reason": "示例"})
    assert await seen(world, deals, returned="true") == "戊"
    assert await seen(world, deals, submitted="true") == ""
    project = await make.make_project(city)
    deals["己"] = await make.make_deal(city, project["id"], signed_on="2023-03-01")
    assert await seen(world, deals, awaiting_signed="true") == "己"
    rows = (await world.get("/totals/awaiting-signed/rows", period="2023"))["items"]
    assert [row["deal"]["id"] for row in rows] == [deals["己"]["id"]]
    assert await seen(world, deals, awaiting_signed="true", unit_id=city.districts[1]) == ""


async def test_sums_and_facets_are_what_the_rows_add_up_to(world: World) -> None:
    city, _ = await made(world)
    for actor in (
        LOCAL_PERSON,
        clerk(Role.district, units=[city.districts[1]]),
        clerk(Role.task_force, task_forces=city.task_forces[:1]),
        clerk(Role.department, units=[city.city]),
    ):
        world.actor = actor
        page = await world.get("/deals", **{"with": "count,sum"})
        rows = page["items"]
        assert page["count"]["value"] == len(rows)
        assert {row["id"] for row in rows} == await by_sql(world, actor)
        assert (page["sum"], page["left_out"]) == added_up(rows)
        answer = await world.get("/deals/facets", by=DIMENSIONS)
        assert set(answer["facets"]) == set(DIMENSIONS.split(","))
        for name, facet in answer["facets"].items():
            assert sum(value["count"] for value in facet["items"]) == len(rows), name
            for value in facet["items"]:
                asked = {facet["filter"]: value["key"] or "none"}
                if value["key"] is None and name not in ("unit", "task_force"):
                    continue
                chosen = (await world.get("/deals", **asked))["items"]
                assert len(chosen) == value["count"], (name, value)
                assert (value["sum"], value["left_out"]) == added_up(chosen), (name, value)


def added_up(rows: list[Any]) -> tuple[dict[str, Any], dict[str, int]]:
    """Returns the sum and what it leaves out, computed from rows."""
    kinds = [(row["status"], row["kind"] if row["status"] == "live" else "") for row in rows]
    amounts = [Decimal(row["agreed_amount"]) for row in rows if (row["status"], row["kind"]) == ("live", "formal")]
    total = sum(amounts, Decimal(0))
    said = {"count": len(amounts), "agreed_amount": f"{total:.2f}", "agreed_amount_yi": f"{total / 10**8:.1f}"}
    out = {
        "drafts": ("draft", ""),
        "discarded": ("discarded", ""),
        "frameworks": ("live", "framework"),
        "terminated": ("terminated", ""),
        "voided": ("voided", ""),
    }
    return said, {name: kinds.count(kind) for name, kind in out.items()}


SEEN = """
SELECT deals.id AS id, projects.unit_id AS unit_id, projects.task_force_id AS task_force_id, member.unit_id AS by_team
FROM deals JOIN projects ON projects.id = deals.project_id
LEFT JOIN project_members AS member ON member.project_id = projects.id
"""


async def by_sql(world: World, actor: Actor) -> set[str]:
    """Returns the ids of the deals whose project an actor sees by its unit, its task force or the unit of its team."""
    statement = text(SEEN).columns(id=Uuid(), unit_id=Uuid(), task_force_id=Uuid(), by_team=Uuid())
    async with world.database.reading() as session:
        rows = (await session.execute(statement)).all()
    units, forces = actor.unit_ids, actor.task_force_ids
    return {
        str(row.id)
        for row in rows
        if units is None or row.unit_id in units or row.task_force_id in forces or row.by_team in units
    }


async def test_a_row_says_which_gates_of_approval_are_unmet(world: World) -> None:
    """As `GET /deals/{id}/gates`, for drafts that lack one thing after the other."""
    city = await make.make_city(world)
    project = await make.make_project(city)
    nameless = await make.make_investor(world, credit_code=None)
    other = await make.make_project(city, investor_id=nameless)
    bare = await make.make_project(city, investor_id=None)
    await make.add_evidence(city, project["id"], "legality_review")
    live = await make.make_deal(city, (await make.make_project(city))["id"], agreement_no="示例一号")
    full = {"agreement_no": "示例二号", "signed_on": "2023-02-01", "agreed_amount": "1.00"}
    bodies: list[dict[str, Any]] = [
        {},
        full,
        {**full, "agreement_no": "示例-一号"},
        {**full, "signed_on": None},
        {**full, "kind": "framework"},
        {"kind": "framework"},
        {**full, "agreement_no": "示例三号"},
    ]
    for one in (project, other, bare):
        for body in bodies:
            await world.post("/deals", {"project_id": one["id"], "title": "示例", **body})
    rows = (await world.get("/deals", limit=100))["items"]
    found = set()
    for row in rows:
        if row["id"] == live["id"]:
            assert row["gates_missing"] is None
            continue
        gates = (await world.get(f"/deals/{row['id']}/gates"))["gates"]
        unmet = [gate for gate in gates if not gate["is_met"] and gate["strictness"] == "block"]
        assert row["gates_missing"] == [{name: gate[name] for name in ("code", "zh", "en")} for gate in unmet]
        found |= {gate["code"] for gate in unmet}
        found |= {"none"} if not unmet else set()
    assert len(found) == 8


async def test_the_list_takes_as_many_statements_for_many_drafts(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    counts: list[int] = []
    for _ in range(2):
        for number in range(3):
            body = {"title": "示例", "agreement_no": f"示例{len(counts)}{number}号"}
            await world.post("/deals", {"project_id": project["id"], **body})
        with counted(world) as statements:
            page = await world.get("/deals", approvable="false", **{"with": "count,sum"})
        counts.append(len(statements))
    assert len(page["items"]) == 6
    assert counts[0] == counts[1] <= 8
