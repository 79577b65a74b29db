"""How long a statement on SQLite takes through three connections, side by side in one run.

    .venv/bin/python benchmarks/sqlite_hops.py

plain   aiosqlite as SQLAlchemy's dialect opens it: a hop to its thread for each of open, execute, fetch, close
one     app.core.sqlite.connect: one hop a statement, what the server uses
none    app.core.sqlite.connect_inline: none, what a command uses

Prints each one's time over that of `plain`; smaller is quicker. Rounds alternate: a busy machine slows all three.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core import sqlite

ROUNDS, STATEMENTS = 15, 300


async def timed(engine: AsyncEngine) -> float:
    query = text("SELECT value FROM kept WHERE id = :id")
    async with engine.connect() as connection:
        begun = time.perf_counter()
        for number in range(STATEMENTS):
            (await connection.execute(query, {"id": number % 50})).all()
        return time.perf_counter() - begun


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        creators: dict[str, dict[str, Any]] = {
            "plain": {},
            "one": {"async_creator_fn": sqlite.connect},
            "none": {"async_creator_fn": sqlite.connect_inline},
        }
        engines = {name: create_async_engine(url, connect_args=args) for name, args in creators.items()}
        async with engines["plain"].begin() as connection:
            await connection.execute(text("CREATE TABLE kept (id INTEGER PRIMARY KEY, value TEXT)"))
            rows = [{"id": number, "value": "x" * 40} for number in range(50)]
            await connection.execute(text("INSERT INTO kept VALUES (:id, :value)"), rows)
        times: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(ROUNDS):
            for name, engine in engines.items():
                times[name].append(await timed(engine))
        for name in engines:
            ratios = [own / plain for own, plain in zip(times[name], times["plain"], strict=True)]
            print(f"{name:6} {statistics.median(ratios):.2f}")
        for engine in engines.values():
            await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
