"""The service as people have it, `five-ones serve` with the sample, and a Chromium of this machine."""

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "frontend" / "dist" / "index.html"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INTRANET = "five-ones.intranet"
"""A name under which the browser finds this machine as well; by plain http it is no secure context."""
FLAGS = (
    f"--host-resolver-rules=MAP {INTRANET} 127.0.0.1",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
)
KEPT = ROOT / "var" / "e2e"
_READY_SECONDS = 120


@dataclass(frozen=True)
class Service:
    """A running service: where it is, and the passwords of the sample's accounts by their names."""

    url: str
    passwords: dict[str, str]


def missing() -> str | None:
    """Returns what these tests lack on this machine, or None."""
    if chromium() is None:
        return "没有 Chromium:apt-get install chromium fonts-noto-cjk / there is no Chromium: install it"
    if not CLIENT.is_file():
        return "网页客户端未构建:make client / the web client has not been built: make client"
    return None


def chromium() -> str | None:
    return next((path for name in CHROMIUM if (path := shutil.which(name)) is not None), None)


def launch(playwright: Playwright) -> Browser:
    """Returns the browser. Its pages of this machine are never asked for through a proxy."""
    return playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, "--no-proxy-server"])


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """Runs the service with the sample on a database in the folder. Its output is in `service.log` there."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FIVE_ONES_")}
    environment["FIVE_ONES_DATABASE_URL"] = f"sqlite:///{folder}/five-ones.db"
    environment["FIVE_ONES_OUTBOUND_NETWORKS"] = "127.0.0.1:*"  # where a test receives webhooks
    command = [sys.executable, "-m", "app.commands.main"]
    options: dict[str, Any] = {"cwd": ROOT, "env": environment, "stderr": subprocess.STDOUT}
    with (folder / "service.log").open("wb") as log:
        kept = KEPT / f"sample-{_state()}"
        with _alone():
            if not kept.is_dir():
                for step in ("migrate", "sample"):
                    subprocess.run([*command, step], check=True, stdout=log, **options)
                _keep(folder, kept)
        for name in _FILES:
            shutil.copy(kept / name, folder / name)
        port = _free_port()
        served = subprocess.Popen([*command, "serve", "--port", str(port)], stdout=log, **options)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, served, folder / "service.log")
            yield Service(url, json.loads((folder / "demo-accounts").read_text("utf-8")))
        finally:
            served.terminate()
            with suppress(subprocess.TimeoutExpired):
                served.wait(60)
            served.kill()
            served.wait()


_FILES = ("five-ones.db", "demo-accounts")


def _state() -> str:
    """Returns a text that differs where the sample may differ: it takes longer to load than all journeys."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in ("app", "migrations") for path in (ROOT / folder).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _alone() -> Iterator[None]:
    """Waits until no other process of the tests loads the sample."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _keep(folder: Path, kept: Path) -> None:
    """Keeps a loaded sample for later runs, and none of another state."""
    for older in KEPT.glob("sample-*"):
        shutil.rmtree(older)
    making = kept.with_suffix(".new")
    making.mkdir(parents=True)
    for name in _FILES:
        shutil.copy(folder / name, making / name)
    making.rename(kept)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _wait(url: str, served: "subprocess.Popen[bytes]", log: Path) -> None:
    """Returns when the service is ready. Raises RuntimeError with its output where it ends or takes too long."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _READY_SECONDS
    while served.poll() is None and time.monotonic() < deadline:
        try:
            with opener.open(f"{url}/readyz", timeout=5):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise RuntimeError(f"the service did not start:\n{log.read_text('utf-8')[-3000:]}")
