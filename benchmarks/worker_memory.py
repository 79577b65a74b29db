"""Whether a worker's memory stays flat, over fifty thousand jobs that do nothing.

    .venv/bin/python benchmarks/worker_memory.py

Prints how much memory the process holds (MiB, resident) after a warm-up of five thousand jobs and after every five
thousand more, and what it held at last over what it held after the warm-up; 1.10 is the limit. On SQLite, in memory
where there is room for files.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from app import schema
from app.core import clock, logs
from app.core.actor import system
from app.core.config import Settings
from app.core.db import Database
from app.jobs import service as jobs
from app.jobs.kinds import Claimed, Kind, Registry, Result
from app.jobs.worker import Worker

BATCH, BATCHES, SLOTS = 5000, 10, 8
MADE_AT_ONCE = 500
"""Many more, and the room they take at first would hide what is lost later."""
LIMIT = 1.10
CLI = system("benchmark")
KIND = "benchmark.nothing"


class Nothing:
    """The work of every job; says when a batch has been begun to its last."""

    def __init__(self) -> None:
        self.count = 0
        self.is_over = asyncio.Event()

    async def __call__(self, _session: AsyncSession, _job: Claimed) -> Result:
        self.count += 1
        if self.count % BATCH == 0:
            self.is_over.set()
        return None


def resident() -> float:
    """MiB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def do_batch(database: Database, work: Nothing) -> float:
    """MiB held after so many jobs more."""
    work.is_over.clear()
    for _ in range(BATCH // MADE_AT_ONCE):
        async with database.writing() as session:
            for _ in range(MADE_AT_ONCE):
                await jobs.enqueue(session, CLI, KIND, {})
    await work.is_over.wait()
    return resident()


async def measure(settings: Settings) -> None:
    database, work = Database(settings, clock.system_now), Nothing()
    worker = Worker(database, Registry([Kind(KIND, work=work)]), slots=SLOTS)
    worker.start()
    begun = time.monotonic()
    first = last = await do_batch(database, work)
    print(f"  {work.count:6} jobs   {first:6.1f} MiB")
    for _ in range(BATCHES):
        last = await do_batch(database, work)
        print(f"  {work.count:6} jobs   {last:6.1f} MiB")
    rate = work.count / (time.monotonic() - begun)
    await worker.stop(settings.worker_drain_seconds)
    await database.close()
    print(f"  {last / first:.3f} of what it held after the warm-up (limit {LIMIT:.2f}); {rate:.0f} jobs a second")


def main() -> None:
    in_memory = Path("/dev/shm")
    place = in_memory if os.access(in_memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        settings = Settings(database_url=f"sqlite:///{Path(folder) / 'bench.db'}", log_level="error")
        logs.configure(settings)
        schema.upgrade(settings)
        asyncio.run(measure(settings))


if __name__ == "__main__":
    main()
