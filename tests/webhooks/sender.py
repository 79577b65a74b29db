"""The source's side: signs with the public library, as an integrator would, and sends."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import select, text
from standardwebhooks.webhooks import Webhook

from app import job_registry
from app.events.models import Event
from app.jobs import schedules
from app.jobs.worker import Worker
from app.webhooks.outbound.sender import Sender as OutboundSender
from tests.conftest import World
from tests.factories.controls import confirm

JSON = "application/json"


@dataclass
class Sender:
    world: World
    id: str
    secret: str
    version: int = 1
    numbers: dict[str, int] = field(default_factory=dict)

    async def confirmed(self, change_id: str) -> None:
        """Lets another person confirm a change, and appends the part of the secret shown to them."""
        self.secret += (await confirm(self.world, change_id))["secret"] or ""
        self.version += 1

    @property
    def path(self) -> str:
        return f"/api/v1/hooks/{self.id}"

    def signed(self, body: bytes, *, id: str | None = None, at: datetime | None = None, **more: str) -> dict[str, str]:
        """Returns the headers of a message with this body."""
        message_id, moment = id or f"msg_{uuid4().hex}", at or datetime.now(UTC)
        return {
            "Content-Type": JSON,
            "webhook-id": message_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(message_id, moment, body.decode()),
            **more,
        }

    async def raw(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        return await self.world.client.post(self.path, content=body, headers=headers)

    async def send(self, type: str, data: dict[str, Any], **options: Any) -> httpx.Response:
        body = json.dumps({"type": type, "timestamp": "2023-03-01T00:00:00Z", "data": data}).encode()
        return await self.raw(body, self.signed(body, **options))


async def source(world: World, name: str = "示例平台", **fields: Any) -> Sender:
    """Makes a source whose trust and scope another person has confirmed, with both parts of its secret."""
    made = await world.post("/webhook-sources", {"name": name, **fields})
    sender = Sender(world, made["id"], made["secret"])
    await sender.confirmed(made["pending_change_id"])
    return sender


async def work_off(world: World) -> None:
    """Runs the worker and the sender until nothing is due, recurring jobs included."""
    registry = job_registry.registry()
    async with world.database.writing() as session:
        await schedules.add_missing(session, registry)
    await Worker(world.database, registry).until_idle()
    await OutboundSender(world.database).until_idle()


async def inbox(world: World, **query: Any) -> list[dict[str, Any]]:
    """Returns the messages received, the earliest first."""
    items: list[dict[str, Any]] = (await world.get("/inbox", **query))["items"]
    return items[::-1]


async def states(world: World) -> list[str]:
    return [item["state"] for item in await inbox(world)]


async def last_event(world: World, type: str) -> Event:
    async with world.database.reading() as session:
        found = await session.scalars(select(Event).where(Event.type == type).order_by(Event.at.desc()).limit(1))
        return found.one()


async def someone_waits(world: World) -> None:
    """Waits until a transaction waits for a lock of another."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10), world.database.reading() as session:
        while not await session.scalar(query):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
