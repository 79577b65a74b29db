"""How fast a worker applies messages, over how fast the same service is called without them; side by side.

    .venv/bin/python benchmarks/webhook_apply.py

called   amendments of live deals, each by `deals.service.amend` in a transaction of its own, one after another
one      the same amendments out of the inbox, by a worker that does one job at a time
slots    the same by a worker that is started with as many slots as the server's

Prints each one's rate over that of `called`, greater is quicker; 0.5 is the limit for both workers. Messages are taken
in before the clock runs. A round amends the same deals once each way, so that what there is to read grows alike, and
the next round others, so that it stays little. On SQLite, and on the PostgreSQL that FIVE_ONES_DATABASE_URL names (an
empty database) where it names one.
"""

import asyncio
import itertools
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from standardwebhooks.webhooks import Webhook

from app import control_registry, job_registry, schema
from app.audit.trail import Trail
from app.controls import service as controls
from app.controls.models import ControlKind
from app.core import clock, logs, office
from app.core.actor import Actor, ActorKind, Permission
from app.core.config import Settings
from app.core.db import Database
from app.core.ids import new_id
from app.deals import service as deals
from app.deals.models import Deal, DealKind, DealStatus
from app.deals.schemas import DealAmend
from app.jobs.kinds import Claimed, Kind, Registry, Result
from app.jobs.worker import Worker
from app.sample import load
from app.webhooks.inbound import applying, receiving, sources
from app.webhooks.inbound.models import ExternalObject, InboxMessage, InboxState
from app.webhooks.inbound.receiving import Sent
from app.webhooks.inbound.schemas import SourceCreate

ROUNDS, DEALS, GROUPS = 15, 20, 4
LIMIT = 0.5
OPERATOR = Actor("benchmark", "benchmark", ActorKind.person, permissions=frozenset(Permission))
CONFIRMER = Actor("confirmer", "confirmer", ActorKind.person, permissions=frozenset(Permission))
APPLY = "inbox.apply"


class Bench:
    """The sample, with deals that a source knows by its own ids and numbers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings, clock.system_now)
        self.groups: list[list[UUID]] = []
        self.deals: list[UUID] = []
        """Those of this round."""
        self.source_id, self.secret = "", ""
        self.sequences: Counter[UUID] = Counter()
        self._amounts = itertools.count(1)
        self._trail, self._limit = Trail(self.database), receiving.rate_limit(settings.hooks_a_minute)

    async def prepare(self) -> None:
        async with self.database.writing() as session:
            await load.load(session)
        async with self.database.writing() as session:
            await office.put(session, office.BUSINESS_DAY, None)
            body = SourceCreate.model_validate({"name": "示例平台", "is_trusted": True})
            source, self.secret = await sources.add(session, OPERATOR, self.settings, body)
            self.source_id = str(source.id)
            kind = ControlKind.webhook_source
            change = (await controls.pending(session, kind))[kind, self.source_id]
            _, second = await controls.confirm(
                session, CONFIRMER, control_registry.controls(), change.id, change.version
            )
            self.secret += second or ""
            live = select(Deal.id).where(Deal.status == DealStatus.live, Deal.kind == DealKind.formal)
            found = list(await session.scalars(live.order_by(Deal.id).limit(DEALS * GROUPS)))
            self.groups = [found[first : first + DEALS] for first in range(0, len(found), DEALS)]
            for deal_id in found:
                key = {"source_id": source.id, "kind": "deal", "external_id": str(deal_id)}
                session.add(ExternalObject(**key, record_id=deal_id, is_linked=False))
            await session.flush()

    def amendment(self) -> DealAmend:
        """To an amount that no deal has had."""
        amount = Decimal(1_000_000_000 + next(self._amounts))
        return DealAmend(agreed_amount=amount, effective_on=self._today(), document="示例补充协议")

    def _today(self) -> date:
        return datetime.now(clock.SHANGHAI).date()

    async def receive(self) -> None:
        """A message for each deal, with its job."""
        self.sequences.update(self.deals)
        for deal_id in self.deals:
            told = self.amendment().model_dump(mode="json", include={"agreed_amount", "effective_on", "document"})
            data = {"id": str(deal_id), "sequence": self.sequences[deal_id], **told}
            body = json.dumps({"type": "deal.amended", "data": data}).encode()
            message_id, moment = f"msg_{new_id().hex}", datetime.now(UTC)
            headers = {
                "content-type": "application/json",
                "webhook-id": message_id,
                "webhook-timestamp": str(int(moment.timestamp())),
                "webhook-signature": Webhook(self.secret).sign(message_id, moment, body.decode()),
            }
            sent = Sent(headers, body)
            await receiving.receive(self.database, self._trail, self._limit, self.source_id, sent)

    async def call(self) -> float:
        """Seconds."""
        async with self.database.reading() as session:
            rows = await session.execute(select(Deal.id, Deal.version).where(Deal.id.in_(self.deals)))
        wanted = [(deal_id, version, self.amendment()) for deal_id, version in rows]
        begun = time.perf_counter()
        for deal_id, version, body in wanted:
            async with self.database.writing() as session:
                await deals.amend(session, OPERATOR, deal_id, version, body)
        return time.perf_counter() - begun

    async def one(self) -> float:
        """Seconds."""
        await self.receive()
        begun = time.perf_counter()
        await Worker(self.database, job_registry.registry()).until_idle()
        return time.perf_counter() - begun

    async def slots(self) -> float:
        """Seconds, the start and stop of the worker among them."""
        await self.receive()
        left, is_over = len(self.deals), asyncio.Event()

        async def apply(session: AsyncSession, job: Claimed) -> Result:
            nonlocal left
            result = await applying.apply(session, job)
            left -= 1
            if not left:
                is_over.set()
            return result

        worker = Worker(self.database, Registry([Kind(APPLY, work=apply)]), slots=self.settings.worker_slots)
        begun = time.perf_counter()
        worker.start()
        await is_over.wait()
        await worker.stop(self.settings.worker_drain_seconds)
        return time.perf_counter() - begun

    async def all_applied(self) -> bool:
        async with self.database.reading() as session:
            applied = select(func.count()).where(InboxMessage.state == InboxState.applied)
            return await session.scalar(applied) == self.sequences.total()


async def measure(settings: Settings) -> None:
    bench = Bench(settings)
    await bench.prepare()
    ways: dict[str, Callable[[], Awaitable[float]]] = {"called": bench.call, "one": bench.one, "slots": bench.slots}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS + 1):
        bench.deals = bench.groups[number % len(bench.groups)]
        for name, way in ways.items():
            found = await way()
            if number:
                times[name].append(found)
    assert await bench.all_applied()
    print(settings.url.get_backend_name())
    for name, own in times.items():
        ratio = statistics.median(plain / found for plain, found in zip(times["called"], own, strict=True))
        limit = "" if name == "called" else f"   (limit {LIMIT})"
        print(f"  {name:9}{ratio:.3f}   {DEALS / statistics.median(own):5.0f} a second{limit}")
    await bench.database.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / 'bench.db'}"]
        if given := os.environ.get("FIVE_ONES_DATABASE_URL"):
            urls.append(given)
        for url in urls:
            settings = Settings(database_url=url, log_level="error")
            logs.configure(settings)
            schema.upgrade(settings)
            asyncio.run(measure(settings))


if __name__ == "__main__":
    main()
