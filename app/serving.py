"""The processes of `five-ones serve`. One serves by itself; several are forked off one that watches over them.

The program is read and the app laid out once, before the first fork: a process is up in a fraction of the time that
starting Python anew would take, on a busy machine in seconds instead of minutes.
"""

import gc
import os
import selectors
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE

from app.core.config import Settings
from app.core.connections import Config, Limits

GRACE_SECONDS = 10
"""What an answer may still take after SIGTERM; a stream would hold the server for ever."""

_LOOK_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 30.0
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

log = structlog.get_logger(__name__)


def config(app: Any, settings: Settings, **options: Any) -> Config:
    """What the server is told, with the limits of the settings. `options` are uvicorn's."""
    limits = Limits(
        header_seconds=settings.header_seconds,
        body_seconds=settings.body_seconds,
        answer_seconds=settings.answer_seconds,
        connections=settings.connections,
    )
    return Config(app, limits, timeout_graceful_shutdown=GRACE_SECONDS, **options)


def serve(app: Any, settings: Settings, host: str, port: int, count: int) -> int:
    """Serve until told to stop, by `count` processes. Returns the exit code."""
    chosen = config(app, settings, host=host, port=port)
    if count == 1:
        server = uvicorn.Server(chosen)
        with suppress(KeyboardInterrupt):
            server.run()
        return 0 if server.started else STARTUP_FAILURE
    return _Supervisor(chosen, settings, count).run()


class _Server(uvicorn.Server):
    """Says once a second that its event loop turns, and stops when whoever watches is gone."""

    def __init__(self, chosen: Config, heart: int, parent: int) -> None:
        super().__init__(chosen)
        self._heart = heart
        self._parent = parent

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:
            if os.getppid() != self._parent:
                self.should_exit = True
            with suppress(BlockingIOError, BrokenPipeError):
                os.write(self._heart, b".")
        return await super().on_tick(counter)


@dataclass
class _Process:
    """A server process: the pipe it is heard by, and when, by the monotonic clock in seconds."""

    pid: int
    heart: int
    began: float
    heard: float
    is_up: bool = False


class _Supervisor:
    """Begins the processes, replaces those that die, kills those that are not heard of, and stops them all."""

    def __init__(self, chosen: Config, settings: Settings, count: int) -> None:
        self._config = chosen
        self._count = count
        self._silence = settings.silence_seconds
        # For answers, for jobs, for what a job that is given back takes, for sealing.
        self._drain = settings.worker_drain_seconds + 3 * GRACE_SECONDS
        self._processes: dict[int, _Process] = {}
        self._selector = selectors.DefaultSelector()
        self._failures = 0
        """Processes in a row that ended before they were up."""
        self._not_before = 0.0
        self._was_ever_up = False
        self._is_told = False
        self._code = 0

    def run(self) -> int:
        self._config.load()
        self._config.get_loop_factory()
        listener = self._config.bind_socket()
        gc.collect()
        gc.freeze()  # what is never collected is never written to, and stays shared
        with self._hearing_signals():
            while not self._is_told:
                if len(self._processes) < self._count and time.monotonic() >= self._not_before:
                    self._begin(listener)
                    continue
                self._listen()
                self._reap()
                self._kill_silent()
            listener.close()
            self._stop()
        return self._code

    @contextmanager
    def _hearing_signals(self) -> Iterator[None]:
        def told(number: int, _frame: object) -> None:
            self._is_told = True

        before = {number: signal.signal(number, told) for number in _STOPS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _begin(self, listener: Any) -> None:
        heart, beats = os.pipe()
        os.set_blocking(heart, False)
        os.set_blocking(beats, False)
        parent = os.getpid()
        # Until the new process has put its own handlers, nobody may tell it to stop by ours.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        pid = os.fork()
        if pid == 0:
            self._become_server(listener, beats, parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        os.close(beats)
        now = time.monotonic()
        self._processes[pid] = _Process(pid, heart, now, now)
        self._selector.register(heart, selectors.EVENT_READ, pid)
        log.info("server_process_started", pid=pid)

    def _become_server(self, listener: Any, beats: int, parent: int) -> None:
        """In the new process: serve, and end without what the one that watches would do at its end."""
        code = 1
        try:
            for number in _STOPS:
                signal.signal(number, signal.SIG_DFL)
            for other in self._processes.values():
                os.close(other.heart)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
            _Server(self._config, beats, parent).run([listener])
            code = 0
        except KeyboardInterrupt:
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException as error:
            log.error("server_process_failed", exc_info=error)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _listen(self) -> None:
        for key, _ in self._selector.select(_LOOK_SECONDS):
            process = self._processes[key.data]
            try:
                said = os.read(process.heart, 4096)
            except BlockingIOError:
                continue
            if not said:
                self._selector.unregister(process.heart)
                continue
            process.heard = time.monotonic()
            if not process.is_up:
                process.is_up = self._was_ever_up = True
                self._failures = 0
                log.info("server_process_up", pid=process.pid, seconds=round(process.heard - process.began, 2))

    def _reap(self) -> None:
        """Say of each process that has ended how it ended, and when another may begin in its place."""
        for process in list(self._processes.values()):
            pid, status = os.waitpid(process.pid, os.WNOHANG)
            if pid == 0:
                continue
            self._forget(process)
            code = os.waitstatus_to_exitcode(status)
            if self._is_told:
                continue
            log.error("server_process_died", pid=pid, was_up=process.is_up, **_ending(code))
            if code == STARTUP_FAILURE and not self._was_ever_up:
                self._is_told, self._code = True, STARTUP_FAILURE  # any other would end so too
            elif not process.is_up:
                self._failures += 1
                pause = min(_LONGEST_PAUSE_SECONDS, 2.0**self._failures)
                self._not_before = time.monotonic() + pause

    def _forget(self, process: _Process) -> None:
        del self._processes[process.pid]
        with suppress(KeyError):
            self._selector.unregister(process.heart)
        os.close(process.heart)

    def _kill_silent(self) -> None:
        now = time.monotonic()
        for process in self._processes.values():
            if now - process.heard > self._silence:
                log.error("server_process_silent", pid=process.pid, was_up=process.is_up, seconds=self._silence)
                process.heard = now
                os.kill(process.pid, signal.SIGKILL)

    def _stop(self) -> None:
        """Tell all to stop and wait until they have; whoever takes longer than answers and jobs may is killed."""
        for pid in self._processes:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + self._drain
        while self._processes:
            self._reap()
            if time.monotonic() > deadline:
                deadline = float("inf")
                for pid in self._processes:
                    log.error("server_process_killed", pid=pid, seconds=self._drain)
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_LOOK_SECONDS / 4)


def _ending(code: int) -> dict[str, Any]:
    return {"signal": signal.Signals(-code).name} if code < 0 else {"exit_code": code}
