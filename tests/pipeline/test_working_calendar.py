"""The office sets a year's days off; every clock that runs in workdays follows, and nothing else changes."""

from typing import Any

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.core.test_scope import staff
from tests.factories import city as make
from tests.factories.controls import confirmed

pytestmark = pytest.mark.anyio

OFF = {"kind": "off", "name_zh": "示例放假"}


async def put(world: World, year: int, version: int, *days: dict[str, Any], **fields: Any) -> Any:
    body = {"source": "示例通知", "days": list(days), **fields}
    return await world.send("PUT", f"/calendars/{year}", body, version=version)


async def test_clocks_in_workdays_follow(world: World, city: make.City) -> None:
    lead = await make.make_lead(city)
    project, _ = await make.make_signed(city)
    await make.land(city, project["id"], "2023-05-31")
    await make.move(city, project["id"], "preparing", "2023-06-01")
    own = f"/projects/{project['id']}"
    assert (await world.get(own))["due_on"] == "2023-10-12"
    before = await world.get("/calendars/2023")
    assert (before["version"], before["is_provisional"]) == (1, False)
    kept = [day for day in before["days"] if day["day"] < "2023-06-01"]
    version = await world.version(own)
    # Without the days off of summer and autumn, but with Friday the 2nd and the Monday after off.
    asked = await put(world, 2023, 1, *kept, {"day": "2023-06-02", **OFF}, {"day": "2023-06-05", **OFF}, reason="示例")
    assert (await world.get("/calendars/2023"), (await world.get(own))["due_on"]) == (before, "2023-10-12")
    await confirmed(world, asked)
    assert await world.version("/calendars/2023") == 2
    seen = await world.get(f"/leads/{lead['id']}")
    assert (seen["answer_due_on"], seen["assess_due_on"]) == ("2023-06-06", "2023-06-08")
    after = await world.get(own)
    assert (after["due_on"], after["version"]) == ("2023-10-09", version)
    newest = (await world.get(f"{own}/timeline"))["items"][0]
    assert (newest["type"], newest["data"]) == (
        "project.due_on_moved",
        {"changes": {"due_on": ["2023-10-12", "2023-10-09"]}, "by": "calendar"},
    )
    await world.holds()
    await confirmed(world, await put(world, 2023, 2, *before["days"], reason="示例"))
    assert (await world.get(own))["due_on"] == "2023-10-12"
    assert (await world.get("/calendars/2023"))["days"] == before["days"]
    await world.holds()


async def test_a_year_without_a_notice_is_provisional(world: World) -> None:
    early = await world.get("/calendars/1999")
    assert early == {"year": 1999, "version": 0, "source": None, "is_provisional": True, "days": []}
    coming = await world.get("/calendars/2027")
    assert coming["is_provisional"]
    assert {day["kind"] for day in coming["days"]} == {"off"}
    answer = await put(world, 1999, 0, {"day": "1999-10-02", **OFF}, is_provisional=True)  # a Saturday
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert (await put(world, 1999, 0)).status_code == 412
    await confirmed(world, await put(world, 1998, 0, {"day": "1998-10-01", **OFF}, reason="示例"))
    assert (await world.get("/calendars/1998"))["version"] == 1
    assert (await put(world, 2023, 0)).status_code == 412
    await world.holds()


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ([{"day": "2022-12-31", **OFF}], "other_year"),
        ([{"day": "2023-06-22", **OFF}, {"day": "2023-06-22", **OFF}], "repeated_value"),
        ([{"day": "2023-06-21", "kind": "work", "name_zh": "示例"}], "works_anyway"),
    ],
)
async def test_a_calendar_that_cannot_be(world: World, days: list[dict[str, Any]], code: str) -> None:
    body = {"source": "示例通知", "days": days}
    before = await world.get("/calendars/2023")
    await refused(world, "PUT", "/calendars/2023", 422, code, json=body, headers={"If-Match": '"1"'})
    assert await world.get("/calendars/2023") == before


async def test_a_day_off_more_waits_for_another_person(world: World) -> None:
    """It gives everybody more time. One day off less, a worked weekend day or another name takes effect at once."""
    days = (await world.get("/calendars/2023"))["days"]
    worked = next(day for day in days if day["kind"] == "work")
    off = next(day for day in days if day["kind"] == "off" and day["day"] == "2023-06-22")
    others = [day for day in days if day not in (worked, off)]
    looser: tuple[list[dict[str, Any]], ...] = (
        [*days, {"day": "2023-06-02", **OFF}],
        [*others, off],  # the weekend day is no longer worked
        [*others, worked, {"day": "2023-06-02", **OFF}],  # as many days off, other ones
    )
    for wanted in looser:
        unsaid = await put(world, 2023, 1, *wanted)
        assert (unsaid.status_code, unsaid.json()["errors"][0]["code"]) == (422, "reason_required")
        asked = await put(world, 2023, 1, *wanted, reason="示例")
        assert (asked.status_code, asked.json()["confirmed_with"]) == (202, "grant_roles")
        assert (await world.get("/calendars/2023"))["days"] == days
        withdrawn = await world.send("POST", f"/control-changes/{asked.json()['id']}/withdrawal", version=1)
        assert withdrawn.status_code == 200
    tighter: tuple[list[dict[str, Any]], ...] = (
        [*days, {"day": "2023-06-03", **OFF}],
        [*days, {"day": "2023-06-03", "kind": "work", "name_zh": "示例调休"}],
        [*others, worked, {"day": "2023-06-03", "kind": "work", "name_zh": "示例调休"}],
    )
    for version, wanted in enumerate(tighter, 1):
        assert (await put(world, 2023, version, *wanted)).status_code == 200
    asked = await put(world, 2023, 4, *days, reason="示例")
    assert (await put(world, 2023, 4, *tighter[-1], source="示例另一通知")).status_code == 200
    with pytest.raises(AssertionError, match="control_moved"):
        await confirmed(world, asked)
    await world.holds()


async def test_it_wants_the_right_and_the_version(world: World) -> None:
    body = {"source": "示例通知", "days": []}
    assert (await world.send("PUT", "/calendars/2023", body)).status_code == 428
    world.actor = staff(rights=False)
    answer = await world.send("PUT", "/calendars/2023", body, version=1)
    assert (answer.status_code, answer.json()["permission"]) == (403, "edit_calendar")
