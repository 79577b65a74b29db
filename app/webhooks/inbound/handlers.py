"""What each type of message does here, by the verbs that people use."""

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
    """A person has to say which record is meant."""

    def __init__(self, pointer: str, code: str, say: Say) -> None:
        super().__init__(say.en)
        self.told = pointer, code, say


@dataclass(slots=True)
class Doing:
    """A message being applied: whose, about what, for which units (None for all), whether under a trust that holds,
    and what it has changed so far."""

    session: AsyncSession
    source: WebhookSource
    known: ExternalObject
    unit_ids: frozenset[UUID] | None
    is_trusted: bool
    changed: list[dict[str, Any]] = field(default_factory=list)
    followed: dict[UUID, UUID] = field(default_factory=dict)
    """Of the records acted on, those that were meant by another that was merged into them, and which that was."""

    @property
    def actor(self) -> Actor:
        """The source, which writes as a clerk does."""
        return self._acting("", _CLERK)

    @property
    def approver(self) -> Actor:
        """Whoever approved it where it comes from: another than who drafted it. None stands behind what came without
        trust, or under one that has ended, which then lacks the right."""
        return self._acting(":approval", _APPROVER) if self.is_trusted else self.actor

    def _acting(self, as_what: str, permissions: frozenset[Permission]) -> Actor:
        mark = "（已审核）" if as_what else ""
        name = self.source.name[: LONGEST_NAME - len(mark)] + mark
        return Actor(
            f"source:{self.source.id}{as_what}", name, ActorKind.token, permissions=permissions, unit_ids=self.unit_ids
        )

    def tell(self, kind: str, record_id: UUID) -> None:
        """It has changed this record, which is what the source calls so if it is of the message's own kind."""
        meant_id = self.followed.get(record_id)
        instead = {} if meant_id is None else {"instead_of": str(meant_id)}
        self.changed.append({"type": kind, "id": str(record_id), **instead})
        if kind == self.known.kind:
            self.known.record_id = record_id


def _trust(source: WebhookSource) -> AtSource:
    return AtSource(source_id=source.id, trust_confirmed_by=source.confirmed_by)


def _is_linked(doing: Doing) -> bool:
    """Whether a person has said which record it is: then it is there, and none is made.

    Raises Conflict where a message has made one: a second of the same id would count twice.
    """
    known = doing.known
    if known.record_id is None:
        return False
    if not known.is_linked:
        say = Say("来源的这个编号已登记过，不再登记第二条。", "What the source calls so is registered already.")
        raise Conflict(say, code="already_registered", fields=[("/id", "already_registered", say)])
    known.is_linked = False
    doing.tell(known.kind, known.record_id)
    return True


async def _unit(doing: Doing, name: str) -> UUID:
    """Within its reach; what lies beyond is not told from what does not exist."""
    code = doing.source.units.get(name, name)
    found = await doing.session.scalar(select(Unit.id).where(Unit.code == code))
    if found is None or (doing.unit_ids is not None and found not in doing.unit_ids):
        say = Say(f"没有对应“{name}”的单位：请在来源设置中对应。", f"No unit goes by {name}: map it in the source.")
        raise Parked("/data/unit", "unmatched", say)
    return found


async def _project(doing: Doing, known_id: UUID | None, code: str | None, pointer: str) -> UUID:
    """By what the source calls it, else by our code; within its reach, as for anybody."""
    found = known_id
    if found is None and code is not None:
        found = await doing.session.scalar(select(Project.id).where(Project.code == code))
    if found is not None:
        try:
            await projects.require_visible(doing.session, doing.actor, found)
        except Problem:
            found = None
    if found is None:
        say = Say("没有对应的项目：请指明是哪一个。", "No project matches: say which it is.")
        raise Parked(pointer, "unmatched", say)
    return await _successor(doing, found, pointer)


async def _successor(doing: Doing, project_id: UUID, pointer: str) -> UUID:
    """The project itself, or what it was merged into in the end, which `changed` then says."""
    last = await successors.last_id(doing.session, project_id)
    if last == project_id:
        return last
    try:
        await projects.require_visible(doing.session, doing.actor, last)
    except NotFound:
        say = successors.say(None)
        raise Parked(pointer, "merged_out_of_reach", say) from None
    doing.followed[last] = project_id
    return last


async def _own_project(doing: Doing, data: ProjectMoved | ProjectProgress) -> UUID:
    return await _project(doing, doing.known.record_id, data.code, "/data/id")


async def _investor(doing: Doing, credit_code: str | None) -> UUID | None:
    if credit_code is None:
        return None
    found = await enterprises.by_credit_code(doing.session, credit_code)
    if found is None:
        say = Say("没有这个信用代码的企业，请先登记。", "No enterprise has that credit code; register it first.")
        raise Parked("/data/investor_credit_code", "unmatched", say)
    return found


_NOT_OF_A_LEAD = {"id", "sequence", "unit", "investor_credit_code", "investor_name", "description"}


async def _lead_registered(doing: Doing, data: LeadRegistered) -> None:
    if _is_linked(doing):
        return
    unit_id = await _unit(doing, data.unit)
    own = data.model_dump(include=data.model_fields_set - _NOT_OF_A_LEAD)
    told = [f"来源所报投资方：{data.investor_name}"] if data.investor_name else []
    lead = LeadCreate.model_validate(
        {
            **own,
            "description": "\n".join([*told, data.description or ""]).strip() or None,
            "investor_id": await _investor(doing, data.investor_credit_code),
            "first_unit_id": unit_id,
            "unit_id": unit_id,
            "source": doing.source.name,
        }
    )
    doing.tell("lead", (await registration.create(doing.session, doing.actor, lead)).id)


async def _project_moved(doing: Doing, data: ProjectMoved) -> None:
    project_id = await _own_project(doing, data)
    move = MoveCreate(to=doing.source.stages.get(data.to, data.to), happened_on=data.happened_on, reason=data.reason)
    await pipeline.advance(doing.session, doing.actor, project_id, None, move)
    doing.tell("project", project_id)


async def _project_progress(doing: Doing, data: ProjectProgress) -> None:
    project_id = await _own_project(doing, data)
    told = FollowUpCreate(kind=data.kind, on=data.on, summary=data.summary)
    await follow_ups.add(doing.session, doing.actor, project_id, told)
    doing.tell("project", project_id)


async def _deal_signed(doing: Doing, data: DealSigned) -> None:
    if _is_linked(doing):
        return
    session = doing.session
    known_id = None
    if data.project.id is not None:
        known = await session.get(ExternalObject, (doing.source.id, "project", data.project.id))
        known_id = known.record_id if known is not None else None
    project_id = await _project(doing, known_id, data.project.code, "/data/project")
    investor_id = await _investor(doing, data.investor_credit_code)
    own = data.model_dump(include={"kind", "title", "agreement_no", "signed_on", "agreed_amount"}, exclude_none=True)
    draft = DealCreate.model_validate(
        {**own, "project_id": project_id, "investor_id": investor_id, "source": doing.source.name}
    )
    deal = await deals.draft(session, doing.actor, draft)
    if doing.is_trusted:
        await deals.approve(
            session, doing.approver, deal.id, deal.version, DealApprove(), at_source=_trust(doing.source)
        )
    doing.tell("deal", deal.id)
    if project_id in doing.followed:
        doing.tell("project", project_id)


def _own_deal(doing: Doing) -> UUID:
    """The deal. What a source says goes by its numbers, not by a version it would have read here."""
    if doing.known.record_id is None:
        say = Say("没有对应的签约：请指明是哪一个。", "No deal matches: say which it is.")
        raise Parked("/data/id", "unmatched", say)
    return doing.known.record_id


async def _deal_amended(doing: Doing, data: DealAmended) -> None:
    deal_id = _own_deal(doing)
    amended = DealAmend.model_validate(data.model_dump(exclude={"id", "sequence"}))
    await deals.amend(doing.session, doing.approver, deal_id, None, amended)
    doing.tell("deal", deal_id)


async def _deal_terminated(doing: Doing, data: DealTerminated) -> None:
    deal_id = _own_deal(doing)
    ended = DealTerminate.model_validate(data.model_dump(exclude={"id", "sequence"}))
    await endings.terminate_deal(doing.session, doing.approver, deal_id, None, ended)
    doing.tell("deal", deal_id)


async def _reaches(doing: Doing, enterprise_id: UUID) -> bool:
    """A source of a unit speaks of enterprises that invest there."""
    if doing.unit_ids is None:
        return True
    invests = select(Project.id).where(Project.investor_id == enterprise_id, decision_rights.decided_by(doing.actor))
    return await doing.session.scalar(invests.limit(1)) is not None


async def _enterprise_updated(doing: Doing, data: EnterpriseUpdated) -> None:
    session = doing.session
    enterprise_id = await enterprises.successor(session, doing.known.record_id)
    if enterprise_id is not None and doing.known.record_id not in (None, enterprise_id):
        doing.followed[enterprise_id] = doing.known.record_id
    if enterprise_id is None and data.credit_code is not None:
        enterprise_id = await enterprises.by_credit_code(session, data.credit_code)
    if enterprise_id is None or not await _reaches(doing, enterprise_id):
        say = Say(
            "没有对应的企业：请指明是哪一家，或先登记它。", "No enterprise matches: say which it is, or register it."
        )
        raise Parked("/data/id", "unmatched", say)
    sent = data.model_dump(include=data.model_fields_set - {"id", "version"})
    code = await session.scalar(select(Enterprise.credit_code).where(Enterprise.id == enterprise_id))
    if code is not None and sent.get("credit_code", code) != code:
        if doing.known.record_id in (None, enterprise_id):
            say = Say("信用代码与我方所记不同，请核对。", "The credit code is another than is on record: look into it.")
            raise Parked("/data/credit_code", "credit_code_differs", say)
        del sent["credit_code"]  # it was merged into one with a code of its own
    await identity.update_enterprise(session, doing.actor, enterprise_id, None, EnterpriseUpdate.model_validate(sent))
    doing.tell("enterprise", enterprise_id)


VERBS: dict[str, Callable[[Doing, Any], Awaitable[None]]] = {
    "lead.registered": _lead_registered,
    "project.moved": _project_moved,
    "project.progress": _project_progress,
    "deal.signed": _deal_signed,
    "deal.amended": _deal_amended,
    "deal.terminated": _deal_terminated,
    "enterprise.updated": _enterprise_updated,
}
