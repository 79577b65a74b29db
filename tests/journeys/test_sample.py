"""The sample gives the figures of the article by the ordinary queries, and marks made-up data."""

import asyncio
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.enterprises.models import Enterprise
from app.five_ones.models import LeaderAssignment, Plan, Team
from app.projects.models import Project
from app.projects.moves import ProjectMove
from app.sample import load
from tests.conftest import ROOT, World, running
from tests.factories.figures import adds_up

pytestmark = pytest.mark.anyio


async def the_quarter_is_the_articles(city: World) -> None:
    found = await adds_up(city, limit=200, period="2023Q1")
    signings = found["signings"]
    assert (signings["count"], signings["amount"], signings["same_quarter_landed"]) == (12, "13880000000.00", 3)
    together = found["collective_start"]
    assert (together["count"], together["amount"], together["without_amount"]) == (36, "4680000000.00", 0)
    going = found["started_or_resumed"]
    assert (going["count"], going["amount"], going["without_amount"]) == (243, "64860000000.00", 1)
    planned = found["planned_year"]
    assert planned["count"] == 731
    assert planned["amount"]["planned_total"] == "153200000000.00"
    assert planned["amount"]["planned_this_year"] == "20400000000.00"
    assert planned["without_amount"] == {"planned_total": 1, "planned_this_year": 2}
    assert found["awaiting_signed"]["count"] == 0
    large = (await adds_up(city, limit=200, period="2023Q1", min_planned_total="100000000"))["started_or_resumed"]
    assert (large["count"], large["amount"]) == (146, "60060000000.00")
    assert "35170000000.00" not in str(found)


async def the_quarter_was_seen_to_grow(city: World) -> None:
    asked = {"from": "2023-01-01", "to": "2023-03-31", "known_at": "2023-02-28"}
    then = await city.get("/totals/signings", **asked)
    assert (then["count"], then["amount"], then["same_quarter_landed"]) == (5, "10180000000.00", 1)
    counts = []
    for day in ("2022-12-31", "2023-01-31", "2023-02-28", "2023-03-31"):
        found = await city.get("/totals/overview", period="2023Q1", known_at=day)
        counts.append((found["planned_year"]["count"], found["started_or_resumed"]["count"]))
    assert counts == sorted(set(counts))
    assert (counts[0], counts[-1]) == ((0, 0), (731, 243))
    before = (await city.get("/totals/signings", **{"from": "2022-01-01", "to": "2022-12-31"}))["count"]
    assert before == 36


async def what_was_published_stands_beside_it(city: World) -> None:
    items = {}
    for period in ("2023Q1", "2023"):
        for item in (await city.get("/published-figures", period=period))["items"]:
            items[item["published"]["reference"]] = item
    assert {name: item["is_equal"] for name, item in items.items()} == {
        "S1 S2": True,
        "S3": True,
        "S7": True,
        "C1": True,
        "C2": False,
        "C3": True,
        "A1": None,
        "A2": None,
    }
    large = items["C2"]
    assert (large["published"]["count"], large["published"]["amount"]) == (77, "35170000000.00")
    assert (large["system"]["count"], large["system"]["amount"]) == (146, "60060000000.00")
    assert (large["difference"]["count"], large["difference"]["amount"]) == (-69, "-24890000000.00")
    for number in ("166", "296.9", "1.79", "146", "600.6", "69", "248.9"):
        assert number in large["published"]["explanation"]
    assert all(item["published"]["source"] for item in items.values())
    assert [items[name]["system"]["count"] for name in ("A1", "A2")] == [None, None]
    assert all(items[name]["system"]["reason_zh"] for name in ("A1", "A2"))


async def it_is_sound_and_taken_once(city: World) -> None:
    await city.holds()
    with pytest.raises(load.NotEmpty):
        async with city.database.writing() as session:
            await load.load(session)


async def what_is_made_up_says_so(city: World) -> None:
    async with city.database.snapshot() as session:
        for kind in (Project, Enterprise):
            says_so = kind.name.startswith("示例")
            assert await session.scalar(select(func.count()).where(says_so != kind.is_illustrative)) == 0
        real = set(await session.scalars(select(Project.name).where(~Project.is_illustrative)))
        codes = await session.scalars(select(Project.national_code).where(Project.national_code.is_not(None)))
        assert {code[4:12] for code in codes if code is not None} == {"-000000-"}
        for beneath in (LeaderAssignment, Team, Plan):
            made_up = select(Project.id).where(Project.is_illustrative)
            differs = beneath.is_illustrative != beneath.project_id.in_(made_up)
            assert await session.scalar(select(func.count()).where(differs)) == 0
    assert real == {
        "65万吨苯酚丙酮一体化产业链项目",
        "辽宁祥顺气体有限公司稀有气体生产线",
        "辽宁祥顺气体有限公司稀有气体精制项目（一期）",
        "沈白高铁抚顺段",
    }


async def what_the_article_does_not_say_is_overridden_on_record(city: World) -> None:
    """Asserts that exactly the gates that are not met are overridden, and in no other project."""
    async with city.database.snapshot() as session:
        rows = await session.execute(
            select(Project.short_name, Project.name, ProjectMove.to_stage, ProjectMove.override, ProjectMove.reason)
            .join(Project, Project.id == ProjectMove.project_id)
            .where(ProjectMove.override.is_not(None))
            .order_by(ProjectMove.project_id, ProjectMove.seq)
        )
        found: dict[str, dict[str, Any]] = {}
        for row in rows:
            found.setdefault(row.short_name or row.name, {})[row.to_stage] = row.override["gates"]
            assert row.override["reason"] == "报道未载明"
    bare = ["industry", "place", "unit_in_charge"]
    shown = {name: {stage: sorted(gates) for stage, gates in stages.items()} for name, stages in found.items()}
    building = {name: stages.get("building") for name, stages in shown.items()}
    assert building == {
        "三木苯酚丙酮": None,
        "祥顺稀有气体": None,
        "祥顺一期": ["leader", "permit", "project_approved", "team"],
        "沈白高铁抚顺段": ["leader", "permit", "plan", "project_approved", "team"],
    }
    assert shown["三木苯酚丙酮"]["signed"] == ["investor_contact", "leader", "milestones_planned", "plan", "team"]
    assert shown["祥顺稀有气体"]["screened"] == shown["祥顺一期"]["screened"] == bare
    assert shown["沈白高铁抚顺段"]["screened"] == ["industry", "unit_in_charge"]
    for name, why in (("祥顺一期", "采访日，开工日报道未载明"), ("沈白高铁抚顺段", "业务日，开工日报道未载明")):
        (project,) = (await city.get("/projects", q=name[:4] if name.startswith("沈") else "精制项目"))["items"]
        moves = await city.get(f"/projects/{project['id']}/moves")
        assert {move["reason"] for move in moves if move["kind"] == "forward"} == {why}


async def test_the_sample(sample_copy: str, subtests: pytest.Subtests) -> None:
    """Loaded once, looked at from all sides."""
    async with running(sample_copy) as city:
        for look in (
            the_quarter_is_the_articles,
            the_quarter_was_seen_to_grow,
            what_was_published_stands_beside_it,
            it_is_sound_and_taken_once,
            what_is_made_up_says_so,
            what_the_article_does_not_say_is_overridden_on_record,
        ):
            with subtests.test(look.__name__):
                await look(city)


_KILLED = """
import asyncio, os
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.sample import load

def watched(done, _all):
    if done == 150:
        os.kill(os.getpid(), int(os.environ["SIGNAL"]))

async def main():
    async with Database(Settings(), clock.system_now, is_shared=False).writing() as session:
        await load.load(session, watched)

asyncio.run(main())
"""


@pytest.mark.parametrize("with_signal", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_load_leaves_an_empty_database(database_url: str, with_signal: signal.Signals) -> None:
    """The process dies within the transaction; the database is as before, and the sample can still be loaded."""
    environment = {**os.environ, "FIVE_ONES_DATABASE_URL": database_url, "SIGNAL": str(int(with_signal))}
    killed = subprocess.run([sys.executable, "-c", _KILLED], env=environment, cwd=ROOT, check=False)
    assert killed.returncode == -with_signal

    async def left() -> tuple[bool, int]:
        database = Database(Settings(database_url=database_url), clock.system_now)
        try:
            async with database.reading() as session:
                events = await session.scalar(text("SELECT count(*) FROM events WHERE actor_id LIKE '%sample%'"))
                return await load.is_empty(session), events or 0
        finally:
            await database.close()

    assert asyncio.run(left()) == (True, 0)
