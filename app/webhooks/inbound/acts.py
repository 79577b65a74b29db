"""What the caller may do with a source."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.acts import Act, Reason, allowed, permitted, reasons
from app.core.actor import Actor
from app.core.clock import Moment
from app.core.errors import Problem
from app.webhooks.inbound import inbox, sources
from app.webhooks.inbound.models import InboxState
from app.webhooks.inbound.schemas import SourceQuery, SourceRead

SourceAct = Literal["edit", "rotate", "remove"]


def _removed(source: SourceRead) -> Problem | None:
    return sources.removed(is_removed=source.is_removed)


ACTS: Mapping[SourceAct, Act] = {
    "edit": Act("update_webhook_source", _removed),
    "rotate": Act("rotate_webhook_source", _removed),
    "remove": Act("remove_webhook_source", _removed),
}


class SourceWithRights(SourceRead):
    """The source, and what the caller may do with it."""

    may: dict[SourceAct, Reason | None]


class SourceRow(SourceRead):
    """A row of the list: the source, the acts that are open, and what it sent where that is asked for."""

    may: list[SourceAct] = Field(description="你现在可以办理的 / the acts open to you")
    last_received_at: Moment | None
    counts: dict[InboxState, int] | None = Field(description="各状态的推送条数 / messages in each state")


class SourceList(BaseModel):
    items: list[SourceRow]


async def find(session: AsyncSession, actor: Actor, query: SourceQuery) -> SourceList:
    """Returns all sources, in four statements at most."""
    received = await inbox.received(session) if query.include else None
    acts, rows = permitted(actor, ACTS), []
    for source in await sources.read(session, await sources.find(session)):
        of_source = None if received is None else received.get(source.id, inbox.NOTHING)
        rows.append(
            SourceRow(
                **dict(source),
                may=allowed(acts, source),
                last_received_at=of_source and of_source.last_at,
                counts=of_source and of_source.counts,
            )
        )
    return SourceList(items=rows)


def with_rights(actor: Actor, source: SourceRead) -> SourceWithRights:
    return SourceWithRights(**dict(source), may=reasons(actor, ACTS, source))
