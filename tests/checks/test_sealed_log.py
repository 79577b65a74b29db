"""The sealed log vouches for the rows: whatever is changed consistently behind the service's back is found, and named."""

import pytest
from sqlalchemy import text

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

COOKED = {
    "the amount, within a size band": [
        "UPDATE deals SET agreed_amount = agreed_amount + 100",
        "UPDATE deal_facts SET amount = amount + 100",
        "UPDATE ledger_entries SET amount = amount + 100",
    ],
    "who drafted": ["UPDATE deals SET drafted_by = 'somebody'"],
    "the way to the office": ["UPDATE stage_gates SET strictness = 'warn'"],
    "planned total": [
        "UPDATE project_amounts SET value = value + 100 WHERE kind = 'planned_total'",
        "UPDATE projects SET planned_total = planned_total + 100",
    ],
}


@pytest.mark.xfail(strict=True, reason="rows are compared with rows, not with the sealed log")
@pytest.mark.parametrize("what", COOKED)
async def test_what_was_changed_consistently_is_found(world: World, what: str) -> None:
    city = await make.make_city(world)
    project, _ = await make.make_signed(city)
    amount = {"kind": "planned_total", "value": "5000000.00", "effective_on": "2023-03-01", "source": "示例"}
    await world.post(f"/projects/{project['id']}/amounts", amount)
    await world.holds()
    async with world.database.writing() as session:
        if world.database.is_sqlite:
            rows = await session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            for name in rows.all():
                await session.execute(text(f"DROP TRIGGER {name}"))
        else:
            await session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in COOKED[what]:
            await session.execute(text(statement))
    assert [finding for finding in await world.findings() if finding.rule == "sealed_log"]
