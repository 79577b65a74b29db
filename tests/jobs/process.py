"""A worker process that tests kill: python -m tests.jobs.process URL

Does the jobs there are, prints a line per job, and ends when none waits or runs.
"""

import asyncio
import sys
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, logs
from app.core.actor import system
from app.core.config import Settings
from app.core.db import Database
from app.events import service as events
from app.jobs.kinds import Claimed, Kind, Registry, Result
from app.jobs.models import ENDED, Job
from app.jobs.worker import Worker

COUNTED = "test.counted"
LEASE = timedelta(seconds=2)


async def count(session: AsyncSession, job: Claimed) -> Result:
    """Adds a row each time it is done."""
    await events.note(session, system("worker"), COUNTED, "job", job.id)
    sys.stdout.write(f"{job.id}\n")
    sys.stdout.flush()
    return None


async def main(url: str) -> None:
    settings = Settings(database_url=url, log_level="error")
    logs.configure(settings)
    database = Database(settings, clock.system_now)
    worker = Worker(database, Registry([Kind("count", work=count)]), poll_seconds=0.1, lease=LEASE)
    worker.start()
    left = select(func.count()).select_from(Job).where(Job.state.not_in(ENDED))
    while True:
        async with database.reading() as session:
            if not await session.scalar(left):
                break
        await asyncio.sleep(0.1)
    await worker.stop(10)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
