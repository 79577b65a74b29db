"""Who may make something count elsewhere: one check of the giver and of the taker, for every verb that does so.

A record counts for its unit in charge and for its task force. Whoever gives it away must be one of the two; of each
that changes, both what it was and what it becomes must be the actor's own. All else wants the bureau, which transfers
by ruling. The table of the verbs is in ADR 0031.
"""

from typing import NamedTuple
from uuid import UUID

from app.core.actor import Actor, Permission
from app.core.errors import Forbidden
from app.core.localized import Say
from app.projects.models import Prospect


class Holder(NamedTuple):
    """For whom a lead or project counts, or would count."""

    unit_id: UUID | None
    task_force_id: UUID | None

    @classmethod
    def of(cls, record: Prospect) -> "Holder":
        return cls(record.unit_id, record.task_force_id)


NOBODY = Holder(None, None)


def require(actor: Actor, giver: Holder, taker: Holder) -> None:
    """Raises Forbidden where the actor would take from others, or give to others. A new record is given by NOBODY."""
    if actor.sees_all:
        return
    if giver != NOBODY and not actor.reaches(*giver):
        _refuse_giver(actor)
    sides = (
        ("/unit_id", giver.unit_id, taker.unit_id, actor.unit_ids),
        ("/task_force_id", giver.task_force_id, taker.task_force_id, actor.task_force_ids),
    )
    for pointer, before, after, own in sides:
        if before == after:
            continue
        assert own is not None  # it does not see everything
        if before is not None and before not in own:
            _refuse_giver(actor)
        if after is not None and after not in own:
            raise _no_taker(pointer)


def require_somebody(actor: Actor, taker: Holder) -> None:
    """Raises Forbidden where a project would count for nobody, and so be seen by none but the bureau."""
    if taker == NOBODY and not actor.sees_all:
        raise _no_taker("/unit_id")


def require_ruling(actor: Actor) -> None:
    """Raises Forbidden without the right to rule for whom something counts, whoever gives and whoever takes."""
    actor.require(Permission.transfer)


def _refuse_giver(actor: Actor) -> None:
    """Raises Forbidden, naming the right and the remedy, for whoever lacks the right to transfer."""
    if Permission.transfer in actor.permissions:
        return
    say = Say(
        "记录计入别的单位或专班，你没有“流转项目”的权限；请由招商局办理流转。",
        "It counts for another unit or task force and you do not have the right to transfer a project: ask the bureau "
        "for a transfer.",
    )
    raise Forbidden(say, permission=Permission.transfer.value)


def _no_taker(pointer: str) -> Forbidden:
    say = Say(
        "不能把记录放到你范围以外的单位或专班；请只填本方，另一方由招商局流转时确定。",
        "A record cannot be put into a unit or task force outside your scope: name your own alone, and ask the bureau "
        "to transfer it to the other.",
    )
    field = (pointer, "place_out_of_scope", say)
    return Forbidden(say, code="place_out_of_scope", fields=[field], permission=Permission.transfer.value)
