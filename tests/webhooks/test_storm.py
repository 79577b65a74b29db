"""A storm of messages, out of order and twice, while the worker is killed again and again: it ends as if each had come
once, in order, to a worker that is never killed.

`FIVE_ONES_STORM=5000` sets their number, as `make storm` does. The default is a number that every run can afford.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Self

import httpx
import pytest
from sqlalchemy import func, select

from app.jobs.models import ENDED, IS_RUNNING, Job, JobState
from app.webhooks.inbound import receiving
from app.webhooks.inbound.models import InboxMessage, InboxState
from tests.conftest import ROOT, World, running
from tests.journeys.test_commands import free_port
from tests.webhooks import storm
from tests.webhooks.books import Books, follow_ups
from tests.webhooks.sender import Sender, work_off
from tests.webhooks.storm import FACTS, SNAPSHOTS, Message, Site

SIZE = int(os.environ.get("FIVE_ONES_STORM", "120"))
AT_ONCE = 10
KILLS = 3
MOST_A_MINUTE = 1_000_000
DEADLINE = 300 + SIZE / 5
MOST_ROUNDS = 6
TOO_EARLY = {
    ("project.moved", "gates_unmet"),
    ("deal.terminated", "needless_fate"),
    ("deal.signed", "unmatched"),
}
"""Why a message is refused, or left to a person, that came before what it rests on in another object."""


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Polls until a condition on other processes holds."""
    async with asyncio.timeout(DEADLINE):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@contextmanager
def spawned(log: Path, *arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Runs a process whose errors go to a file; kills it in the end if it has not ended."""
    known = {name: value for name, value in os.environ.items() if name != "FIVE_ONES_STORM"}
    with log.open("ab") as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=known | settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            encoding="utf-8",
        )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


class Workers:
    """One worker after another, each a process of its own."""

    def __init__(self, keeper: subprocess.Popen[str]) -> None:
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        self._begin, self._said = keeper.stdin, keeper.stdout

    def begin(self) -> None:
        self._begin.write("\n")
        self._begin.flush()
        self._number = int(self._said.readline())

    def end(self, by: signal.Signals) -> int:
        """Kills the worker and returns its return code once it is gone."""
        os.kill(self._number, by)
        return int(self._said.readline())


@asynccontextmanager
async def served(url: str, log: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Runs the service without jobs. Yields a client of it."""
    port = free_port()
    settings = {
        "FIVE_ONES_DATABASE_URL": url,
        "FIVE_ONES_LOG_LEVEL": "warning",
        "FIVE_ONES_HOOKS_A_MINUTE": str(MOST_A_MINUTE),
    }
    with spawned(log, "app.commands.main", "serve", "--no-worker", "--port", str(port), **settings) as server:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            await until(partial(is_ready, client))
            yield client
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)


async def is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.ConnectError:
        return False


@dataclass
class Delivery:
    """Sends as a platform does: a message answered 503 is sent again."""

    client: httpx.AsyncClient
    sender: Sender
    answers: list[tuple[str, int, str]] = field(default_factory=list)
    put_off: int = 0

    async def all(self, sent: Sequence[Message]) -> None:
        queue = iter(sent)

        async def each() -> None:
            for message in queue:
                await self.one(message)

        async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(each())

    async def one(self, message: Message) -> None:
        while True:
            headers = self.sender.signed(message.body, id=message.id)
            answer = await self.client.post(self.sender.path, content=message.body, headers=headers)
            if answer.status_code != 503:
                break
            self.put_off += 1
            await asyncio.sleep(float(answer.headers["Retry-After"]))
        assert answer.status_code in (200, 202), answer.text
        self.answers.append((message.id, answer.status_code, answer.json()["id"]))

    def is_just(self, messages: Sequence[Message], sent: int) -> None:
        """Asserts that each message was accepted once, and its copies were answered alike."""
        assert len(self.answers) == sent
        assert Counter(id for id, status, _ in self.answers if status == 202) == Counter(one.id for one in messages)
        assert len({(id, receipt) for id, _, receipt in self.answers}) == len(messages)


async def count_jobs(world: World, *where: Any) -> int:
    async with world.database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(Job).where(*where)) or 0)


async def idle(world: World) -> bool:
    return await count_jobs(world, Job.state.not_in(ENDED)) == 0


async def killed_again_and_again(world: World, workers: Workers) -> list[int]:
    """Kills and restarts the worker in the middle of its work whenever a further share is done. Returns how many jobs
    the killed ones held, by kill."""
    left = []
    for share in range(1, KILLS + 1):
        workers.begin()
        await until(partial(is_busy, world, share * SIZE // (KILLS + 1)))
        assert workers.end(signal.SIGKILL) == -signal.SIGKILL
        left.append(await count_jobs(world, IS_RUNNING))
    workers.begin()
    return left


async def is_busy(world: World, least_done: int) -> bool:
    done = await count_jobs(world, Job.state == JobState.done)
    return done >= least_done and await count_jobs(world, IS_RUNNING) > 0


async def inbox(world: World) -> list[InboxMessage]:
    async with world.database.reading() as session:
        return list(await session.scalars(select(InboxMessage)))


def why(message: InboxMessage) -> str | None:
    """Returns the result of a message as one word, None where it was applied."""
    if message.errors:
        code: str = message.errors[0]["code"]
        return code
    return None if message.state is InboxState.applied else message.state.value


async def mended(world: World) -> int:
    """Retries what was refused or left to people, as people do, until that changes nothing. Returns the number of
    rounds."""
    for times in range(1, MOST_ROUNDS + 1):
        before = Counter(message.state for message in await inbox(world))
        for message in await inbox(world):
            if message.state in (InboxState.failed, InboxState.parked):
                await world.post(f"/inbox/{message.id}/replay", None, status=200)
        await until(partial(idle, world))
        if Counter(message.state for message in await inbox(world)) == before:
            return times
    raise AssertionError(f"after {MOST_ROUNDS} rounds there is still something new")


@dataclass
class End:
    """The result of a run."""

    books: dict[str, Any]
    said: dict[str, list[str]]
    inbox: list[InboxMessage]

    @classmethod
    async def of(cls, world: World) -> Self:
        """Reads the result, after asserting that every invariant holds, no job is left and none failed."""
        await world.holds()
        assert await count_jobs(world, Job.state != JobState.done) == 0
        assert await count_jobs(world, Job.lease_until.is_not(None) | Job.claimed_by.is_not(None)) == 0
        return cls(await Books(world).read(), await follow_ups(world), await inbox(world))

    def facts(self) -> Counter[tuple[Any, ...]]:
        """Returns the result of every message but snapshots. Of two identical ones either may have been the first."""
        return Counter(
            (one.type, one.external_id, one.sequence, one.body, why(one))
            for one in self.inbox
            if one.type not in SNAPSHOTS or one.state is InboxState.failed
        )

    def snapshots(self) -> dict[tuple[Any, ...], list[tuple[int, str | None]]]:
        """Returns the versions of every object, the newest first, with the result of each."""
        found: dict[tuple[Any, ...], list[tuple[int, str | None]]] = {}
        for one in self.inbox:
            if one.type in SNAPSHOTS and one.sequence is not None:
                found.setdefault((one.type, one.external_id), []).append((one.sequence, why(one)))
        return {key: sorted(versions, key=lambda version: -version[0]) for key, versions in found.items()}

    def is_just(self, messages: Sequence[Message]) -> None:
        """Asserts that every message is stored once and as sent, is settled, and was applied at most once."""
        assert sorted(one.message_id for one in self.inbox) == sorted(message.id for message in messages)
        assert {one.message_id: one.body for one in self.inbox} == {message.id: message.body for message in messages}
        settled = {InboxState.applied, InboxState.failed, InboxState.stale, InboxState.ignored}
        assert {one.state for one in self.inbox} <= settled
        assert all(one.settled_at is not None for one in self.inbox)
        for (type, name), versions in self.snapshots().items():
            applied = [number for number, reason in versions if reason is None]
            assert applied[0] == versions[0][0], f"the newest of {type} {name} does not stand"
            assert len(applied) == len(set(applied)), f"{type} {name}: a version twice"
            assert {reason for _, reason in versions} <= {None, "stale"}
        told: dict[str, list[str]] = {code: ["示例走访"] for code in self.said}
        for one in self.inbox:
            if one.type == "project.progress" and one.state is InboxState.applied:
                data = json.loads(one.body)["data"]
                told[data["code"]].append(data["summary"])
        assert {code: sorted(summaries) for code, summaries in told.items()} == self.said


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Returns the differences of two results, as readable lines."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted({*one, *other}, key=str)
        return [line for name in names for line in differences(one.get(name), other.get(name), f"{where}/{name}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for at, (a, b) in pairs for line in differences(a, b, f"{where}/{at}")]
    return [] if one == other else [f"{where}: {one!r} and {other!r}"]


async def built(url: str) -> tuple[list[Site], dict[str, Any]]:
    async with running(url) as world:
        return await storm.build(world, SIZE)


async def in_peace(url: str, issued: dict[str, Any], messages: Sequence[Message]) -> End:
    """Sends each message once, in order, to one worker that does one job at a time."""
    async with running(url) as world:
        world.clock.set(2023, 6, 1, hour=12)  # after the source was confirmed, in the world that was before this one
        world.app.state.hook_rate_limit = receiving.rate_limit(MOST_A_MINUTE)
        sender = Sender(world, issued["id"], issued["secret"])
        for message in messages:
            answer = await sender.raw(message.body, sender.signed(message.body, id=message.id))
            assert answer.status_code == 202, answer.text
        await work_off(world)
        return await End.of(world)


@dataclass
class Stormed:
    end: End
    first: list[InboxMessage]
    """The inbox before anybody looked at it."""
    told: dict[str, Any]


async def in_storm(
    url: str, issued: dict[str, Any], messages: Sequence[Message], random: Random, logs: Path
) -> Stormed:
    """Sends all messages, a third of them twice, shuffled, ten at a time, to a service whose worker is killed again and
    again."""
    sent = [*messages, *random.sample(messages, len(messages) // 3)]
    random.shuffle(sent)
    server_log, worker_log = logs / "server.log", logs / "worker.log"
    async with running(url) as world:
        world.clock.moment = datetime.now(UTC)  # that of the processes
        sender = Sender(world, issued["id"], issued["secret"])
        with spawned(worker_log, "tests.webhooks.process", url) as keeper:
            async with served(url, server_log) as client, asyncio.TaskGroup() as group:
                delivery, workers = Delivery(client, sender), Workers(keeper)
                began = time.monotonic()
                sending = group.create_task(delivery.all(sent))
                left = await killed_again_and_again(world, workers)
                await sending
                await until(partial(idle, world))
                applied = time.monotonic()
                first = await inbox(world)
                rounds = await mended(world)
            assert workers.end(signal.SIGTERM) == 0
        delivery.is_just(messages, len(sent))
        assert sum(left) > 0, "no worker was killed in the midst of anything"
        quiet(server_log, worker_log)
        told = {
            "sent": len(sent),
            "applied in s": round(applied - began, 1),
            "mended in s": round(time.monotonic() - applied, 1),
            "rounds": rounds,
            "in dead hands": left,
            "begun again": await count_jobs(world, Job.claims > 1),
            "answered 503": delivery.put_off,
            "put off for locks": worker_log.read_text().count("job_put_off"),
        }
        world.clock.moment = datetime.now(UTC)  # theirs went on: a schedule may have come meanwhile
        return Stormed(await End.of(world), first, told)


def quiet(*logs: Path) -> None:
    """Asserts that the logs show no failure: a job that is retried may hide a defect."""
    for log in logs:
        text = log.read_text()
        for word in ("Traceback", "job_attempt_failed", "job_failed", "job_end_not_kept", "unhandled"):
            assert word not in text, text


def is_expected(one: InboxMessage, messages: dict[str, Message]) -> bool:
    """Whether the first result of a message is one that a storm may cause."""
    reasons = {None, messages[one.message_id].refusal}
    if one.type in FACTS:
        # Of two identical messages the other may have been first, and a message may wait for an earlier one.
        reasons |= {"sequence_taken", "waiting"}
    else:
        reasons.add("stale")
    return why(one) in reasons or (one.type, why(one)) in TOO_EARLY


@pytest.mark.parametrize("seed", [20230601])
def test_a_storm_ends_as_if_all_had_come_in_order(
    seed: int, database_url: str, copy_of: Callable[[str], str], tmp_path: Path
) -> None:
    random, marks = Random(seed), [time.monotonic()]
    sites, issued = asyncio.run(built(database_url))
    marks.append(time.monotonic())
    messages = storm.tell(random, sites, SIZE)
    url = copy_of(database_url)
    clean = asyncio.run(in_peace(database_url, issued, messages))
    marks.append(time.monotonic())
    by_id = {message.id: message for message in messages}
    became = {one.message_id: why(one) for one in clean.inbox}
    assert became == {message.id: message.refusal for message in messages}
    clean.is_just(messages)

    stormed = asyncio.run(in_storm(url, issued, messages, random, tmp_path))
    marks.append(time.monotonic())
    surprising = [(one.type, one.external_id, why(one)) for one in stormed.first if not is_expected(one, by_id)]
    assert surprising == []
    stormed.end.is_just(messages)
    assert differences(clean.books, stormed.end.books) == []
    assert stormed.end.facts() == clean.facts()
    took = [round(after - before, 1) for before, after in pairwise(marks)]
    states = Counter(one.state.value for one in stormed.end.inbox)
    told = {"messages": len(messages), "projects": len(sites), "built, in peace, in storm in s": took}
    sys.stdout.write(f"\nseed {seed}: {json.dumps(told | stormed.told | {'states': dict(states)})}\n")
