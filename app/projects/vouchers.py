"""Voucher numbers: evidence of money has a voucher, whose number is used once in the whole city, however it is written.

Rows older than this rule stay as they are. Of several rows with one number the first holds it; `five-ones check` names
the others, and no gate accepts them as money. When the holder is voided, the next row takes the number.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Select, and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.audit import inquiries
from app.core import errors
from app.core.actor import Actor
from app.core.column_types import NAME
from app.core.db import Base
from app.core.errors import Conflict
from app.core.localized import Say
from app.core.name_key import number_key
from app.projects import service as projects
from app.projects.evidence_models import Evidence, EvidenceKind, EvidenceVoid
from app.projects.models import Project

YUAN = "yuan"


class StandingVoucher(Base):
    """The voucher number that a piece of evidence holds. The row is deleted when the evidence is voided."""

    __tablename__ = "standing_vouchers"

    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"), primary_key=True)
    number_key: Mapped[str] = mapped_column(NAME, unique=True)


TAKEN = Say(
    "这个凭证号已登记过（其他单位的项目，或刚由他人登记）；一张凭证只能用一次，请核对编号或请招商局查明。",
    "This voucher is on record already, with another unit or since a moment ago: one stands once only. Check the "
    "number, or ask the bureau.",
)
errors.on_conflict(errors.rule_of(StandingVoucher.__table__, "uq_standing_vouchers_number_key"), "voucher_taken", TAKEN)


async def refuse_taken(session: AsyncSession, actor: Actor, key: str) -> None:
    """Raises Conflict where other evidence holds a number with this key; it names the project if the actor sees it.

    Raises TooMany where the actor has learnt of too many numbers of others.
    """
    await inquiries.require_within_limit(session, actor)
    query = (
        select(Project.code, Project.name, projects.scope(actor).label("is_in_scope"))
        .join(Evidence, Evidence.project_id == Project.id)
        .join(StandingVoucher, StandingVoucher.evidence_id == Evidence.id)
        .where(StandingVoucher.number_key == key)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return
    say = TAKEN
    if row.is_in_scope:
        say = Say(
            f"这个凭证号已登记在项目 {row.code} {row.name}；一张凭证只能用一次，登错的请先作废。",
            f"Project {row.code} {row.name} has this voucher: one stands once only; void the mistaken one first.",
        )
    taken = Conflict(say, code="voucher_taken", fields=[("/document_no", "voucher_taken", say)])
    taken.tells_of_others = not row.is_in_scope
    raise taken


async def claim_number(session: AsyncSession, evidence_id: UUID, key: str) -> None:
    """Lets the evidence hold the number. Of two concurrent claims the database refuses the second."""
    session.add(StandingVoucher(evidence_id=evidence_id, number_key=key))
    await session.flush()


async def release_number(session: AsyncSession, evidence_id: UUID) -> None:
    """Releases the number of voided evidence and gives it to the next row with the same number, if there is one."""
    number = await session.scalar(
        delete(StandingVoucher)
        .where(StandingVoucher.evidence_id == evidence_id)
        .returning(StandingVoucher.number_key)
        .execution_options(synchronize_session=False)
    )
    if number is None:
        return
    candidates = await session.execute(_numbered())
    next_id = next((row.id for row in candidates if number_key(row.document_no) == number), None)
    if next_id is not None:
        session.add(StandingVoucher(evidence_id=next_id, number_key=number))
        await session.flush()


def is_money() -> ColumnElement[bool]:
    """Returns the condition on Evidence and EvidenceKind that its unit is not yuan, or that it is acceptable as money:
    above 0 yuan, and holding its voucher number. Rows older than the rule may have no number."""
    holds_number = exists().where(StandingVoucher.evidence_id == Evidence.id)
    return or_(
        EvidenceKind.value_unit.is_distinct_from(YUAN),
        and_(func.coalesce(Evidence.value, 0) > 0, or_(Evidence.document_no.is_(None), holds_number)),
    )


def _numbered() -> Select[UUID, str | None]:
    """Selects id and voucher number of all evidence of money that is not voided, the first recorded first."""
    return (
        select(Evidence.id, Evidence.document_no)
        .join(EvidenceKind, EvidenceKind.code == Evidence.kind)
        .join(EvidenceVoid, EvidenceVoid.evidence_id == Evidence.id, isouter=True)
        .where(EvidenceKind.value_unit == YUAN, EvidenceVoid.id.is_(None), Evidence.document_no.is_not(None))
        .where(Evidence.value > 0, ~Evidence.is_not_needed)
        .order_by(Evidence.recorded_at, Evidence.id)
    )


async def expected_keys(session: AsyncSession) -> dict[UUID, str]:
    """Returns by evidence the key it should hold: of several rows with one number, the first recorded holds it."""
    first: dict[str, UUID] = {}
    for row in await session.execute(_numbered()):
        if (key := number_key(row.document_no)) is not None:
            first.setdefault(key, row.id)
    return {evidence_id: key for key, evidence_id in first.items()}


async def stored_keys(session: AsyncSession) -> dict[UUID, str]:
    """Returns by evidence the key it holds in the database."""
    rows = await session.execute(select(StandingVoucher.evidence_id, StandingVoucher.number_key))
    return {row.evidence_id: row.number_key for row in rows}


async def renew(session: AsyncSession) -> int:
    """Corrects the stored keys. Returns how many were missing or wrong."""
    expected, stored = await expected_keys(session), await stored_keys(session)
    wrong = [evidence_id for evidence_id, key in stored.items() if expected.get(evidence_id) != key]
    to_add = {evidence_id: key for evidence_id, key in expected.items() if stored.get(evidence_id) != key}
    missing = [{"evidence_id": evidence_id, "number_key": key} for evidence_id, key in to_add.items()]
    if wrong:
        await session.execute(delete(StandingVoucher).where(StandingVoucher.evidence_id.in_(wrong)))
    if missing:
        await session.execute(StandingVoucher.__table__.insert(), missing)  # type: ignore[attr-defined]
    return len(set(wrong) | {row["evidence_id"] for row in missing})
