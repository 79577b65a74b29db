"""The drafter of a deal has no say in how a source's message changes it: that would decide the deal's fate."""

from typing import Any

import pytest

from app.accounts.roles import Role
from app.core import office
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk
from tests.webhooks.sender import inbox, source, work_off
from tests.webhooks.test_facts import ready, total

pytestmark = pytest.mark.anyio

DRAFTER, OTHER = clerk(Role.bureau, name="drafter"), clerk(Role.bureau, name="other")
AMENDED = {"agreed_amount": "990000000.00", "effective_on": "2023-03-01", "document": "示例补1号"}
ENDED = {"effective_on": "2023-04-01", "reason": "示例"}


async def drafted(world: World, project: dict[str, Any], number: int = 1) -> str:
    """Makes a live deal drafted by one person and approved by another. Returns its id."""
    world.actor = DRAFTER
    draft = {
        "project_id": project["id"],
        "title": "示例协议",
        "agreement_no": f"示例{number}号",
        "signed_on": "2023-02-01",
        "agreed_amount": "500000000.00",
    }
    deal = await world.post("/deals", draft)
    world.actor = OTHER
    await world.act(f"/deals/{deal['id']}", "approval", {})
    world.actor = LOCAL_PERSON
    found: str = deal["id"]
    return found


async def test_the_drafter_does_not_choose_the_deal_a_message_is_about(world: World) -> None:
    city, project = await ready(world)
    deal = await drafted(world, project)
    unsigned = await make.make_project(city)
    sender = await source(world, is_trusted=True, order="arrival")
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None)
    for external_id, type, data in (("D-1", "deal.amended", AMENDED), ("D-2", "deal.terminated", ENDED)):
        await sender.send(type, {"id": external_id, **data})
        await work_off(world)
    amended, ended = await inbox(world)
    assert (amended["state"], ended["state"]) == ("parked", "parked")
    before = await total(world)
    world.actor = DRAFTER
    for message in (amended, ended):
        refused = await world.send("POST", f"/inbox/{message['id']}/link", {"record_id": deal})
        assert (refused.status_code, refused.json()["code"]) == (403, "drafted_by_you"), refused.text
    # A project is no deal, and of a deal that nobody has named yet the drafter of another may say anything.
    other_draft = {"project_id": unsigned["id"], "title": "示例另一份"}
    world.actor = LOCAL_PERSON
    another = (await world.post("/deals", other_draft))["id"]
    world.actor = DRAFTER
    linked = await world.send("POST", f"/inbox/{ended['id']}/link", {"record_id": another})
    assert linked.status_code == 200, linked.text
    await work_off(world)
    world.actor = LOCAL_PERSON
    assert await total(world) == before
    world.actor = OTHER
    await world.post(f"/inbox/{amended['id']}/link", {"record_id": deal}, status=200)
    await work_off(world)
    world.actor = LOCAL_PERSON
    assert (await total(world))[1] == "990000000.00"
    await world.holds()


async def test_nor_whether_it_is_applied(world: World) -> None:
    """Nor may the drafter set a termination aside, retry it alone or among many, or override what is missing."""
    _, project = await ready(world)
    deal = await drafted(world, project)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.amended", {"id": "D-1", "sequence": 1, **AMENDED, "effective_on": "2022-01-01"})
    await work_off(world)
    (refused,) = await inbox(world)
    await world.post(f"/inbox/{refused['id']}/link", {"record_id": deal}, status=200)
    await work_off(world)
    await sender.send("deal.terminated", {"id": "D-1", "sequence": 2, **ENDED})
    await work_off(world)
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None)
    failed, waiting = await inbox(world)
    assert (failed["state"], waiting["state"]) == ("failed", "waiting"), failed
    world.actor = DRAFTER
    for message, verb, body in (
        (failed, "dismissal", {"reason": "示例"}),
        (waiting, "dismissal", {"reason": "示例"}),
        (waiting, "skip", {"reason": "示例"}),
        (failed, "replay", None),
        (waiting, "link", {"record_id": deal}),
    ):
        answer = await world.send("POST", f"/inbox/{message['id']}/{verb}", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "drafted_by_you"), (verb, answer.text)
    assert (await world.send("POST", "/inbox/replay?state=failed")).json() == {"count": 0}
    world.actor = OTHER
    assert (await world.send("POST", "/inbox/replay?state=failed")).json() == {"count": 1}
    await work_off(world)
    await world.post(f"/inbox/{failed['id']}/dismissal", {"reason": "示例"}, status=200)
    await work_off(world)
    world.actor = LOCAL_PERSON
    assert await total(world) == (0, "0.00")
    await world.holds()
