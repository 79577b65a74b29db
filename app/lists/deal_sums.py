"""Sums under a list of deals. They count live formal deals; what is left out is counted beside."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.core.money import yi
from app.deals.models import Deal, DealKind, DealStatus
from app.lists.deal_schemas import DealLeftOut, DealSum
from app.projects.models import Project

_ENDED = {
    DealStatus.draft: "drafts",
    DealStatus.discarded: "discarded",
    DealStatus.terminated: "terminated",
    DealStatus.voided: "voided",
}


def grouped(conditions: Iterable[ColumnElement[bool]], *keys: Any) -> Select[*tuple[Any, ...]]:
    """Selects counts and amounts by these keys and by what `read` tells apart."""
    return (
        select(*keys, Deal.status, Deal.kind, func.count().label("n"), func.sum(Deal.agreed_amount).label("amount"))
        .join(Project, Project.id == Deal.project_id)
        .where(*conditions)
        .group_by(*keys, Deal.status, Deal.kind)
    )


def read(rows: Iterable[Any]) -> tuple[DealSum, DealLeftOut]:
    """Returns the sum of rows of `grouped`, and what it leaves out."""
    count, amount = 0, Decimal(0)
    left_out = dict.fromkeys(DealLeftOut.model_fields, 0)
    for row in rows:
        if row.status is not DealStatus.live:
            left_out[_ENDED[row.status]] += row.n
        elif row.kind is DealKind.framework:
            left_out["frameworks"] += row.n
        else:
            count, amount = count + row.n, amount + row.amount
    return DealSum(count=count, agreed_amount=amount, agreed_amount_yi=yi(amount)), DealLeftOut(**left_out)
