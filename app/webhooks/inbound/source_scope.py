"""Scope of a source: its units, whether its approvals are trusted, the mapping of its names, the networks it sends
from; and whether a change widens it."""

from ipaddress import IPv4Network, ip_network
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.records import plain
from app.organizations import service as organizations
from app.organizations.models import Unit
from app.projects.stages import Stage
from app.webhooks.inbound.models import WebhookSource

FIELDS = ("name", "unit_id", "order", "is_active", "is_trusted", "units", "stages", "networks")


def state(source: WebhookSource) -> dict[str, Any]:
    """Returns the editable fields of a source, in the form in which a control change keeps them."""
    return {name: plain(getattr(source, name)) for name in FIELDS}


async def widens(session: AsyncSession, before: dict[str, Any], asked: dict[str, Any]) -> bool:
    """Whether the change would let a source do anything that it may not do now."""
    if any(asked[name] and not before[name] for name in ("is_active", "is_trusted")):
        return True
    if any(_maps_more(before[name], asked[name]) for name in ("units", "stages")):
        return True
    if await _uncovers_codes(session, before, asked):
        return True
    return _opens(before["networks"], asked["networks"]) or await _covers_more_units(
        session, before["unit_id"], asked["unit_id"]
    )


def _maps_more(before: dict[str, str], asked: dict[str, str]) -> bool:
    """Whether a name is added or mapped to another code."""
    return any(before.get(name) != code for name, code in asked.items())


async def _uncovers_codes(session: AsyncSession, before: dict[str, Any], asked: dict[str, Any]) -> bool:
    """Whether a name loses its mapping that is itself a code of ours: it then means the unit or stage of that code."""
    for name, column in (("units", Unit.code), ("stages", Stage.code)):
        unmapped = [given for given, code in before[name].items() if given not in asked[name] and code != given]
        if unmapped and await session.scalar(select(column).where(column.in_(unmapped)).limit(1)) is not None:
            return True
    return False


def _opens(before: list[str], asked: list[str]) -> bool:
    """Whether the source could send from more addresses; no network at all means any address."""
    if not before:
        return False
    allowed = [ip_network(network) for network in before]
    return not asked or not all(any(_is_within(ip_network(new), old) for old in allowed) for new in asked)


def _is_within(new: Any, old: Any) -> bool:
    if isinstance(new, IPv4Network) is not isinstance(old, IPv4Network):
        return False
    return bool(new.subnet_of(old))


async def _covers_more_units(session: AsyncSession, before: str | None, asked: str | None) -> bool:
    """Whether the asked unit lies outside the present one and all below it; None means the whole city."""
    if before is None or asked == before:
        return False
    if asked is None:
        return True
    subtree = organizations.subtree(UUID(before), await clock.today(session))
    return UUID(asked) not in set(await session.scalars(subtree))
