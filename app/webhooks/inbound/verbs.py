"""What each type of message does here, by the verbs that people use."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, ActorKind, Permission
from app.core.errors import Problem
from app.core.say import Say
from app.deals import service as deals
from app.deals.models import Deal
from app.deals.schemas import DealAmend, DealApprove, DealCreate, DealTerminate
from app.enterprises import service as enterprises
from app.enterprises.models import Enterprise
from app.enterprises.schemas import EnterpriseUpdate
from app.five_ones import follow_ups
from app.leads import registering
from app.leads.schemas import LeadCreate
from app.organizations.models import Unit
from app.pipeline import endings
from app.pipeline import service as pipeline
from app.pipeline.schemas import MoveCreate
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
    """A message being applied: whose, about what, for which units (None for all), and what it has changed so far."""

    session: AsyncSession
    source: WebhookSource
    known: ExternalObject
    unit_ids: frozenset[UUID] | None
    changed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        """The source, which writes as a clerk does."""
        return self._acting("", _CLERK)

    @property
    def approver(self) -> Actor:
        """Whoever approved it where it comes from: another than who drafted it. None stands behind a source that is
        not trusted, which then lacks the right."""
        return self._acting(":approval", _APPROVER) if self.source.is_trusted else self.actor

    def _acting(self, as_what: str, permissions: frozenset[Permission]) -> Actor:
        name = self.source.name if not as_what else f"{self.source.name}（已审核）"
        return Actor(
            f"source:{self.source.id}{as_what}", name, ActorKind.token, permissions=permissions, unit_ids=self.unit_ids
        )

    def tell(self, kind: str, record_id: UUID) -> None:
        """It has changed this record, which is what the source calls so if it is of the message's own kind."""
        self.changed.append({"type": kind, "id": str(record_id)})
        if kind == self.known.kind:
            self.known.record_id = record_id


async def _unit(doing: Doing, name: str) -> UUID:
    code = doing.source.units.get(name, name)
    found = await doing.session.scalar(select(Unit.id).where(Unit.code == code))
    if found is None:
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
    return found


async def _own_project(doing: Doing, data: ProjectMoved | ProjectProgress) -> UUID:
    return await _project(doing, doing.known.record_id, data.code, "/data/id")


async def _lead_registered(doing: Doing, data: LeadRegistered) -> None:
    unit_id = await _unit(doing, data.unit)
    own = data.model_dump(include=data.model_fields_set - {"id", "sequence", "unit"})
    lead = LeadCreate.model_validate({**own, "first_unit_id": unit_id, "unit_id": unit_id, "source": doing.source.name})
    doing.tell("lead", (await registering.create(doing.session, doing.actor, lead)).id)


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
    session = doing.session
    known_id = None
    if data.project.id is not None:
        known = await session.get(ExternalObject, (doing.source.id, "project", data.project.id))
        known_id = known.record_id if known is not None else None
    project_id = await _project(doing, known_id, data.project.code, "/data/project")
    investor_id = None
    if data.investor_credit_code is not None:
        investor_id = await enterprises.by_credit_code(session, data.investor_credit_code)
        if investor_id is None:
            say = Say("没有这个信用代码的企业，请先登记。", "No enterprise has that credit code; register it first.")
            raise Parked("/data/investor_credit_code", "unmatched", say)
    own = data.model_dump(include={"kind", "title", "agreement_no", "signed_on", "agreed_amount"}, exclude_none=True)
    draft = DealCreate.model_validate(
        {**own, "project_id": project_id, "investor_id": investor_id, "source": doing.source.name}
    )
    deal = await deals.draft(session, doing.actor, draft)
    if doing.source.is_trusted:
        await deals.approve(session, doing.approver, deal.id, deal.version, DealApprove())
    doing.tell("deal", deal.id)


async def _own_deal(doing: Doing) -> tuple[UUID, int]:
    """The deal, and its version: what a source says goes by its numbers, not by what it has read here."""
    query = select(Deal.version).where(Deal.id == doing.known.record_id)
    version = await doing.session.scalar(query) if doing.known.record_id is not None else None
    if version is None or doing.known.record_id is None:
        say = Say("没有对应的签约：请指明是哪一个。", "No deal matches: say which it is.")
        raise Parked("/data/id", "unmatched", say)
    return doing.known.record_id, version


async def _deal_amended(doing: Doing, data: DealAmended) -> None:
    deal_id, version = await _own_deal(doing)
    amended = DealAmend.model_validate(data.model_dump(exclude={"id", "sequence"}))
    await deals.amend(doing.session, doing.approver, deal_id, version, amended)
    doing.tell("deal", deal_id)


async def _deal_terminated(doing: Doing, data: DealTerminated) -> None:
    deal_id, version = await _own_deal(doing)
    ended = DealTerminate.model_validate(data.model_dump(exclude={"id", "sequence"}))
    await endings.terminate_deal(doing.session, doing.approver, deal_id, version, ended)
    doing.tell("deal", deal_id)


async def _enterprise_updated(doing: Doing, data: EnterpriseUpdated) -> None:
    session = doing.session
    enterprise_id = await enterprises.successor(session, doing.known.record_id)
    if enterprise_id is None and data.credit_code is not None:
        enterprise_id = await enterprises.by_credit_code(session, data.credit_code)
    if enterprise_id is None:
        say = Say(
            "没有对应的企业：请指明是哪一家，或先登记它。", "No enterprise matches: say which it is, or register it."
        )
        raise Parked("/data/id", "unmatched", say)
    sent = data.model_dump(include=data.model_fields_set - {"id", "version"})
    version = await session.scalar(select(Enterprise.version).where(Enterprise.id == enterprise_id))
    assert version is not None
    await enterprises.update(session, doing.actor, enterprise_id, version, EnterpriseUpdate.model_validate(sent))
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
