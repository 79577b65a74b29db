"""Data that only the merged record has goes over, and differences between the two are shown before anybody decides."""

from typing import Any

import pytest

from app.projects.schemas import ProjectFields
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def merge(world: World, merged: str, into: str, **fields: str) -> Any:
    return await world.act(f"/projects/{merged}", "merge", {"into_id": into, "reason": "示例", **fields})


async def amount(world: World, project: str, kind: str, value: str, effective_on: str, **fields: Any) -> Any:
    body = {"kind": kind, "value": value, "effective_on": effective_on, "source": "示例", **fields}
    return await world.post(f"/projects/{project}/amounts", body)


async def planned(world: World, period: str = "2023", **known: str) -> tuple[int, str, str]:
    """Returns the number of projects on the plan list, their planned totals, and what they plan for the year."""
    found = (await world.get("/totals/overview", period=period, **known))["planned_year"]
    return found["count"], found["amount"]["planned_total"], found["amount"]["planned_this_year"]


async def test_a_merge_lowers_no_figure(world: World, city: make.City) -> None:
    first, second = await make.make_project(city), await make.make_project(city)
    await amount(world, first["id"], "planned_total", "500000000.00", "2023-02-01")
    listed = {"planned_this_year": "100000000.00", "source": "示例"}
    await world.post(f"/plan-lists/2023/projects/{first['id']}", listed)
    before = await planned(world)
    known_at = (await world.get("/totals/overview", period="2023"))["known_at"]
    await merge(world, first["id"], second["id"])
    assert await planned(world) == before == (1, "500000000.00", "100000000.00")
    assert await planned(world, known_at=known_at) == before
    await world.holds()


KNOWN: dict[str, Any] = {
    "short_name": "示例简称",
    "upstream_code": "SJ-示例-1",
    "national_code": "2302-210400-04-01-123456",
    "statistical_name": "示例纳统名",
    "channel": "walk_in",
    "occasion": "示例招商会",
    "description": "示例：年产 1.5 万吨",
    "estimate_from": "100000000.00",
    "estimate_to": "200000000.00",
    "longitude": "123.9",
    "latitude": "41.8",
    "parcel_no": "示例地块",
    "land_area": "12.5",
    "plant_area": "3000",
    "energy_use": "50",
    "energy_note": "示例用电",
    "chain": "示例环节",
    "chain_role": "extend",
    "construction_nature": "new",
    "annual_revenue": "900000000.00",
    "annual_tax": "50000000.00",
    "jobs": 120,
    "progress": "示例进展",
    "progress_on": "2023-03-01",
    "next_steps": "示例下步",
    "source": "示例来源",
}
"""Every field of a project that is no id, with a value."""


async def test_every_field_that_only_the_merged_knew_goes_over(world: World, city: make.City) -> None:
    referrer = await world.post("/referrers", {"kind": "chamber", "name": "示例商会"})
    ids = {"referrer_id": referrer["id"], "industry_code": "26", "investor_id": city.investor}
    first = await make.make_project(
        city, **KNOWN, **ids, task_force_id=city.task_forces[0], confidentiality="sensitive"
    )
    assert {*KNOWN, *ids, "name", "place_unit_id", "confidentiality"} == set(ProjectFields.model_fields)
    bare = {"place_unit_id": None, "industry_code": None, "investor_id": None}
    ruled = {"gates": ["industry", "place"], "reason": "示例"}
    second = await make.make_project(city, **bare, override=ruled)
    product = {"product": "示例产品", "quantity": "65", "unit": "万吨/年"}
    path = f"/projects/{first['id']}"
    answer = await world.send("PUT", f"{path}/capacities", {"items": [product]}, version=await world.version(path))
    assert answer.status_code == 200
    dry = await world.get(f"{path}/merge", into_id=second["id"])
    told = {item["code"]: item["zh"] for item in dry["goes_over"]}
    assert told["national_code"] == "投资项目统一代码：2302-210400-04-01-123456"
    assert "示例商会" in told["referrer_id"]
    assert "示例专班" in told["task_force_id"]
    assert "65 万吨/年" in told["capacities"]
    await merge(world, first["id"], second["id"])
    had, read = await world.get(path), await world.get(f"/projects/{second['id']}")
    same = {*KNOWN, *ids, "place_unit_id", "confidentiality", "task_force_id", "capacities"}
    assert {name: read[name] for name in same} == {name: had[name] for name in same}
    assert read["version"] == second["version"] + 2  # its fields, and its capacities
    assert (await world.get("/projects", q=KNOWN["national_code"], status="active"))["items"][0]["id"] == read["id"]
    await world.holds()


async def test_what_both_state_stays_and_is_told_with_both_values(world: World, city: make.City) -> None:
    first = await make.make_project(city, jobs=120, short_name="示例甲", longitude="123.9", latitude="41.8")
    second = await make.make_project(city, jobs=80, short_name="示例甲", latitude="41.9")
    for project, value in ((first, "500000000.00"), (second, "300000000.00")):
        await amount(world, project["id"], "planned_total", value, "2023-02-01")
        await amount(world, project["id"], "filed", "1.00", "2023-02-01")
    dry = await world.get(f"/projects/{first['id']}/merge", into_id=second["id"])
    assert dry["goes_over"] == []
    told = {item["code"]: item["en"] for item in dry["stays"]}
    assert told["planned_total"] == f"planned total: 500000000.00 ({second['code']} has 300000000.00, which stands)"
    assert told["jobs"] == f"jobs: 120 ({second['code']} has 80, which stands)"
    assert "123.9 / 41.8" in told["longitude"]
    assert not {"short_name", "filed"} & told.keys()  # both have the same value
    await merge(world, first["id"], second["id"])
    read = await world.get(f"/projects/{second['id']}")
    assert (read["planned_total"], read["jobs"], read["longitude"]) == ("300000000.00", 80, None)
    assert len(await world.get(f"/projects/{second['id']}/amounts")) == 2
    assert read["version"] == second["version"]
    await world.holds()


async def test_a_product_in_another_writing_is_the_same(world: World, city: make.City) -> None:
    first, second = [f"/projects/{(await make.make_project(city))['id']}" for _ in range(2)]
    products = {
        first: (("示例碳纤维（T300）", "65"), ("示例1.5T吊机", "2"), ("示例铝、铜管", "7")),
        second: (("示例碳纤维(Ｔ300)", "65"), ("示例15T吊机", "3"), ("示例铝铜管", "8")),
    }
    for path, rows in products.items():
        items = [{"product": product, "quantity": quantity, "unit": "台"} for product, quantity in rows]
        answer = await world.send("PUT", f"{path}/capacities", {"items": items}, version=await world.version(path))
        assert answer.status_code == 200, answer.text
    await merge(world, first.removeprefix("/projects/"), second.removeprefix("/projects/"))
    kept = {(row["product"], row["quantity"]) for row in (await world.get(second))["capacities"]}
    assert {product for product, _ in kept} == {product for product, _ in products[second]} | {"示例1.5T吊机"}
    assert len(kept) == 4
    await world.holds()


async def test_amounts_go_over_by_kind_and_year_as_they_were_stated(world: World, city: make.City) -> None:
    """Foreign money, earlier versions, `done` with its day; and from before the successor's own first day."""
    first, second = [(await make.make_project(city))["id"] for _ in range(2)]
    foreign = {"currency": "USD", "original_amount": "10.00", "rate": "7.00000000", "rate_on": "2023-02-01"}
    body = {"kind": "filed", "effective_on": "2023-02-01", "source": "示例备案", "rate_source": "示例", **foreign}
    await world.post(f"/projects/{first}/amounts", body)
    await amount(world, first, "planned_this_year", "7.00", "2023-01-05", year=2023)
    await amount(world, first, "planned_this_year", "8.00", "2023-04-01", year=2023)
    await amount(world, first, "planned_this_year", "9.00", "2023-04-01", year=2024)
    await amount(world, first, "done", "3.00", "2023-03-01", year=2023, through_on="2023-02-28")
    await amount(world, first, "planned_total", "50.00", "2023-02-01")
    await amount(world, first, "planned_total", "51.00", "2023-06-01")
    await amount(world, second, "planned_total", "60.00", "2023-05-01")
    await amount(world, second, "planned_this_year", "1.00", "2023-01-01", year=2024)
    await amount(world, second, "done", "2.00", "2023-05-01", year=2023, through_on="2023-04-30")
    await merge(world, first, second, merged_on="2023-05-20")
    found = await world.get(f"/projects/{second}/amounts")
    has = {(row["kind"], row["year"], row["effective_on"], row["value"]) for row in found}
    assert has == {
        ("filed", None, "2023-02-01", "70.00"),
        ("planned_this_year", 2023, "2023-01-05", "7.00"),
        ("planned_this_year", 2023, "2023-04-01", "8.00"),
        ("planned_this_year", 2024, "2023-01-01", "1.00"),
        ("planned_total", None, "2023-02-01", "50.00"),
        ("planned_total", None, "2023-05-01", "60.00"),
        ("done", 2023, "2023-05-01", "2.00"),
    }
    (filed,) = [row for row in found if row["kind"] == "filed"]
    assert {name: filed[name] for name in (*foreign, "source")} == {**foreign, "source": "示例备案"}
    assert (await world.get(f"/projects/{second}"))["planned_total"] == "60.00"
    await world.holds()


async def test_what_went_over_goes_on_with_the_next_merge(world: World, city: make.City) -> None:
    first, second, third = [(await make.make_project(city))["id"] for _ in range(3)]
    await amount(world, first, "planned_total", "50.00", "2023-02-01")
    await make.add_evidence(city, first, "arrival_audited", "legality_review")
    await merge(world, first, second)
    await merge(world, second, third)
    assert (await world.get(f"/projects/{third}"))["planned_total"] == "50.00"
    evidence = await world.get(f"/projects/{third}/evidence")
    assert {(row["kind"], row["project_id"]) for row in evidence} == {
        ("arrival_audited", first),
        ("legality_review", first),
    }
    draft = {"project_id": third, "title": "示例", "signed_on": "2023-03-01", "agreed_amount": "1.00"}
    deal = await world.post("/deals", draft)
    gates = {gate["code"]: gate["is_met"] for gate in (await world.get(f"/deals/{deal['id']}/gates"))["gates"]}
    assert gates["legality_review"] is True
    await world.holds()


async def test_a_task_force_keeps_what_it_counted(world: World, city: make.City) -> None:
    """From the days on which the merged record belonged to it, with the deal that goes over; not where the successor
    has a deal of its own, which nobody has passed on."""
    force = city.task_forces[0]
    first = await make.make_project(city, task_force_id=force)
    await make.make_deal(city, first["id"])
    await world.post("/start-batches", {"name": "示例", "held_on": "2023-02-14", "project_ids": [first["id"]]})
    second, third = await make.make_project(city), await make.make_project(city)

    async def counted() -> tuple[int, int]:
        found = await world.get("/totals/overview", period="2023Q1", task_force_id=force)
        return found["signings"]["count"], found["collective_start"]["count"]

    assert await counted() == (1, 1)
    await merge(world, first["id"], second["id"])
    assert await counted() == (1, 1)
    signed, _ = await make.make_signed(city)
    await world.act(f"/projects/{third['id']}", "transfers", {"task_force_id": force, **RULED})
    dry = await world.get(f"/projects/{third['id']}/merge", into_id=signed["id"])
    assert "task_force_id" in {item["code"] for item in dry["stays"]}
    await merge(world, third["id"], signed["id"])
    assert (await world.get(f"/projects/{signed['id']}"))["task_force_id"] is None
    assert await counted() == (1, 1)
    await world.holds()


RULED = {"ruled_on": "2023-05-01", "document": "示例", "reason": "示例"}


async def test_an_enterprise_loses_nothing_that_only_it_knew(world: World, city: make.City) -> None:
    group = await make.make_investor(world, credit_code=None)
    known = {"origin": "province", "ownership": "local_soe", "registered_place": "示例省", "headquarters": "示例市"}
    known |= {"industry_code": "26", "source": "示例来源", "parent_id": group}
    first = await make.make_investor(world, credit_code=None, **known)
    second = await make.make_investor(world, credit_code=None, origin=None, ownership="private")
    referrer = await world.post("/referrers", {"kind": "enterprise", "enterprise_id": first})
    lead = await make.make_lead(city, referrer_id=referrer["id"])
    dry = await world.get(f"/enterprises/{first}/merge", into_id=second)
    over, stays = ({item["code"]: item["zh"] for item in dry[part]} for part in ("goes_over", "stays"))
    assert {"origin", "registered_place", "headquarters", "industry_code", "source", "parent_id", "referrer"} == set(
        over
    )
    assert over["origin"] == "来源地：省内市外"
    assert "地方国企" in stays["ownership"]
    assert "民企" in stays["ownership"]
    await world.act(f"/enterprises/{first}", "merge", {"into_id": second, "reason": "示例"})
    read = await world.get(f"/enterprises/{second}")
    assert {name: read[name] for name in known} == {**known, "ownership": "private"}
    assert (await world.get(f"/referrers/{referrer['id']}"))["enterprise_id"] == second
    # Of two records as a referrer, what the one referred names the other.
    other = await make.make_investor(world, credit_code=None)
    its = await world.post("/referrers", {"kind": "enterprise", "enterprise_id": other})
    await world.act(f"/enterprises/{second}", "merge", {"into_id": other, "reason": "示例"})
    assert (await world.get(f"/leads/{lead['id']}"))["referrer_id"] == its["id"]
    # A group that is the successor itself is none above it.
    below = await make.make_investor(world, credit_code=None, parent_id=city.investor)
    await world.act(f"/enterprises/{below}", "merge", {"into_id": city.investor, "reason": "示例"})
    assert (await world.get(f"/enterprises/{city.investor}"))["parent_id"] is None
    await world.holds()


async def test_a_landed_phase_merged_into_another_line_counts_once(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    parent, _ = signed_project
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-10", "continues_parent": True}
    phase = await world.act(f"/projects/{parent['id']}", "phases", first)
    second = {"name": "示例另一项目二期", "phase_no": 2, "from_on": "2023-02-10"}
    other_phase = await world.act(f"/projects/{parent['id']}", "phases", second)
    assert other_phase["stage"] == "screened"
    await make.land(city, phase["id"], "2023-02-20")
    other, _ = await make.make_signed(city)
    await make.land(city, other["id"], "2023-03-01")
    year = {"from": "2023-01-01", "to": "2023-12-31"}
    assert (await world.get("/totals/signings", **year))["same_quarter_landed"] == 2
    await merge(world, phase["id"], other["id"])
    assert (await world.get("/totals/signings", **year))["same_quarter_landed"] == 1
    await world.holds()
