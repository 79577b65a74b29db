"""What a source may do: for which units, whether its approvals count, what its names mean, from where it may send."""

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
    """Everything of a source that can be edited, as a control change holds it."""
    return {name: plain(getattr(source, name)) for name in FIELDS}


async def widens(session: AsyncSession, before: dict[str, Any], asked: dict[str, Any]) -> bool:
    """Whether a source could bring about anything that it cannot now."""
    if any(asked[name] and not before[name] for name in ("is_active", "is_trusted")):
        return True
    if any(_says_more(before[name], asked[name]) for name in ("units", "stages")):
        return True
    if await _lets_codes_go(session, before, asked):
        return True
    return _opens(before["networks"], asked["networks"]) or await _reaches_further(
        session, before["unit_id"], asked["unit_id"]
    )


def _says_more(before: dict[str, str], asked: dict[str, str]) -> bool:
    """A name that means another thing moves what comes under it elsewhere."""
    return any(before.get(name) != code for name, code in asked.items())


async def _lets_codes_go(session: AsyncSession, before: dict[str, Any], asked: dict[str, Any]) -> bool:
    """Whether a name that is a code of ours loses its mapping: it then means the unit or stage of that code."""
    for name, column in (("units", Unit.code), ("stages", Stage.code)):
        gone = [given for given, code in before[name].items() if given not in asked[name] and code != given]
        if gone and await session.scalar(select(column).where(column.in_(gone)).limit(1)) is not None:
            return True
    return False


def _opens(before: list[str], asked: list[str]) -> bool:
    if not before:
        return False
    known = [ip_network(network) for network in before]
    return not asked or not all(any(_is_within(ip_network(new), old) for old in known) for new in asked)


def _is_within(new: Any, old: Any) -> bool:
    if isinstance(new, IPv4Network) is not isinstance(old, IPv4Network):
        return False
    return bool(new.subnet_of(old))


async def _reaches_further(session: AsyncSession, before: str | None, asked: str | None) -> bool:
    if before is None or asked == before:
        return False
    if asked is None:
        return True
    below = organizations.subtree(UUID(before), await clock.today(session))
    return UUID(asked) not in set(await session.scalars(below))
