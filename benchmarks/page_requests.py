"""Prints the requests that each page of the client takes after start-up, sent through the whole application.

    .venv/bin/python benchmarks/page_requests.py

Loads the sample into a new SQLite database, asks for every page as an account of the sample, signed in, and ends with 1
where a page takes more requests than it may, or an answer lacks a field that the page shows.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import running
from tests.journeys.pages import PAGES, Visit, visit


async def visits(url: str) -> dict[str, Visit]:
    async with running(url) as world:
        return await visit(world)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'sample.db'}"
        for command in ("migrate", "sample"):
            subprocess.run(
                [sys.executable, "-m", "app.commands.main", command],
                env={**os.environ, "FIVE_ONES_DATABASE_URL": url},
                stdout=subprocess.DEVNULL,
                check=True,
            )
        found = asyncio.run(visits(url))
    for name, (requests, lacking) in found.items():
        print(f"{name:<20}{len(requests):>2} of {PAGES[name].most}   {'  '.join(requests)}")
        for field in lacking:
            print(f"{'':<25}lacks {field}")
    return int(any(lacking or len(requests) > PAGES[name].most for name, (requests, lacking) in found.items()))


if __name__ == "__main__":
    sys.exit(main())
