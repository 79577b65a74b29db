"""Worker processes that the storm kills: python -m tests.webhooks.process URL

Runs `five-ones worker` with a lease that a test can wait out. Each line on standard input starts a worker, one at a
time: its process id is printed and, once it has ended, its return code. The program is loaded once and each worker
forked from it, which saves seconds per kill.
"""

import asyncio
import os
import signal
import sys

from app import job_registry
from app.core import clock, logs
from app.core.config import Settings
from app.core.db import Database
from app.jobs.worker import Worker
from tests.jobs.process import LEASE


async def do_jobs(url: str) -> None:
    """Runs a worker until it is told to stop or its parent is gone."""
    settings = Settings(database_url=url, log_level="warning")
    logs.configure(settings)
    database = Database(settings, clock.system_now)
    worker = Worker(database, job_registry.registry(), slots=settings.worker_slots, poll_seconds=0.1, lease=LEASE)
    worker.start()
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    loop.add_reader(sys.stdin, told.set)
    await told.wait()
    await worker.stop(10)
    await database.close()


def main(url: str) -> None:
    while sys.stdin.readline():
        number = os.fork()
        if number == 0:
            asyncio.run(do_jobs(url))
            return
        say(number)
        say(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]))


def say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
