"""What finding the route of an address takes, by `app.core.routing.Router` and by FastAPI's own router, in one run.

    .venv/bin/python benchmarks/routing.py

Prints microseconds for an address of the first room, of one in the middle, of the last, and outside the API: the
median of the rounds, which take turns.
"""

import statistics
import time
from collections.abc import Callable

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope

from app.core.config import Settings
from app.core.routing import Router
from app.main import create_app

ROUNDS, FINDS = 7, 200
ADDRESSES = ("/api/v1/me/tasks", "/api/v1/projects", "/api/v1/audit", "/api/v1/meta", "/healthz")


def main() -> None:
    app = create_app(Settings(client_directory=""))

    def find(address: str) -> None:
        scope: Scope = {"type": "http", "method": "GET", "path": address, "root_path": ""}
        assert any(route.matches(scope)[0] == Match.FULL for route in app.router.routes), address

    def taken(address: str) -> float:
        began = time.perf_counter()
        for _ in range(FINDS):
            find(address)
        return (time.perf_counter() - began) / FINDS * 1e6

    ours: Callable[..., tuple[Match, Scope]] = Router.matches
    for address in ADDRESSES:
        find(address)
        by: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(ROUNDS):
            for is_ours, times in by.items():
                Router.matches = ours if is_ours else APIRouter.matches  # type: ignore[method-assign]
                times.append(taken(address))
        ours_us, theirs_us = (statistics.median(times) for times in by.values())
        print(f"{address:24} ours {ours_us:7.1f} µs   FastAPI's {theirs_us:7.1f} µs   ratio {theirs_us / ours_us:5.1f}")


if __name__ == "__main__":
    main()
