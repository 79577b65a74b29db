"""What the caller may do with a source."""

from collections.abc import Mapping
from typing import Literal

from app.accounts.acts import Act, Reason, reasons
from app.core.actor import Actor
from app.core.errors import Problem
from app.webhooks.inbound import sources
from app.webhooks.inbound.schemas import SourceRead

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


def with_rights(actor: Actor, source: SourceRead) -> SourceWithRights:
    return SourceWithRights(**dict(source), may=reasons(actor, ACTS, source))
