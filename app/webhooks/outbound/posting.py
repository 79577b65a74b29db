"""One request to a receiver. A failure on the other side is an outcome, not an exception."""

import asyncio
import ssl
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from app.core.config import Settings
from app.webhooks.outbound import guard
from app.webhooks.outbound.models import LONGEST_ANSWER, NotSent

LONGEST_RETRY_AFTER = timedelta(hours=24)
_ANSWER_SECONDS = 2.0
_MOST_TRIED = 4
"""Addresses of one name that are tried; the connection timeout is divided among them."""
_LONGEST_SECRET = 200
_MOST_READ = LONGEST_ANSWER + 2 * _LONGEST_SECRET


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a request. `status` is None where there was no answer; `error` says why."""

    status: int | None = None
    error: NotSent | None = None
    answer: str = ""
    retry_after: timedelta | None = None
    milliseconds: int = 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def post(settings: Settings, url: str, headers: dict[str, str], body: bytes, secrets: Collection[str]) -> Outcome:
    """Posts a message to one of the allowed addresses of its host, within `outbound_seconds`. Removes `secrets` from
    the recorded answer."""
    began = time.monotonic()
    outcome = Outcome(error=NotSent.timeout)
    try:
        async with asyncio.timeout(settings.outbound_seconds):
            addresses = (await guard.resolve(url, settings))[:_MOST_TRIED]
            for address in addresses:
                share = settings.outbound_seconds / len(addresses)
                outcome = await _post(settings, httpx.URL(url), address, share, headers, body)
                if outcome.error is not NotSent.unreachable:
                    break
    except TimeoutError:
        outcome = Outcome(error=NotSent.timeout)
    except guard.Refused as refused:
        outcome = Outcome(error=NotSent.address if refused.is_known else NotSent.unreachable)
    milliseconds = round((time.monotonic() - began) * 1000)
    return replace(outcome, answer=_readable(outcome.answer, secrets), milliseconds=milliseconds)


async def _post(
    settings: Settings, url: httpx.URL, address: guard.Address, seconds: float, headers: dict[str, str], body: bytes
) -> Outcome:
    """Posts to one IP address, with the host name in the Host header and SNI: the certificate must be for that name."""
    all_headers = {**headers, "Host": url.netloc.decode("ascii")}
    address_url = url.copy_with(host=str(address))
    name = url.raw_host.decode("ascii").strip("[]")
    extensions = {"sni_hostname": name.removesuffix(".")} if name != str(address) else {}
    try:
        async with (
            guard.client(settings, url.scheme, seconds) as client,
            client.stream("POST", address_url, content=body, headers=all_headers, extensions=extensions) as response,
        ):
            retry_after = _retry_after(response.headers.get("retry-after"))
            return Outcome(response.status_code, None, await _beginning(response), retry_after)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return Outcome(error=_reason(error))


def _reason(error: BaseException) -> NotSent:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return NotSent.certificate
        cause = cause.__cause__ or cause.__context__
    is_dropped = isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError))
    return NotSent.dropped if is_dropped else NotSent.unreachable


async def _beginning(response: httpx.Response) -> str:
    """Returns the first 2 KB of an answer, and some more in case a secret begins within them. An answer that breaks off
    still counts by its status."""
    read = bytearray()
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            async for chunk in response.aiter_raw():
                read += chunk[: _MOST_READ - len(read)]
                if len(read) >= _MOST_READ:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass
    return read.decode("utf-8", "replace")


def _readable(answer: str, secrets: Collection[str]) -> str:
    """Returns an answer as people may read it: without control characters, and without our secrets."""
    is_cut = len(answer.encode()) >= _MOST_READ
    for secret in secrets:
        for part in (secret, secret.partition("_")[2], secret.partition(",")[2]):
            for written in (part, part.rstrip("=")):
                answer = answer.replace(written, "…") if written else answer
    if is_cut:  # perhaps in the middle of a secret
        answer = answer[:-_LONGEST_SECRET]
    plain = "".join(c if c.isprintable() or c in "\n\t" else "�" for c in answer)
    return plain.encode()[:LONGEST_ANSWER].decode("utf-8", "ignore")


def _retry_after(value: str | None) -> timedelta | None:
    """Parses `Retry-After`: seconds or an HTTP date, at most a day. Returns None for anything else."""
    if value is None:
        return None
    try:
        if value.isascii() and value.isdigit():
            pause = timedelta(seconds=min(int(value), int(LONGEST_RETRY_AFTER.total_seconds())))
        else:
            pause = parsedate_to_datetime(value).astimezone(UTC) - datetime.now(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
    return min(max(pause, timedelta()), LONGEST_RETRY_AFTER)
