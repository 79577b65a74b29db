"""Messages that arrive at the same time are stored in one transaction, each with its own result."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError

from app.core.clock import system_now
from app.core.db import Database
from app.webhooks.inbound.intake import Row, Stored, intake_of
from app.webhooks.inbound.models import InboxState
from tests.conftest import World
from tests.webhooks.sender import source
from tests.webhooks.test_receiving import ENTERPRISE, kept

pytestmark = pytest.mark.anyio


def row(source_id: str | UUID, message_id: str, body: bytes = b"{}", state: InboxState = InboxState.received) -> Row:
    return {
        "id": uuid4(),
        "source_id": UUID(str(source_id)),
        "message_id": message_id,
        "body": body,
        "content_type": "application/json",
        "type": "enterprise.updated",
        "object_kind": None,
        "external_id": None,
        "sequence": None,
        "state": state,
        "errors": [],
        "changed": [],
        "is_confirmed": True,
        "trust_change_id": None,
    }


async def keep(world: World, *rows: Row) -> list[Stored | BaseException | None]:
    intake = intake_of(world.database)
    return await asyncio.gather(*(intake.keep(one) for one in rows), return_exceptions=True)


class Commits:
    def __init__(self, database: Database) -> None:
        self.count = 0
        event.listen(database.write_engine.sync_engine, "commit", self)

    def __call__(self, _connection: Any) -> None:
        self.count += 1


async def test_many_at_once_are_one_transaction(world: World) -> None:
    sender = await source(world)
    commits = Commits(world.database)
    sent = [row(sender.id, f"msg_{number}") for number in range(20)]
    answers = await keep(world, *sent, row(sender.id, "msg_failed", state=InboxState.failed))
    assert all(isinstance(one, Stored) and one.is_new for one in answers)
    assert await kept(world) == (21, 20)
    assert commits.count == 1


async def test_copies_in_one_transaction_are_answered_as_ever(world: World) -> None:
    """The same again has the receipt of the first, another body under its id is refused."""
    sender = await source(world)
    first, again, other = (row(sender.id, "msg_1", body) for body in (b"{}", b"{}", b"[]"))
    next_to = row(sender.id, "msg_2")
    answers = await keep(world, first, again, other, next_to)
    receipt = Stored(first["id"], is_new=False)
    assert answers == [Stored(first["id"], is_new=True), receipt, None, Stored(next_to["id"], is_new=True)]
    assert await kept(world) == (2, 2)
    late = row(sender.id, "msg_1"), row(sender.id, "msg_1", b"[]"), row(sender.id, "msg_3")
    answers = await keep(world, *late)
    assert answers == [receipt, None, Stored(late[2]["id"], is_new=True)]
    assert await kept(world) == (3, 3)


async def test_one_that_cannot_be_kept_is_refused_alone(world: World) -> None:
    sender = await source(world)
    good, bad, last = row(sender.id, "msg_1"), row(uuid4(), "msg_2"), row(sender.id, "msg_3")
    answers = await keep(world, good, bad, last)
    assert answers[::2] == [Stored(good["id"], is_new=True), Stored(last["id"], is_new=True)]
    assert isinstance(answers[1], IntegrityError)
    assert await kept(world) == (2, 2)


async def test_who_goes_away_takes_nothing_along(world: World) -> None:
    sender = await source(world)
    intake = intake_of(world.database)
    tasks = [asyncio.ensure_future(intake.keep(row(sender.id, f"msg_{number}"))) for number in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert all(isinstance(one, Stored) for one in answers[1:])
    assert await kept(world) == (3, 3)


async def test_a_database_out_of_reach_is_told_to_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = await source(world)
    times = 0

    def down() -> None:
        nonlocal times
        times += 1
        raise OperationalError("", {}, OSError(), connection_invalidated=True)

    monkeypatch.setattr(world.database, "writing", down)
    answers = await asyncio.gather(*(sender.send("enterprise.updated", ENTERPRISE) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [503] * 5
    assert times == 1
    monkeypatch.undo()
    assert await kept(world) == (0, 0)


async def test_a_source_is_looked_at_anew_by_every_process(world: World) -> None:
    sender = await source(world)
    other = Database(world.settings, system_now)
    found = await intake_of(other).source(UUID(sender.id))
    assert found is not None
    assert not found.is_removed
    assert (await world.send("DELETE", f"/webhook-sources/{sender.id}", version=sender.version)).status_code == 204
    found, unknown = await asyncio.gather(*map(intake_of(other).source, (UUID(sender.id), uuid4())))
    assert found is not None
    assert found.is_removed
    assert unknown is None
    await other.close()
