"""Which links of phases to parents stand: those of phases that were added and not withdrawn, now or as known then."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from app.projects.models import PhaseLink, PhaseWithdrawal


def _withdrawn(known_at: datetime | None) -> ColumnElement[bool]:
    links = select(PhaseWithdrawal.link_id)
    if known_at is not None:
        links = links.where(PhaseWithdrawal.recorded_at <= known_at)
    return PhaseLink.id.in_(links)


def stand(known_at: datetime | None = None) -> ColumnElement[bool]:
    """The condition on PhaseLink that it stands, as known at a moment (now by default)."""
    if known_at is None:
        return ~_withdrawn(None)
    return and_(PhaseLink.recorded_at <= known_at, ~_withdrawn(known_at))


def under(parent_id: UUID) -> ColumnElement[bool]:
    """The condition on PhaseLink that a phase stands under this parent."""
    return and_(PhaseLink.parent_id == parent_id, stand())
