"""Drafts, approves and amends deals. Acts that end, correct or transfer one concern its project too: see `pipeline`."""

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import service as accounts
from app.audit import inquiries
from app.core import clock, refs
from app.core.actor import Actor, Permission
from app.core.codes import next_code, one_at_a_time
from app.core.currency import CONVERSION, ForeignMoney, in_yuan
from app.core.errors import Invalid, NotFound, refuse
from app.core.localized import Say
from app.core.name_key import number_key
from app.core.records import apply, locked, one, plain
from app.core.refs import Reference
from app.deals import approval, facts, ledger, numbers, refusals, replay, separation
from app.deals.approval import AtSource
from app.deals.models import Deal, DealFact, DealKind, DealRelocation, DealStatus, FactKind, LedgerEntry
from app.deals.schemas import (
    DealAmend,
    DealApprove,
    DealCreate,
    DealDrafted,
    DealGates,
    DealRead,
    DealUpdate,
    EntriesRead,
    EntryRead,
    FactRead,
    NumberBorne,
)
from app.enterprises import service as enterprises
from app.enterprises.models import Enterprise
from app.events import service as events
from app.events.models import Event
from app.projects import refusals as project_refusals
from app.projects import service as projects
from app.projects.gate_results import pass_gates
from app.projects.models import Project
from app.projects.stages import Strictness

DEAL = Say("签约", "deal")
APPROVAL_PROBLEMS = "drafted_by_you gates_unmet line_has_live_deal not_a_draft owner_decides project_ended"
AMENDMENT_PROBLEMS = f"{facts.PROBLEMS} not_live owner_decides"
"""The codes of the problems that these acts, and their previews, refuse with."""

_MONEY = frozenset({"agreed_amount", *CONVERSION})


def scope(actor: Actor) -> ColumnElement[bool]:
    """Returns the condition on Deal that the actor sees it, which is where it sees the project."""
    return Deal.project_id.in_(projects.visible_to(actor))


def project_then(known_at: datetime) -> ColumnElement[UUID]:
    """Returns the id of the project that a deal belonged to at a moment: before a merge, the merged project."""
    before = (
        select(DealRelocation.from_project_id)
        .where(DealRelocation.deal_id == Deal.id, DealRelocation.recorded_at > known_at)
        .order_by(DealRelocation.recorded_at)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(before, Deal.project_id)


def visible_to(actor: Actor) -> Select[UUID]:
    """Selects the ids of the deals that the actor sees."""
    return select(Deal.id).where(scope(actor))


_REFERENCES = [Reference("project", "project_id", Project), Reference("investor", "investor_id", Enterprise)]


def _columns(model: type[BaseModel]) -> Select[*tuple[Any, ...]]:
    """Selects the columns that a schema of a deal shows, with its project, by which its scope is known."""
    computed = {"project_name", "facts", *(reference.field for reference in _REFERENCES)}
    names = [name for name in model.model_fields if name not in computed and not name.endswith("_by_name")]
    columns = [getattr(Deal, name) for name in names]
    return select(*columns, Project.name.label("project_name")).join(Project, Project.id == Deal.project_id)


def name_of(deal: Any, actor_id: ColumnElement[Any]) -> ColumnElement[str | None]:
    """Returns the name under which an actor last did something to a deal, as its timeline shows it; `deal` has the
    columns of one."""
    about = and_(Event.subject_type == "deal", Event.subject_id == deal.id, Event.actor_id == actor_id)
    named = select(Event.actor_name).where(about).order_by(Event.at.desc(), Event.id.desc()).limit(1)
    return named.correlate_except(Event).scalar_subquery()


_READ = refs.joined(_columns(DealRead), Deal.__table__.c, _REFERENCES).add_columns(
    *(
        name_of(Deal, getattr(Deal, name)).label(f"{name}_name")
        for name in ("drafted_by", "submitted_by", "approved_by")
    )
)


async def get(session: AsyncSession, actor: Actor, deal_id: UUID) -> DealRead:
    """Returns the deal with its facts in force. Raises NotFound."""
    row = (await session.execute(_READ.where(Deal.id == deal_id, projects.scope(actor)))).one_or_none()
    if row is None:
        raise NotFound.of(DEAL)
    values = refs.named(row, _REFERENCES)
    values["facts"] = await _facts(session, deal_id)
    values["trust_confirmed_by_name"] = await accounts.name_of(session, row.trust_confirmed_by)
    return DealRead.model_validate(values)


_FACTS = refs.selected(FactRead, DealFact, ledger.REFERENCES).add_columns(DealFact.corrects_id, DealFact.is_withdrawn)


async def _facts(session: AsyncSession, deal_id: UUID) -> list[dict[str, Any]]:
    """Returns the fields of the facts in force, in the order they were stated."""
    of_deal = _FACTS.where(DealFact.deal_id == deal_id).order_by(DealFact.recorded_at, DealFact.id)
    rows = (await session.execute(of_deal)).all()
    return refs.all_named(ledger.facts_in_force(rows), ledger.REFERENCES)


_ENTRIES = refs.selected(EntryRead, LedgerEntry, ledger.REFERENCES)


async def entries(session: AsyncSession, actor: Actor, deal_id: UUID) -> EntriesRead:
    """Returns the ledger entries of a deal that the actor sees, and their sums. Raises NotFound."""
    await one(session, visible_to(actor).where(Deal.id == deal_id), DEAL)
    rows = await session.execute(
        _ENTRIES.where(LedgerEntry.deal_id == deal_id, ledger.visible_to(actor)).order_by(
            LedgerEntry.recorded_at, LedgerEntry.id
        )
    )
    items = [EntryRead.model_validate(entry) for entry in refs.all_named(rows, ledger.REFERENCES)]
    return EntriesRead(
        items=items,
        count=sum(item.count for item in items),
        amount=sum((item.amount for item in items), start=Decimal(0)),
        landed=sum(item.landed for item in items),
    )


async def lock(session: AsyncSession, actor: Actor, deal_id: UUID, version: int | None) -> tuple[Deal, Project]:
    """Locks the project with its parent, then the deal. Returns (deal, project).

    Raises NotFound, Stale where the deal has another version, Forbidden as `projects.lock`.
    """
    project_id = await session.scalar(select(Deal.project_id).where(Deal.id == deal_id, scope(actor)))
    if project_id is None:
        raise NotFound.of(DEAL)
    project = await projects.lock(session, actor, project_id, None)
    return await locked(session, select(Deal).where(Deal.id == deal_id), version, DEAL), project


async def on_line(
    session: AsyncSession, project: Project, *statuses: DealStatus, whole: bool = False
) -> Sequence[Deal]:
    """Returns the deals of a project and its parent that have one of these statuses, locked; with `whole` those of the
    whole line."""
    line = select(Project.id).where(Project.line_id == project.line_id)
    on_it = Deal.project_id.in_(line) if whole else Deal.project_id.in_({project.id, project.line_id})
    query = select(Deal).where(on_it, Deal.status.in_(statuses)).order_by(Deal.id)
    return (await session.scalars(query.with_for_update(key_share=True))).all()


async def formal_on(session: AsyncSession, project: Project) -> list[Deal]:
    """Returns the formal deals of the project itself that have counted, live or terminated, locked."""
    approved = await on_line(session, project, DealStatus.live, DealStatus.terminated)
    return [deal for deal in approved if deal.project_id == project.id and deal.kind is DealKind.formal]


async def _refuse_second(session: AsyncSession, project: Project) -> None:
    """Raises Conflict where the line has a live formal deal: the parent or the phases may have one, not both.

    Every approval on the line holds the lock of the parent, so two cannot pass at once.
    """
    others = await on_line(session, project, DealStatus.live, whole=project.is_parent)
    refuse(refusals.second(line_has_live=any(deal.kind is DealKind.formal for deal in others)))


def _set_money(deal: Deal, body: ForeignMoney, amount: Any, today: date) -> None:
    """Sets the agreed amount in yuan, and the foreign amount and rate it is converted from."""
    foreign = body.model_fields_set & (_MONEY - {"agreed_amount", "currency"})
    if amount is None and not foreign and body.currency == "CNY":
        value = None
    else:
        value = in_yuan(body, amount, "/agreed_amount", today)
    deal.agreed_amount = value
    for name in CONVERSION:
        setattr(deal, name, getattr(body, name))


async def draft(session: AsyncSession, actor: Actor, body: DealCreate, *, is_illustrative: bool = False) -> DealDrafted:
    """Drafts a deal, which counts nowhere yet. Returns it with the other deals that have its agreement number.

    Raises TooMany where the actor has learnt of too many numbers of others.
    """
    project = await projects.lock(session, actor, body.project_id, None)
    refuse(project_refusals.ended(project))
    if body.agreement_no is not None:
        await inquiries.require_within_limit(session, actor)
    await enterprises.require(session, body.investor_id, "/investor_id")
    today = await clock.today(session)
    deal = Deal(
        code=await next_code(session, "D", today.year),
        project_id=project.id,
        kind=body.kind,
        title=body.title,
        agreement_no=body.agreement_no,
        agreement_key=number_key(body.agreement_no),
        signed_on=body.signed_on,
        investor_id=body.investor_id or project.investor_id,
        status=DealStatus.draft,
        drafted_by=actor.id,
        is_single_person=False,
        is_approved_at_source=False,
        source=body.source,
        is_illustrative=is_illustrative,
    )
    _set_money(deal, body, body.agreed_amount, today)
    data = body.model_dump(mode="json", exclude_none=True)
    await events.record(session, actor, "deal.drafted", deal, data, project_id=project.id)
    return await _drafted(session, actor, deal, "draft_deal")


async def _drafted(session: AsyncSession, actor: Actor, deal: Deal, asked_by: str | None) -> DealDrafted:
    """Returns the draft with the deals and other drafts that have its agreement number.

    `asked_by` is the operation that set the number, None where it did not change. Through it the actor may learn of a
    number of others, which is then recorded.
    """
    others = await numbers.bearers(session, actor, deal, (*numbers.COUNTED, DealStatus.draft))
    if asked_by is not None and any(not other.is_in_scope for other in others):
        await inquiries.record_disclosure(session, actor, asked_by, "agreement_no", deal.agreement_key)
    hints = [
        NumberBorne(
            is_in_scope=other.is_in_scope,
            zh=f"协议编号已用于{other.say.zh}",
            en=f"The number is borne by {other.say.en}",
            deal_id=other.id if other.is_in_scope else None,
            deal_code=other.code if other.is_in_scope else None,
        )
        for other in others
    ]
    # Deals of other units give one warning, however many they are.
    hints = [hint for hint in hints if hint.is_in_scope] + [hint for hint in hints if not hint.is_in_scope][:1]
    read = await get(session, actor, deal.id)
    return DealDrafted.model_validate({**read.model_dump(), "warnings": hints})


async def update(session: AsyncSession, actor: Actor, deal_id: UUID, version: int, body: DealUpdate) -> DealDrafted:
    """Edits a draft, which takes back its submission. Returns it as `draft` does, and raises as that."""
    deal, project = await lock(session, actor, deal_id, version)
    refuse(refusals.not_a_draft(deal))
    key_before = deal.agreement_key
    changes = apply(deal, body, without=_MONEY)
    deal.agreement_key = number_key(deal.agreement_no)
    is_new_number = deal.agreement_key not in (None, key_before)
    if is_new_number:
        await inquiries.require_within_limit(session, actor)
    if body.model_fields_set & _MONEY:
        before = {name: getattr(deal, name) for name in _MONEY}
        _set_money(deal, body, body.agreed_amount, await clock.today(session))
        changes |= {
            name: [plain(value), plain(getattr(deal, name))]
            for name, value in sorted(before.items())
            if value != getattr(deal, name)
        }
    if "investor_id" in changes:
        await enterprises.require(session, deal.investor_id, "/investor_id")
    if changes:
        if deal.submitted_at is not None:
            changes["submitted_at"] = [plain(deal.submitted_at), None]
            deal.submitted_at = deal.submitted_by = None
        await events.record(session, actor, "deal.updated", deal, {"changes": changes}, project_id=project.id)
    return await _drafted(session, actor, deal, "update_deal" if is_new_number else None)


async def discard(session: AsyncSession, actor: Actor, deal_id: UUID, version: int) -> DealRead:
    """Discards a draft. It stays readable and counts nowhere."""
    deal, project = await lock(session, actor, deal_id, version)
    refuse(refusals.not_a_draft(deal))
    deal.status = DealStatus.discarded
    await events.record(session, actor, "deal.discarded", deal, {}, project_id=project.id)
    return await get(session, actor, deal_id)


async def gates_of(session: AsyncSession, actor: Actor, deal_id: UUID) -> DealGates:
    """Returns the gates of the approval of a draft. The same evaluation refuses the approval."""
    deal = await one(session, select(Deal).where(Deal.id == deal_id, scope(actor)), DEAL)
    project = await projects.fetch_unscoped(session, deal.project_id)
    judged = await approval.gates(session, actor, deal, project, await approval.investor_of(session, deal))
    unmet = [gate for gate in judged if not gate.is_met and gate.strictness is Strictness.block]
    is_open = deal.status is DealStatus.draft and not unmet
    return DealGates(deal_id=deal.id, version=deal.version, status=deal.status, is_open=is_open, gates=judged)


async def approve(
    session: AsyncSession,
    actor: Actor,
    deal_id: UUID,
    version: int | None,
    body: DealApprove,
    *,
    at_source: AtSource | None = None,
) -> DealRead:
    """Makes a draft live. A formal deal gets its signing entry on `signed_on`; a framework deal gets none.

    `at_source` marks an approval that a trusted source has reported.

    Raises Forbidden where another person has to approve it, GatesUnmet, Conflict.
    """
    actor.require(Permission.approve_deals)
    deal, project = await lock(session, actor, deal_id, version)
    refuse(refusals.not_a_draft(deal))
    refuse(project_refusals.ended(project))
    is_single = deal.drafted_by == actor.id
    await separation.require_another(session, actor, [deal])
    if deal.kind is DealKind.formal:
        await _refuse_second(session, project)
    investor = await approval.investor_of(session, deal)
    # One approval at a time, so that the second of two sees the deal that the first made live.
    await one_at_a_time(session, "agreements")
    gates = await approval.gates(session, actor, deal, project, investor)
    overridden = pass_gates(actor, gates, body.override)
    assert investor is not None
    if project.unit_id is None:
        raise Invalid.field("/project_id", "no_unit", Say("项目没有承接单位。", "The project has no unit in charge."))
    deal.status = DealStatus.live
    deal.approved_by, deal.approved_at, deal.is_single_person = actor.id, clock.now(session), is_single
    deal.override = plain(body.override) if overridden else None
    deal.is_approved_at_source = at_source is not None
    deal.trust_confirmed_by = at_source.trust_confirmed_by if at_source is not None else None
    data = {
        "status": ["draft", "live"],
        "override": deal.override,
        "single_person_approval": is_single,
        **({"approved_at_source": plain(dataclasses.asdict(at_source))} if at_source is not None else {}),
        "warnings": [gate.code for gate in gates if not gate.is_met and gate.code not in overridden],
        "note": body.note,
    }
    event_id = await events.record(session, actor, "deal.approved", deal, data, project_id=project.id)
    if deal.kind is DealKind.formal:
        assert deal.signed_on is not None
        await facts.sign(
            session,
            actor,
            deal,
            event_id,
            industry_code=project.industry_code,
            origin=investor.origin,
            ownership=investor.ownership,
            document=deal.agreement_no,
        )
    return await get(session, actor, deal_id)


async def amend(session: AsyncSession, actor: Actor, deal_id: UUID, version: int | None, body: DealAmend) -> DealRead:
    """Records a supplementary agreement. Its day lies between the latest transfer (else the signing) and today.

    Amendments take effect by their day: the amount agreed now is that of the latest day, not of the last recorded.
    Raises Conflict for a deal that is not live and formal, Invalid where the amount is wrong, otherwise as
    `facts.state`.
    """
    actor.require(Permission.approve_deals)
    deal, project = await lock(session, actor, deal_id, version)
    refuse(refusals.not_live_formal(deal))
    before = deal.agreed_amount
    amount = in_yuan(body, body.agreed_amount, "/agreed_amount", await clock.today(session))
    existing = [ledger.as_fact(row) for row in await facts.in_force(session, deal)]
    stated = replay.Fact(existing[-1].seq + 1, FactKind.amendment, body.effective_on, amount)
    earlier = [fact for fact in existing if replay.by_day(fact) < replay.by_day(stated)]
    if earlier and replay.agreed(earlier).amount == amount:
        raise Invalid.field(
            "/agreed_amount",
            "unchanged",
            Say("新协议额与当日已有的协议额相同。", "It is the amount agreed on that day already."),
        )
    changes = {"agreed_amount": plain([before, replay.agreed([*existing, stated]).amount])}
    data = {**body.model_dump(mode="json", exclude_none=True), "changes": changes}
    event_id = await events.record(session, actor, "deal.amended", deal, data, project_id=project.id)
    await facts.state(
        session,
        actor,
        deal,
        FactKind.amendment,
        body.effective_on,
        event_id,
        **facts.money_of(body, amount),
        document=body.document,
        reason=body.reason,
    )
    return await get(session, actor, deal_id)
