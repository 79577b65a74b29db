"""Checks the stored keys of names and numbers against the keys that the present code makes."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app import stored_keys
from app.checks.findings import Finding
from app.core.localized import Say
from app.projects import vouchers
from app.projects.evidence_models import Evidence, EvidenceKind, EvidenceVoid
from app.projects.models import Project
from app.projects.vouchers import StandingVoucher
from app.search import following
from app.search.models import FULL_TEXT


async def keys_are_current(session: AsyncSession) -> list[Finding]:
    """Finds stale keys, which hide duplicates or report false ones."""
    say = Say("查重键已过时，请运行 five-ones migrate", "its key is stale; run `five-ones migrate`")
    findings = [
        Finding("key", f"{one.stored.model.__tablename__} {one.id}", say) async for one in stored_keys.stale(session)
    ]
    expected, stored = await vouchers.expected_keys(session), await vouchers.stored_keys(session)
    differing = sorted(one for one in expected.keys() | stored.keys() if expected.get(one) != stored.get(one))
    return findings + [Finding("key", f"evidence {one}", say) for one in differing]


async def records_are_found(session: AsyncSession) -> list[Finding]:
    """Finds records that the index does not hold as they are, so that a search misses them, or finds them wrongly."""
    say = Say(
        "检索条目与记录不符，请运行 five-ones migrate",
        "its entry in the index is stale; run `five-ones migrate`",
    )
    findings = [Finding("index", f"{kind} {record_id}", say) async for kind, record_id in following.stale(session)]
    if not await following.full_text_is_right(session):
        findings.append(Finding("index", FULL_TEXT, say))
    return findings


async def money_has_vouchers(session: AsyncSession) -> list[Finding]:
    """Finds evidence of money, older than the rule on vouchers, that holds no voucher number or is 0 yuan. Notices."""
    query = (
        select(Evidence.id, Evidence.value, Project.code)
        .join(Project, Project.id == Evidence.project_id)
        .join(EvidenceKind, EvidenceKind.code == Evidence.kind)
        .join(EvidenceVoid, EvidenceVoid.evidence_id == Evidence.id, isouter=True)
        .join(StandingVoucher, StandingVoucher.evidence_id == Evidence.id, isouter=True)
        .where(EvidenceKind.value_unit == vouchers.YUAN, EvidenceVoid.id.is_(None), ~Evidence.is_not_needed)
        .where(or_(StandingVoucher.evidence_id.is_(None), Evidence.value <= 0))
        .order_by(Project.code, Evidence.id)
    )
    say = Say(
        "到资依据没有凭证编号、与别处重号或金额为 0，请核对后作废重录",
        "money without a voucher's number, with one used elsewhere, or of nothing: void it and enter it anew",
    )
    return [
        Finding("voucher", f"evidence {row.id} of project {row.code}", say, is_notice=True)
        for row in await session.execute(query)
    ]
