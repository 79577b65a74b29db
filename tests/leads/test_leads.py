"""A lead is registered between two phone calls, answered and assessed in time; who reported it first never changes."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.accounts.roles import Role
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_bad_input import refused
from tests.core.test_scope import staff
from tests.factories import city as make
from tests.factories.controls import confirmed
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def test_two_fields_and_a_unit_are_enough(world: World, city: make.City) -> None:
    lead = await world.post("/leads", {"name": "示例", "channel": "walk_in", "first_unit_id": city.districts[0]})
    assert (lead["code"], lead["status"], lead["program"]) == ("L2023-00001", "registered", "promotion")
    assert (lead["reported_on"], lead["reported_by"]) == ("2023-06-01", LOCAL_PERSON.name)
    assert lead["reported_at"].startswith("2023-06-01T02:00:00")
    assert (lead["project_id"], lead["assessments"]) == (None, [])
    assert (lead.pop("warnings"), lead.pop("investor_taken")) == ([], None)
    read = await world.get(f"/leads/{lead['id']}")
    assert read.pop("may")
    assert read == lead


async def test_who_registers_a_lead_handles_it_until_the_answer_names_another(world: World, city: make.City) -> None:
    official = city.officials[3]
    world.actor = clerk(Role.bureau, official=official)
    body = {"channel": "walk_in", "first_unit_id": city.districts[0], "duplicate_ruling": "示例"}
    own = await world.post("/leads", {**body, "name": "示例：甲"})
    given = await world.post("/leads", {**body, "name": "示例：乙", "unit_id": city.districts[1]})
    assert ((own["handler"] or {}).get("id"), given["handler"]) == (official, None)
    mine = (await world.get("/me/tasks"))["items"]
    assert {(item["kind"], item["subject"]["id"]) for item in mine} == {("answer", own["id"]), ("assess", own["id"])}
    path = f"/leads/{own['id']}"
    answered = await world.act(path, "answer", {"on": "2023-06-01", "note": "示例"})
    assert answered["handler_id"] == official, "unless another is named"
    world.actor = LOCAL_PERSON
    assert (await world.post("/leads", {**body, "name": "示例：丙"}))["handler"] is None
    await world.holds()


@pytest.mark.parametrize(
    ("today", "answer", "assess"),
    [
        ((2023, 6, 1), "2023-06-02", "2023-06-06"),  # Thursday: Friday, and the Tuesday after
        ((2023, 6, 21), "2023-06-25", "2023-06-27"),  # before 端午: the Sunday after it is worked
        ((2023, 6, 3), "2023-06-05", "2023-06-07"),  # a Saturday counts from Monday
    ],
)
async def test_clocks_run_in_workdays(
    world: World, city: make.City, today: tuple[int, int, int], answer: str, assess: str
) -> None:
    world.clock.set(*today)
    lead = await make.make_lead(city)
    assert (lead["answer_due_on"], lead["assess_due_on"], lead["due_on"]) == (answer, assess, answer)
    await world.holds()


async def test_who_reported_first_and_when_cannot_be_edited(world: World, city: make.City) -> None:
    path = f"/leads/{(await make.make_lead(city))['id']}"
    lead = await world.get(path)
    for field, value in (("first_unit_id", city.districts[1]), ("reported_at", "2023-01-01T00:00:00Z")):
        answer = await world.send("PATCH", path, {field: value}, version=1)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    other = UUID(city.districts[1]).hex if world.database.is_sqlite else city.districts[1]
    for change in (f"first_unit_id = '{other}'", "reported_at = '2023-01-01'", "reported_on = '2023-01-01'"):
        with pytest.raises(IntegrityError, match="append-only"):
            async with world.database.writing() as session:
                await session.execute(text(f"UPDATE leads SET {change}"))
    assert await world.get(path) == lead


async def test_what_is_late_is_seen_until_it_is_done(world: World, city: make.City) -> None:
    lead = await make.make_lead(city)
    path = f"/leads/{lead['id']}"

    async def overdue() -> list[str]:
        found = [item["id"] for item in (await world.get("/leads", is_overdue=True))["items"]]
        others = [item["id"] for item in (await world.get("/leads", is_overdue=False))["items"]]
        assert sorted(found + others) == [lead["id"]]
        assert (await world.get(path))["is_overdue"] == bool(found)
        return found

    assert await overdue() == []
    world.clock.set(2023, 6, 5)
    assert await overdue() == [lead["id"]]
    answered = await world.act(path, "answer", {"on": "2023-06-05", "note": "示例", "handler_id": city.officials[0]})
    assert (answered["answered_on"], answered["due_on"]) == ("2023-06-05", "2023-06-06")
    assert await overdue() == []
    world.clock.set(2023, 6, 7)
    assert await overdue() == [lead["id"]]
    await world.act(path, "assessments", {"outcome": "follow_up", "on": "2023-06-07"})
    assert await overdue() == []
    again = await world.send("POST", f"{path}/answer", {"on": "2023-06-07", "note": "示例"}, version=3)
    assert (again.status_code, again.json()["code"]) == (409, "answered_already")
    await world.holds()


async def test_assessments_stay_and_the_last_one_holds(world: World, city: make.City) -> None:
    path = f"/leads/{(await make.make_lead(city))['id']}"
    for outcome in ("reserve", "decline"):
        answer = await world.send("POST", f"{path}/assessments", {"outcome": outcome, "on": "2023-06-01"}, version=1)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reason")
    await world.act(path, "assessments", {"outcome": "reserve", "on": "2023-06-01", "reason": "示例：待选址"})
    world.clock.set(2023, 9, 1)
    lead = await world.act(path, "assessments", {"outcome": "follow_up", "on": "2023-09-01"})
    assert (lead["status"], lead["assessed_on"]) == ("follow_up", "2023-06-01")
    assert [(row["outcome"], row["on"], row["reason"]) for row in lead["assessments"]] == [
        ("follow_up", "2023-09-01", None),
        ("reserve", "2023-06-01", "示例：待选址"),
    ]
    types = [event["type"] for event in (await world.get(f"{path}/timeline"))["items"]]
    assert types == ["lead.assessed", "lead.assessed", "lead.registered"]
    for day in ("2023-05-31", "2023-09-02"):
        answer = await world.send("POST", f"{path}/assessments", {"outcome": "follow_up", "on": day}, version=3)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/on")
    await world.holds()


async def test_an_investor_by_name_is_registered_once(world: World, city: make.City) -> None:
    names = ["示例新材料（抚顺）有限公司", "示例新材料(抚顺)有限公司 "]
    leads = [await make.make_lead(city, investor_id=None, investor_name=name) for name in names]
    assert leads[0]["investor_id"] == leads[1]["investor_id"] is not None
    assert [lead["investor_taken"]["is_new"] for lead in leads] == [True, False]
    assert leads[1]["investor_taken"]["name"] == names[0]
    found = (await world.get("/enterprises", q="示例新材料"))["items"]
    assert [enterprise["id"] for enterprise in found] == [leads[0]["investor_id"]]
    twin = await make.make_investor(world, name=names[0], twin_ruling="示例：另一家")
    body = {"name": "示例", "channel": "online", "first_unit_id": city.districts[0], "investor_name": names[0]}
    answer = await refused(world, "POST", "/leads", 422, "ambiguous_name", json=body)
    assert answer["errors"][0]["pointer"] == "/investor_name"
    assert [one["id"] for one in answer["candidates"]] == [leads[0]["investor_id"], twin]
    await refused(world, "POST", "/leads", 422, "either_or", json={**body, "investor_id": city.investor})


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"estimate_from": "1.00"}, "/estimate_to", "missing"),
        ({"estimate_to": "1.00"}, "/estimate_from", "missing"),
        ({"estimate_from": "2.00", "estimate_to": "1.00"}, "/estimate_to", "range_descends"),
        ({"referrer_id": "01890000-0000-7000-8000-000000000001"}, "/referrer_id", "unknown_referrer"),
        ({"investor_id": "01890000-0000-7000-8000-000000000001"}, "/investor_id", "unknown_enterprise"),
        ({"first_unit_id": "01890000-0000-7000-8000-000000000001"}, "/first_unit_id", "unknown_unit"),
        ({"task_force_id": "01890000-0000-7000-8000-000000000001"}, "/task_force_id", "unknown_task_force"),
        ({"industry_code": "9999"}, "/industry_code", "unknown_industry"),
        ({"land_area": "-1"}, "/land_area", "decimal_text"),
        ({"energy_use": 5}, "/energy_use", "decimal_text"),
        ({"channel": "hearsay"}, "/channel", "enum"),
        ({"name": " "}, "/name", "string_too_short"),
    ],
)
async def test_bad_fields_are_named(
    world: World, city: make.City, fields: dict[str, Any], pointer: str, code: str
) -> None:
    body = {"name": "示例", "channel": "walk_in", "first_unit_id": city.districts[0], **fields}
    answer = await refused(world, "POST", "/leads", 422, code, json=body)
    assert answer["errors"][0]["pointer"] == pointer
    assert await world.count("/leads") == 0


async def test_a_range_and_a_value(world: World, city: make.City) -> None:
    lead = await make.make_lead(city, estimate_from="300000000.00", estimate_to="500000000.00")
    assert (lead["estimate_from"], lead["estimate_to"]) == ("300000000.00", "500000000.00")
    body = {"estimate_from": "400000000.00", "estimate_to": "400000000.00"}
    answer = await world.send("PATCH", f"/leads/{lead['id']}", body, version=1)
    assert answer.json()["estimate_from"] == answer.json()["estimate_to"] == "400000000.00"


async def test_edits_want_the_version(world: World, city: make.City) -> None:
    path = f"/leads/{(await make.make_lead(city))['id']}"
    assert (await world.send("PATCH", path, {"name": "示例改"})).status_code == 428
    assert (await world.send("PATCH", path, {"name": "示例改"}, version=7)).status_code == 412
    answer = await world.send("PATCH", path, {"name": "示例改"}, version=1)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert (await world.get("/leads", q="slg"))["items"][0]["name"] == "示例改"


async def test_contacts_are_masked_and_stay_out_of_the_log(world: World, city: make.City) -> None:
    lead = await make.make_lead(city)
    path = f"/leads/{lead['id']}"
    world.actor = staff(units=[city.districts[0]])
    kept = await world.post(f"{path}/contacts", make.CONTACT)
    assert (kept["phone_masked"], kept.pop("warnings")) == ("138****1234", [])
    assert await world.get(f"{path}/contacts") == [kept]
    said = {"kind": "talk", "with_investor": True, "on": "2023-06-01", "summary": "示例：张某某来访"}
    row = await world.post(f"{path}/follow-ups", said)
    assert (await world.get(f"{path}/follow-ups"))["items"] == [row]
    log = (await world.client.get(f"/api/v1{path}/timeline")).text
    assert "张某某" not in log
    assert "lead.follow_up_added" in log
    world.actor = LOCAL_PERSON
    nobody = await make.make_lead(city, investor_id=None)
    answer = await world.send("POST", f"/leads/{nobody['id']}/contacts", make.CONTACT)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_investor")


async def test_leads_are_seen_by_who_reported_and_who_deals_with_them(world: World, city: make.City) -> None:
    here, there = city.districts
    lead = await make.make_lead(city, first_unit_id=here, unit_id=there, task_force_id=city.task_forces[0])
    path = f"/leads/{lead['id']}"
    await world.act(path, "answer", {"on": "2023-06-01", "note": "示例", "handler_id": city.officials[0]})
    seeing = [staff(units=[here]), staff(units=[there]), staff(task_forces=city.task_forces[:1])]
    for actor in (*seeing, staff(official=city.officials[0])):
        world.actor = actor
        assert await world.count("/leads") == 1
        assert (await world.get(path))["id"] == lead["id"]
    for actor in (staff(), staff(task_forces=city.task_forces[1:]), staff(official=city.officials[1])):
        world.actor = actor
        assert await world.count("/leads") == 0
        assert (await world.send("GET", path)).status_code == 404
    world.actor = staff(units=[here])
    foreign = {"name": "示例", "channel": "walk_in", "first_unit_id": there}
    assert (await world.send("POST", "/leads", foreign)).json()["code"] == "place_out_of_scope"
    named = await world.send("PATCH", path, {"name": "示例改名"}, version=2)
    assert (named.status_code, named.json()["code"]) == (403, "owner_decides")
    world.actor = staff(units=[there], rights=False)
    for change, permission in (({"task_force_id": None}, "transfer"), ({"unit_id": here}, "transfer")):
        away = await world.send("PATCH", path, change, version=2)
        assert (away.status_code, away.json()["permission"]) == (403, permission), away.text
    world.actor = staff(units=[there], task_forces=city.task_forces[:1], rights=False)
    mine = await world.send("PATCH", path, {"task_force_id": None}, version=2)
    assert mine.status_code == 200
    away = await world.send("PATCH", path, {"unit_id": here}, version=3)
    assert (away.status_code, away.json()["code"]) == (403, "place_out_of_scope")


async def test_an_office_sets_its_own_clocks(world: World, city: make.City) -> None:
    waiting, done = await make.make_lead(city), await make.make_lead(city)
    await world.act(f"/leads/{done['id']}", "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    clocks = await world.get("/lead-clocks")
    assert [(clock["code"], clock["amount"], clock["unit"]) for clock in clocks] == [
        ("answer", 1, "workday"),
        ("assess", 3, "workday"),
        ("first_talk", 90, "day"),
        ("first_talk_idle", 30, "day"),
    ]
    body = {"amount": 5, "source": "示例：本局办法"}
    await confirmed(world, await world.send("PUT", "/lead-clocks/assess", {**body, "reason": "示例"}, version=1))
    assert (await world.get(f"/leads/{waiting['id']}"))["assess_due_on"] == "2023-06-08"
    assert (await world.get(f"/leads/{done['id']}"))["assess_due_on"] == "2023-06-06"
    assert (await world.send("PUT", "/lead-clocks/assess", body, version=1)).status_code == 412
    await world.holds()
    world.actor = staff(units=[city.city], rights=False)
    assert (await world.send("PUT", "/lead-clocks/assess", body, version=2)).status_code == 403


async def test_referrers_are_records(world: World, city: make.City) -> None:
    official = await world.post("/referrers", {"kind": "official", "official_id": city.officials[0]})
    assert official["name"] == "示例干部0"
    enterprise = await world.post("/referrers", {"kind": "enterprise", "enterprise_id": city.investor})
    assert enterprise["name"].startswith("示例企业")
    adviser = await world.post("/referrers", {"kind": "adviser", "name": "示例顾问", "appointment_no": "示例1号"})
    for body, code in (
        ({"kind": "official", "name": "示例"}, "missing"),
        ({"kind": "adviser", "name": "示例", "official_id": city.officials[0]}, "not_of_this_kind"),
        ({"kind": "chamber"}, "missing"),
    ):
        await refused(world, "POST", "/referrers", 422, code, json=body)
    await refused(
        world, "POST", "/referrers", 409, "referrer_taken", json={"kind": "official", "official_id": city.officials[0]}
    )
    path = f"/referrers/{official['id']}"
    answer = await world.send("PATCH", path, {"name": "示例"}, version=1)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/name")
    renamed = await world.send("PATCH", f"/referrers/{adviser['id']}", {"name": "示例新顾问"}, version=1)
    assert renamed.json()["version"] == 2
    assert [item["name"] for item in (await world.get("/referrers", kind="adviser"))["items"]] == ["示例新顾问"]
    lead = await make.make_lead(city, channel="adviser", referrer_id=adviser["id"])
    await make.make_lead(city)
    found = await world.get("/leads", referrer_id=adviser["id"])
    assert [item["id"] for item in found["items"]] == [lead["id"]]


async def test_lists_are_sorted_and_filtered(world: World, city: make.City) -> None:
    first = await make.make_lead(city, name="示例乙", channel="event", occasion="示例推介会")
    world.clock.set(2023, 6, 2)
    second = await make.make_lead(city, name="示例甲", first_unit_id=city.districts[1], unit_id=None)
    await world.act(f"/leads/{second['id']}", "answer", {"on": "2023-06-02", "note": "示例"})
    await world.act(f"/leads/{second['id']}", "assessments", {"outcome": "decline", "on": "2023-06-02", "reason": "例"})
    ids = {"first": first["id"], "second": second["id"]}

    async def asked(**query: Any) -> list[str]:
        found = (await world.get("/leads", **query))["items"]
        return [name for item in found for name, value in ids.items() if value == item["id"]]

    assert await asked() == ["second", "first"]
    for sort, expected in (
        ("reported_at", ["first", "second"]),
        ("name", ["second", "first"]),
        ("-name", ["first", "second"]),
        ("due_on", ["first", "second"]),
        ("-updated_at", ["second", "first"]),
    ):
        assert await asked(sort=sort) == expected
        pages = await world.get("/leads", sort=sort, limit=1)
        rest = await world.get("/leads", sort=sort, limit=1, cursor=pages["next_cursor"])
        assert [pages["items"][0]["id"], rest["items"][0]["id"]] == [ids[name] for name in expected]
    for query, expected in (
        ({"status": "decline"}, ["second"]),
        ({"channel": "event"}, ["first"]),
        ({"unit_id": city.city}, ["first"]),
        ({"first_unit_id": city.districts[1]}, ["second"]),
        ({"first_unit_id": city.city}, ["second", "first"]),
        ({"q": first["code"].lower()}, ["first"]),
    ):
        assert await asked(**query) == expected


async def test_nobody_takes_a_lead_from_whoever_deals_with_it(world: World, city: make.City) -> None:
    here, there = city.districts
    common = city.task_forces[0]
    lead = await make.make_lead(city, first_unit_id=here, unit_id=there)
    path = f"/leads/{lead['id']}"
    await world.act(path, "answer", {"on": "2023-06-01", "note": "示例", "handler_id": city.officials[0]})
    for actor, edit in (
        (staff(units=[here], rights=False), {"unit_id": here}),
        (staff(units=[here], rights=False), {"unit_id": None}),
        (staff(official=city.officials[0], rights=False), {"unit_id": None}),
    ):
        world.actor = actor
        answer = await world.send("PATCH", path, edit, version=2)
        assert (answer.status_code, answer.json()["permission"]) == (403, "transfer")
    # Nor is a lead put into a place, or reported in the name of a unit, where one has no say.
    world.actor = staff(units=[here], task_forces=[common], rights=False)
    for placed in ({"first_unit_id": here, "unit_id": there}, {"first_unit_id": there, "task_force_id": common}):
        answer = await world.send("POST", "/leads", {"name": "示例", "channel": "walk_in", **placed})
        assert (answer.status_code, answer.json()["code"]) == (403, "place_out_of_scope")
    world.actor = LOCAL_PERSON
    assert (await world.get(path))["unit_id"] == there


async def test_a_later_assessment_is_not_dated_before_an_earlier(world: World, city: make.City) -> None:
    path = f"/leads/{(await make.make_lead(city))['id']}"
    world.clock.set(2023, 7, 15)
    await world.act(path, "assessments", {"outcome": "reserve", "on": "2023-07-15", "reason": "示例"})
    body = {"outcome": "follow_up", "on": "2023-07-14"}
    answer = await world.send("POST", f"{path}/assessments", body, version=2)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "before_last_assessment")


async def test_a_contact_is_shown_while_it_may_be_kept_and_is_the_investors(world: World, city: make.City) -> None:
    lead = await make.make_lead(city)
    path = f"/leads/{lead['id']}"
    await world.post(f"{path}/contacts", {**make.CONTACT, "keep_until": "2023-06-30"})
    assert len(await world.get(f"{path}/contacts")) == 1
    await world.send("PATCH", path, {"investor_id": city.investor}, version=1)
    assert await world.get(f"{path}/contacts") == []
    await world.send("PATCH", path, {"investor_id": lead["investor_id"]}, version=2)
    assert len(await world.get(f"{path}/contacts")) == 1
    world.clock.set(2023, 7, 1)
    assert await world.get(f"{path}/contacts") == []


async def test_an_edit_checks_what_it_changes(world: World, city: make.City) -> None:
    """A unit closed since does not keep its lead from being edited."""
    unit = await make.make_unit(world, "示例园区", city.city, kind="zone")
    lead = await make.make_lead(city, unit_id=unit)
    closed = await world.send("PATCH", f"/units/{unit}", {"closed_on": "2023-05-31"}, version=1)
    assert closed.status_code == 200, closed.text
    answer = await world.send("PATCH", f"/leads/{lead['id']}", {"occasion": "示例"}, version=1)
    assert answer.status_code == 200, answer.text


async def test_a_referrer_bears_the_name_of_the_record_it_is(world: World, city: make.City) -> None:
    referrer = await world.post("/referrers", {"kind": "enterprise", "enterprise_id": city.investor})
    await world.send("PATCH", f"/enterprises/{city.investor}", {"name": "示例新名称有限公司"}, version=1)
    assert (await world.get(f"/referrers/{referrer['id']}"))["name"] == "示例新名称有限公司"
    assert (await world.get("/referrers"))["items"][0]["name"] == "示例新名称有限公司"


async def test_a_name_that_grows_when_it_is_compared(city: make.City) -> None:
    """NFKC makes four characters of this one; the column takes as many as a name has."""
    lead = await make.make_lead(city, name="㍿" * 200)
    assert len(lead["name"]) == 200
