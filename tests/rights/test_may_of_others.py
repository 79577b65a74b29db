"""What `may` says of enterprises, officials, units, task forces, accounts, endpoints and sources is what the act
answers: every role, in person and by token."""

from collections import Counter
from collections.abc import Mapping
from itertools import product
from typing import Any

import httpx
import pytest

from app.accounts import acts
from app.accounts.models import TokenScope
from app.accounts.roles import Role
from app.rights import others
from app.webhooks.inbound import acts as inbound
from app.webhooks.outbound import acts as outbound
from tests.accounts.people import one_a_role, password, session_of, sign_in_required, token, user
from tests.conftest import World
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.webhooks.endpoints import ask, endpoint
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.anyio

TODAY = "2023-06-01"
OF_THE_RECORD = {
    "merged_enterprise",
    "merge_refused",
    "unchanged",
    "no_password",
    "nothing_to_release",
    "integration_bound",
    "endpoint_removed",
    "source_removed",
}
"""Refusals (409) because of the status of the record."""
Try = tuple[str, str, Any]
ROOMS: dict[str, Mapping[Any, acts.Act]] = {
    "enterprises": others.ENTERPRISE_ACTS,
    "officials": others.OFFICIAL_ACTS,
    "units": others.UNIT_ACTS,
    "task-forces": others.TASK_FORCE_ACTS,
    "users": others.USER_ACTS,
    "webhook-endpoints": outbound.ACTS,
    "webhook-sources": inbound.ACTS,
}


def requests(city: make.City, room: str, read: dict[str, Any]) -> dict[str, Try]:
    """Returns a valid request for each act: method, path below the record, body."""
    post = {"unit_id": city.city, "title": "示例职务", "started_on": "2021-01-01"}
    post_id = read["posts"][0]["id"] if read.get("posts") else city.city
    target = {"signings": 1}
    purpose = {"purpose": "verify"}
    every: dict[str, dict[str, Try]] = {
        "enterprises": {
            "edit": ("PATCH", "", {"headquarters": "示例"}),
            "add_ranking": ("POST", "/rankings", {"list_name": "示例榜", "year": 2022, "rank": 1}),
            "add_contact": ("POST", "/contacts", make.CONTACT),
            "merge": ("POST", "/merge", {"into_id": city.investor, "reason": "示例"}),
        },
        "officials": {
            "edit": ("PATCH", "", {"phone": "13800001234"}),
            "add_post": ("POST", "/posts", post),
            "end_post": ("POST", f"/posts/{post_id}/end", {"ended_on": TODAY}),
            "unmask": ("POST", "/unmasking", purpose),
        },
        "units": {
            "edit": ("PATCH", "", {"source": "示例"}),
            "set_parent": ("POST", "/parents", {"parent_id": city.city, "valid_from": TODAY, "reason": "示例"}),
        },
        "task-forces": {
            "edit": ("PATCH", "", {"cadence": "示例"}),
            "set_target": ("PUT", "/targets/2023", target),
        },
        "users": {
            "edit": ("PATCH", "", {"display_name": "示例改名"}),
            "grant": ("PUT", "/roles", {"roles": ["department"]}),
            "lock": ("POST", "/lock", None),
            "unlock": ("POST", "/unlock", None),
            "reset_password": ("POST", "/password", None),
            "release_password": ("POST", "/password/release", None),
            "remove_second_factor": ("DELETE", "/second-factor", None),
            "bind_sign_on": ("PUT", "/sign-on", {"subject": "somebody"}),
            "unbind_sign_on": ("DELETE", "/sign-on", None),
            "issue_token": ("POST", "/tokens", {"name": "示例", "scopes": ["read"], "days": 30}),
        },
        "webhook-endpoints": {
            "edit": ("PATCH", "", {"name": "示例改名"}),
            "switch": ("PATCH", "", {"is_active": True}),
            "rotate": ("POST", "/secret", None),
            "take_over": ("POST", "/owner", None),
            "remove": ("DELETE", "", None),
        },
        "webhook-sources": {
            "edit": ("PATCH", "", {"name": "示例改名"}),
            "rotate": ("POST", "/secret", None),
            "remove": ("DELETE", "", None),
        },
    }
    return every[room]


def refusal(room: str, act: str, answer: httpx.Response) -> tuple[str, str] | None:
    """Returns code and sentence of a refusal that `may` covers; None for any other answer."""
    if answer.status_code not in (403, 409):
        return None
    problem = answer.json()
    if answer.status_code == 403 and problem["code"] != "bureau_decides":
        return problem["code"], problem["detail"]
    if problem["code"] == "merge_refused":
        merged = [row for row in problem["conflicts"] if row["code"] == "merged_already"]
        return (problem["code"], merged[0]["zh"]) if merged else None
    # An account that is not locked is unlocked to end a pause, which is no status of the account.
    is_covered = problem["code"] in OF_THE_RECORD and (room, act) != ("users", "unlock")
    return (problem["code"], problem["detail"]) if is_covered else None


async def _records(world: World, city: make.City, names: dict[Role, str]) -> dict[str, list[str]]:
    """Makes records of each kind, in every status that refuses something."""
    merged = await make.make_investor(world, credit_code=None)
    into = await make.make_investor(world)
    await world.act(f"/enterprises/{merged}", "merge", {"into_id": into, "reason": "示例"})
    administrators = [names[role] for role in (Role.system_admin, Role.security_admin)]
    await user(world, "machine", Role.integration, unit_id=city.districts[0])
    await user(world, "locked", Role.district, unit_id=city.districts[0])
    await user(world, "reset", Role.district, unit_id=city.districts[0])
    await user(world, "plain", Role.district, unit_id=city.districts[0])
    await password(world, "reset", "示例口令示例口令")
    users = {row["name"]: row["id"] for row in (await world.get("/users"))["items"]}
    await world.act(f"/users/{users['locked']}", "lock", None)
    await world.post(f"/users/{users['reset']}/password", None)
    own = await endpoint(world, Receiver(port=9), owner="owner", of=city.city)
    gone = await endpoint(world, Receiver(port=9), owner="another", role=Role.district, of=city.districts[0])
    await gone.send("DELETE")
    body = {"name": "示例", "url": Receiver(port=9).url, "types": ["*"]}
    of_another = (await ask(world, "another", "POST", "/webhook-endpoints", body)).json()["id"]
    source, removed = [
        (await world.post("/webhook-sources", {"name": f"示例平台{number}"}))["id"] for number in range(2)
    ]
    await world.send("DELETE", f"/webhook-sources/{removed}", version=1)
    return {
        "enterprises": [await make.make_investor(world), merged],
        "officials": [city.officials[0]],
        "units": [city.districts[0]],
        "task-forces": [city.task_forces[0]],
        "users": [users[name] for name in ("locked", "reset", "plain", "machine", *administrators)],
        "webhook-endpoints": [own.id, of_another, gone.id],
        "webhook-sources": [source, removed],
    }


async def agree(
    world: World, city: make.City, room: str, record: str, headers: dict[str, str], seen: Counter[Any]
) -> None:
    """Tries every act of one person on one record, first those that are refused."""
    path = f"/api/v1/{room}/{record}"
    first = await world.client.get(path, headers=headers)
    assert first.status_code in (200, 403, 404), f"{path} {first.text}"
    if first.status_code != 200:
        return
    is_of_administrator = "_admin" in "".join(first.json().get("roles", []))
    for act in sorted(ROOMS[room], key=lambda name: (first.json()["may"][name] is None, name in ("remove", "lock"))):
        read = (await world.client.get(path, headers=headers)).json()
        said = read["may"][act]
        if said is None and is_of_administrator:
            continue  # it would end the session that this test goes on with
        method, below, body = requests(city, room, read)[act]
        version = {"If-Match": f'"{read["version"]}"'}
        tried = await world.client.request(method, path + below, json=body, headers={**headers, **version})
        found = refusal(room, act, tried)
        told = f"{act} {path}: said {said}, answered {tried.status_code} {tried.text}"
        assert tried.status_code != 422, told
        assert (found is None) == (said is None), told
        if said is not None:
            assert found == (said["code"], said["zh"]), told
        seen[room, act, said is None] += 1


async def test_a_row_carries_what_is_open_on_its_record(world: World) -> None:
    """For every role, in person and by token, in as many statements for one row as for all."""
    city = await make.make_city(world)
    names = await one_a_role(world, city)
    await _records(world, city, names)
    people = [await session_of(world, name) for name in ("another", *names.values(), "owner")]
    people.append(await token(world, names[Role.bureau], *TokenScope))
    seen = Counter[Any]()
    async with sign_in_required(world):
        for room, headers in product(ROOMS, people):
            listed = await world.client.get(f"/api/v1/{room}", headers=headers)
            if listed.status_code == 403:
                continue
            for row in listed.json()["items"]:
                read = (await world.client.get(f"/api/v1/{room}/{row['id']}", headers=headers)).json()
                assert row["may"] == [act for act, why in read["may"].items() if why is None], (room, row)
                seen.update((room, act) for act in row["may"])
    assert {room for room, _ in seen} == set(ROOMS)
    for room in ("enterprises", "officials", "units", "task-forces", "users"):
        costs = []
        for limit in (1, 100):
            with counted(world) as statements:
                await world.get(f"/{room}", limit=limit)
            costs.append(len(statements))
        assert costs[1] <= costs[0], room


async def test_a_hint_says_what_the_act_answers(world: World) -> None:
    city = await make.make_city(world)
    names = await one_a_role(world, city)
    records = await _records(world, city, names)
    people = [await session_of(world, name) for name in ("another", *names.values(), "owner")]
    people += [await token(world, names[role], *TokenScope) for role in (Role.bureau, Role.system_admin)]
    seen = Counter[Any]()
    async with sign_in_required(world):
        for room, ids in records.items():
            for record in ids:
                for headers in people:
                    await agree(world, city, room, record, headers, seen)
    tried = {(room, act) for room, acts_of in ROOMS.items() for act in acts_of}
    assert {(room, act) for room, act, is_open in seen if not is_open} == tried
    # That a password waits for its release is tried in tests/accounts: here it is refused, or its time has come.
    # So is a binding that is removed: here is no single sign-on.
    elsewhere = {("users", "remove_second_factor"), ("users", "unbind_sign_on")}
    assert {(room, act) for room, act, is_open in seen if is_open} >= tried - elsewhere
