"""How long `five-ones check` takes on many projects: copies of the sample's, made in bulk.

    python benchmarks/check_at_scale.py var/sample.db 10000
    python benchmarks/check_at_scale.py postgresql://five_ones@127.0.0.1/sample 10000 --deals

Wants a database that holds the sample, to which nobody is connected, and on PostgreSQL a user who may make databases:
it works on a copy, which it removes. Prints seconds, rows, and seconds for each 1,000 projects, for the comparison with
the log and for each other check, and the most memory it took. With `--deals` each copy has signed, with its deal, facts
and entries; else none has. Copies are given names and codes of their own; what the checks find does not matter here.
"""

import asyncio
import resource
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Select, Table, func, insert, make_url, select
from sqlalchemy.ext.asyncio import AsyncSession

from app import tables
from app.checks import run
from app.checks.run import CHECKS
from app.core.clock import system_now
from app.core.config import Settings
from app.core.db import Database
from app.core.ids import new_id

BENEATH = ("project_amounts", "project_moves", "project_placements", "plan_list_rows", "evidence")
BENEATH_DEALS = ("deal_facts", "ledger_entries")
AT_ONCE = 500

TABLES = tables.metadata.tables
Rows = list[dict[str, Any]]


def _model(with_deal: bool) -> Select[Any]:
    """A project on a plan list; with a live deal that was never corrected, where one is wanted."""
    projects, deals, facts = TABLES["projects"], TABLES["deals"], TABLES["deal_facts"]
    if not with_deal:
        listed = select(TABLES["plan_list_rows"].c.project_id)
        return select(projects).where(projects.c.id.in_(listed)).limit(1)
    corrected = select(facts.c.deal_id).where(facts.c.corrects_id.is_not(None))
    signed = select(deals.c.project_id).where(deals.c.status == "live", deals.c.id.not_in(corrected))
    return select(projects).where(projects.c.id.in_(signed)).limit(1)


async def _rows(session: AsyncSession, query: Select[Any]) -> Rows:
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def multiply(database: Database, count: int, *, with_deal: bool = False) -> None:
    """Copy one project of the sample, with what hangs beneath it, until there are so many."""
    projects, deals = TABLES["projects"], TABLES["deals"]
    async with database.reading() as session:
        (model,) = await _rows(session, _model(with_deal))
        parts = {
            table: await _rows(session, table.select().where(table.c.project_id == model["id"]))
            for table in (TABLES[name] for name in BENEATH)
        }
        deal, of_deal = None, {}
        if with_deal:
            its = deals.select().where(deals.c.project_id == model["id"], deals.c.status == "live")
            (deal,) = await _rows(session, its)
            of_deal = {
                table: await _rows(session, table.select().where(table.c.deal_id == deal["id"]))
                for table in (TABLES[name] for name in BENEATH_DEALS)
            }
    for start in range(0, count, AT_ONCE):
        rows: dict[Table, Rows] = {projects: [], **{table: [] for table in parts}, deals: []}
        rows |= {table: [] for table in of_deal}
        for number in range(start, min(start + AT_ONCE, count)):
            own, signed = new_id(), new_id()
            named = {"id": own, "line_id": own, "code": f"B2023-{number:06d}", "national_code": None}
            rows[projects].append({**model, **named, "name": f"示例：批量{number}"})
            for table, some in parts.items():
                rows[table] += [{**row, "id": new_id(), "project_id": own} for row in some]
            if deal is not None:
                of_its_own = {"id": signed, "project_id": own, "code": f"BD2023-{number:06d}", "agreement_no": None}
                rows[deals].append({**deal, **of_its_own, "agreement_key": None})
                for table, some in of_deal.items():
                    rows[table] += [{**row, "id": new_id(), "deal_id": signed} for row in some]
        async with database.writing() as session:
            for table, some in rows.items():
                if some:
                    await session.execute(insert(table), some)


@asynccontextmanager
async def copy_of(told: str) -> AsyncIterator[str]:
    """A copy of a database, named by its URL or its file; it is gone afterwards."""
    if told.startswith("postgres"):
        url = make_url(told).set(drivername="postgresql")
        name = f"{url.database}_scale"
        admin = await asyncpg.connect(url.set(database="postgres").render_as_string(hide_password=False))
        try:
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
            await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{url.database}"')
            try:
                yield url.set(database=name).render_as_string(hide_password=False)
            finally:
                await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        finally:
            await admin.close()
        return
    path = Path(told.removeprefix("sqlite:///"))
    copy = path.with_suffix(".scale.db")
    shutil.copy(path, copy)
    try:
        yield f"sqlite:///{copy}"
    finally:
        for file in copy.parent.glob(copy.name + "*"):
            file.unlink()


async def main(told: str, count: int, *, with_deal: bool) -> None:
    async with copy_of(told) as url:
        database = Database(Settings(database_url=url), system_now, is_shared=False)
        try:
            await multiply(database, count, with_deal=with_deal)
            if not database.is_sqlite:
                connection = await asyncpg.connect(url)
                await connection.execute("ANALYZE")
                await connection.close()
            async with database.snapshot() as session:
                await _measure(session)
        finally:
            await database.close()


async def _measure(session: AsyncSession) -> None:
    total: int = await session.scalar(select(func.count()).select_from(TABLES["projects"])) or 0
    whole = 0.0
    with run.collecting_rarely():
        for check in CHECKS:
            began = time.monotonic()
            await check(session)
            seconds = time.monotonic() - began
            whole += seconds
            each = seconds / total * 1000
            print(f"{check.__name__:<28}{seconds:8.2f} s{each:10.3f} s for 1,000 projects", flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{'together, ' + str(total) + ' projects':<28}{whole:8.2f} s, {memory} MiB at most")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), with_deal="--deals" in sys.argv))
