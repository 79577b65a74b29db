"""Every operation of the OpenAPI document, and every route hidden from it, requested in every role and without
sign-in."""

import re
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.accounts import policy
from app.accounts.models import TokenScope
from app.accounts.roles import GRANTS, Role
from tests.accounts.people import one_a_role, session_of, sign_in_required, token, user
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

OPEN_ADDRESSES = {"/healthz", "/readyz", "/", "/login", "/pages/{name}"}
"""Health, the page to sign in on with its parts, and the way to the first page."""
HIDDEN = {"/docs", "/redoc", "/api/openapi.json", "/", "/login", "/pages/{name}"}
"""Routes that the OpenAPI document leaves out: pages."""
REFUSALS = {"in_person", "no_role"}


def operations(world: World) -> list[tuple[str, str, str]]:
    """Returns method, path and name of every operation in the OpenAPI document."""
    paths: dict[str, Any] = world.app.openapi()["paths"]
    return [
        (method.upper(), path, operation["operationId"])
        for path, methods in paths.items()
        for method, operation in methods.items()
        if path not in OPEN_ADDRESSES
    ]


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", str(UUID(int=7)), path)


async def asked(world: World, method: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    body: dict[str, Any] | None = {} if method in ("POST", "PUT", "PATCH") else None
    return await world.client.request(method, filled(path), json=body, headers={"If-Match": '"1"', **(headers or {})})


def every_route(router: APIRouter | Any) -> list[APIRoute]:
    found: list[APIRoute] = []
    for route in router.routes:
        if isinstance(route, APIRoute):
            found.append(route)
        elif hasattr(route, "original_router"):
            found += every_route(route.original_router)
        elif hasattr(route, "routes") and route.routes:
            found += every_route(route)
    return found


async def test_every_operation_has_a_policy(world: World) -> None:
    named = {name for _, _, name in operations(world)}
    assert named == (set(policy._WANTS) | policy.OPEN) - {"openapi", "docs", "redoc"}
    documented = set(world.app.openapi()["paths"])
    hidden = {route.path for route in every_route(world.app) if not route.include_in_schema}
    assert hidden == HIDDEN
    for route in every_route(world.app):
        assert route.path in hidden or any(path.endswith(route.path) for path in documented), route.path


async def test_nobody_unknown_sees_anything(world: World) -> None:
    async with sign_in_required(world):
        for headers in (
            {},
            {"Authorization": "Bearer fiveones_0_x"},
            {"Authorization": "Basic YTpi"},
            {"Cookie": "five_ones_session=x"},
        ):
            for method, path, name in operations(world):
                answer = await asked(world, method, path, headers)
                if name in policy.OPEN:
                    assert answer.status_code in ((401,) if name == "receive_hook" else (200, 303, 422)), answer.text
                else:
                    assert answer.status_code == 401, f"{method} {path}: {answer.text}"
                    assert answer.headers["WWW-Authenticate"] == "Bearer"
            for path in HIDDEN - OPEN_ADDRESSES:
                assert (await world.client.get(path, headers=headers)).status_code == 401
        for path in OPEN_ADDRESSES:
            answer = await world.client.get(path.format(name="login.js"))
            assert answer.status_code in (200, 307)


async def test_what_each_role_may_ask(world: World, city: make.City) -> None:
    """In person and by a token of all scopes; a missing right is named before anything is read."""
    names = await one_a_role(world, city)
    people = {role: await session_of(world, name) for role, name in names.items()}
    keys = {role: await token(world, name, *TokenScope) for role, name in names.items()}
    refused = allowed = 0
    async with sign_in_required(world):
        for method, path, name in operations(world):
            if name in policy.OPEN | {"sign_out", "end_session"}:
                continue
            wants = policy.wanted(name)
            for role in Role:
                for headers, is_person in ((people[role], True), (keys[role], False)):
                    may = (not wants.any_of or bool(wants.any_of & GRANTS[role].permissions)) and (
                        is_person or not wants.in_person
                    )
                    answer = await asked(world, method, path, headers)
                    said = f"{role} {method} {path} {'person' if is_person else 'token'}: {answer.text}"
                    if may:
                        allowed += 1
                        assert answer.status_code != 401, said
                        assert answer.status_code < 500, said
                        assert answer.status_code != 403 or "permission" not in answer.json(), said
                        assert answer.status_code != 403 or answer.json()["code"] not in REFUSALS, said
                    else:
                        refused += 1
                        assert answer.status_code == 403, said
                        problem = answer.json()
                        if wants.in_person and not is_person:
                            assert problem["code"] == "in_person", said
                        else:
                            assert problem["permission"] in wants.any_of, said
    assert min(refused, allowed) > 500


CLERKS = {Role.bureau, Role.district, Role.task_force, Role.department}
MAY: dict[str, set[Role]] = {
    "register_lead": CLERKS,
    "draft_deal": CLERKS,
    "unmask_contact": CLERKS,
    "submit_deal": CLERKS,
    "approve_deal": {Role.bureau},
    "return_deal": {Role.bureau},
    "correct_deal": {Role.bureau},
    "terminate_project": {Role.bureau},
    "transfer_project": {Role.bureau},
    "merge_project": {Role.bureau},
    "erase_contact": {Role.bureau},
    "get_signings": {*CLERKS, Role.leader},
    "set_stage": {Role.system_admin},
    "add_webhook_source": {Role.system_admin},
    "create_user": {Role.system_admin},
    "add_display": {Role.system_admin},
    "end_display": {Role.system_admin},
    "grant_roles": {Role.security_admin},
    "confirm_control_change": {Role.security_admin, Role.bureau},
    "list_audit": {Role.auditor},
}
"""Who may do the acts that matter, stated a second time: a slip in the tables of roles or operations is seen here."""


async def test_who_may_do_the_acts_that_matter(world: World, city: make.City) -> None:
    people = {role: await session_of(world, name) for role, name in (await one_a_role(world, city)).items()}
    by_name = {name: (method, path) for method, path, name in operations(world)}
    async with sign_in_required(world):
        for name, may in MAY.items():
            answers = {role: await asked(world, *by_name[name], people[role]) for role in Role}
            refused = {role for role, answer in answers.items() if "permission" in answer.json()}
            assert refused == set(Role) - may, name
            assert all(answers[role].status_code == 403 for role in refused)


async def test_who_has_no_role_may_ask_who_it_is(world: World) -> None:
    await user(world, "new")
    new = await session_of(world, "new")
    async with sign_in_required(world):
        for method, path, name in operations(world):
            if name in policy.OPEN | {"sign_out", "end_session"}:
                continue
            answer = await asked(world, method, path, new)
            is_refused = answer.status_code == 403 and answer.json()["code"] == "no_role"
            assert is_refused != policy.wanted(name).without_role, f"{method} {path}: {answer.text}"
