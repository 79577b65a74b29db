"""The gates of the approval of a deal. Those of amount, investor and day can never be overridden."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor
from app.core.localized import Say
from app.deals import numbers
from app.deals.models import Deal, DealKind
from app.enterprises.models import Enterprise
from app.projects.evidence import EvidenceRead, valid
from app.projects.gate_results import GateRead
from app.projects.models import Project
from app.projects.stages import Strictness


@dataclass(frozen=True, slots=True)
class AtSource:
    """An approval that took place at the source of a message, and who here confirmed that this source is trusted."""

    source_id: UUID
    trust_confirmed_by: str | None


def _gate(
    code: str,
    name: Say,
    is_met: bool,
    missing: Say,
    satisfied_by: str,
    strictness: Strictness = Strictness.block,
    *,
    is_fixed: bool = False,
) -> GateRead:
    return GateRead(
        stage=None,
        code=code,
        zh=name.zh,
        en=name.en,
        strictness=strictness,
        is_fixed=is_fixed,
        is_met=is_met,
        missing_zh=None if is_met else missing.zh,
        missing_en=None if is_met else missing.en,
        satisfied_by=None if is_met else satisfied_by,
    )


def _fixed_gates(deal: Deal, today: date) -> list[GateRead]:
    """Returns the fixed gates of day, amount and investor: without them the ledger has nothing to count."""
    edit = "PATCH /api/v1/deals/{id} "
    is_ahead = deal.signed_on is not None and deal.signed_on > today
    no_day = Say("缺签约日", "no day of signing")
    ahead = Say(f"签约日晚于业务日 {today}", f"signed after the business day {today}")
    requirements = [
        ("signed_on", Say("签约日", "day of signing"), deal.signed_on and not is_ahead, ahead if is_ahead else no_day),
        ("agreed_amount", Say("协议额", "agreed amount"), deal.agreed_amount, Say("缺协议额", "no agreed amount")),
        ("investor", Say("投资方", "investor"), deal.investor_id, Say("缺投资方", "no investor")),
    ]
    return [
        _gate(code, name, bool(value), missing, edit + ("investor_id" if code == "investor" else code), is_fixed=True)
        for code, name, value, missing in requirements
    ]


def _has(evidence: Sequence[EvidenceRead], kind: str) -> bool:
    return any(row.kind == kind for row in evidence)


async def investor_of(session: AsyncSession, deal: Deal) -> Enterprise | None:
    """Returns the investor of the deal; None where it names none."""
    return (await session.scalars(select(Enterprise).where(Enterprise.id == deal.investor_id))).one_or_none()


async def _number_gate(session: AsyncSession, actor: Actor, deal: Deal) -> GateRead:
    """Returns the gate that no other deal that counts, or has counted, has the same agreement number."""
    others = await numbers.bearers(session, actor, deal, numbers.COUNTED)
    described = numbers.describe(others)
    return _gate(
        numbers.GATE,
        Say("协议编号未被其他签约使用", "number borne by no other deal"),
        not others,
        Say(
            f"协议编号已用于{described.zh}；同一协议只计一次",
            f"the number of the agreement is borne by {described.en}: one agreement counts once",
        ),
        "PATCH /api/v1/deals/{id} agreement_no",
    )


async def gates(
    session: AsyncSession, actor: Actor, deal: Deal, project: Project, investor: Enterprise | None
) -> list[GateRead]:
    """Returns the results of the gates of approval. Evidence of a parent counts for its leaves too."""
    identified = investor is not None and (investor.credit_code or investor.registration_no) is not None
    judged = [
        *_fixed_gates(deal, await clock.today(session)),
        _gate(
            "agreement_no",
            Say("协议编号", "number of the agreement"),
            deal.agreement_key is not None,
            Say("缺协议编号", "the agreement has no number"),
            "PATCH /api/v1/deals/{id} agreement_no",
        ),
        await _number_gate(session, actor, deal),
    ]
    if deal.kind is DealKind.framework:
        return judged
    evidence = await valid(session, [project.id, project.line_id])
    return [
        *judged,
        _gate(
            "investor_identified",
            Say("投资方信用代码", "credit code of the investor"),
            identified,
            Say(
                "投资方没有统一社会信用代码或境外注册号",
                "the investor has neither credit code nor foreign registration",
            ),
            "PATCH /api/v1/enterprises/{id} credit_code",
        ),
        _gate(
            "legality_review",
            Say("合法性审查", "legality review"),
            _has(evidence, "legality_review"),
            Say("缺合法性审查意见", "no evidence of the legality review"),
            "POST /api/v1/projects/{id}/evidence kind=legality_review",
        ),
        _gate(
            "fair_competition_review",
            Say("公平竞争审查", "fair competition review"),
            _has(evidence, "fair_competition_review"),
            Say("缺公平竞争审查结论", "no evidence of the fair competition review"),
            "POST /api/v1/projects/{id}/evidence kind=fair_competition_review",
            Strictness.warn,
        ),
    ]
