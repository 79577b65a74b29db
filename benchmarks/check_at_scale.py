"""How long `five-ones check` takes on many projects: copies of the sample's, made in bulk.

    python benchmarks/check_at_scale.py var/sample.db 10000

Wants a database that holds the sample; it works on a copy beside it. Prints seconds, rows, and seconds for each 1,000
projects, for the comparison with the log and for each other check. Copies are given names and codes of their own; what
the checks find in them does not matter here.
"""

import asyncio
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, insert, select

from app import tables
from app.checks.run import CHECKS
from app.core.clock import system_now
from app.core.config import Settings
from app.core.db import Database
from app.core.ids import new_id

BENEATH = ("project_amounts", "project_moves", "project_placements", "plan_list_rows", "evidence")
AT_ONCE = 500


async def multiply(database: Database, count: int) -> None:
    """Copy one project of the sample, with what hangs beneath it, until there are so many."""
    projects: Table = tables.metadata.tables["projects"]
    beneath = [tables.metadata.tables[name] for name in BENEATH]
    async with database.reading() as session:
        listed = tables.metadata.tables["plan_list_rows"].c.project_id
        model = (
            (await session.execute(select(projects).where(projects.c.id.in_(select(listed))).limit(1))).mappings().one()
        )
        parts = {
            table: [
                dict(row)
                for row in (await session.execute(table.select().where(table.c.project_id == model["id"]))).mappings()
            ]
            for table in beneath
        }
    for start in range(0, count, AT_ONCE):
        async with database.writing() as session:
            heads: list[dict[str, Any]] = []
            rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in beneath}
            for number in range(start, min(start + AT_ONCE, count)):
                project_id = new_id()
                named = {"id": project_id, "line_id": project_id, "code": f"B2023-{number:06d}", "national_code": None}
                heads.append({**model, **named, "name": f"示例：批量{number}"})
                for table, some in parts.items():
                    rows[table] += [{**row, "id": new_id(), "project_id": project_id} for row in some]
            await session.execute(insert(projects), heads)
            for table, some in rows.items():
                if some:
                    await session.execute(insert(table), some)


async def main(path: Path, count: int) -> None:
    copy = path.with_suffix(".scale.db")
    shutil.copy(path, copy)
    database = Database(Settings(database_url=f"sqlite:///{copy}"), system_now)
    try:
        await multiply(database, count)
        async with database.snapshot() as session:
            projects = tables.metadata.tables["projects"]
            total: int = await session.scalar(select(func.count()).select_from(projects)) or 0
            whole = 0.0
            for check in CHECKS:
                began = time.monotonic()
                await check(session)
                seconds = time.monotonic() - began
                whole += seconds
                print(
                    f"{check.__name__:<28}{seconds:8.2f} s{seconds / total * 1000:10.3f} s for 1,000 projects",
                    flush=True,
                )
            print(f"{'together, ' + str(total) + ' projects':<28}{whole:8.2f} s")
    finally:
        await database.close()
        copy.unlink(missing_ok=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
