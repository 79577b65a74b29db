"""What a preview of an act on a deal says is what the act enters afterwards, and nothing is written by asking."""

from typing import Any

import pytest

from app.accounts.roles import Role
from tests.conftest import World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio

ENTERED = [
    "kind",
    "of_kind",
    "effective_on",
    "count",
    "amount",
    "landed",
    "unit_id",
    "task_force_id",
    "industry_code",
    "origin",
    "ownership",
    "size",
    "is_reversal",
    "corrects_id",
]


def said(entries: list[dict[str, Any]]) -> list[list[str]]:
    return sorted([str(entry[name]) for name in ENTERED] for entry in entries)


async def entries(world: World, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.get(f"{path}/entries"))["items"]
    return found


async def totals(world: World, preview: dict[str, Any], when: str) -> None:
    """Asserts that the totals of a preview are those that the signing totals say."""
    assert preview["totals"]
    for total in preview["totals"]:
        signings = await world.get("/totals/signings", period=total["period"])
        assert total[when] == {"count": signings["count"], "amount": signings["amount"]}, total["period"]


async def foretold(world: World, path: str, verb: str, body: dict[str, Any] | None) -> dict[str, Any]:
    """Asks for the preview of an act, does the act, and asserts that both agree. Returns the preview."""
    before = await entries(world, path)
    version = await world.version(path)
    if verb == "approval":
        preview = await world.get(f"{path}/approval/preview")
    else:
        preview = await world.post(f"{path}/{verb}/preview", body, status=200)
    assert await world.version(path) == preview["version"] == version
    assert await entries(world, path) == before
    await totals(world, preview, "before")
    await world.act(path, verb, body)
    entered = [entry for entry in await entries(world, path) if entry not in before]
    assert said(preview["entries"]) == said(entered)
    await totals(world, preview, "after")
    found: dict[str, Any] = preview
    return found


async def draft(city: make.City, project_id: str, **fields: Any) -> str:
    await make.add_evidence(city, project_id, "legality_review", "fair_competition_review")
    body = {
        "title": "示例投资协议",
        "agreement_no": f"示例{make.next_number()}号",
        "signed_on": "2023-02-01",
        "agreed_amount": "500000000.00",
    }
    deal = await city.world.post("/deals", {"project_id": project_id, **body, **fields})
    return f"/deals/{deal['id']}"


async def test_an_approval_amendments_and_a_termination_enter_what_was_foretold(world: World, city: make.City) -> None:
    """The project is transferred after the day of signing, and lands in its quarter."""
    await make.make_signed(city, "70000000.00")
    project = await make.make_project(city, task_force_id=city.task_forces[0])
    project_path = f"/projects/{project['id']}"
    await make.give_five_ones(city, project["id"])
    await make.move(city, project["id"], "negotiating", "2023-01-03")
    ruling = {"unit_id": city.districts[1], "ruled_on": "2023-02-10", "document": "示例", "reason": "示例"}
    await world.act(project_path, "transfers", ruling)
    path = await draft(city, project["id"])
    preview = await foretold(world, path, "approval", {})
    assert [entry["kind"] for entry in preview["entries"]] == ["signing", "transfer", "transfer"]
    assert preview["unit"]["id"] == city.districts[1]
    assert preview["task_force"]["id"] == city.task_forces[0]
    assert preview["project_may_move_to"] == "signed"
    assert [total["period"] for total in preview["totals"]] == ["2023", "2023Q1"]
    await make.move(city, project["id"], "signed", "2023-02-10")
    await make.land(city, project["id"], "2023-03-15")
    later = {"agreed_amount": "800000000.00", "effective_on": "2023-04-10", "document": "示例补2"}
    await foretold(world, path, "amendments", later)
    earlier = {"agreed_amount": "600000000.00", "effective_on": "2023-03-10", "document": "示例补1"}
    assert len((await foretold(world, path, "amendments", earlier))["entries"]) == 3
    end = {"effective_on": "2023-05-10", "reason": "示例", "project": {"becomes": "before_signed"}}
    preview = await foretold(world, path, "termination", end)
    assert preview["unit"]["id"] == city.districts[1]
    await world.holds()


async def test_a_termination_foretells_that_the_landings_of_phases_fall_away(world: World, city: make.City) -> None:
    parent, deal = await make.make_signed(city)
    first = {"name": make.distinct_name("一期"), "phase_no": 1, "from_on": "2023-02-10", "continues_parent": True}
    phase = await world.act(f"/projects/{parent['id']}", "phases", first)
    await make.land(city, phase["id"], "2023-03-15")
    end = {"effective_on": "2023-05-10", "reason": "示例", "project": {"becomes": "before_signed"}}
    preview = await foretold(world, f"/deals/{deal['id']}", "termination", end)
    assert [entry["landed"] for entry in preview["entries"]].count(-1) == 1
    await world.holds()


async def test_a_termination_before_a_transfer_is_refused_as_the_act_is(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    path = f"/deals/{deal['id']}"
    ruling = {"unit_id": city.districts[1], "ruled_on": "2023-03-10", "document": "示例", "reason": "示例"}
    await world.act(f"/projects/{project['id']}", "transfers", ruling)
    fate = {"becomes": "before_signed"}
    for verb, body in (
        ("termination", {"effective_on": "2023-03-01", "reason": "示例", "project": fate}),
        ("termination", {"effective_on": "2020-03-01", "reason": "示例", "project": fate}),
        ("amendments", {"agreed_amount": "1.00", "effective_on": "2023-03-01", "document": "示例"}),
    ):
        preview = await world.send("POST", f"{path}/{verb}/preview", body)
        act = await world.send("POST", f"{path}/{verb}", body, version=await world.version(path))
        assert (preview.status_code, preview.json()["code"]) == (act.status_code, act.json()["code"])


async def test_a_preview_wants_a_draft_that_is_complete_and_enters_nothing_for_a_framework(
    world: World, city: make.City
) -> None:
    project = await make.make_project(city)
    bare = await world.post("/deals", {"project_id": project["id"], "title": "示例"})
    path = f"/deals/{bare['id']}"
    answer = await world.send("GET", f"{path}/approval/preview")
    assert (answer.status_code, answer.json()["code"]) == (409, "gates_unmet")
    stated = {"signed_on": "2023-02-01", "agreed_amount": "500000000.00"}
    await world.send("PATCH", path, stated, version=await world.version(path))
    preview = await world.get(f"{path}/approval/preview")
    assert [(entry["kind"], entry["deal_code"]) for entry in preview["entries"]] == [("signing", bare["code"])]
    path = await draft(city, project["id"], kind="framework")
    preview = await world.get(f"{path}/approval/preview")
    assert (preview["entries"], preview["totals"], preview["unit"]) == ([], [], None)
    assert preview["project_may_move_to"] is not None
    live = await make.make_deal(city, project["id"])
    answer = await world.send("GET", f"/deals/{live['id']}/approval/preview")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_a_draft")


async def test_entries_and_totals_are_those_of_the_readers_scope(world: World, city: make.City) -> None:
    """After a transfer the giver sees neither the project; the taker sees its own side alone."""
    await make.make_signed(city, "70000000.00")
    project = await make.make_project(city)
    ruling = {"unit_id": city.districts[1], "ruled_on": "2023-02-10", "document": "示例", "reason": "示例"}
    await world.act(f"/projects/{project['id']}", "transfers", ruling)
    path = await draft(city, project["id"])
    world.actor = clerk(Role.district, units=[city.districts[1]])
    preview = await world.get(f"{path}/approval/preview")
    assert [(entry["kind"], entry["count"]) for entry in preview["entries"]] == [("transfer", 1)]
    await totals(world, preview, "before")
    assert preview["totals"][0]["before"]["count"] == 0
    assert not preview["scope"]["is_whole_city"]


async def latest(world: World, path: str, kind: str) -> str:
    """Returns the id of the last fact of a kind."""
    found: str = [fact["id"] for fact in (await world.get(path))["facts"] if fact["kind"] == kind][-1]
    return found


async def test_corrections_enter_what_was_foretold(world: World, city: make.City, signed_project: make.Signed) -> None:
    project, deal = signed_project
    path = f"/deals/{deal['id']}"
    ruling = {"unit_id": city.districts[1], "ruled_on": "2023-03-10", "document": "示例", "reason": "示例"}
    await world.act(f"/projects/{project['id']}", "transfers", ruling)
    amendment = {"agreed_amount": "800000000.00", "effective_on": "2023-04-10", "document": "示例补1"}
    await world.act(path, "amendments", amendment)
    foreign = await make.make_investor(world, origin="overseas", ownership="foreign")
    reason = {"reason": "示例录错"}
    for body in (
        {"amount": "400000000.00"},
        {"effective_on": "2023-01-20", "industry_code": "31"},
        {"investor_id": foreign},
        {"task_force_id": city.task_forces[1]},
        {"unit_id": city.districts[1]},
        {"fact_id": "", "effective_on": "2023-05-10", "amount": "900000000.00"},
        {"fact_id": "", "withdraw": True},
    ):
        fact_body = {**body, **reason}
        if "fact_id" in body:
            fact_body["fact_id"] = await latest(world, path, "amendment")
        assert (await foretold(world, path, "corrections", fact_body))["entries"], body
    end = {"effective_on": "2023-05-31", "project": {"becomes": "before_signed"}, **reason}
    await world.act(path, "termination", end)
    withdrawn = {"fact_id": await latest(world, path, "termination"), "withdraw": True, **reason}
    preview = await world.post(f"{path}/corrections/preview", withdrawn, status=200)
    assert [entry["is_reversal"] for entry in preview["entries"]] == [True]
    assert not (await foretold(world, path, "corrections", {"never_a_deal": True, **reason}))["unit"]
    await world.holds()
