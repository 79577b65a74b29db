"""The kinds of control: the rights to ask for a change and to confirm it, and how a room carries it out.

Rooms define their `Control`; `app.control_registry` collects them for the server.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.controls.models import ControlChange, ControlKind
from app.core.actor import Actor, Permission

ASKED_WITH: Mapping[ControlKind, Permission] = {
    ControlKind.office_setting: Permission.edit_stages,
    ControlKind.stage: Permission.edit_stages,
    ControlKind.lead_clock: Permission.edit_stages,
    ControlKind.calendar: Permission.edit_calendar,
    ControlKind.job_schedule: Permission.operate,
    ControlKind.unit_parent: Permission.edit_organizations,
    ControlKind.webhook_source: Permission.operate,
    ControlKind.webhook_secret: Permission.operate,
}
CONFIRMED_WITH: Mapping[ControlKind, Permission] = {
    ControlKind.office_setting: Permission.grant_roles,
    ControlKind.stage: Permission.grant_roles,
    ControlKind.lead_clock: Permission.grant_roles,
    ControlKind.calendar: Permission.grant_roles,
    ControlKind.job_schedule: Permission.grant_roles,
    ControlKind.unit_parent: Permission.grant_roles,
    ControlKind.webhook_source: Permission.approve_deals,
    ControlKind.webhook_secret: Permission.approve_deals,
}
"""Rules of the office are confirmed with the right to grant roles; rights of a webhook source with that to approve
deals."""

Present = Callable[[AsyncSession, str], Awaitable[dict[str, Any]]]
"""Locks the object of a key and returns its state, in the form of `ControlChange.before`. Raises NotFound."""
CarryOut = Callable[[AsyncSession, Actor, ControlChange], Awaitable[str | None]]
"""Applies a confirmed change. Returns a secret for the person who confirmed it, or None."""


@dataclass(frozen=True, slots=True)
class Control:
    present: Present
    carry_out: CarryOut


Holds = Callable[[AsyncSession, str, Permission], Awaitable[bool]]
"""Whether the actor of an id may use a right today. Locks the account, so that this stays true until the commit."""


@dataclass(frozen=True, slots=True)
class Controls:
    """The controls by kind, and the function that tells whether an actor has a right when a change is confirmed."""

    of: Mapping[ControlKind, Control]
    holds: Holds


def event_fields(change: ControlChange) -> dict[str, str]:
    """Returns data for the event of a confirmed change: the actor who asked, and the id of the change."""
    return {"asked_by": change.asked_by, "control_change": str(change.id)}
