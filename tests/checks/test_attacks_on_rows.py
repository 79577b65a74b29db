"""Rows changed consistently by the owner of the database, triggers off and on: `check` or `audit verify` names them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.accounts.roles import Role
from app.audit import seals
from tests.accounts.people import token, user
from tests.audit.test_seals import behind_its_back, seal
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Attack:
    """SQL statements of an attack, by database where they differ; the tables that `check` must name, and the findings
    of `verify`."""

    what: str
    statements: tuple[str, ...]
    checked: frozenset[str] = frozenset()
    verified: frozenset[str] = frozenset()
    on_postgresql: tuple[str, ...] = ()


def attack(
    what: str, *statements: str, checked: str = "", verified: str = "", on_postgresql: tuple[str, ...] = ()
) -> Attack:
    return Attack(what, statements, frozenset(checked.split()), frozenset(verified.split()), on_postgresql)


ATTACKS = (
    attack(
        "a deal counts for another district",
        "UPDATE projects SET unit_id = :unit WHERE id = :project",
        "UPDATE project_placements SET unit_id = :unit WHERE project_id = :project",
        "UPDATE deal_facts SET unit_id = :unit WHERE unit_id IS NOT NULL",
        "UPDATE ledger_entries SET unit_id = :unit",
        checked="projects project_placements deal_facts ledger_entries",
    ),
    attack(
        "a signing of the quarter before",
        "UPDATE deals SET signed_on = '2022-12-30'",
        "UPDATE deal_facts SET effective_on = '2022-12-30'",
        "UPDATE ledger_entries SET effective_on = '2022-12-30'",
        "UPDATE project_moves SET happened_on = '2022-12-30' WHERE to_stage = 'signed'",
        "UPDATE projects SET stage_since = '2022-12-30' WHERE stage = 'signed'",
        checked="deals deal_facts ledger_entries project_moves",
    ),
    attack(
        "one amount under another key",
        "UPDATE project_amounts SET id = :forged WHERE value = 400000000",
        checked="project_amounts",
    ),
    attack(
        "a role for a friend",
        "INSERT INTO user_roles (user_id, role) SELECT id, 'leader' FROM users WHERE name = 'friend'",
        checked="user_roles",
    ),
    attack(
        "a token becomes another's",
        "UPDATE api_tokens SET user_id = (SELECT id FROM users WHERE name = 'friend')",
        checked="api_tokens",
    ),
    attack(
        "an enterprise as it was before its last edit, and the log in the other order",
        "UPDATE enterprises SET origin = 'domestic' WHERE name = '示例：改名有限公司'",
        "UPDATE written_rows SET number = -number WHERE event_id IN (SELECT id FROM events WHERE subject_id = :edited)",
        verified="altered",
    ),
    attack(
        "the row and what the log keeps of it",
        "UPDATE project_amounts SET value = 900000000",
        "UPDATE projects SET planned_total = 900000000 WHERE planned_total IS NOT NULL",
        """UPDATE written_rows SET tables = replace(tables, '"5000000"', '"9000000"')""",
        verified="altered",
        on_postgresql=(
            "UPDATE project_amounts SET value = 900000000",
            "UPDATE projects SET planned_total = 900000000 WHERE planned_total IS NOT NULL",
            """UPDATE written_rows SET tables = replace(tables\\:\\:text, '"5000000"', '"9000000"')\\:\\:json""",
        ),
    ),
    attack(
        "a later statement, hung on an event that made none",
        "UPDATE stage_gates SET strictness = 'warn' WHERE stage = 'landed' AND gate = 'code_or_arrival'",
        "INSERT INTO written_rows (number, event_id, tables)"
        " SELECT 900000, :bare, tables FROM written_rows WHERE number = (SELECT max(number) FROM written_rows)",
        checked="stage_gates",
        verified="altered",
    ),
    attack(
        "a trigger that cooks what is written from now on",
        "CREATE TRIGGER helpful AFTER INSERT ON ledger_entries BEGIN"
        " UPDATE deals SET title = title WHERE id = new.deal_id; END",
        verified="trigger_added",
        on_postgresql=("CREATE RULE helpful AS ON INSERT TO ledger_entries DO ALSO NOTIFY helpful",),
    ),
)


async def named(world: World) -> tuple[set[str], set[tuple[str, str]]]:
    """Returns the rows that `check` names by the log, and kind and name of the findings of `audit verify`."""
    findings = [found for found in await world.findings() if found.rule == "sealed_log" and not found.is_notice]
    async with world.database.snapshot() as session:
        verdict = await seals.verify(session, datetime.now(UTC), allowed=seals.allowance(world.settings))
    return {finding.row for finding in findings}, {(broken.kind, broken.what) for broken in verdict.broken}


async def fill(world: World) -> dict[str, str]:
    """Makes a lawful history with most kinds of acts, some undone and corrected. Returns ids by name."""
    city = await make.make_city(world)
    project, deal = await make.make_signed(city)
    path = f"/projects/{project['id']}"
    for value in ("4000000.00", "5000000.00"):
        amount = {"kind": "planned_total", "value": value, "effective_on": "2023-03-01", "source": "示例"}
        await world.post(f"{path}/amounts", amount)
    edited = await world.post("/enterprises", {"name": "示例：改名有限公司", "origin": "domestic"})
    for origin in ("overseas", "domestic", "overseas"):
        answer = await world.send(
            "PATCH",
            f"/enterprises/{edited['id']}",
            {"origin": origin},
            version=await world.version(f"/enterprises/{edited['id']}"),
        )
        assert answer.status_code == 200, answer.text
    ruling = {"unit_id": city.districts[1], "ruled_on": "2023-03-01", "document": "示例", "reason": "示例"}
    await world.act(path, "transfers", ruling)
    ending = {"happened_on": "2023-04-10", "reason_code": "market", "reason": "示例"}
    await world.act(path, "termination", ending)
    last = (await world.get(f"{path}/moves"))[-1]
    await world.act(path, f"moves/{last['id']}/correction", {"happened_on": "2023-04-09", "reason": "示例"})
    await world.act(path, "reinstatement", {"reason": "示例"})
    await make.make_lead(city)
    await user(world, "clerk", Role.bureau)
    await token(world, "clerk")
    await user(world, "friend")
    return {"project": project["id"], "unit": city.districts[0], "edited": edited["id"], "deal": deal["id"]}


async def test_each_is_named_and_what_was_lawful_is_not(world: World) -> None:
    ids = await fill(world)
    await seal(world)
    await world.holds()
    assert await named(world) == (set(), set())
    events = "SELECT id FROM events WHERE actor_id <> 'migration' AND id NOT IN (SELECT event_id FROM written_rows)"
    async with world.database.reading() as session:
        bare = await session.scalar(text(f"{events} ORDER BY id LIMIT 1"))
    values: dict[str, Any] = {**ids, "forged": str(uuid4()), "bare": str(bare)}
    if world.database.is_sqlite:
        values = {name: UUID(value).hex for name, value in values.items()}
    rows, broken = await named(world)
    for one in ATTACKS:
        statements = one.statements if world.database.is_sqlite else one.on_postgresql or one.statements
        await behind_its_back(world, *statements, **values)
        rows_now, broken_now = await named(world)
        tables, kinds = {row.split()[0] for row in rows_now - rows}, {kind for kind, _ in broken_now - broken}
        assert one.checked <= tables, f"{one.what}: check names {tables}"
        assert one.verified <= kinds, f"{one.what}: verify finds {kinds}"
        rows, broken = rows_now, broken_now


async def test_a_value_that_no_model_can_read_is_named_and_hides_nothing_else(world: World) -> None:
    city = await make.make_city(world)
    _, deal = await make.make_signed(city)
    await make.make_lead(city)
    await world.holds()
    if world.database.is_sqlite:
        free = "PRAGMA ignore_check_constraints=ON"
    else:
        free = "ALTER TABLE deals DROP CONSTRAINT ck_deals_status"
    await behind_its_back(
        world, free, "UPDATE deals SET status = 'nonsense'", "UPDATE leads SET assess_due_on = '2023-01-01'"
    )
    found = {(finding.rule, finding.row.split()[0]) for finding in await world.findings()}
    assert {("sealed_log", "deals"), ("unreadable", "lines_on_record"), ("lead_days", "lead")} <= found
    (named,) = [finding for finding in await world.findings() if finding.row.startswith(f"deals {deal['code']}")]
    assert "status: live → nonsense" in named.what.en
