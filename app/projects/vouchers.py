"""Money is evidence by a voucher: its number stands once in the whole city, on whatever project, in whatever writing.

Rows of before this rule stay as they are; of several that bear one number the first stands, `five-ones check` names the
others, and no gate takes them for money. Where the one that stands is voided the next takes its place.
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
    """The number under which a piece of evidence that is money stands. It goes when the evidence is voided."""

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
    """Raises Conflict where a standing row bears a number of this key, naming its project to whoever sees that.

    Raises TooMany for whoever was told of too many numbers of others.
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
    """Take the number. Of two at once the database refuses the second."""
    session.add(StandingVoucher(evidence_id=evidence_id, number_key=key))
    await session.flush()


async def release_number(session: AsyncSession, evidence_id: UUID) -> None:
    """Give back the number of evidence that was voided: to the next that bears it, as rows of before the rule may."""
    number = await session.scalar(
        delete(StandingVoucher)
        .where(StandingVoucher.evidence_id == evidence_id)
        .returning(StandingVoucher.number_key)
        .execution_options(synchronize_session=False)
    )
    if number is None:
        return
    bearers = await session.execute(_numbered())
    following = next((row.id for row in bearers if number_key(row.document_no) == number), None)
    if following is not None:
        session.add(StandingVoucher(evidence_id=following, number_key=number))
        await session.flush()


def is_money() -> ColumnElement[bool]:
    """The condition on Evidence and EvidenceKind under which it may be taken for money, if it is in yuan: of more than
    nothing, and by a number that stands for it. Rows of before the rule may have no number."""
    stands = exists().where(StandingVoucher.evidence_id == Evidence.id)
    return or_(
        EvidenceKind.value_unit.is_distinct_from(YUAN),
        and_(func.coalesce(Evidence.value, 0) > 0, or_(Evidence.document_no.is_(None), stands)),
    )


def _numbered() -> Select[UUID, str | None]:
    """Money that was not voided, with its number, the first recorded first."""
    return (
        select(Evidence.id, Evidence.document_no)
        .join(EvidenceKind, EvidenceKind.code == Evidence.kind)
        .join(EvidenceVoid, EvidenceVoid.evidence_id == Evidence.id, isouter=True)
        .where(EvidenceKind.value_unit == YUAN, EvidenceVoid.id.is_(None), Evidence.document_no.is_not(None))
        .where(Evidence.value > 0, ~Evidence.is_not_needed)
        .order_by(Evidence.recorded_at, Evidence.id)
    )


async def expected_keys(session: AsyncSession) -> dict[UUID, str]:
    """The keys that ought to stand, by evidence: of several rows of one number that of the first."""
    first: dict[str, UUID] = {}
    for row in await session.execute(_numbered()):
        if (key := number_key(row.document_no)) is not None:
            first.setdefault(key, row.id)
    return {evidence_id: key for key, evidence_id in first.items()}


async def stored_keys(session: AsyncSession) -> dict[UUID, str]:
    """The keys that stand, by evidence."""
    rows = await session.execute(select(StandingVoucher.evidence_id, StandingVoucher.number_key))
    return {row.evidence_id: row.number_key for row in rows}


async def renew(session: AsyncSession) -> int:
    """Put right which keys stand; how many were missing or wrong."""
    right, now = await expected_keys(session), await stored_keys(session)
    wrong = [evidence_id for evidence_id, key in now.items() if right.get(evidence_id) != key]
    missing = [{"evidence_id": one, "number_key": key} for one, key in right.items() if now.get(one) != key]
    if wrong:
        await session.execute(delete(StandingVoucher).where(StandingVoucher.evidence_id.in_(wrong)))
    if missing:
        await session.execute(StandingVoucher.__table__.insert(), missing)  # type: ignore[attr-defined]
    return len(set(wrong) | {row["evidence_id"] for row in missing})
