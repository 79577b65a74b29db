"""Users for tests, and their ways of signing in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from app.accounts import credentials, passwords, service, sessions, tokens
from app.accounts.authentication import signed_in
from app.accounts.models import TokenScope, Way
from app.accounts.roles import Role
from app.accounts.schemas import TokenIssue, UserCreate
from app.core.actor import system
from tests.conftest import World
from tests.factories import city as make

CLI = system("cli")


@asynccontextmanager
async def sign_in_required(world: World) -> AsyncIterator[None]:
    """Within the block the app authenticates requests, as it does outside tests."""
    state = world.app.state
    before, state.actor_source = state.actor_source, signed_in
    try:
        yield
    finally:
        state.actor_source = before


async def user(world: World, name: str, *roles: Role, **fields: Any) -> None:
    async with world.database.writing() as session:
        body = UserCreate.model_validate({"name": name, "display_name": "示例人员", "roles": list(roles), **fields})
        await service.add(session, CLI, body)


async def grant_again(world: World, name: str, *roles: Role) -> None:
    """Grants roles again, as the security administrator does after another person changed the account."""
    async with world.database.writing() as session:
        await service.grant(session, CLI, name, roles, [])


async def token(world: World, name: str, *scopes: TokenScope, days: int = 90) -> dict[str, str]:
    """Issues a token to the user and returns its header."""
    issued = TokenIssue(name="示例", scopes=list(scopes or TokenScope), days=days)
    async with world.database.writing() as session:
        _, secret = await tokens.issue(session, CLI, name, issued)
    return {"Authorization": f"Bearer {secret}"}


async def session_of(world: World, name: str, way: Way = Way.password) -> dict[str, str]:
    """Signs the user in and returns the headers of that browser."""
    async with world.database.writing() as session:
        _, secret = await sessions.begin(session, world.settings, await service.get(session, name), way)
    return held(secret)


def held(secret: str) -> dict[str, str]:
    """Returns the headers a browser with this session sends from one of our pages."""
    return {"Cookie": f"five_ones_session={secret}", "X-CSRF-Token": sessions.csrf_token(secret)}


async def password(world: World, name: str, text: str, *, must_change: bool = False) -> None:
    async with world.database.writing() as session:
        user = await service.get(session, name)
        await credentials.put(session, user, await passwords.hashed(text), must_change=must_change)


async def sign_in(world: World, name: str, text: str, **more: Any) -> httpx.Response:
    world.client.cookies.clear()
    body = {"name": name, "password": text, **more}
    answer = await world.client.post("/api/v1/session", json=body)
    world.client.cookies.clear()
    return answer


def browser(answer: httpx.Response) -> dict[str, str]:
    """Returns the headers of the browser that received this answer to a sign-in."""
    assert answer.status_code == 201, answer.text
    return {
        "Cookie": f"five_ones_session={answer.cookies['five_ones_session']}",
        "X-CSRF-Token": answer.json()["csrf_token"],
    }


async def confirm(world: World, asked: httpx.Response, headers: dict[str, str]) -> httpx.Response:
    """Confirms the change that this answer asked for, signed in as another person."""
    change = asked.json()
    path = f"/api/v1/control-changes/{change['id']}/confirmation"
    return await world.client.post(path, json={}, headers={**headers, "If-Match": f'"{change["version"]}"'})


async def one_a_role(world: World, city: make.City) -> dict[Role, str]:
    """Adds a user of each role in the first district and the first task force. Returns their names."""
    names = {}
    for role in Role:
        name = role.value.replace("_", "-")
        fields: dict[str, Any] = {"unit_id": city.districts[0]}
        if role is Role.task_force:
            fields["task_force_ids"] = [city.task_forces[0]]
        await user(world, name, role, **fields)
        names[role] = name
    return names
