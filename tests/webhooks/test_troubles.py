"""Failures while messages are applied, and what people do about them: nothing is lost, nothing counts twice."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update

from app.core.ids import new_id
from app.enterprises.models import Enterprise
from app.jobs.models import Job
from app.webhooks.inbound.models import ExternalObject, InboxMessage, InboxState
from tests.conftest import World
from tests.factories import city as make
from tests.factories.controls import confirmed
from tests.webhooks.sender import inbox, last_event, source, states, work_off
from tests.webhooks.test_facts import AMENDED, TERMINATED, moved, ready, signed, total

pytestmark = pytest.mark.anyio

ONE, TWO = make.credit_code(901), make.credit_code(902)


async def person(world: World, inbox_id: str, verb: str, body: Any = None, *, status: int = 200) -> dict[str, Any]:
    """Does an act on a message as a clerk of the bureau. Returns the message."""
    answer = await world.send("POST", f"/inbox/{inbox_id}/{verb}", body)
    assert answer.status_code == status, answer.text
    await work_off(world)
    found: dict[str, Any] = answer.json()
    return found


REASON = {"reason": "示例：已由人工办理"}


async def test_what_is_taken_already_is_refused_and_can_be_replayed(world: World) -> None:
    await world.post("/enterprises", {"name": "示例甲", "credit_code": ONE})
    second = await world.post("/enterprises", {"name": "示例乙"})
    sender = await source(world)
    await sender.send("enterprise.updated", {"id": "E-2", "version": 1, "name": "示例乙"})
    await work_off(world)
    await person(world, (await inbox(world))[0]["id"], "link", {"record_id": second["id"]})
    await sender.send("enterprise.updated", {"id": "E-2", "version": 2, "name": "示例乙二", "credit_code": ONE})
    await work_off(world)
    item = (await inbox(world))[-1]
    assert (item["state"], item["errors"][0]["code"]) == ("failed", "credit_code_taken")
    await person(world, item["id"], "replay")
    assert (await world.get(f"/enterprises/{second['id']}"))["name"] == "示例乙"


async def test_a_name_as_long_as_names_may_be(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world, "示" * 200, is_trusted=True)
    await sender.send("deal.signed", signed(project))
    await moved(sender, project, 1, "很长的阶段名称" * 10, "2023-02-01")
    await work_off(world)
    assert await states(world) == ["applied", "failed"]
    assert await total(world) == (1, "500000000.00")


async def test_nobody_cancels_the_job_of_a_message(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.signed", signed(project))
    (job,) = (await world.get("/jobs", kind="inbox.apply"))["items"]
    refused = await world.send("POST", f"/jobs/{job['id']}/cancellation")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_is_promise")
    await work_off(world)
    assert await total(world) == (1, "500000000.00")


async def test_what_lost_its_job_gets_another_within_hours(world: World) -> None:
    """However that came about: here the rows of jobs are gone."""
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.signed", signed(project))
    async with world.database.writing() as session:
        await session.execute(delete(Job))
    await work_off(world)
    world.clock.moment += timedelta(hours=3)
    await work_off(world)
    assert await states(world) == ["applied"]
    assert await total(world) == (1, "500000000.00")


async def test_a_clerk_was_quicker(world: World) -> None:
    """A message that can never be applied is set aside, and those after it are applied."""
    city, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await make.make_deal(city, project["id"])
    await make.move(city, project["id"], "signed", "2023-02-01")
    await moved(sender, project, 1, "signed", "2023-02-01")
    await moved(sender, project, 2, "landed", "2023-03-01")
    await make.add_evidence(city, project["id"], "local_company", "project_code", "site_secured")
    await work_off(world)
    assert await states(world) == ["failed", "waiting"]
    first, _ = await inbox(world)
    await person(world, first["id"], "dismissal", REASON)
    assert await states(world) == ["dismissed", "applied"]
    assert (await world.get(f"/projects/{project['id']}"))["stage"] == "landed"
    said = await last_event(world, "webhook.dismissed")
    assert said.data["reason"] == REASON["reason"]
    await person(world, (await inbox(world))[1]["id"], "dismissal", REASON, status=409)
    await world.holds()


async def test_set_aside_before_its_turn_it_is_passed_over(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.terminated", {**TERMINATED, "sequence": 4})
    for number in (3, 2):
        await sender.send("deal.amended", {**AMENDED, "sequence": number, "document": f"示例补{number}号"})
    await work_off(world)
    fourth, third, second = await inbox(world)
    assert await states(world) == ["waiting"] * 3
    await person(world, third["id"], "dismissal", REASON)
    await person(world, second["id"], "dismissal", REASON)
    await sender.send("deal.signed", signed(project))
    await work_off(world)
    assert await states(world) == ["applied", "dismissed", "dismissed", "applied"]
    assert fourth["sequence"] == 4
    assert await total(world) == (0, "0.00")
    assert (await world.get("/deals"))["items"][0]["status"] == "terminated"


async def test_numbers_that_never_come_are_skipped_by_a_person_alone(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.signed", signed(project, 3))
    await sender.send("deal.amended", {**AMENDED, "sequence": 6})
    await work_off(world)
    world.clock.moment += timedelta(days=2)
    await work_off(world)
    first, later = await inbox(world)
    assert await states(world) == ["parked", "parked"]
    refused = await person(world, later["id"], "skip", REASON, status=409)
    assert refused["code"] == "earlier_not_settled"
    await person(world, first["id"], "skip", REASON)
    assert await states(world) == ["applied", "parked"]
    await person(world, later["id"], "skip", REASON)
    assert await states(world) == ["applied", "applied"]
    assert await total(world) == (1, "620000000.00")
    progress = {"id": "P-1", "code": project["code"], "version": 1, "on": "2023-02-02", "summary": "示例：进展"}
    await sender.send("project.progress", progress)
    refused = await person(world, (await inbox(world))[-1]["id"], "skip", REASON, status=409)
    assert refused["code"] == "not_to_be_replayed"


async def test_a_source_that_learns_to_number_goes_on(world: World) -> None:
    city, project = await ready(world)
    sender = await source(world, is_trusted=True, order="arrival")
    await sender.send("deal.signed", signed(project))
    await work_off(world)
    await world.send("PATCH", f"/webhook-sources/{sender.id}", {"order": "sequence"}, version=2)
    await sender.send("deal.amended", AMENDED)
    await work_off(world)
    assert await states(world) == ["applied", "applied"]
    assert city.city


@pytest.mark.parametrize("order", ["sequence", "arrival"])
async def test_one_id_is_one_deal(world: World, order: str) -> None:
    city, project = await ready(world)
    other = await make.make_project(city)
    await make.give_five_ones(city, other["id"])
    await make.move(city, other["id"], "negotiating", "2023-01-03")
    await make.add_evidence(city, other["id"], "legality_review", "fair_competition_review")
    sender = await source(world, is_trusted=True, order=order)
    await sender.send("deal.signed", signed(project))
    await sender.send("deal.signed", signed(other, 2))
    await sender.send("deal.signed", signed(project, 2))
    await work_off(world)
    items = await inbox(world)
    assert [item["state"] for item in items] == ["applied", "failed", "failed"]
    assert {item["errors"][0]["code"] for item in items[1:]} == {"already_registered"}
    assert await total(world) == (1, "500000000.00")


async def test_what_the_office_has_already_is_linked_and_not_made_twice(world: World) -> None:
    city, project = await ready(world)
    deal = await make.make_deal(city, project["id"])
    sender = await source(world, is_trusted=True)
    await sender.send("deal.signed", signed(project) | {"project": {"id": "P-77"}})
    await sender.send("deal.amended", AMENDED)
    await work_off(world)
    assert await states(world) == ["parked", "waiting"]
    first, _ = await inbox(world)
    await person(world, first["id"], "link", {"record_id": deal["id"]})
    assert await states(world) == ["applied", "applied"]
    assert (await inbox(world))[0]["changed"] == [{"type": "deal", "id": deal["id"], "instead_of": None}]
    assert await world.count("/deals") == 1
    assert await total(world) == (1, "620000000.00")
    await world.holds()


async def test_a_signing_is_told_which_project_it_means(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.signed", signed(project) | {"project": {"id": "P-77"}})
    await work_off(world)
    (item,) = await inbox(world)
    wrong = await person(world, item["id"], "link", {"record_id": project["id"]}, status=422)
    assert wrong["errors"][0]["code"] == "unknown_record"
    refused = await person(world, item["id"], "link", {"record_id": project["id"], "kind": "lead"}, status=409)
    assert refused["code"] == "no_object"
    await person(world, item["id"], "link", {"record_id": project["id"], "kind": "project"})
    assert await states(world) == ["applied"]
    assert await total(world) == (1, "500000000.00")


async def test_a_wrong_link_is_put_right(world: World) -> None:
    first = await world.post("/enterprises", {"name": "示例甲"})
    second = await world.post("/enterprises", {"name": "示例乙"})
    sender = await source(world)
    await sender.send("enterprise.updated", {"id": "E-1", "version": 1, "name": "示例丙"})
    await work_off(world)
    (item,) = await inbox(world)
    await person(world, item["id"], "link", {"record_id": first["id"]})
    await person(world, item["id"], "link", {"record_id": second["id"]})
    assert await states(world) == ["applied"], "linked anew, and not applied anew"
    await sender.send("enterprise.updated", {"id": "E-1", "version": 2, "name": "示例丁"})
    await work_off(world)
    names = [(await world.get(f"/enterprises/{one['id']}"))["name"] for one in (first, second)]
    assert names == ["示例丙", "示例丁"]


async def test_by_arrival_what_came_later_stands(world: World) -> None:
    """Also where the earlier one is tried again by a person, after the later one was applied."""
    found = await world.post("/enterprises", {"name": "示例甲", "credit_code": ONE})
    sender = await source(world, order="arrival")
    await sender.send("enterprise.updated", {"id": "E-1", "name": "旧名"})
    await work_off(world)
    await sender.send("enterprise.updated", {"id": "E-1", "name": "新名", "credit_code": ONE})
    await work_off(world)
    assert await states(world) == ["parked", "applied"]
    assert (await world.send("POST", "/inbox/replay?state=parked")).json() == {"count": 1}
    await work_off(world)
    assert await states(world) == ["stale", "applied"]
    assert (await world.get(f"/enterprises/{found['id']}"))["name"] == "新名"


async def test_by_arrival_no_fact_overtakes_another(world: World) -> None:
    """The job of the first is put off; the second waits for it."""
    _, project = await ready(world)
    sender = await source(world, is_trusted=True, order="arrival")
    await sender.send("deal.signed", signed(project))
    (job,) = (await world.get("/jobs", kind="inbox.apply"))["items"]
    async with world.database.writing() as session:
        later = world.clock.moment + timedelta(seconds=30)
        await session.execute(update(Job).where(Job.id == UUID(job["id"])).values(run_at=later))
    await sender.send("deal.amended", AMENDED)
    await work_off(world)
    assert await states(world) == ["received", "received"]
    world.clock.moment += timedelta(seconds=31)
    await work_off(world)
    world.clock.moment += timedelta(seconds=31)
    await work_off(world)
    assert await states(world) == ["applied", "applied"]
    assert await total(world) == (1, "620000000.00")


async def test_a_message_of_many_errors_is_kept_short(world: World) -> None:
    sender = await source(world)
    for data in ({str(n): 1 for n in range(85000)}, {"x" * 100000: 1}, {f"{n}~/": 1 for n in range(100)}):
        body = json.dumps({"type": "enterprise.updated", "data": data}).encode()
        assert (await sender.raw(body, sender.signed(body))).status_code == 202
    listed = await world.client.get("/api/v1/inbox")
    assert len(listed.content) < 20_000
    vast, long, many = await inbox(world)
    assert [error["code"] for error in vast["errors"]] == ["too_long"]
    assert max(len(error["pointer"]) for error in long["errors"]) < 200
    assert (len(many["errors"]), many["errors"][-1]["code"]) == (21, "more")
    assert many["errors"][3]["pointer"].startswith("/data/")


async def test_a_source_of_a_district_changes_no_enterprise_of_others(world: World) -> None:
    city, _ = await ready(world)
    before = await world.get(f"/enterprises/{city.investor}")
    elsewhere = await source(world, unit_id=city.districts[1])
    data = {"id": "X", "version": 1, "name": "被改的名字", "credit_code": before["credit_code"]}
    await elsewhere.send("enterprise.updated", data)
    await work_off(world)
    assert await states(world) == ["parked"]
    assert (await world.get(f"/enterprises/{city.investor}"))["name"] == before["name"]
    there = await source(world, "示例平台二", unit_id=city.districts[0])
    await there.send("enterprise.updated", data)
    await there.send("enterprise.updated", {**data, "version": 2, "credit_code": TWO})
    await work_off(world)
    assert await states(world) == ["parked", "applied", "parked"]
    assert (await inbox(world))[-1]["errors"][0]["code"] == "credit_code_differs"
    assert (await world.get(f"/enterprises/{city.investor}"))["credit_code"] == before["credit_code"]


async def test_no_investor_is_matched_by_name(world: World) -> None:
    city, _ = await ready(world)
    investor = await world.get(f"/enterprises/{city.investor}")
    unit = await world.get(f"/units/{city.districts[0]}")
    sender = await source(world)
    data = {"sequence": 1, "channel": "walk_in", "unit": unit["code"]}
    await sender.send("lead.registered", {**data, "id": "L-1", "name": "示例线索甲", "investor_name": investor["name"]})
    more = {"investor_credit_code": investor["credit_code"]}
    await sender.send("lead.registered", {**data, "id": "L-2", "name": "示例线索乙", **more})
    await work_off(world)
    assert await states(world) == ["applied", "applied"]
    by_name, by_code = [await world.get(f"/leads/{item['changed'][0]['id']}") for item in await inbox(world)]
    assert (by_name["investor_id"], by_code["investor_id"]) == (None, city.investor)
    assert investor["name"] in by_name["description"]


async def test_thousands_that_wait_are_parked_some_at_a_time(world: World) -> None:
    sender = await source(world)
    await sender.send("deal.amended", {**AMENDED, "sequence": 2})
    await work_off(world)
    async with world.database.writing() as session:
        (first,) = await session.scalars(select(InboxMessage))
        row = {column.name: getattr(first, column.name) for column in InboxMessage.__table__.columns}
        rows = [
            {**row, "id": new_id(), "message_id": f"m{number}", "sequence": number, "state": InboxState.waiting}
            for number in range(3, 1003)
        ]
        await session.execute(insert(InboxMessage), rows)
    world.clock.moment += timedelta(hours=30)
    await work_off(world)
    counts = (await world.get("/inbox"))["counts"]
    assert counts == {"parked": 1001}
    assert {item["errors"][0]["en"] for item in await inbox(world, limit=200)} == {"Numbers missing before it: 1."}


async def test_many_that_fail_again_keep_no_other_from_being_replayed(world: World) -> None:
    sender = await source(world, order="arrival")
    for number in range(3):
        await sender.send("enterprise.updated", {"id": f"E-{number}", "name": f"示例{number}"})
        await work_off(world)
    third = (await inbox(world))[-1]
    found = await world.post("/enterprises", {"name": "示例", "credit_code": ONE})
    async with world.database.writing() as session:
        named = update(ExternalObject).where(ExternalObject.external_id == "E-2")
        await session.execute(named.values(record_id=UUID(found["id"])))
    for _ in range(3):
        assert (await world.send("POST", "/inbox/replay?state=parked&limit=1")).json() == {"count": 1}
        await work_off(world)
    assert (await world.get(f"/inbox/{third['id']}"))["state"] == "applied"


async def test_what_is_wrong_around_the_data_is_looked_at_again(world: World) -> None:
    sender = await source(world)
    for body in (b'{"data": {}}', b'{"specversion": "0.3", "type": "enterprise.updated", "data": {}}'):
        kind = "application/cloudevents+json" if b"specversion" in body else "application/json; profile=x"
        assert (await sender.raw(body, {**sender.signed(body), "Content-Type": kind})).status_code == 202
    before = await inbox(world)
    for item in before:
        await person(world, item["id"], "replay")
    after = await inbox(world)
    assert [(item["state"], item["errors"]) for item in after] == [("failed", item["errors"]) for item in before]


async def test_what_a_source_sent_before_it_was_switched_off_is_left_to_people(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.signed", signed(project))
    await world.send("PATCH", f"/webhook-sources/{sender.id}", {"is_active": False}, version=2)
    await work_off(world)
    (item,) = await inbox(world)
    assert (item["state"], item["errors"][0]["code"]) == ("parked", "source_off")
    assert await total(world) == (0, "0.00")
    on = {"is_active": True, "reason": "示例"}
    await confirmed(world, await world.send("PATCH", f"/webhook-sources/{sender.id}", on, version=3))
    await person(world, item["id"], "replay")
    assert await total(world) == (1, "500000000.00")


async def test_funds_are_checked_and_kept(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world)
    data = {"id": "F-1", "sequence": 1, "project": {"code": project["code"]}, "arrived_on": "2023-03-20"}
    await sender.send("funds.arrived", {**data, "amount": "50000000.00"})
    await sender.send("funds.arrived", {**data, "amount": "-1"})
    await work_off(world)
    kept, wrong = await inbox(world)
    assert (kept["state"], kept["errors"][0]["code"], kept["external_id"]) == ("ignored", "kept", "F-1")
    assert (wrong["state"], wrong["errors"][0]["pointer"]) == ("failed", "/data/amount")
    await person(world, kept["id"], "replay")
    assert await states(world) == ["ignored", "failed"]
    assert (await world.get("/inbox"))["counts"] == {"ignored": 1, "failed": 1}


async def test_what_was_done_with_years_ago_is_forgotten(world: World) -> None:
    await world.post("/enterprises", {"name": "示例甲", "credit_code": ONE})
    sender = await source(world)
    await sender.send("enterprise.updated", {"id": "E-1", "version": 1, "name": "示例乙", "credit_code": ONE})
    await sender.send("enterprise.updated", {"id": "E-2", "version": 1, "name": "示例丙"})
    await work_off(world)
    world.clock.moment += timedelta(days=3 * 366 + 2)
    await work_off(world)
    assert await states(world) == ["parked"]
    async with world.database.reading() as session:
        assert await session.scalar(select(Enterprise.name)) == "示例乙"


async def test_one_of_two_that_bear_a_number_is_set_aside(world: World) -> None:
    """The other is not the worse for it, whether it has been looked at or not."""
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    wrong = signed(project) | {"project": {"code": "没有"}}
    await sender.send("deal.signed", wrong)
    await work_off(world)
    (first,) = await inbox(world)
    await sender.send("deal.signed", signed(project))
    assert (await world.send("POST", f"/inbox/{first['id']}/dismissal", REASON)).status_code == 200
    await work_off(world)
    assert await states(world) == ["dismissed", "applied"]
    assert await total(world) == (1, "500000000.00")
    # The same where both have been looked at.
    for document in ("示例补1号", "示例补2号"):
        await sender.send("deal.amended", {**AMENDED, "document": document, "effective_on": "2022-12-01"})
    await sender.send("deal.terminated", TERMINATED)
    await work_off(world)
    _, _, one, two, ended = await inbox(world)
    assert (one["state"], two["state"], ended["state"]) == ("failed", "failed", "waiting")
    await person(world, one["id"], "dismissal", REASON)
    assert (await world.get(f"/inbox/{ended['id']}"))["state"] == "waiting", "the other may yet be applied"
    await person(world, two["id"], "dismissal", REASON)
    assert await total(world) == (0, "0.00")


async def test_a_link_that_was_made_late_hides_no_second_signing(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=True, order="arrival")
    await sender.send("deal.signed", signed(project))
    await work_off(world)
    (item,) = await inbox(world)
    await person(world, item["id"], "link", {"record_id": item["changed"][0]["id"]})
    await sender.send("deal.signed", signed(project) | {"agreement_no": "示例2号"})
    await work_off(world)
    last = (await inbox(world))[-1]
    assert (last["state"], last["errors"][0]["code"]) == ("failed", "already_registered")


async def test_parking_comes_to_an_end(world: World) -> None:
    """Behind one that is left to a person wait more than one look takes: they wait on, and nothing is done in vain."""
    sender = await source(world)
    await sender.send("deal.signed", signed({"code": "没有"}))
    await sender.send("deal.amended", AMENDED)
    await work_off(world)
    async with world.database.writing() as session:
        second = (await session.scalars(select(InboxMessage).where(InboxMessage.sequence == 2))).one()
        row = {column.name: getattr(second, column.name) for column in InboxMessage.__table__.columns}
        rows = [{**row, "id": new_id(), "message_id": f"m{number}", "sequence": number} for number in range(3, 503)]
        await session.execute(insert(InboxMessage), rows)
    world.clock.moment += timedelta(hours=30)
    await work_off(world)
    assert (await world.get("/inbox"))["counts"] == {"parked": 1, "waiting": 501}
    jobs = (await world.get("/jobs"))["counts"]
    assert jobs["done"] < 30
    assert set(jobs) == {"done"}
