"""Who asks for a change of a control and who confirms it, and how a room carries it out.

Rooms define their `Control`; `app.controlled` gathers them for the server.
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
"""Rules of the office are confirmed by whoever grants roles; what a source may do, by whoever may approve its deals."""

Present = Callable[[AsyncSession, str], Awaitable[dict[str, Any]]]
"""Locks what a key names and returns its state, as `ControlChange.before` holds it. Raises NotFound."""
CarryOut = Callable[[AsyncSession, Actor, ControlChange], Awaitable[str | None]]
"""Makes a confirmed change take effect. Returns a secret for the person who confirmed it, or None."""


@dataclass(frozen=True, slots=True)
class Control:
    present: Present
    carry_out: CarryOut


Holds = Callable[[AsyncSession, str, Permission], Awaitable[bool]]
"""Whether whoever bears an actor's id may use a right today; keeps the answer true until the commit."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What can be changed, by kind, and who holds which right when a change is confirmed."""

    of: Mapping[ControlKind, Control]
    holds: Holds


def event_fields(change: ControlChange) -> dict[str, str]:
    """For the event of what a confirmed change did: who asked, besides who confirmed, and by which change."""
    return {"asked_by": change.asked_by, "control_change": str(change.id)}
