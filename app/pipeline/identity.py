"""Who may change the identifying fields of an enterprise or referrer: the bureau, or the only unit that deals with it.

These records are shared by all units, so an edit by one unit would rename the partner of another unit's lead, project
or deal. The refusal does not tell who else has business with them. The fields are listed in ADR 0032.
"""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import inquiries
from app.core.actor import Actor
from app.core.errors import Conflict, Forbidden
from app.core.localized import Say
from app.core.records import one
from app.deals.models import Deal, DealKind, DealStatus
from app.enterprises import service as enterprises
from app.enterprises import successors, twins
from app.enterprises.models import Enterprise
from app.enterprises.schemas import EnterpriseRead, EnterpriseUpdate, RankingCreate
from app.events.models import Event
from app.leads import service as leads
from app.leads.models import Lead, LeadStatus
from app.projects import decision_rights
from app.projects.models import Project, Status
from app.referrers import service as referrers
from app.referrers.models import Referrer
from app.referrers.schemas import ReferrerRegistered, ReferrerUpdate

_IDENTIFYING = (
    "name",
    "credit_code",
    "country",
    "registration_no",
    "parent_id",
    "origin",
    "ownership",
    "registered_place",
)
_WITHOUT_BUSINESS = (DealStatus.discarded, DealStatus.voided)


async def update_enterprise(
    session: AsyncSession, actor: Actor, enterprise_id: UUID, version: int | None, body: EnterpriseUpdate
) -> EnterpriseRead:
    """Edits an enterprise. Raises Forbidden where the actor may not change an identifying field, Conflict, and as
    `enterprises.update`."""
    if body.model_fields_set & {"name", "country", "registration_no"}:
        await twins.hold_names(session)
    # Every act that begins business with the enterprise locks it too, so none can begin meanwhile.
    await enterprises.hold(session, enterprise_id)
    enterprise = await one(session, select(Enterprise).where(Enterprise.id == enterprise_id), enterprises.ENTERPRISE)
    given = {name: getattr(body, name) for name in _IDENTIFYING if name in body.model_fields_set}
    if any(getattr(enterprise, name) != value for name, value in given.items()):
        await _require_sole_business(session, actor, "enterprise", enterprise_id)
        await _refuse_unidentified(session, enterprise, body)
    return await enterprises.update(session, actor, enterprise_id, version, body)


async def add_ranking(session: AsyncSession, actor: Actor, enterprise_id: UUID, body: RankingCreate) -> EnterpriseRead:
    """Adds a ranking. Restricted like an edit: there is one a list and year, so a wrong one blocks the right one."""
    await enterprises.hold(session, enterprise_id)
    await one(session, select(Enterprise).where(Enterprise.id == enterprise_id), enterprises.ENTERPRISE)
    await successors.refuse_merged(session, enterprise_id)
    await _require_sole_business(session, actor, "enterprise", enterprise_id)
    return await enterprises.add_ranking(session, actor, enterprise_id, body)


async def update_referrer(
    session: AsyncSession, actor: Actor, referrer_id: UUID, version: int, body: ReferrerUpdate
) -> ReferrerRegistered:
    """Edits a referrer. All its fields identify it. Raises Forbidden where the actor may not change them."""
    await one(session, select(Referrer).where(Referrer.id == referrer_id), referrers.REFERRER)
    await _require_sole_business(session, actor, "referrer", referrer_id)
    return await referrers.update(session, actor, referrer_id, version, body)


async def _require_sole_business(session: AsyncSession, actor: Actor, kind: str, partner_id: UUID) -> None:
    """Raises Forbidden where others have business with it, or where nobody has and somebody else entered it.

    Raises TooMany where the actor has learnt of business of others too often.
    """
    if actor.sees_all:
        return
    await inquiries.require_within_limit(session, actor)
    business = await _business(session, actor, kind, partner_id)
    if business.of_actor and not business.of_others:
        return
    created = select(Event.id).where(
        Event.subject_type == kind,
        Event.subject_id == partner_id,
        Event.type == f"{kind}.created",
        Event.actor_id == actor.id,
    )
    is_creator = await session.scalar(created.limit(1)) is not None
    if is_creator and not business.of_others:
        return
    refused = _refused()
    # An actor that could edit it otherwise learns from the refusal that others have business with it.
    refused.tells_of_others = business.of_actor or is_creator
    raise refused


def _refused() -> Forbidden:
    say = Say(
        "名称、代码、来源地等识别信息由招商局修改，或由唯一与其有业务的单位修改；请由招商局办理。",
        "What it is known by (name, code, origin …) is changed by the bureau, or by the only unit that has business "
        "with it: ask the bureau.",
    )
    return Forbidden(say, code="bureau_decides")


class _Business(NamedTuple):
    of_actor: bool
    of_others: bool


async def _business(session: AsyncSession, actor: Actor, kind: str, partner_id: UUID) -> _Business:
    """Returns whether the actor, and whether others, have a lead, project or deal with the enterprise or referrer."""
    of_lead, of_project = Lead.referrer_id == partner_id, Project.referrer_id == partner_id
    of_deal: ColumnElement[bool] = false()
    if kind == "enterprise":
        as_referrer = select(Referrer.id).where(Referrer.enterprise_id == partner_id)
        of_lead = or_(Lead.investor_id == partner_id, Lead.referrer_id.in_(as_referrer))
        of_project = or_(Project.investor_id == partner_id, Project.referrer_id.in_(as_referrer))
        of_deal = Deal.investor_id == partner_id
    deals_of = select(Deal.project_id).where(of_deal, Deal.status.not_in(_WITHOUT_BUSINESS))
    is_project = (or_(of_project, Project.id.in_(deals_of)), Project.status != Status.merged)
    is_lead = (of_lead, Lead.status != LeadStatus.converted)
    # A record without unit and task force belongs to the bureau: its NULL condition must count as false.
    by_project = func.coalesce(decision_rights.decided_by(actor), false())
    by_lead = func.coalesce(leads.decided_by(actor), false())
    of_actor = or_(
        select(Project.id).where(*is_project, by_project).exists(), select(Lead.id).where(*is_lead, by_lead).exists()
    )
    of_others = or_(
        select(Project.id).where(*is_project, ~by_project).exists(),
        select(Lead.id).where(*is_lead, ~by_lead).exists(),
    )
    return _Business(*(await session.execute(select(of_actor, of_others))).one())


async def _refuse_unidentified(session: AsyncSession, enterprise: Enterprise, body: EnterpriseUpdate) -> None:
    """Raises Conflict where an enterprise would lose its only identifier while it is the investor of live deals."""
    numbers = {
        name: getattr(body, name) if name in body.model_fields_set else getattr(enterprise, name)
        for name in ("credit_code", "registration_no")
    }
    was_identified = enterprise.credit_code is not None or enterprise.registration_no is not None
    if not was_identified or any(number is not None for number in numbers.values()):
        return
    live = select(Deal.id).where(
        Deal.investor_id == enterprise.id, Deal.status == DealStatus.live, Deal.kind == DealKind.formal
    )
    if await session.scalar(live.limit(1)) is not None:
        say = Say(
            "有效协议的投资方须有信用代码或境外注册号；有误请直接改为正确的。",
            "The investor of a live deal has a credit code or a foreign registration: put the right one instead.",
        )
        raise Conflict(say, code="identified_by_deals", fields=[("/credit_code", "identified_by_deals", say)])
