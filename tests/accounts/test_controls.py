"""A change that loosens a control is requested in person by one, and confirmed by another."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.accounts.models import TokenScope
from app.accounts.roles import Role
from app.audit.models import SecurityEventType
from app.core import office
from tests.accounts.people import session_of, sign_in_required, token, user
from tests.accounts.test_sign_in import events
from tests.conftest import World
from tests.factories import city as make
from tests.factories.controls import confirmed
from tests.webhooks.sender import work_off

pytestmark = pytest.mark.anyio

SEPARATION = "/api/v1/office-settings/separation"


async def separated(world: World) -> None:
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None)


async def value_of(world: World, headers: dict[str, str], key: str = "separation") -> str:
    items = (await world.client.get("/api/v1/office-settings", headers=headers)).json()["items"]
    return next(str(item["value"]) for item in items if item["key"] == key)


async def act(world: World, headers: dict[str, str], asked: httpx.Response, verb: str, body: Any = None) -> Any:
    """Acts on a requested change. Returns status and body."""
    path = f"/api/v1/control-changes/{asked.json()['id']}/{verb}"
    answer = await world.client.post(path, json=body, headers={**headers, "If-Match": '"1"'})
    return answer.status_code, answer.json()


async def stage(world: World, code: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = await world.get("/pipeline/stages")
    return next(row for row in rows if row["code"] == code)


async def set_stage(world: World, code: str, **changed: Any) -> httpx.Response:
    """Edits a stage, changing only what is named."""
    now = await stage(world, code)
    limits = [{name: limit[name] for name in ("kind", "amount", "unit")} for limit in now["limits"]]
    body = {"name_zh": now["name_zh"], "name_en": now["name_en"], "limits": limits}
    return await world.send("PUT", f"/pipeline/stages/{code}", {**body, **changed}, version=now["version"])


async def off_days(world: World, period: str, **more: Any) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (await world.get("/totals/overview", period=period, **more))["separation_off"]
    return found


async def test_one_administrator_alone_loosens_nothing(world: World) -> None:
    await user(world, "system", Role.system_admin)
    await separated(world)
    signed_in = await session_of(world, "system")
    key = await token(world, "system", TokenScope.admin)
    body = {"value": "off", "reason": "示例：试运行"}
    async with sign_in_required(world):
        answer = await world.client.put(SEPARATION, json=body, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (403, "in_person")
        answer = await world.client.put(SEPARATION, json=body, headers=signed_in)
        assert answer.status_code == 202, answer.text
        assert await value_of(world, signed_in) == "on"


async def test_no_token_moves_a_control(world: World) -> None:
    """Nor the days off that clocks go by, nor when the nightly deletion of personal data is due."""
    await work_off(world)  # schedules are there
    await user(world, "system", Role.system_admin)
    await user(world, "bureau", Role.bureau)
    holidays = {"source": "示例", "days": [{"day": "2023-06-05", "kind": "off", "name_zh": "示例"}], "reason": "示例"}
    rarely = {"cron": "0 0 29 2 *", "is_active": False, "reason": "示例"}
    clock = {"amount": 900, "source": "示例", "reason": "示例"}
    limits = {"name_zh": "落地", "name_en": "landed", "limits": [], "reason": "示例"}
    asked: list[tuple[str, str, dict[str, Any], int]] = [
        ("system", "/calendars/2023", holidays, 202),
        ("bureau", "/calendars/2023", holidays, 409),
        ("system", "/job-schedules/contacts.erase_expired", rarely, 202),
        ("system", "/lead-clocks/assess", clock, 202),
        ("system", "/pipeline/stages/landed", limits, 202),
    ]
    for name, path, body, status in asked:
        key, signed_in = await token(world, name), await session_of(world, name)
        async with sign_in_required(world):
            for headers, wanted in ((key, 403), (signed_in, status)):
                named = {**headers, "If-Match": '"1"'}
                answer = await world.client.put(f"/api/v1{path}", json=body, headers=named)
                assert answer.status_code == wanted, (name, path, answer.text)
                assert wanted != 403 or answer.json()["code"] == "in_person"
    await world.holds()


async def test_two_people_loosen_and_one_tightens(world: World) -> None:
    for name, role in (("system", Role.system_admin), ("secure", Role.security_admin), ("clerk", Role.bureau)):
        await user(world, name, role)
    await separated(world)
    system, secure, clerk = [await session_of(world, name) for name in ("system", "secure", "clerk")]
    body = {"value": "off", "reason": "示例：试运行"}
    async with sign_in_required(world):
        asked = await world.client.put(SEPARATION, json=body, headers=system)
        assert asked.headers["Location"] == f"/api/v1/control-changes/{asked.json()['id']}"
        for headers, code in ((system, "forbidden"), (clerk, "forbidden")):
            status, told = await act(world, headers, asked, "confirmation", {})
            assert (status, told["code"]) == (403, code), told
        again = await world.client.put(SEPARATION, json=body, headers=system)
        assert (again.status_code, again.json()["code"]) == (409, "change_pending")
        status, told = await act(world, secure, asked, "confirmation", {})
        assert (status, told["state"], told["settled_by_name"], told["secret"]) == (200, "confirmed", "示例人员", None)
        assert await value_of(world, clerk) == "off"
        status, told = await act(world, secure, asked, "confirmation", {})
        assert status == 412
        tightened = await world.client.put(SEPARATION, json={"value": "on"}, headers=system)
        assert (tightened.status_code, await value_of(world, clerk)) == (200, "on")
        timeline = await world.client.get(f"{asked.headers['Location']}/timeline", headers=secure)
        assert [event["type"] for event in timeline.json()["items"]] == [
            "control_change.confirmed",
            "control_change.asked",
        ]
    assert len(await events(world, SecurityEventType.control_asked)) == 1
    assert len(await events(world, SecurityEventType.control_confirmed)) == 1
    await world.holds()


async def test_nobody_confirms_what_they_asked_for(world: World) -> None:
    """Not even a person who holds both rights."""
    await separated(world)
    asked = await world.send("PUT", "/office-settings/separation", {"value": "off", "reason": "示例"})
    status, told = await act(world, {}, asked, "confirmation", {})
    assert (status, told["code"]) == (403, "asked_by_you")


async def as_user(world: World, headers: dict[str, str], name: str) -> tuple[str, dict[str, Any]]:
    """Returns path and record of a user, as an administrator reads it."""
    users = (await world.client.get("/api/v1/users", headers=headers)).json()["items"]
    found = next(one for one in users if one["name"] == name)
    return f"/api/v1/users/{found['id']}", found


@pytest.mark.parametrize("how", ["lock", "no role", "another role", "span", "lock and unlock", "role and back"])
async def test_what_somebody_asked_for_ends_with_their_right_to_ask(world: World, how: str) -> None:
    """Even if the right is granted again: the change must be requested again."""
    for name, role in (("system", Role.system_admin), ("boss", Role.system_admin), ("secure", Role.security_admin)):
        await user(world, name, role)
    await separated(world)
    system, boss, secure = [await session_of(world, name) for name in ("system", "boss", "secure")]
    async with sign_in_required(world):
        asked = await world.client.put(SEPARATION, json={"value": "off", "reason": "示例"}, headers=system)

        async def change(headers: dict[str, str], method: str, verb: str, body: Any = None) -> None:
            path, found = await as_user(world, boss, "system")
            sent = {**headers, "If-Match": f'"{found["version"]}"'}
            answer = await world.client.request(method, f"{path}{verb}", json=body, headers=sent)
            assert answer.status_code == 200, answer.text

        roles: dict[str, list[str]] = {"no role": [], "another role": ["auditor"], "role and back": []}
        if how.startswith("lock"):
            await change(boss, "POST", "/lock")
        elif how in roles:
            await change(secure, "PUT", "/roles", {"roles": roles[how]})
        else:
            await change(boss, "PATCH", "", {"active_from": "2023-01-01", "active_until": "2023-05-31"})
        if how == "lock and unlock":
            await change(boss, "POST", "/unlock")
        if how == "role and back":
            await change(secure, "PUT", "/roles", {"roles": ["system_admin"]})
        status, told = await act(world, secure, asked, "confirmation", {})
        assert (status, await value_of(world, secure)) == (412, "on"), told
        read = (await world.client.get(f"/api/v1/control-changes/{asked.json()['id']}", headers=secure)).json()
        assert (read["state"], read["settled_reason"].split(" / ")[0]) == ("withdrawn", "提出人的账号或权限已停用")
        anew = await world.client.put(SEPARATION, json={"value": "off", "reason": "示例"}, headers=boss)
        assert anew.status_code == 202
        assert (await act(world, secure, anew, "confirmation", {}))[0] == 200
    await world.holds()


async def test_who_is_out_of_their_time_has_asked_for_nothing(world: World) -> None:
    """Nobody did anything to the account: its days are over."""
    await user(world, "system", Role.system_admin, active_until="2023-06-02")
    await user(world, "secure", Role.security_admin)
    await separated(world)
    async with sign_in_required(world):
        system = await session_of(world, "system")
        asked = await world.client.put(SEPARATION, json={"value": "off", "reason": "示例"}, headers=system)
        world.clock.set(2023, 6, 3)
        secure = await session_of(world, "secure")
        status, told = await act(world, secure, asked, "confirmation", {})
        assert (status, told["code"], await value_of(world, secure)) == (409, "asker_gone", "on")
        assert (await act(world, secure, asked, "refusal", {"reason": "示例"}))[0] == 200


async def test_what_a_clerk_asked_for_ends_when_another_changes_the_account(world: World, city: make.City) -> None:
    """The user of the account may now be another person; the right of the confirming person is checked as well."""
    await user(world, "clerk", Role.bureau, unit_id=city.city)
    for name, role in (("system", Role.system_admin), ("secure", Role.security_admin), ("other", Role.bureau)):
        await user(world, name, role)
    first, second = city.districts
    async with sign_in_required(world):
        clerk, system, secure, other = [
            await session_of(world, name) for name in ("clerk", "system", "secure", "other")
        ]
        body = {"parent_id": first, "valid_from": "2023-01-01", "reason": "示例"}
        asked = await world.client.post(
            f"/api/v1/units/{second}/parents", json=body, headers={**clerk, "If-Match": '"1"'}
        )
        assert asked.status_code == 202
        for headers in (system, other):
            assert (await act(world, headers, asked, "confirmation", {}))[0] == 403
        path, found = await as_user(world, system, "clerk")
        moved = await world.client.patch(
            path, json={"unit_id": first}, headers={**system, "If-Match": f'"{found["version"]}"'}
        )
        assert moved.json()["suspended_roles"] == ["bureau"]
        assert (await act(world, secure, asked, "confirmation", {}))[0] == 412
        read = (await world.client.get(f"/api/v1/control-changes/{asked.json()['id']}", headers=secure)).json()
        assert read["state"] == "withdrawn"
    await world.holds()


LOOSER: list[dict[str, Any]] = [
    {"gates": [{"code": "site_secured", "strictness": "warn"}]},
    {"limits": []},
    {"limits": [{"kind": "in_stage", "amount": 181, "unit": "day"}]},
    {"limits": [{"kind": "in_stage", "amount": 6, "unit": "month"}]},
    {"limits": [{"kind": "plan_date"}]},
    {"name_zh": "落地了", "gates": [{"code": "local_company", "strictness": "warn"}]},
]
TIGHTER: list[dict[str, Any]] = [
    {"name_zh": "落地了"},
    {"limits": [{"kind": "in_stage", "amount": 90, "unit": "day"}]},
    {"limits": [{"kind": "in_stage", "amount": 90, "unit": "day"}, {"kind": "plan_date"}]},
    {"gates": [{"code": "local_company", "strictness": "block"}]},
]


async def test_what_loosens_a_stage_waits_for_another_person(world: World) -> None:
    before = await stage(world, "landed")
    for changed in LOOSER:
        assert (await set_stage(world, "landed", **changed)).status_code == 422
        asked = await set_stage(world, "landed", **changed, reason="示例")
        assert (asked.status_code, await stage(world, "landed")) == (202, before), changed
        assert (await act(world, {}, asked, "withdrawal"))[0] == 200
    for changed in TIGHTER:
        at_once = await set_stage(world, "landed", **changed)
        assert at_once.status_code == 200, changed
    await confirmed(world, await set_stage(world, "landed", **LOOSER[0], reason="示例"))
    after = await stage(world, "landed")
    assert [gate["strictness"] for gate in after["gates"] if gate["code"] == "site_secured"] == ["warn"]
    back = await set_stage(world, "landed", gates=[{"code": "site_secured", "strictness": "block"}])
    assert back.status_code == 200
    await world.holds()


@pytest.mark.parametrize(
    ("code", "amount", "status"),
    [
        ("answer", 2, 202),
        ("assess", 2, 200),
        ("first_talk", 60, 202),
        ("first_talk", 120, 200),
        ("first_talk_idle", 31, 202),
        ("first_talk_idle", 10, 200),
    ],
)
async def test_more_time_waits_for_another_person(world: World, code: str, amount: int, status: int) -> None:
    body = {"amount": amount, "source": "示例", "reason": "示例"}
    answer = await world.send("PUT", f"/lead-clocks/{code}", body, version=1)
    assert answer.status_code == status
    if status == 202:
        await confirmed(world, answer)
    clocks = {clock["code"]: clock["amount"] for clock in await world.get("/lead-clocks")}
    assert clocks[code] == amount
    await world.holds()


async def test_another_parent_waits_for_another_person(world: World, city: make.City) -> None:
    """Totals and scopes follow the tree of units."""
    first, second = city.districts
    await make.make_signed(city, unit_id=second, place_unit_id=second)
    asked_for = {"unit_id": first, "from": "2023-01-01", "to": "2023-12-31"}
    body = {"parent_id": first, "valid_from": "2023-01-01", "reason": "示例"}
    asked = await world.send("POST", f"/units/{second}/parents", body, version=1)
    assert (asked.status_code, (await world.get("/totals/signings", **asked_for))["count"]) == (202, 0)
    await confirmed(world, asked)
    assert (await world.get("/totals/signings", **asked_for))["count"] == 1


async def test_a_change_is_refused_withdrawn_or_lapses(world: World) -> None:
    await separated(world)
    body = {"value": "off", "reason": "示例"}
    asked = await world.send("PUT", "/office-settings/separation", body)
    assert (await act(world, {}, asked, "refusal", {"reason": "示例：没有必要"}))[1]["state"] == "refused"
    asked = await world.send("PUT", "/office-settings/separation", body)
    world.clock.moment += timedelta(days=7)
    status, told = await act(world, {}, asked, "confirmation", {})
    assert (status, told["code"]) == (409, "change_lapsed")
    assert [item["state"] for item in (await world.get("/control-changes", state="expired"))["items"]] == ["expired"]
    assert (await world.get("/control-changes", state="pending"))["items"] == []
    await work_off(world)
    world.clock.moment += timedelta(hours=1)
    await work_off(world)
    assert (await world.get(f"/control-changes/{asked.json()['id']}"))["settled_by"] == "schedule"
    assert (await world.send("PUT", "/office-settings/separation", body)).status_code == 202
    await world.holds()


async def test_what_has_changed_since_is_asked_for_anew(world: World) -> None:
    asked = await set_stage(world, "landed", limits=[], reason="示例")
    assert (await set_stage(world, "landed", name_en="landed here")).status_code == 200
    status, told = await act(world, {}, asked, "confirmation", {})
    assert (status, told["code"]) in ((403, "asked_by_you"), (409, "control_moved"))
    with pytest.raises(AssertionError, match="control_moved"):
        await confirmed(world, asked)
    assert (await stage(world, "landed"))["limits"] != []


async def test_the_overview_says_on_which_days_separation_was_off(world: World) -> None:
    await separated(world)
    await make.make_city(world)
    assert await off_days(world, "2023Q2") == []
    world.clock.set(2023, 5, 3, 17)  # the fourth in Asia/Shanghai
    await confirmed(world, await world.send("PUT", "/office-settings/separation", {"value": "off", "reason": "示例"}))
    world.clock.set(2023, 5, 10)
    assert (await world.send("PUT", "/office-settings/separation", {"value": "on"})).status_code == 200
    known_at = (await world.get("/totals/overview", period="2023Q2"))["known_at"]
    once = [{"from": "2023-05-04", "to": "2023-05-10"}]
    assert await off_days(world, "2023Q2") == once
    world.clock.set(2023, 6, 29)
    await confirmed(world, await world.send("PUT", "/office-settings/separation", {"value": "off", "reason": "示例"}))
    assert await off_days(world, "2023Q2") == [*once, {"from": "2023-06-29", "to": "2023-06-29"}]
    assert await off_days(world, "2023Q2", known_at=known_at) == once
    assert await off_days(world, "2023Q1") == await off_days(world, "2023Q3") == []
    world.clock.set(2023, 7, 2)
    await make.make_unit(world, "示例局")  # known later: the days go on
    assert await off_days(world, "2023Q3") == [{"from": "2023-07-01", "to": "2023-07-02"}]
    assert await off_days(world, "2023Q2", known_at=known_at) == once
