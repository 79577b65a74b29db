"""The processes of `five-ones serve`. A single one serves by itself; several are forked from a supervisor.

The program is imported and the app built once, before the first fork: a process is up in a fraction of the time that a
new Python would take, on a busy machine in seconds instead of minutes.
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
"""Time left for open answers after SIGTERM; without a limit a stream would keep the server alive for ever."""

_POLL_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 30.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

log = structlog.get_logger(__name__)


def config(app: Any, settings: Settings, **options: Any) -> Config:
    """Returns the server's configuration with the limits of the settings. `options` are uvicorn's."""
    limits = Limits(
        header_seconds=settings.header_seconds,
        body_seconds=settings.body_seconds,
        answer_seconds=settings.answer_seconds,
        connections=settings.connections,
    )
    kept = settings.keep_alive_seconds
    return Config(app, limits, timeout_graceful_shutdown=GRACE_SECONDS, timeout_keep_alive=kept, **options)


def serve(app: Any, settings: Settings, host: str, port: int, count: int) -> int:
    """Serves with `count` processes until a stop signal. Returns the exit code."""
    server_config = config(app, settings, host=host, port=port)
    if count == 1:
        server = uvicorn.Server(server_config)
        with suppress(KeyboardInterrupt):
            server.run()
        return 0 if server.started else STARTUP_FAILURE
    return _Supervisor(server_config, settings, count).run()


class _Server(uvicorn.Server):
    """Sends a heartbeat from its event loop once a second, and stops when its supervisor has died."""

    def __init__(self, server_config: Config, heartbeat: int, parent: int) -> None:
        super().__init__(server_config)
        self._heartbeat = heartbeat
        self._parent = parent

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:
            if os.getppid() != self._parent:
                self.should_exit = True
            with suppress(BlockingIOError, BrokenPipeError):
                os.write(self._heartbeat, b".")
        return await super().on_tick(counter)


@dataclass
class _Process:
    """A server process, with the pipe of its heartbeats. Times are seconds of the monotonic clock."""

    pid: int
    pipe: int
    started: float
    last_heartbeat: float
    is_up: bool = False


class _Supervisor:
    """Starts the processes, replaces those that die, kills those without heartbeat, and stops them all."""

    def __init__(self, server_config: Config, settings: Settings, count: int) -> None:
        self._config = server_config
        self._count = count
        self._silence = settings.silence_seconds
        # Time for running jobs, and each time the grace period for answers, for returning jobs and for sealing.
        self._drain = settings.worker_drain_seconds + 3 * GRACE_SECONDS
        self._processes: dict[int, _Process] = {}
        self._selector = selectors.DefaultSelector()
        self._failures = 0
        """Consecutive processes that ended before they were up."""
        self._not_before = 0.0
        self._was_ever_up = False
        self._is_stopping = False
        self._code = 0

    def run(self) -> int:
        self._config.load()
        self._config.get_loop_factory()
        listener = self._config.bind_socket()
        gc.collect()
        gc.freeze()  # frozen objects are not written to by the collector, so their memory stays shared
        with self._handling_signals():
            while not self._is_stopping:
                if len(self._processes) < self._count and time.monotonic() >= self._not_before:
                    self._start(listener)
                    continue
                self._read_heartbeats()
                self._reap()
                self._kill_silent()
            listener.close()
            self._stop()
        return self._code

    @contextmanager
    def _handling_signals(self) -> Iterator[None]:
        def stop(number: int, _frame: object) -> None:
            self._is_stopping = True

        before = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self, listener: Any) -> None:
        pipe, heartbeat = os.pipe()
        os.set_blocking(pipe, False)
        os.set_blocking(heartbeat, False)
        parent = os.getpid()
        # Until the new process has set its own handlers, a stop signal must not run ours in it.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        pid = os.fork()
        if pid == 0:
            self._become_server(listener, heartbeat, parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
        os.close(heartbeat)
        now = time.monotonic()
        self._processes[pid] = _Process(pid, pipe, now, now)
        self._selector.register(pipe, selectors.EVENT_READ, pid)
        log.info("server_process_started", pid=pid)

    def _become_server(self, listener: Any, heartbeat: int, parent: int) -> None:
        """Serves in the new process, and exits without the clean-up of the supervisor."""
        code = 1
        try:
            for number in _STOP_SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            for other in self._processes.values():
                os.close(other.pipe)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
            _Server(self._config, heartbeat, parent).run([listener])
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

    def _read_heartbeats(self) -> None:
        for key, _ in self._selector.select(_POLL_SECONDS):
            process = self._processes[key.data]
            try:
                heartbeats = os.read(process.pipe, 4096)
            except BlockingIOError:
                continue
            if not heartbeats:
                self._selector.unregister(process.pipe)
                continue
            process.last_heartbeat = time.monotonic()
            if not process.is_up:
                process.is_up = self._was_ever_up = True
                self._failures = 0
                log.info(
                    "server_process_up", pid=process.pid, seconds=round(process.last_heartbeat - process.started, 2)
                )

    def _reap(self) -> None:
        """Removes and logs the processes that have ended, and sets when their replacements may start."""
        for process in list(self._processes.values()):
            pid, status = os.waitpid(process.pid, os.WNOHANG)
            if pid == 0:
                continue
            self._forget(process)
            code = os.waitstatus_to_exitcode(status)
            if self._is_stopping:
                continue
            log.error("server_process_died", pid=pid, was_up=process.is_up, **_ending(code))
            if code == STARTUP_FAILURE and not self._was_ever_up:
                self._is_stopping, self._code = True, STARTUP_FAILURE  # any other process would fail too
            elif not process.is_up:
                self._failures += 1
                pause = min(_LONGEST_PAUSE_SECONDS, 2.0**self._failures)
                self._not_before = time.monotonic() + pause

    def _forget(self, process: _Process) -> None:
        del self._processes[process.pid]
        with suppress(KeyError):
            self._selector.unregister(process.pipe)
        os.close(process.pipe)

    def _kill_silent(self) -> None:
        now = time.monotonic()
        for process in self._processes.values():
            if now - process.last_heartbeat > self._silence:
                log.error("server_process_silent", pid=process.pid, was_up=process.is_up, seconds=self._silence)
                process.last_heartbeat = now
                os.kill(process.pid, signal.SIGKILL)

    def _stop(self) -> None:
        """Sends SIGTERM to all processes, waits for their end, and kills those that take longer than `_drain`."""
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
            time.sleep(_POLL_SECONDS / 4)


def _ending(code: int) -> dict[str, Any]:
    return {"signal": signal.Signals(-code).name} if code < 0 else {"exit_code": code}
