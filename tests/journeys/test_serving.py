"""The server as people run it: it starts, outlives its processes, and waits for no client without a limit."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT
from tests.journeys.test_commands import SCRIPT, free_port

BUSY = "while True: pass"
PATIENCE = 120.0
"""Seconds after which something has failed on any machine; nothing waits for it where all is well."""


class Server:
    """A server process, its port, and its output so far."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, said: Path) -> None:
        self.process = process
        self.port = port
        self._said = said

    @property
    def text(self) -> str:
        return self._said.read_text("utf-8")

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Returns the log lines of one event."""
        found = [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]
        return [line for line in found if line["event"] == event]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)


def until(look: Callable[[], Any]) -> Any:
    """Returns the first result of a look that finds something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
    return found


@pytest.fixture
def migrated_url(migrated_database_url: Callable[[str], str]) -> str:
    return migrated_database_url("sqlite")


@contextmanager
def serving(url: str, folder: Path, *arguments: str, **settings: str) -> Iterator[Server]:
    port, said = free_port(), folder / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [str(SCRIPT), "serve", "--port", str(port), *arguments],
            env={**os.environ, "FIVE_ONES_DATABASE_URL": url, **settings},
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    server = Server(process, port, said)
    try:
        until(lambda: is_up(port) or process.poll() is not None)
        assert process.poll() is None, server.text
        yield server
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()
            process.wait()


def is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def busy_machine() -> Iterator[None]:
    """Runs two processes that use all the CPU they get."""
    with ExitStack() as stack:
        for _ in range(2):
            process = subprocess.Popen([sys.executable, "-c", BUSY])
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


def test_it_comes_up_on_a_busy_machine_and_replaces_a_process_that_dies(migrated_url: str, tmp_path: Path) -> None:
    with busy_machine(), serving(migrated_url, tmp_path, "--workers", "2", FIVE_ONES_SILENCE_SECONDS="15") as server:
        up = until(lambda: len(server.lines("server_process_up")) == 2 and server.lines("server_process_up"))
        os.kill(up[0]["pid"], signal.SIGKILL)
        (died,) = until(lambda: server.lines("server_process_died"))
        assert (died["pid"], died["signal"], died["level"]) == (up[0]["pid"], "SIGKILL", "error")
        until(lambda: len(server.lines("server_process_up")) == 3)
        until(lambda: is_up(server.port))
        os.kill(up[1]["pid"], signal.SIGSTOP)
        (silent,) = until(lambda: server.lines("server_process_silent"))
        assert (silent["pid"], silent["was_up"]) == (up[1]["pid"], True)
        until(lambda: len(server.lines("server_process_up")) == 4)
        assert [line["pid"] for line in server.lines("server_process_died")] == [up[0]["pid"], up[1]["pid"]]
        with server.connect() as under_way:
            under_way.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            body = b'{"name": "nobody", "password": "x"}'
            under_way.sendall(b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body[:9])
            server.process.send_signal(signal.SIGTERM)
            until(lambda: not is_up(server.port))
            under_way.sendall(body[9:])
            assert b" 401 " in until_closed(under_way).partition(b"\r\n")[0]
        assert server.process.wait(PATIENCE) == 0
        assert "Traceback" not in server.text
        assert not server.lines("server_process_killed")


def test_those_who_send_nothing_stop_nobody(migrated_url: str, tmp_path: Path) -> None:
    """46 connections that never finish their headers or bodies are closed, and others are served meanwhile."""
    limits = {"FIVE_ONES_HEADER_SECONDS": "1", "FIVE_ONES_BODY_SECONDS": "1", "FIVE_ONES_CONNECTIONS": "20"}
    unfinished = [
        b"",
        b"\r\n",
        b"GET / HT",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ",
        b"POST /api/v1/hooks/x HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{",
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{",
    ]
    with serving(migrated_url, tmp_path, **limits) as server, ExitStack() as stack:
        slow = [stack.enter_context(server.connect()) for _ in range(46)]
        for number, one in enumerate(slow):
            one.sendall(unfinished[number % len(unfinished)])
        assert is_up(server.port)
        for one in slow:
            one.settimeout(10)
            until_closed(one)
        assert is_up(server.port)
        assert {line["level"] for line in server.lines("request")} == {"info"}
        assert "Traceback" not in server.text


def until_closed(connection: socket.socket) -> bytes:
    """Returns everything received until the other side closes. Raises TimeoutError where it does not."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found
