"""A drafter submits a draft, whoever may approve it approves or returns it; an edit takes the submission back."""

import pytest

from app.accounts.roles import Role
from app.core import office
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio

DRAFTER = clerk(Role.bureau, name="drafter")
OTHER = clerk(Role.bureau, name="other")
EDITED = {"title": "示例协议（改）"}


async def separated(world: World) -> None:
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None)


async def drafted(world: World, city: make.City) -> str:
    """Returns the path of a draft made by the drafter while the office separates duties."""
    project = await make.make_project(city)
    await separated(world)
    world.actor = DRAFTER
    deal = await world.post("/deals", {"project_id": project["id"], "title": "示例协议"})
    assert (deal["submitted_at"], deal["submitted_by"], deal["return_reason"]) == (None, None, None)
    return f"/deals/{deal['id']}"


async def refused(world: World, path: str, verb: str, body: object = None) -> tuple[int, str]:
    answer = await world.send("POST", f"{path}/{verb}", body, version=await world.version(path))
    return answer.status_code, answer.json()["code"]


async def test_a_draft_is_submitted_returned_edited_and_submitted_again(world: World, city: make.City) -> None:
    path = await drafted(world, city)
    world.actor = OTHER
    assert await refused(world, path, "submission") == (403, "not_the_drafter")
    assert await refused(world, path, "return", {"reason": "示例"}) == (409, "not_submitted")
    world.actor = DRAFTER
    submitted = await world.act(path, "submission", None)
    assert submitted["submitted_by"] == "drafter"
    named = [submitted[f"{name}_by_name"] for name in ("drafted", "submitted", "approved", "trust_confirmed")]
    assert named == [DRAFTER.name, DRAFTER.name, None, None]
    assert submitted["submitted_at"] is not None
    assert await refused(world, path, "submission") == (409, "submitted")
    assert await refused(world, path, "return", {"reason": "示例"}) == (403, "drafted_by_you")
    world.actor = OTHER
    returned = await world.act(path, "return", {"reason": "示例：缺附件"})
    assert (returned["submitted_at"], returned["return_reason"]) == (None, "示例：缺附件")
    assert (await world.get("/deals"))["items"][0]["is_returned"]
    edited = await world.send("PATCH", path, EDITED, version=returned["version"])
    assert edited.json()["return_reason"] == "示例：缺附件"
    again = await world.act(path, "submission", None)  # whoever edited the draft is a drafter too
    assert (again["submitted_by"], again["return_reason"]) == ("other", None)
    (row,) = (await world.get("/deals"))["items"]
    assert (again["submitted_by_name"], row["drafted_by_name"]) == (OTHER.name, DRAFTER.name)
    assert not row["is_returned"]
    assert await refused(world, path, "return", {"reason": "示例"}) == (403, "drafted_by_you")
    world.actor = LOCAL_PERSON
    timeline = (await world.get(f"/projects/{again['project_id']}/timeline"))["items"]
    said = [(event["type"], event["data"].get("reason")) for event in timeline if event["type"].startswith("deal.")]
    assert said == [
        ("deal.submitted", None),
        ("deal.updated", None),
        ("deal.returned", "示例：缺附件"),
        ("deal.submitted", None),
        ("deal.drafted", None),
    ]
    await world.holds()


async def test_an_edit_takes_the_submission_back_and_an_empty_one_does_not(world: World, city: make.City) -> None:
    path = await drafted(world, city)
    submitted = await world.act(path, "submission", None)
    same = await world.send("PATCH", path, {"title": submitted["title"]}, version=submitted["version"])
    assert same.json()["submitted_at"] == submitted["submitted_at"]
    edited = await world.send("PATCH", path, EDITED, version=submitted["version"])
    assert (edited.json()["submitted_at"], edited.json()["submitted_by"]) == (None, None)
    world.actor = LOCAL_PERSON
    last = (await world.get(f"/projects/{edited.json()['project_id']}/timeline"))["items"][0]
    assert sorted(last["data"]["changes"]) == ["submitted_at", "title"]
    await world.holds()


async def test_an_approval_wants_no_submission_and_keeps_one(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    live = await make.make_deal(city, project["id"])
    assert (live["status"], live["submitted_at"]) == ("live", None)
    assert await refused(world, f"/deals/{live['id']}", "submission") == (409, "not_a_draft")
    other = await make.make_project(city)
    await make.add_evidence(city, other["id"], "legality_review", "fair_competition_review")
    body = {"title": "示例", "agreement_no": "示例送审1号", "signed_on": "2023-02-01", "agreed_amount": "1.00"}
    draft = await world.post("/deals", {"project_id": other["id"], **body})
    path = f"/deals/{draft['id']}"
    submitted = await world.act(path, "submission", None)
    approved = await world.act(path, "approval", {})
    assert (approved["status"], approved["submitted_at"]) == ("live", submitted["submitted_at"])
    await world.holds()


async def test_a_draft_of_an_ended_project_is_not_submitted(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    draft = await world.post("/deals", {"project_id": project["id"], "title": "示例协议"})
    end = {"happened_on": "2023-04-10", "reason_code": "market", "reason": "示例"}
    await world.act(f"/projects/{project['id']}", "termination", end)
    path = f"/deals/{draft['id']}"
    assert await refused(world, path, "submission") == (409, "project_ended")


async def test_sending_the_same_amount_again_takes_nothing_back(world: World, city: make.City) -> None:
    path = await drafted(world, city)
    money = {"agreed_amount": "700.00"}
    changed = await world.send("PATCH", path, money, version=await world.version(path))
    submitted = await world.act(path, "submission", None)
    again = await world.send("PATCH", path, {**money, "title": changed.json()["title"]}, version=submitted["version"])
    assert (again.status_code, again.json()["version"]) == (200, submitted["version"])
    assert again.json()["submitted_at"] == submitted["submitted_at"]


async def test_a_draft_of_an_ended_project_waits_for_nobody(world: World, city: make.City) -> None:
    path = await drafted(world, city)
    deal = await world.act(path, "submission", None)
    world.actor = OTHER
    assert [row["id"] for row in (await world.get("/deals", approvable="true"))["items"]] == [deal["id"]]
    world.actor = LOCAL_PERSON
    ended = {"happened_on": "2023-03-01", "reason": "示例", "reason_code": "other"}
    await world.act(f"/projects/{deal['project_id']}", "termination", ended)
    world.actor = OTHER
    assert (await world.get("/deals", approvable="true"))["items"] == []
    assert [row["id"] for row in (await world.get("/deals", approvable="false"))["items"]] == [deal["id"]]
