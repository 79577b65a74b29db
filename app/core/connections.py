"""uvicorn's HTTP protocol with time limits and a limit of connections, so that slow clients cannot block the service.

uvicorn itself limits the time between two requests and nothing else. Here a client has `header_seconds` to send the
headers of a request, `body_seconds` for the whole body, and must read 64 KiB of a waiting answer, or the rest of it,
in each `answer_seconds`. Where `connections` are open, a new one replaces the one we have waited for longest.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_TOO_MANY = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n"
_BODY_ANSWER_SECONDS = 1.0
"""The connection stops waiting for a body this much later than the app, which answers with a problem document."""
_LEAST_TAKEN_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits in seconds; `connections` is the limit of one process."""

    header_seconds: float
    body_seconds: float
    answer_seconds: float
    connections: int


class Config(uvicorn.Config):
    """uvicorn's configuration with the limits, for HTTP alone. uvicorn logs to our log."""

    def __init__(self, app: Any, limits: Limits, **options: Any) -> None:
        super().__init__(
            app,
            http=Protocol,
            ws="none",
            access_log=False,
            log_config=None,
            log_level="warning",
            proxy_headers=False,
            **options,
        )
        self.limits = limits


class Protocol(HttpToolsProtocol):
    """One connection. While it waits for input of the client, exactly one deadline runs."""

    config: Config

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._limits = self.config.limits
        self._deadline: asyncio.TimerHandle | None = None
        self._answer_deadline: asyncio.TimerHandle | None = None
        self._waiting_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(self._limits.header_seconds)
        if len(self.connections) > self._limits.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        self._stop_waiting_for_reader()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        self._wait(self._limits.body_seconds + _BODY_ANSWER_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._wait(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._deadline is None and not self.pipeline and not self.transport.is_closing():
            self._wait(self.timeout_keep_alive + self._limits.header_seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        self._stop_waiting_for_reader()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        self._close(b"")

    def _unsupported_upgrade_warning(self) -> None:
        """Logs no warning: a request to upgrade to another protocol is answered in HTTP."""

    def _wait(self, seconds: float | None) -> None:
        """Starts the deadline for input of the client; None stops it."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline, self._waiting_since = None, None
        if seconds is not None:
            self._waiting_since = self.loop.time()
            self._deadline = self.loop.call_later(seconds, self._is_late, seconds)

    def _is_late(self, seconds: float) -> None:
        if self.flow.read_paused:  # we stopped reading, not the client
            self._wait(seconds)
            return
        is_answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        self._close(b"" if is_answering else _TOO_SLOW)

    def _close(self, response: bytes) -> None:
        """Sends the response, if any, and closes; a client that does not read is cut off after `answer_seconds`."""
        self._wait(None)
        if self.transport.is_closing():
            return
        if response:
            self.transport.write(response)
        self.transport.close()
        self._wait_for_reader()

    def _wait_for_reader(self) -> None:
        """Starts the time within which the client must have read enough of the waiting output."""
        self._stop_waiting_for_reader()
        size = self.transport.get_write_buffer_size()
        self._answer_deadline = self.loop.call_later(self._limits.answer_seconds, self._require_taken, size)

    def _require_taken(self, size: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left == 0 or left > size - _LEAST_TAKEN_BYTES:
            self.transport.abort()
        else:
            self._wait_for_reader()

    def _stop_waiting_for_reader(self) -> None:
        if self._answer_deadline is not None:
            self._answer_deadline.cancel()
            self._answer_deadline = None

    def _make_room(self) -> None:
        """Cuts off the connection we have waited for longest; refuses this one where we wait for none."""
        others = [one for one in self.connections if one is not self and isinstance(one, Protocol)]
        waiting = [(one._waiting_since, one) for one in others if one._waiting_since is not None]
        if not waiting:
            self._close(_TOO_MANY)
            return
        _, longest = min(waiting, key=lambda pair: pair[0])
        self.connections.discard(longest)
        longest.transport.abort()
