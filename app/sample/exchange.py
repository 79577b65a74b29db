"""What accounts and other systems have done with the city: drafts of agreements, messages received and sent.

All of it is made up, and done at the real time, as by whoever uses the sample: it would else be pruned as old.
"""

import json
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app import control_registry
from app.accounts import service as users
from app.accounts.models import User
from app.accounts.roles import GRANTS, Reach, Role, permissions_of
from app.controls import service as controls
from app.controls.models import ControlChange
from app.core import context
from app.core.actor import Actor, ActorKind
from app.deals import service as deals
from app.deals import submissions
from app.deals.schemas import DealCreate
from app.jobs.kinds import Claimed
from app.projects import service as projects
from app.sample import accounts
from app.sample.acts import APPROVER, MADE_UP, MADE_UP_PREFIX, SAMPLE, City
from app.sample.city import BUSINESS_DAY
from app.sample.talks import IN_DRAFT, IN_DRAFT_OF_DISTRICT
from app.webhooks.inbound import applying, intake, receiving, sources
from app.webhooks.inbound.intake import SourceAtReceipt, Stored
from app.webhooks.inbound.models import WebhookSource
from app.webhooks.inbound.receiving import Sent
from app.webhooks.inbound.schemas import SourceCreate
from app.webhooks.outbound import attempts, deliveries, endpoints
from app.webhooks.outbound.models import NotSent
from app.webhooks.outbound.posting import Outcome
from app.webhooks.outbound.schemas import EndpointCreate, EndpointUpdate


async def add(session: AsyncSession, city: City) -> None:
    """Adds the accounts, two drafts, two messages of a source and a delivery."""
    await accounts.add_missing(session)
    bureau = await _actor(session, Role.bureau)
    district = await _actor(session, Role.district)
    await _draft(session, bureau, city, IN_DRAFT, "4.2", number=101)
    await _draft(session, district, city, IN_DRAFT_OF_DISTRICT, "1.8", number=102)
    await _receive(session, city)
    await _send(session, bureau)


async def _actor(session: AsyncSession, role: Role) -> Actor:
    """Returns the account of a role, as it acts once its owner has signed in."""
    user: User = await users.get(session, accounts.name_of(role))
    sees_all = GRANTS[role].reach is Reach.everything
    unit_ids = None if sees_all or user.unit_id is None else frozenset({user.unit_id})
    return Actor(
        str(user.id),
        user.display_name,
        ActorKind.person,
        permissions=permissions_of([role]),
        roles=frozenset({role}),
        unit_ids=unit_ids,
    )


async def _draft(session: AsyncSession, actor: Actor, city: City, what: str, amount_yi: str, *, number: int) -> None:
    """Drafts an agreement and submits it for approval."""
    body = DealCreate(
        project_id=city.projects[what],
        title=f"{MADE_UP_PREFIX}{what}投资协议",
        agreement_no=f"示例协〔2023〕{number}号",
        signed_on=BUSINESS_DAY,
        agreed_amount=Decimal(amount_yi) * 100_000_000,
        source=MADE_UP,
    )
    draft = await deals.draft(session, actor, body, is_illustrative=True)
    await submissions.submit(session, actor, draft.id, draft.version)


async def _receive(session: AsyncSession, city: City) -> None:
    """Adds a source, and two messages of it: one is applied, one names a project that nobody knows."""
    settings = context.SETTINGS.require(session)
    body = SourceCreate(name="示例审批平台", networks=["203.0.113.0/24"], reason="示例：接收审批进展")
    source, _ = await sources.add(session, SAMPLE, settings, body)
    key = str(source.id)
    change = (await session.scalars(select(ControlChange).where(ControlChange.key == key))).one()
    await controls.confirm(session, APPROVER, control_registry.controls(), change.id, change.version)
    code = (await projects.get(session, SAMPLE, city.projects[IN_DRAFT])).code
    for number, project in enumerate((code, "P2023-99999"), start=1):
        data = {
            "id": f"SP-{number}",
            "code": project,
            "version": 1,
            "on": date(2023, 3, 30).isoformat(),
            "summary": "示例：项目备案已受理",
        }
        await _apply(session, source, f"msg_sample_{number}", data)


async def _apply(session: AsyncSession, source: WebhookSource, message_id: str, data: dict[str, Any]) -> None:
    """Stores a message and applies it as its job would, which then finds it done."""
    at_receipt = SourceAtReceipt(
        id=source.id,
        name=source.name,
        order=source.order,
        is_active=source.is_active,
        is_removed=source.is_removed,
        networks=source.networks,
        is_confirmed=source.confirmed_since is not None,
        trust_change_id=source.trust_change_id,
        secrets=[],
    )
    message = {"type": "project.progress", "timestamp": "2023-03-30T09:00:00+08:00", "data": data}
    headers = {"webhook-id": message_id, "content-type": "application/json"}
    sent = Sent(headers, json.dumps(message, ensure_ascii=False).encode())
    (stored,) = await intake.write(session, [receiving.row_of(at_receipt, sent)])
    assert isinstance(stored, Stored)
    job = Claimed(UUID(int=0), intake.APPLY, {"message": str(stored.inbox_id)}, attempt=1, claim=1, worker=SAMPLE.name)
    await applying.apply(session, job)


async def _send(session: AsyncSession, owner: Actor) -> None:
    """Adds an endpoint that nobody listens at, tries it in vain and switches it off."""
    settings = context.SETTINGS.require(session)
    body = EndpointCreate(name="示例驾驶舱", url="https://cockpit.example/hooks", types=["deal.terminated"])
    endpoint, _ = await endpoints.add(session, owner, settings, body)
    ping = await deliveries.ping(session, owner, endpoint.id)
    sending = await attempts.read(session, ping.id)
    assert sending is not None
    await attempts.record(session, sending, Outcome(error=NotSent.unreachable))
    await endpoints.edit(session, owner, endpoint.id, endpoint.version, EndpointUpdate(is_active=False))
