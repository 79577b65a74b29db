"""Checks rows against the sealed log: each must have the values that its last transaction wrote."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import seals
from app.checks.findings import Finding
from app.core import context
from app.core.db import Base
from app.core.localized import Say
from app.events import comparison, sealed
from app.events.comparison import Difference
from app.events.models import Event

RULE = "sealed_log"
_NAMED_BY = ("code", "name")
_MOST_SHOWN = 60


async def rows_as_written(session: AsyncSession) -> list[Finding]:
    """Finds rows altered, added or removed otherwise than by the service: the log has the values of each row."""
    compared = await comparison.compare(session)
    events = await _events(session, [one.event_id for one in compared.differences if one.event_id])
    findings = [_finding(difference, events) for difference in compared.differences]
    if count := compared.found.total():
        say = Say(
            f"{count} 行早于留底，只能自发现时起核对：此前是否改动，无从证明",
            f"{count} rows are older than what the log keeps of them: nothing vouches for them before they were found",
        )
        findings.append(Finding(RULE, ", ".join(sorted(compared.found)), say, is_notice=True))
    return findings


async def rows_sealed_in_time(session: AsyncSession) -> list[Finding]:
    """Finds logs that are not sealed in time, because without a seal the log proves nothing. Notices only: `five-ones
    audit verify` checks the seals themselves."""
    settings = context.SETTINGS.require(session)
    late = await seals.overdue(session, settings, datetime.now(UTC))
    return [
        Finding(
            "sealing",
            log.value,
            Say(
                f"{log.say.zh}自 {since:%Y-%m-%d %H:%M} UTC 起未封存：没有服务在运行，或封存被删；"
                "请运行 five-ones audit seal",
                f"the {log.say.en} is not sealed since {since:%Y-%m-%d %H:%M} UTC: no server runs, or a seal was "
                "removed; run `five-ones audit seal`",
            ),
            is_notice=True,
        )
        for log, since in late.items()
    ]


async def _events(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Returns by id a label of each event: type, moment, actor."""
    labels = {}
    unique_ids = list(dict.fromkeys(ids))
    for at in range(0, len(unique_ids), 500):
        query = select(Event.id, Event.type, Event.at, Event.actor_id).where(Event.id.in_(unique_ids[at : at + 500]))
        for row in await session.execute(query):
            labels[row.id] = f"{row.type} {row.at:%Y-%m-%d %H:%M} {row.actor_id} ({row.id})"
    return labels


def _finding(difference: Difference, events: dict[UUID, str]) -> Finding:
    event = events.get(difference.event_id) if difference.event_id else None
    return Finding(RULE, f"{difference.table} {_label(difference)}", _say(difference, event or "—"))


def _say(difference: Difference, event: str) -> Say:
    if difference.kind == "missing":
        return Say(f"已不在；事件 {event} 写过它", f"is gone; event {event} wrote it")
    if difference.kind == "inserted":
        return Say("没有事件写过它", "no event wrote it")
    changed = "; ".join(
        f"{name}: {_short(recorded)} → {_short(now)}" for name, (recorded, now) in difference.columns.items()
    )
    return Say(f"与封存的记录不符（事件 {event}）：{changed}", f"is not what the log says (event {event}): {changed}")


def _label(difference: Difference) -> str:
    """Returns the code or name of the row, where the log has one, and its key."""
    key = "/".join(str(UUID(part)) if len(part) == 32 else part for part in difference.key.split("/"))
    if difference.row is None:
        return key
    columns = [column.name for column in sealed.columns(Base.metadata.tables[difference.table])]
    row: dict[str, Any] = dict(zip(columns, difference.row, strict=True))
    named = next((str(row[name]) for name in _NAMED_BY if row.get(name)), None)
    return f"{named} ({key})" if named and named != key else key


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
