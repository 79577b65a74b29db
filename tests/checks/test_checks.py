"""`five-ones check` names each row that was broken by hand, under every rule."""

import asyncio

import pytest
from sqlalchemy import text

from app.checks.run import CHECKS
from tests.conftest import World, running
from tests.factories import city as make

COPY_ENTRY = """
INSERT INTO ledger_entries (id, deal_id, kind, of_kind, effective_on, recorded_at, count, amount, landed, unit_id,
  size, seq, side, is_reversal, event_id)
SELECT event_id, deal_id, kind, of_kind, effective_on, recorded_at, count, amount, landed, unit_id,
  size, seq, side, is_reversal, event_id FROM ledger_entries
"""
COPY_LEADER = """
INSERT INTO leader_assignments (id, project_id, official_id, capacities, opened_on, is_illustrative, event_id)
SELECT event_id, project_id, official_id, capacities, opened_on, is_illustrative, event_id FROM leader_assignments
"""
COPY_TEAM = """
INSERT INTO teams (id, project_id, lead_unit_id, leader_id, contact_id, opened_on, is_illustrative, event_id)
SELECT event_id, project_id, lead_unit_id, leader_id, contact_id, opened_on, is_illustrative, event_id FROM teams
"""
COPY_PLACEMENT = """
INSERT INTO project_placements (id, project_id, effective_on, recorded_at, unit_id, program,
  states_unit, states_task_force, states_program, event_id)
SELECT event_id, project_id, '2030-01-01', recorded_at, unit_id, 'both', true, false, false, event_id
  FROM project_placements
"""
BROKEN = {
    "stage": ["UPDATE projects SET stage = 'building'"],
    "stage, by its landing": ["UPDATE projects SET landed_on = '2023-02-02'"],
    "planned_total": ["UPDATE projects SET planned_total = 7"],
    "versions": ["UPDATE projects SET version = version + 1"],
    "versions, of a unit": ["UPDATE units SET version = version + 1"],
    "deal_and_stage": ["UPDATE deals SET status = 'voided'"],
    "place": ["UPDATE projects SET program = 'both'"],
    "place, by a dated row": [COPY_PLACEMENT],
    "deal_and_stage, by its place": ["UPDATE projects SET task_force_id = (SELECT min(id) FROM task_forces)"],
    "ledger": ["UPDATE deals SET agreed_amount = 1"],
    "ledger, by an entry twice": [COPY_ENTRY],
    "last_activity": ["UPDATE projects SET last_activity_on = '2022-01-01'"],
    "due_on": ["UPDATE projects SET due_on = '2022-01-01'"],
    "leader_assignments": ["DROP INDEX uq_leader_assignments_open", COPY_LEADER],
    "teams": ["DROP INDEX uq_teams_open", COPY_TEAM],
    "lead": ["UPDATE leads SET status = 'decline', assessed_on = '2023-06-01'"],
    "lead_days": ["UPDATE leads SET assess_due_on = '2023-01-01'"],
    "key": ["UPDATE projects SET name_normalized = 'x'"],
    "key, of an enterprise": ["UPDATE enterprises SET name_normalized = '15'"],
    "knowledge": ["UPDATE knowledge_head SET recorded_at = '1950-01-01'"],
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_row_broken_by_hand_is_named(database_url: str, rule: str) -> None:
    statements = BROKEN[rule]
    if not database_url.startswith("sqlite"):
        statements = [one.replace("min(id)", "min(id::text)::uuid") for one in statements]
    asyncio.run(_break(database_url, rule.partition(",")[0], statements))


async def _break(url: str, rule: str, statements: list[str]) -> None:
    async with running(url) as world:
        city = await make.make_city(world)
        project, deal = await make.make_signed(city)
        lead = await make.make_lead(city)
        await world.holds()
        async with world.database.writing() as session:
            for statement in statements:
                await session.execute(text(statement))
        found = [finding for finding in await world.findings() if finding.rule == rule]
        assert found
        names = (project["code"], deal["code"], lead["code"], project["id"], city.city, city.investor, "ledger_entries")
        assert any(name in finding.row for finding in found for name in names), found


@pytest.mark.anyio
async def test_a_parent_that_shows_another_stage_is_named(world: World) -> None:
    city = await make.make_city(world)
    parent = await make.make_project(city)
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-10"}
    await world.post(f"/projects/{parent['id']}/phases", first, version=1)
    await world.holds()
    async with world.database.writing() as session:
        await session.execute(text("UPDATE projects SET stage = 'building' WHERE is_parent"))
    assert [(finding.rule, finding.row) for finding in await world.findings()] == [
        ("parent_stage", f"project {parent['code']}")
    ]


@pytest.mark.anyio
async def test_all_checks_are_asked_and_progress_is_told(world: World) -> None:
    from app.checks.run import run

    told: list[tuple[int, int]] = []
    async with world.database.snapshot() as session:
        assert await run(session, lambda done, total: told.append((done, total))) == []
    assert told == [(done, len(CHECKS)) for done in range(1, len(CHECKS) + 1)]
