"""Who may change the unit or task force a record counts for: one check, for every verb that does so.

A record counts for its unit in charge and for its task force: its holder. The giver is the holder before, the taker
the holder after. One of the giver's two must be within the actor's scope; of each of the two that changes, both the
old and the new value must be. With the right to transfer, only the new values must be. Everything else needs the
bureau. The table of the verbs is in ADR 0031.
"""

from typing import NamedTuple
from uuid import UUID

from app.core.actor import Actor, Permission
from app.core.errors import Forbidden, refuse
from app.core.localized import Say
from app.projects.models import Prospect


class Holder(NamedTuple):
    """The unit and task force that a lead or project counts for, or would count for."""

    unit_id: UUID | None
    task_force_id: UUID | None

    @classmethod
    def of(cls, record: Prospect) -> "Holder":
        return cls(record.unit_id, record.task_force_id)


NOBODY = Holder(None, None)


def require(actor: Actor, giver: Holder, taker: Holder) -> None:
    """Raises Forbidden where the taker is outside the actor's scope, or the giver without the right to transfer.

    The giver of a new record is NOBODY.
    """
    if actor.sees_all:
        return
    refuse(giving(actor, giver))
    sides = (
        ("/unit_id", giver.unit_id, taker.unit_id, actor.unit_ids),
        ("/task_force_id", giver.task_force_id, taker.task_force_id, actor.task_force_ids),
    )
    for pointer, before, after, in_scope in sides:
        if before == after:
            continue
        assert in_scope is not None  # None only for an actor that sees everything
        if before is not None and before not in in_scope:
            refuse(_giver_refusal(actor))
        if after is not None and after not in in_scope:
            raise _taker_refusal(pointer)


def require_somebody(actor: Actor, taker: Holder) -> None:
    """Raises Forbidden where a record would count for nobody, so that only the bureau would see it."""
    if taker == NOBODY and not actor.sees_all:
        raise _taker_refusal("/unit_id")


def require_ruling(actor: Actor) -> None:
    """Raises Forbidden where the actor has no right to transfer records by ruling, whatever giver and taker are."""
    actor.require(Permission.transfer)


def giving(actor: Actor, giver: Holder) -> Forbidden | None:
    """Returns the refusal to give a record away, whoever the taker is: neither of the giver's two is in scope."""
    return None if giver == NOBODY or actor.reaches(*giver) else _giver_refusal(actor)


def _giver_refusal(actor: Actor) -> Forbidden | None:
    """Returns the refusal that names the right and the remedy, where the actor has no right to transfer."""
    if Permission.transfer in actor.permissions:
        return None
    say = Say(
        "记录计入别的单位或专班，你没有“流转项目”的权限；请由招商局办理流转。",
        "It counts for another unit or task force and you do not have the right to transfer a project: ask the bureau "
        "for a transfer.",
    )
    return Forbidden(say, permission=Permission.transfer.value)


def _taker_refusal(pointer: str) -> Forbidden:
    """Returns the refusal of a taker outside the actor's scope."""
    say = Say(
        "不能把记录放到你范围以外的单位或专班；请只填本方，另一方由招商局流转时确定。",
        "A record cannot be put into a unit or task force outside your scope: name your own alone, and ask the bureau "
        "to transfer it to the other.",
    )
    field = (pointer, "place_out_of_scope", say)
    return Forbidden(say, code="place_out_of_scope", fields=[field], permission=Permission.transfer.value)
