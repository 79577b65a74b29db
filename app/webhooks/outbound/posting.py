"""One request to a receiver. What is wrong on the other side is an outcome, never an error of ours."""

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
"""Addresses of one name: each has its share of the time to be connected to."""
_LONGEST_SECRET = 200
_MOST_READ = LONGEST_ANSWER + 2 * _LONGEST_SECRET


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request came to. `status` is None where there was no answer, and `error` says why."""

    status: int | None = None
    error: NotSent | None = None
    answer: str = ""
    retry_after: timedelta | None = None
    milliseconds: int = 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def post(settings: Settings, url: str, headers: dict[str, str], body: bytes, secrets: Collection[str]) -> Outcome:
    """Within its time, to one of the addresses that were judged. `secrets` are kept out of what it answered."""
    began = time.monotonic()
    outcome = Outcome(error=NotSent.timeout)
    try:
        async with asyncio.timeout(settings.outbound_seconds):
            addresses = (await guard.judge(url, settings))[:_MOST_TRIED]
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
    return replace(outcome, answer=_told(outcome.answer, secrets), milliseconds=milliseconds)


async def _post(
    settings: Settings, url: httpx.URL, address: guard.Address, seconds: float, headers: dict[str, str], body: bytes
) -> Outcome:
    """To this address, by the name it is known by: that is what the certificate must be for."""
    told = {**headers, "Host": url.netloc.decode("ascii")}
    there = url.copy_with(host=str(address))
    name = url.raw_host.decode("ascii").strip("[]")
    named = {"sni_hostname": name.removesuffix(".")} if name != str(address) else {}
    try:
        async with (
            guard.client(settings, url.scheme, seconds) as client,
            client.stream("POST", there, content=body, headers=told, extensions=named) as response,
        ):
            asked = _retry_after(response.headers.get("retry-after"))
            return Outcome(response.status_code, None, await _beginning(response), asked)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return Outcome(error=_of(error))


def _of(error: BaseException) -> NotSent:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return NotSent.certificate
        seen = seen.__cause__ or seen.__context__
    is_dropped = isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError))
    return NotSent.dropped if is_dropped else NotSent.unreachable


async def _beginning(response: httpx.Response) -> str:
    """The first 2 KB of an answer, and some more in which a secret may end. Its status counts however it goes on."""
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


def _told(answer: str, secrets: Collection[str]) -> str:
    """As people may read it: without control characters, and without our secrets where it says them back."""
    is_cut = len(answer.encode()) >= _MOST_READ
    for secret in secrets:
        for part in (secret, secret.partition("_")[2], secret.partition(",")[2]):
            for written in (part, part.rstrip("=")):
                answer = answer.replace(written, "…") if written else answer
    if is_cut:  # perhaps in the midst of a secret
        answer = answer[:-_LONGEST_SECRET]
    plain = "".join(c if c.isprintable() or c in "\n\t" else "�" for c in answer)
    return plain.encode()[:LONGEST_ANSWER].decode("utf-8", "ignore")


def _retry_after(value: str | None) -> timedelta | None:
    """Seconds or a date of HTTP; None for what is neither, and a day at the most."""
    if value is None:
        return None
    try:
        if value.isascii() and value.isdigit():
            asked = timedelta(seconds=min(int(value), int(LONGEST_RETRY_AFTER.total_seconds())))
        else:
            asked = parsedate_to_datetime(value).astimezone(UTC) - datetime.now(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
    return min(max(asked, timedelta()), LONGEST_RETRY_AFTER)
