"""Every stage × target × program, each gate alone, and a project that loses its deal."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.conftest import World
from tests.factories import city as make
from tests.factories.controls import confirmed
from tests.factories.figures import without_addresses

pytestmark = pytest.mark.anyio

PROMOTION = [
    "screened",
    "negotiating",
    "framework",
    "signed",
    "landed",
    "preparing",
    "started",
    "building",
    "completed",
    "operating",
    "at_capacity",
]
CONSTRUCTION = [stage for stage in PROMOTION if stage not in ("negotiating", "framework", "signed", "landed")]
EVIDENCE = (
    "letter_of_intent",
    "procedure_list",
    "local_company",
    "project_code",
    "site_secured",
    "project_approval",
    "construction_permit",
    "acceptance",
    "production",
    "capacity",
)
Q1 = {"from": "2023-01-01", "to": "2023-03-31"}
YEAR = {"from": "2023-01-01", "to": "2023-12-31"}


def walk(program: str) -> list[str]:
    return CONSTRUCTION if program == "construction" else PROMOTION


async def ready(city: make.City, program: str) -> dict[str, Any]:
    """Makes a project at `screened` for which every gate of its program is met."""
    project = await make.make_project(city, program=program)
    await make.give_five_ones(city, project["id"])
    await make.add_evidence(city, project["id"], *EVIDENCE)
    if program != "construction":
        await make.make_deal(city, project["id"], signed_on="2023-02-01")
    return project


def expected(program: str, here: str, to: str, held: list[str]) -> tuple[int, str | None]:
    """Returns status and code that the rules give for a single move without catch-up."""
    stages = walk(program)
    if to not in stages:
        return 422, "stage_not_walked"
    at, target = stages.index(here), stages.index(to)
    if target > at:
        entered = [stage for stage in stages[at + 1 : target + 1] if stage != "framework" or stage == to]
        return (201, None) if len(entered) == 1 else (409, "needs_catch_up")
    if target == at:
        return 409, "already_there"
    if at >= stages.index("started"):
        return 409, "no_way_back"
    return (201, None) if held and to == held[-1] else (409, "one_stage_back")


@pytest.mark.parametrize("program", ["promotion", "both", "construction"])
async def test_every_stage_and_target(world: World, city: make.City, program: str) -> None:
    project = await ready(city, program)
    path, held = f"/projects/{project['id']}", ["screened"]
    for here in walk(program):
        if here != held[-1]:
            await make.move(city, project["id"], here, "2023-02-02")
            held.append(here)
        for to in PROMOTION:
            status, code = expected(program, here, to, held[:-1])
            if status == 201:
                continue
            version = await world.version(path)
            body = {"to": to, "happened_on": "2023-02-02", "reason": "示例"}
            answer = await world.send("POST", f"{path}/moves", body, version=version)
            codes = {answer.json()["code"], *(e["code"] for e in answer.json().get("errors", []))}
            assert (answer.status_code, code in codes) == (status, True), (here, to, answer.text)
    await world.holds()


@pytest.mark.parametrize("program", ["promotion", "both", "construction"])
async def test_every_stage_and_target_in_a_catch_up(world: World, city: make.City, program: str) -> None:
    """Forward through everything between; each catch-up is withdrawn again, the last move first."""
    project = await ready(city, program)
    path = f"/projects/{project['id']}"
    version = await world.version(path)

    async def act(verb: str, body: dict[str, Any]) -> dict[str, Any]:
        nonlocal version
        found: dict[str, Any] = await world.post(f"{path}/{verb}", body, version=version)
        version = found["version"]
        return found

    for here in walk(program):
        if here != "screened":
            await act("moves", {"to": here, "happened_on": "2023-02-02"})
        for to in PROMOTION:
            entered = entered_between(program, here, to)
            body = {"to": to, "happened_on": "2023-02-02", "reason": "示例", "catch_up": True}
            if not entered:
                if to == here:
                    answer = await world.send("POST", f"{path}/moves", body, version=version)
                    assert (answer.status_code, answer.json()["code"]) == (409, "already_there")
                continue  # a back move, or no stage of the program: seen above
            assert (await act("moves", body))["stage"] == to
            made = (await world.get(f"{path}/moves"))[-len(entered) :]
            assert [move["to_stage"] for move in made] == entered
            assert {move["is_catch_up"] for move in made} == {len(entered) > 1}
            for move in reversed(made):
                back = await act(f"moves/{move['id']}/correction", {"withdraw": True, "reason": "示例"})
            assert back["stage"] == here
    await world.holds()


def entered_between(program: str, here: str, to: str) -> list[str]:
    stages = walk(program)
    if to not in stages:
        return []
    between = stages[stages.index(here) + 1 : stages.index(to) + 1]
    return [stage for stage in between if stage != "framework" or stage == to]


@pytest.mark.parametrize("program", ["promotion", "both", "construction"])
async def test_what_is_not_active_does_not_move(world: World, city: make.City, program: str) -> None:
    """From every stage to every stage, paused, terminated and merged; the merge is written directly here."""
    project = await ready(city, program)
    path = f"/projects/{project['id']}"

    async def stays(code: str) -> None:
        version = await world.version(path)
        for to in PROMOTION:
            body = {"to": to, "happened_on": "2023-02-02", "reason": "示例", "catch_up": True}
            answer = await world.send("POST", f"{path}/moves", body, version=version)
            assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
        gates = await world.get(f"{path}/gates")
        assert (gates["is_open"], gates["moves"]) == (False, [])
        assert await world.version(path) == version

    async def act(verb: str, body: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = await world.post(f"{path}/{verb}", body, version=await world.version(path))
        return found

    pause = {"happened_on": "2023-02-02", "reason": "示例", "resume_expected_on": "2023-04-01"}
    end = {"happened_on": "2023-02-02", "reason_code": "market", "reason": "示例"}
    for stage in walk(program):
        if stage != "screened":
            await make.move(city, project["id"], stage, "2023-02-02")
        assert (await act("pause", pause))["stage"] == stage
        await stays("project_not_active")
        assert (await act("termination", end))["stage"] == stage
        await stays("project_not_active")
        assert (await act("reinstatement", {"reason": "示例"}))["status"] == "paused"
        back = await act("reactivation", {"happened_on": "2023-02-02"})
        assert (back["stage"], back["status"]) == (stage, "active")
        async with world.database.writing() as session:
            await session.execute(text("UPDATE projects SET status = 'merged'"))
        await stays("project_not_active")
        async with world.database.writing() as session:
            await session.execute(text("UPDATE projects SET status = 'active'"))
    await world.holds()


async def test_a_merged_project_takes_nothing_more(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    async with world.database.writing() as session:
        await session.execute(text("UPDATE projects SET status = 'merged'"))
    path = f"/projects/{project['id']}"
    visit = {"kind": "visit", "on": "2023-02-01", "summary": "示例"}
    for below, body in (("follow-ups", visit), ("evidence", {"kind": "acceptance", "on": "2023-02-01"})):
        answer = await world.send("POST", f"{path}/{below}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "project_ended")
    assert sum(column["count"] for column in (await world.get("/pipeline/board"))["columns"]) == 0


async def test_back_one_stage_and_forward_again(world: World, city: make.City, signed_project: make.Signed) -> None:
    project, deal = signed_project
    path = f"/projects/{project['id']}"
    await make.land(city, project["id"], "2023-03-01")
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 1
    silent = {"to": "signed", "happened_on": "2023-03-02"}
    refused = await world.send("POST", f"{path}/moves", silent, version=await world.version(path))
    assert refused.json()["errors"][0]["pointer"] == "/reason"
    await make.move(city, project["id"], "signed", "2023-03-02", reason="示例")
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 0
    await make.move(city, project["id"], "negotiating", "2023-03-03", reason="示例")
    assert (await world.get(f"/deals/{deal['id']}"))["status"] == "live"
    await make.move(city, project["id"], "landed", "2023-04-10", catch_up=True)
    total = await world.get("/totals/signings", **Q1)
    assert (total["count"], total["same_quarter_landed"]) == (1, 0)


async def test_each_gate_blocks_alone_and_the_list_says_so(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    gates = await world.get(f"{path}/gates", to="signed")
    unmet = [gate["code"] for gate in gates["gates"] if not gate["is_met"] and gate["strictness"] == "block"]
    assert unmet == ["investor_contact", "leader", "team", "plan", "formal_deal", "milestones_planned"]
    body = {"to": "signed", "happened_on": "2023-02-02", "catch_up": True}
    answer = await world.send("POST", f"{path}/moves", body, version=1)
    assert (answer.status_code, [gate["code"] for gate in answer.json()["gates"]]) == (409, unmet)
    forced = {**body, "override": {"gates": unmet, "reason": "示例"}}
    answer = await world.send("POST", f"{path}/moves", forced, version=1)
    assert [gate["code"] for gate in answer.json()["gates"]] == ["formal_deal"]
    await make.make_deal(city, project["id"])
    needless = await world.send("POST", f"{path}/moves", forced, version=1)
    assert needless.json()["errors"][0]["code"] == "needless_override"
    rest = [code for code in unmet if code != "formal_deal"]
    await make.move(
        city, project["id"], "signed", "2023-02-02", catch_up=True, override={"gates": rest, "reason": "示例"}
    )
    assert [move["override"]["gates"] for move in (await world.get(f"{path}/moves"))[1:]] == [rest, rest]


async def test_the_stage_table_is_the_offices_but_for_the_formal_deal(world: World) -> None:
    stages = {stage["code"]: stage for stage in await world.get("/pipeline/stages")}
    body = {"name_zh": "在谈", "name_en": "talks", "limits": [{"kind": "idle", "amount": 10, "unit": "day"}]}
    loosened = {**body, "gates": [{"code": "team", "strictness": "warn"}]}
    path = "/pipeline/stages/negotiating"
    city = await make.make_city(world)
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    moved = await make.move(city, project["id"], "negotiating", "2023-05-20")
    assert moved["due_on"] == "2023-06-19"
    asked = {**loosened, "reason": "示例"}
    await confirmed(world, await world.send("PUT", path, asked, version=stages["negotiating"]["version"]))
    changed = next(stage for stage in await world.get("/pipeline/stages") if stage["code"] == "negotiating")
    assert changed["version"] == 2
    assert [gate["strictness"] for gate in changed["gates"] if gate["code"] == "team"] == ["warn"]
    assert (await world.get(f"/projects/{project['id']}"))["due_on"] == "2023-05-30"
    fixed = {**body, "gates": [{"code": "formal_deal", "strictness": "warn"}]}
    refused = await world.send("PUT", "/pipeline/stages/signed", fixed, version=1)
    assert (refused.status_code, refused.json()["code"]) == (409, "gate_is_fixed")


@pytest.mark.parametrize("becomes", ["before_signed", "terminated"])
@pytest.mark.parametrize("verb", ["termination", "corrections"])
async def test_a_project_that_loses_its_deal(
    world: World, signed_project: make.Signed, becomes: str, verb: str
) -> None:
    project, deal = signed_project
    path = f"/deals/{deal['id']}"
    body: dict[str, Any] = {"reason": "示例"}
    body |= {"effective_on": "2023-04-10"} if verb == "termination" else {"never_a_deal": True}
    alone = await world.send("POST", f"{path}/{verb}", body, version=await world.version(path))
    assert (alone.status_code, alone.json()["code"]) == (409, "project_fate_required")
    fate = {"becomes": becomes} | ({"reason_code": "market"} if becomes == "terminated" else {})
    await world.post(f"{path}/{verb}", {**body, "project": fate}, version=await world.version(path))
    found = await world.get(f"/projects/{project['id']}")
    wanted = ("negotiating", "active") if becomes == "before_signed" else ("signed", "terminated")
    assert (found["stage"], found["status"]) == wanted
    quarter, year = await world.get("/totals/signings", **Q1), await world.get("/totals/signings", **YEAR)
    assert (quarter["count"], year["count"]) == ((1, 0) if verb == "termination" else (0, 0))
    await world.holds()


async def test_a_mistaken_termination_is_undone_with_its_deal(world: World, signed_project: make.Signed) -> None:
    project, deal = signed_project
    path = f"/projects/{project['id']}"
    before = await world.get("/totals/signings", **YEAR)
    end = {"happened_on": "2023-04-10", "reason_code": "market", "reason": "示例"}
    await world.post(f"{path}/termination", end, version=await world.version(path))
    assert (await world.get(f"/deals/{deal['id']}"))["status"] == "terminated"
    await world.post(f"{path}/reinstatement", {"reason": "示例：误终止"}, version=await world.version(path))
    assert (await world.get(path))["status"] == "active"
    assert (await world.get(f"/deals/{deal['id']}"))["status"] == "live"
    after = await world.get("/totals/signings", **YEAR)
    assert without_addresses(after) == without_addresses(before)
    await world.holds()


async def test_a_project_that_ended_with_its_deal_comes_back_with_it(world: World, signed_project: make.Signed) -> None:
    project, deal = signed_project
    path, deal_path = f"/projects/{project['id']}", f"/deals/{deal['id']}"
    before = await world.get("/totals/signings", **YEAR)
    fate = {"becomes": "terminated", "reason_code": "market"}
    end = {"effective_on": "2023-04-10", "reason": "示例", "project": fate}
    await world.post(f"{deal_path}/termination", end, version=await world.version(deal_path))
    assert (await world.get(path))["status"] == "terminated"
    back = await world.post(f"{path}/reinstatement", {"reason": "示例"}, version=await world.version(path))
    assert (back["stage"], back["status"]) == ("signed", "active")
    assert (await world.get(deal_path))["status"] == "live"
    after = await world.get("/totals/signings", **YEAR)
    assert without_addresses(after) == without_addresses(before)
    await world.holds()


async def test_a_move_is_corrected_between_its_neighbours(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, _ = signed_project
    await make.land(city, project["id"], "2023-04-01")
    path = f"/projects/{project['id']}"
    moves = await world.get(f"{path}/moves")
    landed = f"{path}/moves/{moves[-1]['id']}/correction"
    early = {"happened_on": "2023-01-31", "reason": "示例"}
    refused = await world.send("POST", landed, early, version=await world.version(path))
    assert refused.json()["errors"][0]["code"] == "not_between_neighbours"
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 0
    right = {"happened_on": "2023-03-30", "reason": "示例"}
    await world.post(landed, right, version=await world.version(path))
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 1
    first = f"{path}/moves/{moves[1]['id']}/correction"
    withdraw = {"withdraw": True, "reason": "示例"}
    refused = await world.send("POST", first, withdraw, version=await world.version(path))
    assert refused.json()["code"] == "not_the_latest_move"
    await world.post(landed, withdraw, version=await world.version(path))
    assert (await world.get(path))["stage"] == "signed"
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 0


async def test_clocks_stop_while_paused(world: World, city: make.City) -> None:
    project, _ = await make.make_signed(city, signed_on="2023-04-01")
    path = f"/projects/{project['id']}"
    assert (await world.get(path))["due_on"] == "2023-06-30"
    pause = {"happened_on": "2023-04-11", "reason": "示例", "resume_expected_on": "2023-05-01"}
    await world.post(f"{path}/pause", pause, version=await world.version(path))
    assert (await world.get(path))["due_on"] is None
    await world.post(f"{path}/reactivation", {"happened_on": "2023-05-01"}, version=await world.version(path))
    assert (await world.get(path))["due_on"] == "2023-07-20"


async def test_phases_stand_on_their_parents_deal(world: World, city: make.City, signed_project: make.Signed) -> None:
    parent, _ = signed_project
    path = f"/projects/{parent['id']}"
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-10", "continues_parent": True}
    one = await world.post(f"{path}/phases", first, version=await world.version(path))
    assert (one["stage"], one["is_parent"]) == ("signed", False)
    assert (await world.get(f"/projects/{one['id']}/five-ones"))["leader"]["official_id"] == city.officials[0]
    second = {"name": "示例二期", "phase_no": 2, "from_on": "2023-03-01"}
    two = await world.post(f"{path}/phases", second, version=await world.version(path))
    assert two["stage"] == "screened"
    body = {"to": "landed", "happened_on": "2023-03-01"}
    refused = await world.send("POST", f"{path}/moves", body, version=await world.version(path))
    assert (refused.status_code, refused.json()["code"]) == (409, "project_is_parent")
    await make.land(city, one["id"], "2023-03-10")
    shown = await world.get(path)
    assert (shown["stage"], shown["is_parent"], len(shown["phases"])) == ("landed", True, 2)
    total = await world.get("/totals/signings", **Q1)
    assert (total["count"], total["same_quarter_landed"]) == (1, 1)
    cards = await world.get("/pipeline/board/cards", stage="landed")
    assert [card["id"] for card in cards["items"]] == [one["id"]]
    await world.holds()
