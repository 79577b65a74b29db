"""What signing in and scope add to the time of a project read, side by side in one run.

    .venv/bin/python benchmarks/signed_in_read.py

twin      the application with everything of every request but sign-in, acting as one who sees everything
bureau    the same read through a session of the bureau's, who sees everything
district  through a session of a district's, whose scope is its subtree of units

Prints each one's time over that of `twin`; 1.15 is the limit. Rounds alternate: a busy machine slows all of them. On
SQLite, and on the PostgreSQL that FIVE_ONES_DATABASE_URL names (an empty database) where it names one.
"""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from fastapi import FastAPI, Request

from app import schema
from app.accounts import service, sessions
from app.accounts.models import Way
from app.accounts.roles import Role
from app.accounts.schemas import UserCreate
from app.audit.trail import Trail
from app.core import clock, logs, office
from app.core.actor import Actor, ActorKind, Permission, system
from app.core.config import Settings
from app.core.db import Database
from app.main import create_app
from app.sample import load

ROUNDS, READS = 25, 30
CLI = system("benchmark")
TWIN = Actor("twin", "twin", ActorKind.person, permissions=frozenset(Permission))


async def twin(_request: Request) -> Actor:
    return TWIN


async def cookie_of(database: Database, settings: Settings, name: str) -> str:
    async with database.writing() as session:
        user = await service.get(session, name)
        _, token = await sessions.begin(session, settings, user, Way.password)
    return f"five_ones_session={token}"


async def prepare(database: Database, settings: Settings) -> tuple[dict[str, str], str]:
    """The sample with its business day cleared, two users signed in, and a project that both see."""
    async with database.writing() as session:
        await load.load(session)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app_of(settings, database, signed=False)), base_url="http://x"
    )
    async with client:
        (project, *_) = (await client.get("/api/v1/projects", params={"stage": "signed"})).json()["items"]
    async with database.writing() as session:
        await office.put(session, office.BUSINESS_DAY, None)
        for name, role in (("bureau", Role.bureau), ("district", Role.district)):
            body = UserCreate(name=name, display_name=name, unit_id=project["unit_id"], roles=[role])
            await service.add(session, CLI, body)
    cookies = {name: await cookie_of(database, settings, name) for name in ("bureau", "district")}
    return cookies, project["id"]


def app_of(settings: Settings, database: Database, *, signed: bool) -> FastAPI:
    app = create_app(settings) if signed else create_app(settings, actor_source=twin)
    app.state.database, app.state.trail = database, Trail(database)
    return app


async def timed(client: httpx.AsyncClient, path: str) -> float:
    begun = time.perf_counter()
    for _ in range(READS):
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
    return (time.perf_counter() - begun) / READS


async def measure(settings: Settings) -> None:
    database = Database(settings, clock.system_now)
    cookies, project = await prepare(database, settings)
    apart, signed = (httpx.ASGITransport(app_of(settings, database, signed=flag)) for flag in (False, True))
    clients = {"twin": httpx.AsyncClient(transport=apart, base_url="http://x")}
    for name, cookie in cookies.items():
        clients[name] = httpx.AsyncClient(transport=signed, base_url="http://x", headers={"Cookie": cookie})
    times: dict[str, list[float]] = {name: [] for name in clients}
    for number in range(ROUNDS + 1):
        for name, client in clients.items():
            found = await timed(client, f"/api/v1/projects/{project}")
            if number:
                times[name].append(found)
    print(settings.url.get_backend_name())
    for name in clients:
        ratios = [own / plain for own, plain in zip(times[name], times["twin"], strict=True)]
        print(f"  {name:9}{statistics.median(ratios):.3f}   {statistics.median(times[name]) * 1000:.2f} ms")
        await clients[name].aclose()
    await database.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / 'bench.db'}"]
        if given := os.environ.get("FIVE_ONES_DATABASE_URL"):
            urls.append(given)
        for url in urls:
            settings = Settings(database_url=url, log_level="error")
            logs.configure(settings)
            schema.upgrade(settings)
            asyncio.run(measure(settings))


if __name__ == "__main__":
    main()
