"""The powers of a source are requested by one person and confirmed by another, and deals it approves are marked."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from app.accounts.roles import Role
from app.deals.models import Deal
from app.webhooks.inbound.models import WebhookSource
from tests.accounts.people import confirm as confirm_as
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.controls import ANOTHER, confirm, confirmed
from tests.webhooks.sender import Sender, inbox, someone_waits, source, states, work_off
from tests.webhooks.test_facts import AMENDED, ready, signed, total

pytestmark = pytest.mark.anyio


async def test_one_administrator_signs_nothing_through_a_source(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    await make.add_evidence(city, project["id"], "legality_review", on="2023-01-20")
    await user(world, "system", Role.system_admin)
    system = await session_of(world, "system")
    async with sign_in_required(world):
        wanted = {"name": "来源", "order": "arrival", "is_trusted": True}
        made = (await world.client.post("/api/v1/webhook-sources", json=wanted, headers=system)).json()
        own = Sender(world, made["id"], made["secret"])
        signing = {
            "id": "D-1",
            "project": {"code": project["code"]},
            "title": "示例",
            "agreement_no": "示例1号",
            "signed_on": "2023-03-30",
            "agreed_amount": "99900000000.00",
        }
        assert (await own.send("deal.signed", signing)).status_code == 202
        follow_up = {"id": "P-1", "code": project["code"], "kind": "visit", "on": "2023-03-30", "summary": "示例"}
        assert (await own.send("project.progress", follow_up)).status_code == 202
        listed = (await world.client.get("/api/v1/webhook-sources", headers=system)).json()["items"]
        assert [(one["is_trusted"], one["wants_trust"], one["confirmed_since"]) for one in listed] == [
            (False, True, None)
        ]
    await work_off(world)
    assert (await world.get("/totals/signings", **{"from": "2023-01-01", "to": "2023-06-01"}))["count"] == 0
    assert (await world.get("/deals"))["items"] == []
    assert (await world.get(f"/projects/{project['id']}/follow-ups"))["items"] == []
    assert [item["errors"][0]["code"] for item in await inbox(world)] == ["source_unconfirmed"] * 2
    # After the confirmation earlier messages stay unapplied: they were signed with a secret that one person held.
    await confirm(world, made["pending_change_id"])
    for item in await inbox(world):
        await world.post(f"/inbox/{item['id']}/replay", None, status=200)
    await work_off(world)
    assert {item["state"] for item in await inbox(world)} == {"failed"}
    assert (await world.get("/deals"))["items"] == []
    assert (await own.send("deal.signed", signing)).status_code == 401, "the first part alone opens nothing any more"
    await world.holds()


async def test_who_may_confirm_is_who_may_approve_deals(world: World) -> None:
    for name, role in (("system", Role.system_admin), ("secure", Role.security_admin), ("bureau", Role.bureau)):
        await user(world, name, role)
    system, secure, bureau = [await session_of(world, name) for name in ("system", "secure", "bureau")]
    async with sign_in_required(world):
        wanted = {"name": "来源", "is_trusted": True}
        made = await world.client.post("/api/v1/webhook-sources", json=wanted, headers=system)
        path = f"/api/v1/control-changes/{made.json()['pending_change_id']}"
        asked = await world.client.get(path, headers=bureau)
        assert (await confirm_as(world, asked, system)).status_code == 403
        assert (await confirm_as(world, asked, secure)).json()["permission"] == "approve_deals"
        done = await confirm_as(world, asked, bureau)
        assert done.status_code == 200
        assert len(done.json()["secret"]) == 32
        read = await world.client.get(f"/api/v1/webhook-sources/{made.json()['id']}", headers=system)
        assert (read.json()["is_trusted"], read.json()["confirmed_by_name"]) == (True, "示例人员")
        assert done.json()["secret"] not in read.text + (await world.client.get(path, headers=system)).text
    await world.holds()


def _counted(part: dict[str, Any]) -> tuple[int, str]:
    return part["count"], part["amount"]


async def test_what_a_source_approves_bears_a_mark(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.signed", signed(project))
    await work_off(world)
    (deal,) = (await world.get("/deals", is_approved_at_source=True))["items"]
    assert (await world.get("/deals", is_approved_at_source=False))["items"] == []
    read = await world.get(f"/deals/{deal['id']}")
    assert (read["is_approved_at_source"], read["trust_confirmed_by"], read["is_single_person"]) == (
        True,
        ANOTHER.id,
        False,
    )
    approved = next(
        event
        for event in (await world.get(f"/projects/{project['id']}/timeline"))["items"]
        if event["type"] == "deal.approved"
    )
    assert approved["data"]["approved_at_source"] == {"source_id": sender.id, "trust_confirmed_by": ANOTHER.id}
    known_at = (await world.get("/totals/overview", period="2023Q1"))["known_at"]
    await sender.send("deal.amended", AMENDED)
    await work_off(world)
    signings = (await world.get("/totals/overview", period="2023Q1"))["signings"]
    assert _counted(signings["approved_at_source"]) == (1, "620000000.00")
    assert _counted(signings["single_person"]) == (0, "0.00")
    before = (await world.get("/totals/overview", period="2023Q1", known_at=known_at))["signings"]
    assert _counted(before["approved_at_source"]) == (1, "500000000.00")
    other = (await world.get("/totals/overview", period="2023Q2"))["signings"]
    assert other["approved_at_source"]["count"] == 0
    await world.holds()


async def test_what_a_source_approved_before_anybody_confirmed_it_counts_as_one_persons(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.signed", signed(project))
    await work_off(world)
    async with world.database.writing() as session:
        await session.execute(update(Deal).values(trust_confirmed_by=None))
    signings = (await world.get("/totals/overview", period="2023Q1"))["signings"]
    assert signings["approved_at_source"]["count"] == signings["single_person"]["count"] == 1


async def test_widening_waits_and_narrowing_is_at_once(world: World, city: make.City) -> None:
    own = city.districts[0]
    town = await make.make_unit(world, "示例镇", own)
    sender = await source(world, unit_id=own, networks=["127.0.0.0/8"], units={"甲": "A"}, stages={"谈": "negotiating"})
    path = f"/webhook-sources/{sender.id}"
    before = await world.get(path)
    wider: tuple[dict[str, Any], ...] = (
        {"is_trusted": True},
        {"unit_id": None},
        {"unit_id": city.districts[1]},
        {"networks": []},
        {"networks": ["127.0.0.0/8", "192.0.2.0/24"]},
        {"networks": ["::1/128"]},
        {"units": {"甲": "B"}},
        {"stages": {"谈": "started"}},
        {"is_active": False, "stages": {"谈": "negotiating", "签": "signed"}},
    )
    for body in wider:
        unsaid = await world.send("PATCH", path, body, version=2)
        assert (unsaid.status_code, unsaid.json()["errors"][0]["code"]) == (422, "reason_required"), body
        asked = await world.send("PATCH", path, {**body, "reason": "示例"}, version=2)
        assert asked.status_code == 202, body
        now = await world.get(path)
        assert now["pending_change_id"] == asked.json()["id"]
        assert {**now, "pending_change_id": None, "wants_trust": False} == before, body
        taken_back = await world.send("POST", f"/control-changes/{asked.json()['id']}/withdrawal", version=1)
        assert taken_back.status_code == 200
    narrower: tuple[dict[str, Any], ...] = (
        {"unit_id": town, "networks": ["127.0.0.1/32"]},
        {"units": {}, "stages": {}},
        {"is_active": False, "name": "示例平台（停用）"},
    )
    for version, narrow in enumerate(narrower, 2):
        assert (await world.send("PATCH", path, narrow, version=version)).status_code == 200, narrow
    await world.holds()


async def test_a_name_that_is_a_code_itself_is_not_let_go_by_one(world: World, city: make.City) -> None:
    """Without its mapping such a name means the unit or stage with that code: messages would go elsewhere."""
    first, second = [(await world.get(f"/units/{unit}"))["code"] for unit in city.districts]
    mapped: dict[str, Any] = {
        "units": {first: second, "甲": first, "乙": second},
        "stages": {"landed": "negotiating", "谈": "signed"},
    }
    sender = await source(world, **mapped)
    path = f"/webhook-sources/{sender.id}"
    kept_units, kept_stages = dict(mapped["units"]), dict(mapped["stages"])
    del kept_units[first], kept_stages["landed"]
    fewer: tuple[dict[str, Any], ...] = (
        {"units": kept_units},
        {"stages": kept_stages},
        {"units": {}},
        {"stages": {}},
    )
    for body in fewer:
        asked = await world.send("PATCH", path, {**body, "reason": "示例"}, version=2)
        assert asked.status_code == 202, body
        await world.send("POST", f"/control-changes/{asked.json()['id']}/withdrawal", version=1)
    # A name that is no code means nothing any more: that is narrower.
    for version, name in enumerate(("甲", "乙"), 2):
        del mapped["units"][name]
        narrowed = await world.send("PATCH", path, {"units": mapped["units"]}, version=version)
        assert narrowed.status_code == 200, narrowed.text
    del mapped["stages"]["谈"]
    assert (await world.send("PATCH", path, {"stages": mapped["stages"]}, version=4)).status_code == 200
    await world.holds()


async def test_both_parts_of_a_secret_reach_no_single_person(world: World) -> None:
    """Even where the person shown the first part is not the last to ask, and has another role when confirming."""
    one, two, three = [replace(LOCAL_PERSON, id=name, name=name) for name in ("one", "two", "three")]
    for number, (adder, verb) in enumerate(((one, "edit"), (two, "rotate"))):
        world.actor = adder
        made = await world.post("/webhook-sources", {"name": f"来源{number}", "is_trusted": True})
        path = f"/webhook-sources/{made['id']}"
        world.actor = two if verb == "edit" else one
        if verb == "edit":  # the first part is the first person's, the request the second's
            edited = await world.send("PATCH", path, {"name": f"来源{number}改"}, version=1)
        else:  # the other way round
            edited = await world.send("POST", f"{path}/secret", version=1)
        change = edited.json()["pending_change_id"]
        confirmation = f"/control-changes/{change}/confirmation"
        for who in (one, two):
            world.actor = who
            refused = await world.send("POST", confirmation, {}, version=1)
            assert refused.status_code == 403, (verb, who.id, refused.text)
            assert refused.json()["code"] in ("asked_by_you", "first_part_is_yours")
        world.actor = three
        done = await world.send("POST", confirmation, {}, version=1)
        assert (done.status_code, len(done.json()["secret"])) == (200, 32), done.text
    world.actor = LOCAL_PERSON
    await world.holds()


async def test_a_new_secret_is_in_nobodys_hand(world: World) -> None:
    """A person who set up a source cannot rotate its secret to sign in its name."""
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    rotated = await world.post(f"/webhook-sources/{sender.id}/secret", None, version=2)
    mine = Sender(world, sender.id, rotated["secret"])
    assert (await mine.send("deal.signed", signed(project))).status_code == 401
    assert (await sender.send("deal.signed", signed(project))).status_code == 202
    await work_off(world)
    assert await total(world) == (1, "500000000.00")
    again = await world.post(f"/webhook-sources/{sender.id}/secret", None, version=3)
    assert again["pending_change_id"] != rotated["pending_change_id"]
    await mine.confirmed(again["pending_change_id"])
    assert (await mine.send("deal.amended", AMENDED)).status_code == 401, "the parts of two secrets make none"
    await world.holds()


async def test_a_source_that_nobody_confirmed_is_edited_at_once(world: World, city: make.City) -> None:
    """It has no powers yet: the waiting request follows the edit."""
    made = await world.post("/webhook-sources", {"name": "来源", "is_trusted": True})
    path = f"/webhook-sources/{made['id']}"
    edited = await world.send("PATCH", path, {"unit_id": city.districts[0]}, version=1)
    assert (edited.status_code, edited.json()["wants_trust"]) == (200, True)
    stale = await world.send("POST", f"/control-changes/{made['pending_change_id']}/confirmation", {}, version=1)
    assert stale.status_code == 412
    await confirm(world, edited.json()["pending_change_id"])
    read = await world.get(path)
    assert (read["is_trusted"], read["unit_id"]) == (True, city.districts[0])
    assert (await world.send("DELETE", path, version=3)).status_code == 204
    await world.holds()


async def test_a_source_of_one_piece_is_rotated_before_it_is_trusted(world: World) -> None:
    """As sources are that were there before anybody had to confirm them."""
    sender = await source(world)
    async with world.database.writing() as session:
        await session.execute(update(WebhookSource).values(is_secret_split=False, confirmed_by=None))
    asked = await world.send(
        "PATCH", f"/webhook-sources/{sender.id}", {"is_trusted": True, "reason": "示例"}, version=2
    )
    with pytest.raises(AssertionError, match="rotate_first"):
        await confirmed(world, asked)
    rotated = await world.post(f"/webhook-sources/{sender.id}/secret", None, version=2)
    await confirm(world, next(change["id"] for change in await waiting(world) if change["kind"] == "webhook_secret"))
    await confirmed(world, asked)
    assert (await world.get(f"/webhook-sources/{sender.id}"))["is_trusted"]
    assert rotated["wants_trust"]


APART = [timedelta(days=-1), timedelta(days=1)]


@pytest.mark.parametrize("apart", APART)
async def test_what_comes_after_the_confirmation_is_acted_on_whatever_the_clocks_say(
    world: World, apart: timedelta
) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    world.clock.moment += apart
    await sender.send("deal.signed", signed(project))
    await work_off(world)
    assert await states(world) == ["applied"]
    assert await total(world) == (1, "500000000.00")
    await world.holds()


@pytest.mark.parametrize("apart", APART)
async def test_what_came_before_the_confirmation_is_not_acted_on_whatever_the_clocks_say(
    world: World, apart: timedelta
) -> None:
    _, project = await ready(world)
    made = await world.post("/webhook-sources", {"name": "来源", "is_trusted": True})
    sender = Sender(world, made["id"], made["secret"])
    await sender.send("deal.signed", signed(project))
    world.clock.moment += apart
    await sender.confirmed(made["pending_change_id"])
    await work_off(world)
    if apart < timedelta(0):  # the job is of a day that has not come by this clock
        await world.post(f"/inbox/{(await inbox(world))[0]['id']}/replay", None, status=200)
        await work_off(world)
    (item,) = await inbox(world)
    assert (item["state"], item["errors"][0]["code"]) == ("failed", "source_unconfirmed")
    assert await total(world) == (0, "0.00")
    await world.holds()


@pytest.mark.postgresql_only
async def test_who_has_one_part_cannot_slip_in_with_the_confirmation(world: World) -> None:
    """Proved by one part, and kept when the other person has just confirmed."""
    _, project = await ready(world)
    made = await world.post("/webhook-sources", {"name": "来源", "is_trusted": True})
    mine = Sender(world, made["id"], made["secret"])
    async with world.database.writing() as session:
        await session.execute(text("LOCK TABLE webhook_inbox IN EXCLUSIVE MODE"))
        sending = asyncio.ensure_future(mine.send("deal.signed", signed(project)))
        await someone_waits(world)
        await confirm(world, made["pending_change_id"])
    assert (await sending).status_code == 202
    await work_off(world)
    assert [item["errors"][0]["code"] for item in await inbox(world)] == ["source_unconfirmed"]
    assert await total(world) == (0, "0.00")


async def _edit(world: World, sender: Sender, **body: Any) -> None:
    """Edits a source; another person confirms what widens its powers."""
    path = f"/webhook-sources/{sender.id}"
    version = await world.version(path)
    answer = await world.send("PATCH", path, {**body, "reason": "示例"}, version=version)
    if answer.status_code == 202:
        await confirmed(world, answer)
    else:
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("at_first", "meanwhile", "count"),
    [
        pytest.param(True, [{"is_trusted": False}], 0, id="withdrawn"),
        pytest.param(True, [{"is_trusted": False}, {"is_trusted": True}], 0, id="withdrawn, and confirmed anew"),
        pytest.param(True, [{"is_active": False}, {"is_active": True}], 1, id="off, and on again"),
        pytest.param(False, [{"is_trusted": True}], 0, id="confirmed later"),
        pytest.param(True, [{"units": {"甲": "210404"}}, {"name": "示例平台二"}], 1, id="trusted throughout"),
    ],
)
async def test_a_message_is_approved_under_the_trust_it_came_under_alone(
    world: World, at_first: bool, meanwhile: list[dict[str, Any]], count: int
) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=at_first)
    await sender.send("deal.signed", signed(project, investor_credit_code=make.credit_code(77)))
    await work_off(world)
    assert [item["errors"][0]["code"] for item in await inbox(world)] == ["unmatched"]
    await make.make_investor(world, name="示例：另一投资方", credit_code=make.credit_code(77))
    for body in meanwhile:
        await _edit(world, sender, **body)
    await world.post(f"/inbox/{(await inbox(world))[0]['id']}/replay", None, status=200)
    await work_off(world)
    assert await states(world) == ["applied"]
    (deal,) = (await world.get("/deals"))["items"]
    assert (deal["status"], deal["is_approved_at_source"]) == (("live", True) if count else ("draft", False))
    assert (await total(world))[0] == count
    await world.holds()


async def test_a_secret_that_one_person_was_given_ends_with_its_successor(world: World) -> None:
    """Such secrets exist from before confirmation was required. They end at once, else their holder could sign for
    another day."""
    _, project = await ready(world)
    old = await source(world)
    async with world.database.writing() as session:
        await session.execute(update(WebhookSource).values(is_secret_split=False, confirmed_by=None))
    rotated = await world.post(f"/webhook-sources/{old.id}/secret", None, version=2)
    new = Sender(world, old.id, rotated["secret"])
    await new.confirmed(rotated["pending_change_id"])
    await _edit(world, new, is_trusted=True)
    assert (await old.send("deal.signed", signed(project))).status_code == 401
    assert (await new.send("deal.signed", signed(project))).status_code == 202


async def waiting(world: World) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await world.get("/control-changes", state="pending"))["items"]
    return items
