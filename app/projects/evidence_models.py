from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import errors
from app.core.column_types import CODE, NAME, PROSE
from app.core.db import Base, Id
from app.core.localized import Say
from app.core.money import Money


class EvidenceKind(Base):
    """A kind of evidence, seeded by migration. `value_unit`: percent, yuan, or none.

    Where `may_be_not_needed`, gates accept «not needed» with a reason in place of the document.
    """

    __tablename__ = "evidence_kinds"

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    position: Mapped[int]
    name_zh: Mapped[str] = mapped_column(NAME)
    name_en: Mapped[str] = mapped_column(NAME)
    value_unit: Mapped[str | None] = mapped_column(String(10))
    may_be_not_needed: Mapped[bool]


class Evidence(Base):
    """依据. Either a fact with its day, or «not needed» with a reason. `value` is in per cent or yuan, by kind."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("(reason IS NOT NULL) = is_not_needed", name="reason_where_not_needed"),
        CheckConstraint("value IS NULL OR value >= 0", name="value_not_negative"),
        Index("ix_evidence_project_id_kind", "project_id", "kind"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    kind: Mapped[str] = mapped_column(ForeignKey("evidence_kinds.code"), index=True)
    on: Mapped[date]
    value: Mapped[Decimal | None] = mapped_column(Money)
    document_no: Mapped[str | None] = mapped_column(NAME)
    issuer: Mapped[str | None] = mapped_column(NAME)
    note: Mapped[str | None] = mapped_column(PROSE)
    is_not_needed: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(PROSE)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class EvidenceVoid(Base):
    """The voiding of a piece of evidence recorded by mistake. Append-only."""

    __tablename__ = "evidence_voids"

    id: Mapped[Id]
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"), unique=True)
    reason: Mapped[str] = mapped_column(PROSE)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


errors.on_conflict(
    errors.rule_of(EvidenceVoid.__table__, "uq_evidence_voids_evidence_id"),
    "already_void",
    Say("这条依据已经作废。", "This evidence is void already."),
)
