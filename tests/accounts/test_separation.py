"""The person who drafted a deal leaves its approval and its end to others, unless the office switches that off."""

from typing import Any

import pytest

from app.accounts.roles import Role
from app.audit.models import SecurityEventType
from app.core import office
from tests.accounts.people import confirm, session_of, sign_in_required, user
from tests.accounts.test_sign_in import events
from tests.conftest import World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def separated(world: World) -> None:
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None)


async def act(world: World, headers: dict[str, str], path: str, body: dict[str, Any]) -> tuple[int, str]:
    """Acts on a record in its current version. Returns status and code."""
    version = (await world.client.get(f"/api/v1{path.rpartition('/')[0]}", headers=headers)).headers["ETag"]
    answer = await world.client.post(f"/api/v1{path}", json=body, headers={**headers, "If-Match": version})
    return answer.status_code, answer.json().get("code", "")


async def test_who_drafts_neither_approves_nor_terminates_nor_overrides(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    await make.add_evidence(city, project["id"], "legality_review", on="2023-01-20")
    await user(world, "drafter", Role.bureau)
    await user(world, "other", Role.bureau)
    await user(world, "editor", Role.bureau)
    drafter, other, editor = [await session_of(world, name) for name in ("drafter", "other", "editor")]
    await separated(world)
    draft = {
        "project_id": project["id"],
        "title": "示例协议",
        "agreement_no": "示例〔2023〕1号",
        "signed_on": "2023-02-01",
        "agreed_amount": "1.00",
    }
    own = (403, "drafted_by_you")
    async with sign_in_required(world):
        deal = (await world.client.post("/api/v1/deals", json=draft, headers=drafter)).json()
        path = f"/deals/{deal['id']}"
        assert await act(world, drafter, f"{path}/approval", {}) == own
        title, headers = {"title": "示例协议（改）"}, {**editor, "If-Match": '"1"'}
        edited = await world.client.patch(f"/api/v1{path}", json=title, headers=headers)
        assert edited.status_code == 200
        assert await act(world, editor, f"{path}/approval", {}) == own
        gates = (await world.client.get(f"/api/v1/projects/{project['id']}/gates", headers=other)).json()["gates"]
        unmet = [gate["code"] for gate in gates if not gate["is_met"] and not gate["is_fixed"]]
        assert unmet
        move = {
            "to": "negotiating",
            "happened_on": "2023-02-01",
            "override": {"gates": unmet, "reason": "示例"},
        }
        assert await act(world, drafter, f"/projects/{project['id']}/moves", move) == own
        assert (await act(world, other, f"/projects/{project['id']}/moves", move))[0] == 201
        assert (await act(world, other, f"{path}/approval", {}))[0] == 200
        amended = {"agreed_amount": "9000000000.00", "effective_on": "2023-03-01", "document": "示例"}
        corrected = {"amount": "9000000000.00", "reason": "示例"}
        for headers in (drafter, editor):
            assert await act(world, headers, f"{path}/amendments", amended) == own
            assert await act(world, headers, f"{path}/corrections", corrected) == own
        ending = {"happened_on": "2023-05-01", "reason": "示例", "reason_code": "market"}
        assert await act(world, drafter, f"/projects/{project['id']}/termination", ending) == own
        assert await act(world, drafter, f"{path}/termination", {"effective_on": "2023-05-01", "reason": "示例"}) == own
        assert (await act(world, other, f"/projects/{project['id']}/termination", ending))[0] in (200, 201)
    await world.holds()


async def test_who_drafts_overrides_no_gate_by_another_program(world: World, city: make.City) -> None:
    """A change of program asks the gates again: those that it overrides are overridden by somebody else."""
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    gates = ["investor_contact", "leader", "plan", "team"]
    override = {"override": {"gates": gates, "reason": "示例"}}
    await world.act(path, "moves", {"to": "negotiating", "happened_on": "2023-02-01", **override})
    await separated(world)
    world.actor = clerk(Role.bureau, name="drafter")
    await world.post("/deals", {"project_id": project["id"], "title": "示例协议"})
    change = {"program": "both", "effective_on": "2023-03-01", "reason": "示例", **override}
    answer = await world.send("POST", f"{path}/program-changes", change, version=await world.version(path))
    assert (answer.status_code, answer.json()["code"]) == (403, "drafted_by_you")
    world.actor = clerk(Role.bureau, name="other")
    await world.act(path, "program-changes", change)
    await world.holds()


async def test_an_office_decides_and_it_is_on_record(world: World) -> None:
    await user(world, "system", Role.system_admin)
    await user(world, "secure", Role.security_admin)
    await user(world, "clerk", Role.bureau)
    system, clerk = await session_of(world, "system"), await session_of(world, "clerk")
    await separated(world)
    client, path = world.client, "/api/v1/office-settings"
    async with sign_in_required(world):
        listed = {item["key"]: item["value"] for item in (await client.get(path, headers=clerk)).json()["items"]}
        assert listed == {"separation": "on", "second_factor": "off", "password_sign_in": "on"}
        assert (await client.put(f"{path}/separation", json={"value": "off"}, headers=clerk)).status_code == 403
        assert (await client.put(f"{path}/separation", json={"value": "maybe"}, headers=system)).status_code == 422
        day = {"value": "2023-01-01"}
        assert (await client.put(f"{path}/business_day", json=day, headers=system)).status_code == 422
        secure = await session_of(world, "secure")
        unsaid = await client.put(f"{path}/separation", json={"value": "off"}, headers=system)
        assert (unsaid.status_code, unsaid.json()["errors"][0]["code"]) == (422, "reason_required")
        asked = await client.put(f"{path}/separation", json={"value": "off", "reason": "示例"}, headers=system)
        assert (await confirm(world, asked, secure)).status_code == 200
        for value in ("off", "on"):
            changed = await client.put(f"{path}/separation", json={"value": value}, headers=system)
            assert changed.json()["value"] == value
    found = await events(world, SecurityEventType.settings_changed)
    assert [event.data["changes"]["value"] for event in found] == [["on", "off"], ["off", "on"]]


@pytest.mark.parametrize("road", ["reinstatement", "withdrawal", "another day", "transfer", "merge"])
async def test_who_drafts_does_not_change_what_a_deal_counts_for_by_way_of_its_project(
    world: World, city: make.City, road: str
) -> None:
    project = await make.make_project(city)
    elsewhere = await make.make_project(city, unit_id=city.districts[1])
    await make.add_evidence(city, project["id"], "legality_review", on="2023-01-20")
    await user(world, "drafter", Role.bureau)
    await user(world, "other", Role.bureau)
    drafter, other = await session_of(world, "drafter"), await session_of(world, "other")
    await separated(world)
    draft = {
        "project_id": project["id"],
        "title": "示例协议",
        "agreement_no": "示例〔2023〕2号",
        "signed_on": "2023-02-01",
        "agreed_amount": "1.00",
    }
    path = f"/projects/{project['id']}"
    async with sign_in_required(world):
        deal = (await world.client.post("/api/v1/deals", json=draft, headers=drafter)).json()
        assert (await act(world, other, f"/deals/{deal['id']}/approval", {}))[0] == 200
        if road not in ("transfer", "merge"):
            ending = {"happened_on": "2023-05-01", "reason": "示例", "reason_code": "market"}
            assert (await act(world, other, f"{path}/termination", ending))[0] in (200, 201)
        moves = (await world.client.get(f"/api/v1{path}/moves", headers=other)).json()
        verb, body = {
            "reinstatement": ("reinstatement", {"reason": "示例"}),
            "withdrawal": (f"moves/{moves[-1]['id']}/correction", {"reason": "示例", "withdraw": True}),
            "another day": (f"moves/{moves[-1]['id']}/correction", {"reason": "示例", "happened_on": "2023-05-02"}),
            "transfer": (
                "transfers",
                {"unit_id": city.districts[1], "ruled_on": "2023-04-01", "document": "示例", "reason": "示例"},
            ),
            "merge": ("merge", {"into_id": elsewhere["id"], "reason": "示例"}),
        }[road]
        for headers, wanted in ((drafter, 403), (other, 201)):
            version = (await world.client.get(f"/api/v1{path}", headers=headers)).headers["ETag"]
            sent = {**headers, "If-Match": version}
            answer = await world.client.post(f"/api/v1{path}/{verb}", json=body, headers=sent)
            assert answer.status_code == wanted, answer.text
            assert wanted == 201 or answer.json()["code"] == "drafted_by_you"
    await world.holds()


async def test_who_drafts_a_framework_deal_leaves_its_fate_to_others_too(world: World, city: make.City) -> None:
    """It is in no total but holds a stage: others decide on its end, and on the project's stage after it."""
    project = await make.make_project(city)
    await make.add_evidence(city, project["id"], "legality_review", on="2023-01-20")
    await separated(world)
    drafter, other = clerk(Role.bureau, name="drafter"), clerk(Role.bureau, name="other")
    path = f"/projects/{project['id']}"
    world.actor = drafter
    draft = {"project_id": project["id"], "kind": "framework", "title": "示例框架协议", "signed_on": "2023-02-01"}
    deal = await world.post("/deals", draft | {"agreement_no": "示例〔2023〕3号", "agreed_amount": "1.00"})

    async def both(record: str, verb: str, body: dict[str, Any]) -> None:
        """Asserts that the drafter is refused and another person succeeds."""
        for actor, wanted in ((drafter, {403}), (other, {200, 201})):
            world.actor = actor
            answer = await world.send("POST", f"{record}/{verb}", body, version=await world.version(record))
            assert answer.status_code in wanted, (verb, answer.text)
            assert actor is other or answer.json()["code"] == "drafted_by_you"

    async def last_move() -> str:
        return f"moves/{(await world.get(f'{path}/moves'))[-1]['id']}/correction"

    await both(f"/deals/{deal['id']}", "approval", {})
    ending = {"happened_on": "2023-05-01", "reason": "示例", "reason_code": "market"}
    await both(path, "termination", ending)
    await both(path, await last_move(), {"reason": "示例", "happened_on": "2023-05-02"})
    assert (await world.get(f"/deals/{deal['id']}"))["ended_on"] == "2023-05-02"
    await both(path, "reinstatement", {"reason": "示例"})
    await both(path, "termination", ending)
    await both(path, await last_move(), {"reason": "示例", "withdraw": True})
    assert (await world.get(f"/deals/{deal['id']}"))["status"] == "live"
    await both(f"/deals/{deal['id']}", "termination", {"effective_on": "2023-05-01", "reason": "示例"})
    await world.holds()


async def test_whoever_merges_enterprises_has_drafted_nothing(world: World, city: make.City) -> None:
    """The merge edits every deal of the merged investor, and chooses nothing of them; an edit by hand does."""
    twin = await make.make_investor(world, credit_code=None)
    deals = []
    for number in (1, 2):
        project = await make.make_project(city, investor_id=twin)
        await make.add_evidence(city, project["id"], "legality_review", on="2023-01-20")
        world.actor = clerk(Role.bureau, name="drafter")
        draft = {
            "project_id": project["id"],
            "title": "示例协议",
            "agreement_no": f"示例〔2023〕{number}号",
            "signed_on": "2023-02-01",
            "agreed_amount": "1.00",
        }
        deals.append((await world.post("/deals", draft))["id"])
    await separated(world)
    world.actor = clerk(Role.bureau, name="other")
    title = {"title": "示例协议（改）"}
    assert (await world.send("PATCH", f"/deals/{deals[1]}", title, version=1)).status_code == 200
    merged = {"into_id": city.investor, "reason": "示例"}
    assert (await world.send("POST", f"/enterprises/{twin}/merge", merged, version=1)).status_code == 201
    for deal, status in zip(deals, (200, 403), strict=True):
        version = await world.version(f"/deals/{deal}")
        answer = await world.send("POST", f"/deals/{deal}/approval", {}, version=version)
        assert answer.status_code == status, answer.text
    world.actor = clerk(Role.bureau, name="drafter")
    version = await world.version(f"/deals/{deals[0]}")
    amended = {"agreed_amount": "9.00", "effective_on": "2023-03-01", "document": "示例"}
    answer = await world.send("POST", f"/deals/{deals[0]}/amendments", amended, version=version)
    assert (answer.status_code, answer.json()["code"]) == (403, "drafted_by_you")
