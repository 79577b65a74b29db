"""A handler for each type of message, which calls the same services as people do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, ActorKind, Permission
from app.core.errors import Conflict, NotFound, Problem
from app.core.localized import Say
from app.core.name_key import LONGEST_NAME
from app.deals import service as deals
from app.deals.approval import AtSource
from app.deals.schemas import DealAmend, DealApprove, DealCreate, DealTerminate
from app.enterprises import service as enterprises
from app.enterprises.models import Enterprise
from app.enterprises.schemas import EnterpriseUpdate
from app.five_ones import follow_ups
from app.leads import registration
from app.leads.schemas import LeadCreate
from app.organizations.models import Unit
from app.pipeline import endings, identity
from app.pipeline import service as pipeline
from app.pipeline.schemas import MoveCreate
from app.projects import decision_rights, successors
from app.projects import service as projects
from app.projects.follow_ups import FollowUpCreate
from app.projects.models import Project
from app.webhooks.inbound.models import ExternalObject, WebhookSource
from app.webhooks.inbound.types import (
    DealAmended,
    DealSigned,
    DealTerminated,
    EnterpriseUpdated,
    LeadRegistered,
    ProjectMoved,
    ProjectProgress,
)

_CLERK = frozenset({Permission.read, Permission.write})
_APPROVER = _CLERK | {Permission.approve_deals, Permission.terminate}


class Parked(Exception):
    """The message is left to a person, who has to say which record it means. `reason`: (pointer, code, text)."""

    def __init__(self, pointer: str, code: str, say: Say) -> None:
        super().__init__(say.en)
        self.reason = pointer, code, say


@dataclass(slots=True)
class MessageContext:
    """State of one message while it is applied. `unit_ids`: units it may write for, None for all; `is_trusted`: the
    source is trusted now, under the same confirmation as when the message was received."""

    session: AsyncSession
    source: WebhookSource
    external: ExternalObject
    unit_ids: frozenset[UUID] | None
    is_trusted: bool
    changed: list[dict[str, Any]] = field(default_factory=list)
    merged: dict[UUID, UUID] = field(default_factory=dict)
    """Record acted on → the merged record that the message means."""

    @property
    def actor(self) -> Actor:
        """Returns the source as an actor, with the rights of a clerk."""
        return self._acting("", _CLERK)

    @property
    def approver(self) -> Actor:
        """Returns the actor of approvals made at the source, with another id than the drafting `actor`. Without trust
        returns `actor`, who has no right to approve."""
        return self._acting(":approval", _APPROVER) if self.is_trusted else self.actor

    def _acting(self, as_what: str, permissions: frozenset[Permission]) -> Actor:
        mark = "（已审核）" if as_what else ""
        name = self.source.name[: LONGEST_NAME - len(mark)] + mark
        return Actor(
            f"source:{self.source.id}{as_what}", name, ActorKind.token, permissions=permissions, unit_ids=self.unit_ids
        )

    def add_change(self, kind: str, record_id: UUID) -> None:
        """Notes that the message changed this record. One of the message's own kind is bound to the external id."""
        meant_id = self.merged.get(record_id)
        instead = {} if meant_id is None else {"instead_of": str(meant_id)}
        self.changed.append({"type": kind, "id": str(record_id), **instead})
        if kind == self.external.kind:
            self.external.record_id = record_id


def _trust(source: WebhookSource) -> AtSource:
    return AtSource(source_id=source.id, trust_confirmed_by=source.confirmed_by)


def _is_linked(context: MessageContext) -> bool:
    """Whether a person has linked the external id to an existing record: then nothing is created.

    Raises Conflict where an earlier message created the record: a second one of the same id would count twice.
    """
    external = context.external
    if external.record_id is None:
        return False
    if not external.is_linked:
        say = Say("来源的这个编号已登记过，不再登记第二条。", "What the source calls so is registered already.")
        raise Conflict(say, code="already_registered", fields=[("/id", "already_registered", say)])
    external.is_linked = False
    context.add_change(external.kind, external.record_id)
    return True


async def _unit(context: MessageContext, name: str) -> UUID:
    """Returns the unit of a name. Raises Parked alike where there is none and where it is out of the source's scope."""
    code = context.source.units.get(name, name)
    unit_id = await context.session.scalar(select(Unit.id).where(Unit.code == code))
    if unit_id is None or (context.unit_ids is not None and unit_id not in context.unit_ids):
        say = Say(f"没有对应“{name}”的单位：请在来源设置中对应。", f"No unit goes by {name}: map it in the source.")
        raise Parked("/data/unit", "unmatched", say)
    return unit_id


async def _project(context: MessageContext, bound_id: UUID | None, code: str | None, pointer: str) -> UUID:
    """Returns the project bound to the external id, else that of our code. Raises Parked where there is none in the
    source's scope."""
    project_id = bound_id
    if project_id is None and code is not None:
        project_id = await context.session.scalar(select(Project.id).where(Project.code == code))
    if project_id is not None:
        try:
            await projects.require_visible(context.session, context.actor, project_id)
        except Problem:
            project_id = None
    if project_id is None:
        say = Say("没有对应的项目：请指明是哪一个。", "No project matches: say which it is.")
        raise Parked(pointer, "unmatched", say)
    return await _successor(context, project_id, pointer)


async def _successor(context: MessageContext, project_id: UUID, pointer: str) -> UUID:
    """Returns the project itself, or the one it was finally merged into, which `changed` then names.

    Raises Parked where that is out of the source's scope.
    """
    last = await successors.last_id(context.session, project_id)
    if last == project_id:
        return last
    try:
        await projects.require_visible(context.session, context.actor, last)
    except NotFound:
        say = successors.say(None)
        raise Parked(pointer, "merged_out_of_reach", say) from None
    context.merged[last] = project_id
    return last


async def _project_of_message(context: MessageContext, data: ProjectMoved | ProjectProgress) -> UUID:
    return await _project(context, context.external.record_id, data.code, "/data/id")


async def _investor(context: MessageContext, credit_code: str | None) -> UUID | None:
    if credit_code is None:
        return None
    enterprise_id = await enterprises.by_credit_code(context.session, credit_code)
    if enterprise_id is None:
        say = Say("没有这个信用代码的企业，请先登记。", "No enterprise has that credit code; register it first.")
        raise Parked("/data/investor_credit_code", "unmatched", say)
    return enterprise_id


_NOT_OF_A_LEAD = {"id", "sequence", "unit", "investor_credit_code", "investor_name", "description"}


async def _lead_registered(context: MessageContext, data: LeadRegistered) -> None:
    if _is_linked(context):
        return
    unit_id = await _unit(context, data.unit)
    fields = data.model_dump(include=data.model_fields_set - _NOT_OF_A_LEAD)
    notes = [f"来源所报投资方：{data.investor_name}"] if data.investor_name else []
    lead = LeadCreate.model_validate(
        {
            **fields,
            "description": "\n".join([*notes, data.description or ""]).strip() or None,
            "investor_id": await _investor(context, data.investor_credit_code),
            "first_unit_id": unit_id,
            "unit_id": unit_id,
            "source": context.source.name,
        }
    )
    context.add_change("lead", (await registration.create(context.session, context.actor, lead)).id)


async def _project_moved(context: MessageContext, data: ProjectMoved) -> None:
    project_id = await _project_of_message(context, data)
    move = MoveCreate(to=context.source.stages.get(data.to, data.to), happened_on=data.happened_on, reason=data.reason)
    await pipeline.advance(context.session, context.actor, project_id, None, move)
    context.add_change("project", project_id)


async def _project_progress(context: MessageContext, data: ProjectProgress) -> None:
    project_id = await _project_of_message(context, data)
    follow_up = FollowUpCreate(kind=data.kind, on=data.on, summary=data.summary)
    await follow_ups.add(context.session, context.actor, project_id, follow_up)
    context.add_change("project", project_id)


async def _deal_signed(context: MessageContext, data: DealSigned) -> None:
    if _is_linked(context):
        return
    session = context.session
    bound_id = None
    if data.project.id is not None:
        external_project = await session.get(ExternalObject, (context.source.id, "project", data.project.id))
        bound_id = external_project.record_id if external_project is not None else None
    project_id = await _project(context, bound_id, data.project.code, "/data/project")
    investor_id = await _investor(context, data.investor_credit_code)
    fields = data.model_dump(include={"kind", "title", "agreement_no", "signed_on", "agreed_amount"}, exclude_none=True)
    draft = DealCreate.model_validate(
        {**fields, "project_id": project_id, "investor_id": investor_id, "source": context.source.name}
    )
    deal = await deals.draft(session, context.actor, draft)
    if context.is_trusted:
        await deals.approve(
            session, context.approver, deal.id, deal.version, DealApprove(), at_source=_trust(context.source)
        )
    context.add_change("deal", deal.id)
    if project_id in context.merged:
        context.add_change("project", project_id)


def _deal_of_message(context: MessageContext) -> UUID:
    """Returns the deal bound to the external id. Raises Parked where none is.

    Messages are ordered by their numbers, so that the deal's version is not compared.
    """
    if context.external.record_id is None:
        say = Say("没有对应的签约：请指明是哪一个。", "No deal matches: say which it is.")
        raise Parked("/data/id", "unmatched", say)
    return context.external.record_id


async def _deal_amended(context: MessageContext, data: DealAmended) -> None:
    deal_id = _deal_of_message(context)
    amended = DealAmend.model_validate(data.model_dump(exclude={"id", "sequence"}))
    await deals.amend(context.session, context.approver, deal_id, None, amended)
    context.add_change("deal", deal_id)


async def _deal_terminated(context: MessageContext, data: DealTerminated) -> None:
    deal_id = _deal_of_message(context)
    ended = DealTerminate.model_validate(data.model_dump(exclude={"id", "sequence"}))
    await endings.terminate_deal(context.session, context.approver, deal_id, None, ended)
    context.add_change("deal", deal_id)


async def _is_in_scope(context: MessageContext, enterprise_id: UUID) -> bool:
    """Whether the source may update an enterprise: a source of a unit only those that invest there."""
    if context.unit_ids is None:
        return True
    invests = select(Project.id).where(Project.investor_id == enterprise_id, decision_rights.decided_by(context.actor))
    return await context.session.scalar(invests.limit(1)) is not None


async def _enterprise_updated(context: MessageContext, data: EnterpriseUpdated) -> None:
    session = context.session
    enterprise_id = await enterprises.successor(session, context.external.record_id)
    if enterprise_id is not None and context.external.record_id not in (None, enterprise_id):
        context.merged[enterprise_id] = context.external.record_id
    if enterprise_id is None and data.credit_code is not None:
        enterprise_id = await enterprises.by_credit_code(session, data.credit_code)
    if enterprise_id is None or not await _is_in_scope(context, enterprise_id):
        say = Say(
            "没有对应的企业：请指明是哪一家，或先登记它。", "No enterprise matches: say which it is, or register it."
        )
        raise Parked("/data/id", "unmatched", say)
    fields = data.model_dump(include=data.model_fields_set - {"id", "version"})
    code = await session.scalar(select(Enterprise.credit_code).where(Enterprise.id == enterprise_id))
    if code is not None and fields.get("credit_code", code) != code:
        if context.external.record_id in (None, enterprise_id):
            say = Say("信用代码与我方所记不同，请核对。", "The credit code is another than is on record: look into it.")
            raise Parked("/data/credit_code", "credit_code_differs", say)
        del fields["credit_code"]  # the enterprise was merged into one with another code
    await identity.update_enterprise(
        session, context.actor, enterprise_id, None, EnterpriseUpdate.model_validate(fields)
    )
    context.add_change("enterprise", enterprise_id)


VERBS: dict[str, Callable[[MessageContext, Any], Awaitable[None]]] = {
    "lead.registered": _lead_registered,
    "project.moved": _project_moved,
    "project.progress": _project_progress,
    "deal.signed": _deal_signed,
    "deal.amended": _deal_amended,
    "deal.terminated": _deal_terminated,
    "enterprise.updated": _enterprise_updated,
}
