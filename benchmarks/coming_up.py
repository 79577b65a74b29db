"""How long a server takes to come up, by its number of processes, on an idle machine and on a busy one.

    .venv/bin/python benchmarks/coming_up.py

Prints the seconds until `/healthz` first answers, each over those of one process on the idle machine, and how long it
takes until a killed process is replaced. Busy: two processes for each core that want all the time there is. What counts
are the ratios: four processes should cost hardly more than one, for the program is read once.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from app import schema
from app.core.config import Settings

PATIENCE = 300.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def pids_up(said: Path) -> list[int]:
    lines = [json.loads(line) for line in said.read_text("utf-8").splitlines() if line.startswith("{")]
    return [line["pid"] for line in lines if line["event"] == "server_process_up"]


def wait(seen: float, is_done: bool) -> bool:
    if time.monotonic() - seen > PATIENCE:
        raise SystemExit("it did not come up")
    time.sleep(0.02)
    return is_done


@contextmanager
def busy(count: int) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(count):
            process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


def measure(url: str, folder: Path, workers: int) -> tuple[float, float]:
    """Seconds until it is up, and until a killed process is replaced (0 where there is but one)."""
    port, said = free_port(), folder / "said"
    command = [str(Path(sys.executable).parent / "five-ones"), "serve", "--port", str(port), "--workers", str(workers)]
    began = time.monotonic()
    with said.open("wb") as out:
        environment = {**os.environ, "FIVE_ONES_DATABASE_URL": url}
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        while not wait(began, is_up(port)):
            pass
        up = time.monotonic() - began
        if workers == 1:
            return up, 0.0
        while not wait(began, len(pids_up(said)) == workers):
            pass
        killed = time.monotonic()
        os.kill(pids_up(said)[0], signal.SIGKILL)
        while not wait(killed, len(pids_up(said)) == workers + 1):
            pass
        return up, time.monotonic() - killed
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'city.db'}"
        schema.upgrade(Settings(database_url=url))
        measure(url, folder, 1)  # the first reads the program from the disk
        first = 0.0
        for loads in (0, 2 * (os.cpu_count() or 1)):
            with busy(loads):
                for workers in (1, 2, 4):
                    up, again = measure(url, folder, workers)
                    first = first or up
                    replaced = f", replaced after {again:.2f} s ({again / first:.2f})" if again else ""
                    print(f"{loads} busy, {workers} processes: up after {up:.2f} s ({up / first:.2f}){replaced}")


if __name__ == "__main__":
    main()
