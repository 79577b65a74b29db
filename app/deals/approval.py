"""The gates of the approval of a deal. Those of amount, investor and day can never be overridden."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.acts import Act, nothing
from app.core import clock
from app.core.actor import Actor
from app.core.localized import Say
from app.deals import acts, numbers
from app.deals.models import Deal, DealKind
from app.enterprises.models import Enterprise
from app.projects import acts as project_acts
from app.projects import decision_rights
from app.projects.evidence import EvidenceRead, valid
from app.projects.gate_results import GateAct, GateRead, MetBy
from app.projects.models import Project
from app.projects.stages import Strictness


@dataclass(frozen=True, slots=True)
class AtSource:
    """An approval that took place at the source of a message, and who here confirmed that this source is trusted."""

    source_id: UUID
    trust_confirmed_by: str | None


_EDIT_ENTERPRISE = Act("update_enterprise", nothing)
_EVIDENCE = {
    "legality_review": Say("合法性审查", "legality review"),
    "fair_competition_review": Say("公平竞争审查", "fair competition review"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """The draft whose approval is asked for, and by whom."""

    actor: Actor
    deal: Deal
    project: Project
    investor: Enterprise | None
    holders: Sequence[str] = ()

    def edit(self, zh: str, en: str, *fields: str) -> GateAct:
        case = acts.Case(self.actor, self.deal, self.project, False, False, self.holders)
        say = Say(f"修改草稿：{zh}", f"edit the draft: {en}")
        return GateAct.of(self.actor, acts.ACTS["edit"], case, say, "PATCH", f"/deals/{self.deal.id}", {}, fields)

    def evidence(self, kind: str) -> GateAct:
        case = project_acts.Case(self.actor, self.project, self.holders)
        say = Say(f"登记依据：{_EVIDENCE[kind].zh}", f"put on record: {_EVIDENCE[kind].en}")
        act, path = project_acts.ACTS["add_evidence"], f"/projects/{self.project.id}/evidence"
        optional = ("document_no", "issuer", "note")
        return GateAct.of(self.actor, act, case, say, "POST", path, {"kind": kind}, ["on"], optional)

    def identify(self, zh: str, en: str, *fields: str) -> list[GateAct]:
        if self.investor is None:
            return []
        say, path = Say(f"修改投资方：{zh}", f"edit the investor: {en}"), f"/enterprises/{self.investor.id}"
        return [GateAct.of(self.actor, _EDIT_ENTERPRISE, None, say, "PATCH", path, {}, fields)]


@dataclass(frozen=True, slots=True)
class _Gate:
    """A gate of the approval. `missing`: None where it is met."""

    code: str
    name: Say
    missing: Say | None
    acts: Sequence[GateAct] = field(default_factory=list)
    met_by: MetBy | None = None
    strictness: Strictness = Strictness.block
    is_fixed: bool = False

    def read(self) -> GateRead:
        missing = self.missing
        return GateRead(
            stage=None,
            code=self.code,
            zh=self.name.zh,
            en=self.name.en,
            strictness=self.strictness,
            is_fixed=self.is_fixed,
            is_met=missing is None,
            missing_zh=missing.zh if missing else None,
            missing_en=missing.en if missing else None,
            acts=list(self.acts) if missing else [],
            met_by=None if missing else self.met_by,
        )


def _fixed_gates(asked: _Asked, today: date) -> list[_Gate]:
    """Returns the fixed gates of day, amount and investor: without them the ledger has nothing to count."""
    deal = asked.deal
    by_deal = MetBy(type="deal", id=deal.id, on=deal.signed_on, zh=deal.code, en=deal.code)
    no_day = None if deal.signed_on else Say("缺签约日", "no day of signing")
    if deal.signed_on is not None and deal.signed_on > today:
        no_day = Say(f"签约日晚于业务日 {today}", f"signed after the business day {today}")
    no_amount = None if deal.agreed_amount else Say("缺协议额", "no agreed amount")
    no_investor = None if deal.investor_id else Say("缺投资方", "no investor")
    requirements = (
        ("signed_on", Say("签约日", "day of signing"), no_day, "signed_on"),
        ("agreed_amount", Say("协议额", "agreed amount"), no_amount, "agreed_amount"),
        ("investor", Say("投资方", "investor"), no_investor, "investor_id"),
    )
    return [
        _Gate(code, name, missing, [asked.edit(name.zh, name.en, column)], by_deal, is_fixed=True)
        for code, name, missing, column in requirements
    ]


async def investor_of(session: AsyncSession, deal: Deal) -> Enterprise | None:
    """Returns the investor of the deal; None where it names none."""
    return (await session.scalars(select(Enterprise).where(Enterprise.id == deal.investor_id))).one_or_none()


async def _number_gates(session: AsyncSession, asked: _Asked) -> list[_Gate]:
    """Returns the gates that the agreement has a number, and that no other deal that counts, or has counted, has it."""
    deal, edit = asked.deal, asked.edit("协议编号", "number of the agreement", "agreement_no")
    number = deal.agreement_no or ""
    by_deal = MetBy(type="deal", id=deal.id, on=deal.signed_on, zh=number, en=number)
    others = await numbers.bearers(session, asked.actor, deal, numbers.COUNTED)
    described = numbers.describe(others)
    borne = Say(
        f"协议编号已用于{described.zh}；同一协议只计一次",
        f"the number of the agreement is borne by {described.en}: one agreement counts once",
    )
    no_number = None if deal.agreement_key is not None else Say("缺协议编号", "the agreement has no number")
    return [
        _Gate("agreement_no", Say("协议编号", "number of the agreement"), no_number, [edit], by_deal),
        _Gate(
            numbers.GATE,
            Say("协议编号未被其他签约使用", "number borne by no other deal"),
            borne if others else None,
            [edit],
        ),
    ]


def _identified(asked: _Asked) -> _Gate:
    investor = asked.investor
    number = None if investor is None else investor.credit_code or investor.registration_no
    missing = Say(
        "投资方没有统一社会信用代码或境外注册号", "the investor has neither credit code nor foreign registration"
    )
    return _Gate(
        "investor_identified",
        Say("投资方信用代码", "credit code of the investor"),
        None if number is not None else missing,
        [
            *asked.identify("统一社会信用代码", "unified social credit code", "credit_code"),
            *asked.identify("境外注册号", "foreign registration", "country", "registration_no"),
        ],
        None
        if investor is None
        else MetBy(type="enterprise", id=investor.id, on=None, zh=number or "", en=number or ""),
    )


def _reviewed(asked: _Asked, rows: Sequence[EvidenceRead], kind: str, missing: Say, strictness: Strictness) -> _Gate:
    row = next((row for row in rows if row.kind == kind), None)
    name = _EVIDENCE[kind]
    met_by = None if row is None else MetBy.evidence(row, name.zh, name.en)
    return _Gate(kind, name, missing if row is None else None, [asked.evidence(kind)], met_by, strictness)


async def gates(
    session: AsyncSession, actor: Actor, deal: Deal, project: Project, investor: Enterprise | None
) -> list[GateRead]:
    """Returns the results of the gates of approval. Evidence of a parent counts for its leaves too."""
    holders: Sequence[str] = ()
    if not actor.reaches(project.unit_id, project.task_force_id):
        holders = await decision_rights.holders(session, project.unit_id, project.task_force_id)
    asked = _Asked(actor, deal, project, investor, holders)
    judged = [*_fixed_gates(asked, await clock.today(session)), *await _number_gates(session, asked)]
    if deal.kind is DealKind.formal:
        rows = await valid(session, [project.id, project.line_id])
        no_legality = Say("缺合法性审查意见", "no evidence of the legality review")
        no_fairness = Say("缺公平竞争审查结论", "no evidence of the fair competition review")
        judged += [
            _identified(asked),
            _reviewed(asked, rows, "legality_review", no_legality, Strictness.block),
            _reviewed(asked, rows, "fair_competition_review", no_fairness, Strictness.warn),
        ]
    return [gate.read() for gate in judged]
