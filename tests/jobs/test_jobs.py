"""Jobs: created in the transaction that asks for them, done once, released when their worker is gone."""

import asyncio
import dataclasses
import itertools
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app import job_registry
from app.accounts.roles import Role
from app.core.actor import system
from app.core.db import Database
from app.events import service as events
from app.events.models import Event
from app.jobs import schedules, service
from app.jobs.kinds import Claimed, GivenUp, Kind, Later, Recurring, Registry, Result, Run
from app.jobs.models import Job, JobState, Schedule
from app.jobs.worker import Worker
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import ROOT, World
from tests.factories.controls import confirmed
from tests.jobs.process import COUNTED, LEASE, count

pytestmark = pytest.mark.anyio

CLERK = system("clerk")


async def fail(session: AsyncSession, job: Claimed) -> Result:
    """Leaves nothing: its writes are rolled back with its failure."""
    await events.note(session, CLERK, "test.failing", "job", job.id)
    raise RuntimeError("13800000000")


async def refuse(_session: AsyncSession, _job: Claimed) -> Result:
    raise GivenUp("示例：没有这个项目")


KINDS = [
    Kind("count", work=count),
    Kind("fail", work=fail, most_attempts=3, first_pause=timedelta(seconds=10)),
    Kind("refuse", work=refuse),
]


DAILY = [Recurring("daily", "count", "10 3 * * *")]


def worker(world: World, *more: Kind, **options: Any) -> Worker:
    return Worker(world.database, Registry([*KINDS, *more]), **options)


async def enqueue(world: World, kind: str = "count", **options: Any) -> UUID:
    async with world.database.writing() as session:
        return await service.enqueue(session, CLERK, kind, {"n": 1}, **options)


async def job(world: World, job_id: UUID) -> Job:
    async with world.database.reading() as session:
        return (await session.scalars(select(Job).where(Job.id == job_id))).one()


async def counted(world: World, kind: str = COUNTED) -> int:
    async with world.database.reading() as session:
        query = select(func.count()).select_from(Event).where(Event.type == kind)
        return int(await session.scalar(query) or 0)


async def test_a_job_comes_and_goes_with_its_transaction(world: World) -> None:
    async def break_off() -> None:
        async with world.database.writing() as session:
            await service.enqueue(session, CLERK, "count", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await break_off()
    assert await worker(world).until_idle() == 0
    made = await enqueue(world)
    assert await worker(world).until_idle() == 1
    found = await job(world, made)
    assert (found.state, found.attempts, found.claimed_by, found.lease_until) == (JobState.done, 1, None, None)
    assert found.ended_at is not None
    assert await counted(world) == 1


async def test_a_key_is_done_once(world: World) -> None:
    first = await enqueue(world, key="deal:1")
    assert await enqueue(world, key="deal:1") == first
    await worker(world).until_idle()
    assert await enqueue(world, key="deal:1") == first
    assert await enqueue(world, key="deal:2") != first
    await worker(world).until_idle()
    assert await counted(world) == 2


async def test_a_job_waits_for_its_time_and_the_longest_due_comes_first(world: World) -> None:
    late = await enqueue(world, run_at=world.clock.moment + timedelta(hours=2))
    early = await enqueue(world, run_at=world.clock.moment + timedelta(hours=1))
    assert await worker(world).until_idle() == 0
    world.clock.moment += timedelta(hours=3)
    claimed = await worker(world).claim(10)
    assert [one.id for one in claimed] == [early, late]


async def test_a_failure_leaves_nothing_and_is_tried_again_ever_later(world: World) -> None:
    made = await enqueue(world, "fail")
    for attempt, (least, most) in enumerate([(8, 12), (16, 24)], start=1):
        assert await worker(world).until_idle() == 1
        found = await job(world, made)
        assert (found.state, found.attempts) == (JobState.waiting, attempt)
        assert found.error == "RuntimeError", "what it says may hold what was in the payload"
        seconds = (found.run_at - world.clock.moment).total_seconds()
        assert least - 1 <= seconds <= most
        assert await worker(world).until_idle() == 0
        world.clock.moment += timedelta(seconds=most + 1)
    assert await worker(world).until_idle() == 1
    found = await job(world, made)
    assert (found.state, found.attempts, found.ended_at is not None) == (JobState.failed, 3, True)
    assert await counted(world, "test.failing") == 0
    world.clock.moment += timedelta(days=1)
    assert await worker(world).until_idle() == 0


async def test_what_cannot_succeed_is_given_up_at_once(world: World) -> None:
    made = await enqueue(world, "refuse")
    await worker(world).until_idle()
    found = await job(world, made)
    assert (found.state, found.attempts, found.error) == (JobState.failed, 1, "示例：没有这个项目")


async def test_later_is_no_failure(world: World) -> None:
    async def later(session: AsyncSession, one: Claimed) -> Result:
        await events.note(session, CLERK, "test.failing", "job", one.id)
        raise Later(at)

    at = world.clock.moment + timedelta(minutes=5)
    made = await enqueue(world, "later")
    patient = worker(world, Kind("later", work=later, most_attempts=1))
    for _ in range(3):
        await patient.until_idle()
        found = await job(world, made)
        assert (found.state, found.attempts, found.run_at, found.error) == (JobState.waiting, 0, at, None)
        world.clock.moment = at
        at += timedelta(minutes=5)
    assert await counted(world, "test.failing") == 0


async def test_a_kind_that_this_program_does_not_know_waits_for_one_that_does(world: World) -> None:
    made = await enqueue(world, "of.tomorrow")
    assert await worker(world).until_idle() == 0
    assert (await job(world, made)).state is JobState.waiting


async def test_who_was_thought_dead_ends_nothing(world: World) -> None:
    """Its lease expired and another worker did the job: its late result is rolled back."""
    made = await enqueue(world)
    slow, quick = worker(world), worker(world)
    (held,) = await slow.claim(1)
    assert await quick.until_idle() == 0
    world.clock.moment += timedelta(seconds=61)
    assert await quick.until_idle() == 1
    await slow.do(held)
    assert await counted(world) == 1
    found = await job(world, made)
    assert (found.state, found.attempts) == (JobState.done, 2)


async def test_a_job_that_kills_every_worker_is_given_up(world: World) -> None:
    made = await enqueue(world, "fail")
    for _ in range(3):
        assert len(await worker(world).claim(1)) == 1
        world.clock.moment += timedelta(seconds=61)
    assert await worker(world).until_idle() == 1
    found = await job(world, made)
    assert found.state is JobState.failed
    assert found.error is not None
    assert "its worker died each time" in found.error


async def test_every_job_is_claimed_by_one_of_many(world: World) -> None:
    made = {await enqueue(world) for _ in range(30)}
    databases = [Database(world.settings, world.clock) for _ in range(3)]
    workers = [Worker(database, Registry(KINDS)) for database in databases]

    async def take(one: Worker) -> list[UUID]:
        taken: list[UUID] = []
        while claimed := await one.claim(3):
            taken += [found.id for found in claimed]
        return taken

    taken = await asyncio.gather(*(take(one) for one in workers))
    assert sorted(itertools.chain(*taken)) == sorted(made)
    for database in databases:
        await database.close()


def process(url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.jobs.process", url]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", env={**os.environ})


async def test_a_killed_worker_loses_nothing_and_does_nothing_twice(database_url: str, world: World) -> None:
    """400 jobs, two workers, kill −9 of one of them in the midst."""
    world.clock.moment = datetime.now(UTC)
    async with world.database.writing() as session:
        for _ in range(400):
            await service.enqueue(session, CLERK, "count", {})
    with process(database_url) as first, process(database_url) as second:
        assert first.stdout is not None
        assert second.stdout is not None
        for _ in range(20):
            assert first.stdout.readline()
        first.kill()
        first.communicate()
        second.communicate()
        assert second.returncode == 0
    async with world.database.reading() as session:
        states = (await session.execute(select(Job.state, func.count()).group_by(Job.state))).all()
        leases = await session.scalar(select(func.count()).select_from(Job).where(Job.lease_until.is_not(None)))
        times = select(func.count()).where(Event.type == COUNTED).group_by(Event.subject_id)
        assert [tuple(row) for row in states] == [(JobState.done, 400)]
        assert leases == 0
        assert list(await session.scalars(times)) == [1] * 400
    assert timedelta(seconds=60) > LEASE


class Gate:
    """A job of many steps that signals when it has begun, and continues when the test lets it."""

    def __init__(self) -> None:
        self.begun, self.goes_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, run: Run) -> Result:
        await run.progress(1, 2)
        self.begun.set()
        await self.goes_on.wait()
        await run.progress(2, 2)
        return {"count": 2}


async def test_a_worker_told_to_stop_finishes_what_it_can_and_gives_back_the_rest(world: World) -> None:
    quick, slow = Gate(), Gate()
    made = await enqueue(world, "quick"), await enqueue(world, "slow")
    busy = worker(world, Kind("quick", steps=quick), Kind("slow", steps=slow))
    busy.start()
    await quick.begun.wait()
    await slow.begun.wait()
    stopping = asyncio.create_task(busy.stop(0.3))
    quick.goes_on.set()
    await stopping
    done, given_back = await job(world, made[0]), await job(world, made[1])
    assert (done.state, done.result, done.done_count, done.total_count) == (JobState.done, {"count": 2}, 2, 2)
    assert (given_back.state, given_back.attempts, given_back.claimed_by) == (JobState.waiting, 0, None)
    slow.goes_on.set()
    assert await busy.until_idle() == 1


async def test_a_running_job_is_held_and_can_be_cancelled(world: World) -> None:
    gate = Gate()
    made = await enqueue(world, "gate")
    busy = worker(world, Kind("gate", steps=gate))
    busy.start()
    await gate.begun.wait()
    world.clock.moment += timedelta(seconds=50)
    await busy.renew()
    world.clock.moment += timedelta(seconds=50)
    assert await worker(world, Kind("gate", steps=gate)).until_idle() == 0, "renewed, so nobody else has it"
    assert (await world.post(f"/jobs/{made}/cancellation", None, status=200))["state"] == "running"
    await busy.renew()
    await busy.stop(10)
    found = await world.get(f"/jobs/{made}")
    assert (found["state"], found["done_count"], found["total_count"]) == ("cancelled", 1, 2)
    again = await world.send("POST", f"/jobs/{made}/cancellation")
    assert (again.status_code, again.json()["code"]) == (409, "job_ended")


async def test_a_cancelled_job_learns_it_when_it_says_how_far_it_is(world: World) -> None:
    gate = Gate()
    made = await enqueue(world, "gate")
    busy = worker(world, Kind("gate", steps=gate))
    busy.start()
    await gate.begun.wait()
    await world.post(f"/jobs/{made}/cancellation", None, status=200)
    gate.goes_on.set()
    await busy.stop(10)
    assert (await job(world, made)).state is JobState.cancelled


async def test_a_worker_does_not_take_from_itself_what_it_is_doing(world: World) -> None:
    """Though it has not renewed for long: the machine slept, or the database was away."""
    gate = Gate()
    made = await enqueue(world, "gate")
    busy = worker(world, Kind("gate", steps=gate), poll_seconds=0.01)
    busy.start()
    await gate.begun.wait()
    world.clock.moment += timedelta(minutes=5)
    assert await busy.claim(10) == []
    gate.goes_on.set()
    await busy.stop(10)
    found = await job(world, made)
    assert (found.state, found.claims) == (JobState.done, 1)


async def test_a_worker_lets_go_of_what_another_has(world: World) -> None:
    slow, quick = Gate(), Gate()
    quick.goes_on.set()
    made = await enqueue(world, "gate")
    late = worker(world, Kind("gate", steps=slow), poll_seconds=3600)
    late.start()
    await slow.begun.wait()
    world.clock.moment += timedelta(seconds=61)
    assert await worker(world, Kind("gate", steps=quick)).until_idle() == 1
    await late.renew()
    await late.stop(0.1)
    found = await job(world, made)
    assert (found.state, found.claims, found.attempts) == (JobState.done, 2, 2)


@pytest.mark.parametrize("then", ["fails", "dies", "waits"])
async def test_a_cancelled_job_does_not_come_back(world: World, then: str) -> None:
    """Whatever the result of the attempt that was running at the time."""

    async def late(session: AsyncSession, one: Claimed) -> Result:
        raise Later(world.clock.moment) if then == "waits" else RuntimeError

    made = await enqueue(world, "late", key="one")
    kind = Kind("late", work=late)
    (held,) = await worker(world, kind).claim(1)
    await world.post(f"/jobs/{made}/cancellation", None, status=200)
    if then == "dies":
        world.clock.moment += timedelta(seconds=61)
    else:
        await worker(world, kind).do(dataclasses.replace(held))
    world.clock.moment += timedelta(hours=2)
    assert await worker(world, kind).until_idle() == 0
    found = await job(world, made)
    assert (found.state, found.key, found.ended_at is not None) == (JobState.cancelled, None, True)
    assert await enqueue(world, "late", key="one") != made, "its key is free again"


async def test_who_was_given_up_for_ends_nothing_of_the_retry(world: World) -> None:
    made = await enqueue(world)
    (stale,) = await worker(world).claim(1)
    world.clock.moment += timedelta(seconds=61)
    refusing = Worker(world.database, Registry([Kind("count", work=refuse)]))
    assert await refusing.until_idle() == 1
    await world.post(f"/jobs/{made}/retry", None, status=200)
    ours = worker(world)
    (again,) = await ours.claim(1)
    assert again.attempt == stale.attempt
    await worker(world).do(dataclasses.replace(stale, worker=again.worker))
    assert await counted(world) == 0
    await ours.do(again)
    assert await counted(world) == 1


async def test_what_is_wrong_with_one_schedule_keeps_back_nothing_else(world: World) -> None:
    registry = Registry(KINDS, [*DAILY, Recurring("other", "count", "0 4 * * *")])
    async with world.database.writing() as session:
        await schedules.add_missing(session, registry)
        await session.execute(text("UPDATE job_schedules SET cron = 'bad' WHERE name = 'daily'"))
    await enqueue(world)
    world.clock.moment += timedelta(days=2)
    assert await Worker(world.database, registry).until_idle() == 2


async def test_later_at_once_is_in_a_second(world: World) -> None:
    async def later(_session: AsyncSession, _one: Claimed) -> Result:
        raise Later(datetime(2020, 1, 1, tzinfo=UTC))

    await enqueue(world, "later")
    assert await worker(world, Kind("later", work=later)).until_idle() == 1


async def test_jobs_that_write_wait_for_each_other_without_failing(world: World) -> None:
    """On SQLite one connection writes: four jobs at once are done one after another."""
    made = [await enqueue(world) for _ in range(12)]
    busy = worker(world)
    busy.start()
    while [(await job(world, one)).state for one in made] != [JobState.done] * 12:
        pass
    await busy.stop(10)
    assert {(await job(world, one)).attempts for one in made} == {1}


async def test_a_worker_is_woken_by_what_its_process_makes(world: World) -> None:
    gates = [Gate(), Gate(), Gate()]
    kinds = [Kind(f"gate{number}", steps=gate) for number, gate in enumerate(gates)]
    busy = worker(world, *kinds, poll_seconds=3600)
    busy.start()
    for gate in gates:
        await enqueue(world, f"gate{gates.index(gate)}")
        await asyncio.wait_for(gate.begun.wait(), 30)
        gate.goes_on.set()
    await busy.stop(10)


async def test_people_and_jobs(world: World) -> None:
    """A user sees the jobs they asked for, an operator of the service sees all."""
    await user(world, "clerk", Role.bureau)
    await user(world, "other", Role.bureau)
    await user(world, "boss", Role.system_admin)
    clerk, other, boss = [await session_of(world, name) for name in ("clerk", "other", "boss")]
    async with sign_in_required(world):
        me = (await world.client.get("/api/v1/me", headers=clerk)).json()["id"]
        async with world.database.writing() as session:
            actor = system(me)
            own = await service.enqueue(session, actor, "refuse", {"phone": "13800000000"})
        await worker(world).until_idle()
        path = f"/api/v1/jobs/{own}"
        for headers, status in ((clerk, 200), (boss, 200), (other, 404)):
            answer = await world.client.get(path, headers=headers)
            assert answer.status_code == status
            assert "13800000000" not in answer.text
            followed = await world.client.get(f"{path}/events", headers=headers)
            assert followed.status_code == status
        assert (await world.client.post(f"{path}/cancellation", headers=other)).status_code == 404
        assert (await world.client.post(f"{path}/retry", headers=clerk)).status_code == 403
        assert (await world.client.get("/api/v1/jobs", headers=clerk)).status_code == 403
        listed = (await world.client.get("/api/v1/jobs?state=failed&kind=refuse", headers=boss)).json()
        assert [item["id"] for item in listed["items"]] == [str(own)]
        assert listed["counts"] == {"failed": 1}
        again = await world.client.post(f"{path}/retry", headers=boss)
        assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (200, "waiting", 0)
        twice = await world.client.post(f"{path}/retry", headers=boss)
        assert (twice.status_code, twice.json()["code"]) == (409, "job_not_failed")
        cancelled = await world.client.post(f"{path}/cancellation", headers=clerk)
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert await worker(world).until_idle() == 0


async def test_the_progress_of_a_job_can_be_followed(world: World) -> None:
    made = await enqueue(world)
    await worker(world).until_idle()
    answer = await world.client.get(f"/api/v1/jobs/{made}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    event, data = answer.text.strip().split("\n")
    assert event == "event: job"
    assert json.loads(data.removeprefix("data: ")) == await world.get(f"/jobs/{made}")


async def test_a_schedule_fires_once_for_all_workers_and_once_for_what_was_missed(world: World) -> None:
    registry = Registry(KINDS, DAILY)
    for _ in range(2):
        async with world.database.writing() as session:
            await schedules.add_missing(session, registry)
    (found,) = (await world.get("/job-schedules"))["items"]
    assert found["next_at"] == "2023-06-01T19:10:00.000000Z", "3:10 of 2 June in Asia/Shanghai"
    databases = [Database(world.settings, world.clock) for _ in range(3)]
    workers = [Worker(database, registry) for database in databases]
    for day, jobs in ((2, 1), (3, 2), (30, 3)):
        world.clock.set(2023, 6, day, 20)
        await asyncio.gather(*(one.fire_due() for one in workers))
        await asyncio.gather(*(one.fire_due() for one in workers))
        assert len((await world.get("/jobs"))["items"]) == jobs
    await asyncio.gather(*(one.until_idle() for one in workers))
    assert await counted(world) == 3
    (found,) = (await world.get("/job-schedules"))["items"]
    assert (found["last_at"], found["next_at"]) == ("2023-06-04T19:10:00.000000Z", "2023-07-01T19:10:00.000000Z")
    for database in databases:
        await database.close()


async def test_a_schedule_is_changed_and_stopped(world: World) -> None:
    registry = Registry(KINDS, DAILY)
    async with world.database.writing() as session:
        await schedules.add_missing(session, registry)
    for bad in ("every day", "61 * * * *", "* * * *", "0 0 30 2 *", "*", "* * * * * *"):
        refused = await world.send("PUT", "/job-schedules/daily", {"cron": bad})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/cron"), bad
    assert (await world.send("PUT", "/job-schedules/none", {"cron": "* * * * *"})).status_code == 404
    assert (await world.send("PUT", "/job-schedules/%00", {"cron": "* * * * *"})).status_code == 422
    wanted = {"cron": "0 4 * * 1", "is_active": False, "reason": "示例"}
    await confirmed(world, await world.send("PUT", "/job-schedules/daily", wanted))
    (found,) = (await world.get("/job-schedules"))["items"]
    assert found["next_at"] == "2023-06-04T20:00:00.000000Z"
    async with world.database.writing() as session:
        await schedules.add_missing(session, registry)
    world.clock.set(2023, 7, 1)
    assert await Worker(world.database, registry).until_idle() == 0
    async with world.database.reading() as session:
        row = (await session.scalars(select(Schedule))).one()
        assert (row.cron, row.is_active) == ("0 4 * * 1", False), "the program does not undo it"


@pytest.mark.parametrize(
    ("cron", "is_active", "status"),
    [
        ("10 3 * * *", False, 202),
        ("10 3 * * 1", True, 202),
        ("10 3 1 * *", True, 202),
        ("10 3 1-30 * *", True, 202),
        ("0 0 29 2 *", True, 202),
        ("10 3 * * 1-5", True, 202),
        ("10 5 * * *", True, 200),
        ("10 3,15 * * *", True, 200),
        ("* * * * *", True, 200),
    ],
)
async def test_a_schedule_that_runs_more_seldom_waits_for_another_person(
    world: World, cron: str, is_active: bool, status: int
) -> None:
    """The job deletes expired data or ends lapsed rights."""
    async with world.database.writing() as session:
        await schedules.add_missing(session, Registry(KINDS, DAILY))
    wanted = {"cron": cron, "is_active": is_active}
    path = "/job-schedules/daily"
    if status == 202:
        assert (await world.send("PUT", path, wanted)).json()["errors"][0]["code"] == "reason_required"
    answer = await world.send("PUT", path, {**wanted, "reason": "示例"})
    assert answer.status_code == status
    (found,) = (await world.get("/job-schedules"))["items"]
    assert ((found["cron"], found["is_active"]) == (cron, is_active)) is (status == 200)
    if status == 202:
        await confirmed(world, answer)
        (found,) = (await world.get("/job-schedules"))["items"]
        assert (found["cron"], found["is_active"]) == (cron, is_active)
        back = await world.send("PUT", path, {"cron": "10 3 * * *"})
        assert (back.status_code, back.json()["is_active"]) == (200, True)
    await world.holds()


async def test_a_run_that_is_due_is_not_put_off_by_edits(world: World) -> None:
    async with world.database.writing() as session:
        await schedules.add_missing(session, Registry(KINDS, DAILY))
    due = (await world.get("/job-schedules"))["items"][0]["next_at"]
    world.clock.set(2023, 6, 1, 18)  # 2:00 of the second in Asia/Shanghai; it runs at 3:10
    edited = await world.send("PUT", "/job-schedules/daily", {"cron": "0 1 * * *"})
    assert (edited.json()["cron"], edited.json()["next_at"]) == ("0 1 * * *", due)


async def test_what_ended_long_ago_is_forgotten(world: World) -> None:
    done, failed = await enqueue(world), await enqueue(world, "refuse")
    await worker(world).until_idle()

    async def left() -> set[UUID]:
        async with world.database.writing() as session:
            await service.prune(session, Claimed(done, "", {}, 1, 1, ""))
        async with world.database.reading() as session:
            return set(await session.scalars(select(Job.id)))

    assert await left() == {done, failed}
    world.clock.moment += timedelta(days=8)
    assert await left() == {failed}
    world.clock.moment += timedelta(days=90)
    assert await left() == set()


async def test_what_the_program_does_by_itself(world: World) -> None:
    """Every kind that recurs does its work on a city without anything to do, and on one with."""
    registry = job_registry.registry()
    async with world.database.writing() as session:
        await schedules.add_missing(session, registry)
    await world.client.post("/api/v1/enterprises", json={"name": "示例企业"}, headers={"Idempotency-Key": "one"})
    await user(world, "clerk", Role.bureau)
    await session_of(world, "clerk")
    world.clock.moment += timedelta(days=40)
    assert await Worker(world.database, registry).until_idle() == len(registry.recurring)
    items = (await world.get("/jobs"))["items"]
    assert {item["state"] for item in items} == {"done"}
    results = {item["kind"]: item["result"] for item in items}
    assert results["idempotency.prune"] == {"count": 1}
    assert results["sessions.prune"] == {"count": 1}
    assert results["contacts.erase_expired"] == {"count": 0}


@pytest.mark.sqlite_only
async def test_due_jobs_are_found_by_their_index(world: World) -> None:
    if not world.database.is_sqlite:
        pytest.skip("the plan of an empty table on PostgreSQL is a scan")
    async with world.database.reading() as session:
        plan = "EXPLAIN QUERY PLAN SELECT id FROM jobs WHERE state = 'waiting' AND run_at <= :now ORDER BY run_at, id"
        rows = (await session.execute(text(plan), {"now": "2023"})).all()
    assert "ix_jobs_waiting" in str(rows)
    assert "TEMP B-TREE" not in str(rows)
