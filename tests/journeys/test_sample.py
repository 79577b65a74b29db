"""The sample gives the figures of the article by the ordinary queries, and marks made-up data."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from app.accounts.roles import Role, permissions_of
from app.construction.models import PlanListRow
from app.core import clock
from app.core.clock import system_now
from app.core.config import Settings
from app.core.db import Database
from app.enterprises.models import Enterprise
from app.five_ones.models import LeaderAssignment, Plan, Team
from app.projects.models import Project
from app.projects.moves import ProjectMove
from app.sample import load
from tests.accounts.people import session_of, sign_in_required
from tests.conftest import ROOT, World, running
from tests.deals.test_submissions import separated
from tests.factories.figures import adds_up
from tests.webhooks.sender import work_off

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


async def no_stage_is_empty(city: World) -> None:
    board = await city.get("/pipeline/board", cards=1)
    assert all(column["count"] and column["cards"] for column in board["columns"])
    counts = {column["stage"]: column["count"] for column in board["columns"]}
    assert (counts["negotiating"], counts["framework"]) == (6, 3)
    assert next(column for column in board["columns"] if column["stage"] == "negotiating")["overdue"] > 0


async def promotion_has_all_that_happens_to_it(city: World) -> None:
    """One paused, one given up before it was signed, one in phases; none on the plan list or with a live agreement."""
    for status in ("paused", "terminated"):
        (row,) = (await city.get("/projects", status=status))["items"]
        assert (row["program"], row["stage"], row["is_illustrative"]) == ("promotion", "negotiating", True)
    parents = (await city.get("/projects", is_leaf="false", program="promotion"))["items"]
    (whole,) = [row for row in parents if row["is_parent"]]
    phases = (await city.get("/projects", q=whole["name"] + "（"))["items"]
    assert {row["stage"] for row in phases} == {"negotiating", "screened"}
    early = (await city.get("/projects", stage="negotiating,framework", is_leaf="true", limit=200))["items"]
    assert len(early) == 11
    for row in early:
        assert row["is_illustrative"]
        deals = (await city.get("/deals", project_id=row["id"]))["items"]
        assert {deal["status"] for deal in deals} <= {"draft"}
    async with city.database.snapshot() as session:
        listed = select(func.count()).where(PlanListRow.project_id.in_([UUID(row["id"]) for row in early]))
        assert await session.scalar(listed) == 0


async def milestones_are_late_and_next_steps_wait(city: World) -> None:
    late = (await city.get("/milestones", state="overdue", limit=200))["items"]
    assert {row["stage"] for row in late} >= {"negotiating", "framework"}
    assert all(row["days_late"] > 0 for row in late)
    (forecast,) = (await city.get("/projects", q="风电装备总装"))["items"]
    milestones = (await city.get(f"/projects/{forecast['id']}/five-ones"))["plan"]["milestones"]
    days = [(one["planned_on"], one["forecast_on"], one["actual_on"]) for one in milestones]
    assert days[0] == ("2023-03-10", "2023-04-20", None)
    steps = []
    for row in (await city.get("/projects", stage="negotiating,framework", limit=200))["items"]:
        follow_ups = (await city.get(f"/projects/{row['id']}/follow-ups"))["items"]
        steps += [one["next_step_on"] for one in follow_ups if one["next_step"]]
    assert min(steps) < "2023-03-31" < max(steps)
    assert "2023-03-31" in steps


async def task_forces_have_leaders_and_targets(city: World) -> None:
    rows = (await city.get("/task-forces"))["items"]
    assert len(rows) == 7
    for row in rows:
        whole = await city.get(f"/task-forces/{row['id']}")
        assert all(whole[name] for name in ("lead_official_id", "lead_unit_id", "members"))
        assert whole["cadence"].startswith("示例")
        assert "示例" in whole["source"]
        (target,) = whole["targets"]
        assert (target["year"], target["signings"] > 0) == (2023, True)
        leader = await city.get(f"/officials/{whole['lead_official_id']}")
        assert leader["is_illustrative"]
        assert all(post["title"].endswith("（示例）") for post in leader["posts"])


async def the_accounts_have_work_of_their_own(city: World) -> None:
    users = {user["name"]: user for user in (await city.get("/users"))["items"]}
    then, city.clock.moment = city.clock.moment, system_now()  # the passwords are of today
    async with sign_in_required(city):
        for name, has_official in {
            "demo-leader": True,
            "demo-bureau": True,
            "demo-bureau-2": True,
            "demo-district": False,
            "demo-department": False,
            "demo-task-force": False,
        }.items():
            assert (users[name]["official_id"] is not None) == has_official
            headers = await session_of(city, name)
            counts = (await city.client.get("/api/v1/me/counts", headers=headers)).json()
            assert counts["todo"] > 0, name
    city.clock.moment = then


async def answered_leads_have_handlers(city: World) -> None:
    leads = [await city.get(f"/leads/{row['id']}") for row in (await city.get("/leads"))["items"]]
    assert {lead["handler"] is not None for lead in leads if lead["answered_on"]} == {True}
    assert any(lead["answered_on"] for lead in leads)


async def messages_came_and_went(city: World) -> None:
    inbox = await city.get("/inbox")
    assert {state: count for state, count in inbox["counts"].items() if count} == {"applied": 1, "parked": 1}
    (applied,) = [one for one in inbox["items"] if one["state"] == "applied"]
    (change,) = applied["changed"]
    project = await city.get(f"/projects/{change['id']}")
    assert project["is_illustrative"]
    (endpoint,) = (await city.get("/webhook-endpoints"))["items"]
    assert not endpoint["is_active"]
    (delivery,) = (await city.get(f"/webhook-endpoints/{endpoint['id']}/deliveries"))["items"]
    assert (delivery["state"], delivery["attempts"], delivery["next_at"]) == ("failed", 1, None)
    # What is left of the jobs, and whatever is due, moves none of it.
    await work_off(city)
    assert (await city.get("/inbox"))["counts"] == inbox["counts"]


async def another_of_the_bureau_approves_a_draft(city: World) -> None:
    """The last look, since it makes the thirteenth signing."""
    users = {user["name"]: user["id"] for user in (await city.get("/users"))["items"]}
    drafts = (await city.get("/deals", status="draft"))["items"]
    assert len(drafts) == 2
    await separated(city)
    anybody = city.actor
    bodies = [await city.get(f"/deals/{row['id']}") for row in drafts]
    assert all(body["submitted_at"] for body in bodies)
    (draft,) = [body for body in bodies if body["submitted_by"] == users["demo-bureau"]]
    try:
        for name, status in (("demo-bureau", 403), ("demo-bureau-2", 200)):
            city.actor = replace(anybody, id=users[name], permissions=permissions_of([Role.bureau]))
            path = f"/deals/{draft['id']}/approval"
            answer = await city.send("POST", path, {}, version=draft["version"])
            assert answer.status_code == status, answer.text
    finally:
        city.actor = anybody
    await city.holds()


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
            no_stage_is_empty,
            promotion_has_all_that_happens_to_it,
            milestones_are_late_and_next_steps_wait,
            task_forces_have_leaders_and_targets,
            answered_leads_have_handlers,
            the_accounts_have_work_of_their_own,
            messages_came_and_went,
            another_of_the_bureau_approves_a_draft,
        ):
            with subtests.test(look.__name__):
                await look(city)


_KILLED = """
import asyncio, os, signal
from app.core import clock
from app.core.clock import system_now
from app.core.config import Settings
from app.core.db import Database
from app.sample import load

def watched(done, _all):
    if done == 150:
        os.kill(os.getpid(), int(os.environ["SIGNAL"]))

async def main():
    async with Database(Settings(), clock.system_now, is_shared=False).writing() as session:
        await load.load(session, watched)

# A program begun in the background inherits that SIGINT is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
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
