"""Idempotency-Key: a POST sent twice is done once.

The claim is the first statement of the transaction, so a duplicate waits there until the first one ends (at most
`lock_timeout`, then 503). The answer is stored in the transaction of the work; a refused request stores nothing.
"""

import hashlib
import json
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import Integer, LargeBinary, String, Text, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock, context
from app.core.actor import current_actor
from app.core.db import Base
from app.core.errors import Invalid, Problem
from app.core.localized import Say
from app.core.records import affected, insert

_LONGEST_ID = 36
_LONGEST_PLACE = 400
_KEPT_HEADERS = ("etag", "location", "content-type")


class IdempotencyKey(Base):
    """A key of one actor for one method, path and query, with the answer to the request."""

    __tablename__ = "idempotency_keys"

    actor_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    method: Mapped[str] = mapped_column(String(10), primary_key=True)
    path: Mapped[str] = mapped_column(String(400), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(Integer)
    headers: Mapped[str | None] = mapped_column(Text)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer_id: Mapped[str | None] = mapped_column(String(36), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)


class KeyReused(Problem):
    status = 422
    code = "idempotency_key_reused"
    title = Say("幂等键已用过", "Idempotency key already used")


class Replay(Exception):
    """Not an error: the request was done before. Carries the stored answer."""

    def __init__(self, response: Response) -> None:
        super().__init__("replay")
        self.response = response


LONGEST_KEY = 200


def key_of(request: Request, longest: int = LONGEST_KEY) -> str | None:
    """Returns the key of a POST, or None. Raises Invalid where it is malformed or not allowed for the route."""
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return None
    if (getattr(request.scope["route"], "openapi_extra", None) or {}).get("x-shown-once"):
        say = Say(
            "这里的响应含密钥，不予保存；请去掉 Idempotency-Key。", "The answer is a secret and not kept; leave it out."
        )
        raise Invalid.field("#Idempotency-Key", "idempotency_key_refused", say)
    if not (1 <= len(key) <= longest and key.isascii() and key.isprintable()):
        raise Invalid.field(
            "#Idempotency-Key",
            "idempotency_key",
            Say(
                f"Idempotency-Key 应为 1 至 {longest} 个可见 ASCII 字符。", f"1 to {longest} visible ASCII characters."
            ),
        )
    return key


def _place(request: Request) -> str:
    """Returns the path with a hash of the query, whatever the order of its fields: another query is another request."""
    path, query = request.url.path, sorted(request.query_params.multi_items(), key=lambda item: item[0])
    if not query:
        return path[:_LONGEST_PLACE]
    query_hash = hashlib.sha256(json.dumps(query).encode()).hexdigest()
    return f"{path[: _LONGEST_PLACE - len(query_hash) - 1]}?{query_hash}"


async def claim(session: AsyncSession, request: Request) -> None:
    """Claims the key of the request. Raises Replay with the stored answer. Without the header it does nothing."""
    key = key_of(request)
    if key is not None:
        request.state.idempotency = await claim_key(session, request, key, await request.body())


async def claim_key(session: AsyncSession, request: Request, key: str, body: bytes) -> dict[str, str]:
    """Claims a key for a request, or for a part of it with this body. Returns the identity that `store` takes. Raises
    Replay with the stored answer."""
    actor = await current_actor(request)
    identity = {
        "actor_id": f"{actor.kind}:{actor.id}"[:100],
        "method": request.method,
        "path": _place(request),
        "key": key,
    }
    body_hash = hashlib.sha256(actor.scope_text().encode() + body).hexdigest()
    now = clock.now(session)
    claimed = (
        insert(session, IdempotencyKey)
        .values(**identity, body_hash=body_hash, created_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if await session.scalar(claimed) is None:
        await _replay(session, identity, body_hash, now, request)
    return identity


async def _replay(
    session: AsyncSession, identity: dict[str, str], body_hash: str, now: datetime, request: Request
) -> None:
    """Raises Replay with the stored answer, or KeyReused for another body or scope. Claims an expired key again."""
    matches = [getattr(IdempotencyKey, name) == value for name, value in identity.items()]
    kept = (await session.scalars(select(IdempotencyKey).where(*matches).with_for_update())).one_or_none()
    lifetime = timedelta(hours=request.app.state.settings.idempotency_hours)
    if kept is None or kept.created_at < now - lifetime:
        await session.execute(
            update(IdempotencyKey)
            .where(*matches)
            .values(body_hash=body_hash, created_at=now, status=None, headers=None, body=None, answer_id=None)
        )
        return
    if kept.body_hash != body_hash:
        raise KeyReused(
            Say(
                "这个 Idempotency-Key 已用于内容或权限范围不同的请求；请换一个键。",
                "This Idempotency-Key was used with another body or in another scope; use a new key.",
            )
        )
    assert kept.status is not None
    headers = json.loads(kept.headers or "{}")
    raise Replay(Response(kept.body, kept.status, {**headers, "Idempotent-Replayed": "true"}))


async def forget(session: AsyncSession, answer_id: UUID) -> None:
    """Deletes the stored answers about this record, which must be deleted everywhere."""
    await session.execute(delete(IdempotencyKey).where(IdempotencyKey.answer_id == str(answer_id)))


def _id_in(body: bytes) -> str | None:
    """Returns the id of the record in an answer, or None."""
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    record_id = answer.get("id") if isinstance(answer, dict) else None
    return record_id if isinstance(record_id, str) and len(record_id) <= _LONGEST_ID else None


async def keep(request: Request, response: Response) -> None:
    """Stores a successful answer in the transaction of the work, before the commit."""
    identity = getattr(request.state, "idempotency", None)
    if identity is None or response.status_code >= 400:
        return
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    await store(request.state.write_session, identity, bytes(response.body), response.status_code, headers)


async def store(
    session: AsyncSession, identity: dict[str, str], body: bytes, status: int, headers: dict[str, str]
) -> None:
    """Stores the answer under a key that this transaction has claimed."""
    matches = [getattr(IdempotencyKey, name) == value for name, value in identity.items()]
    await session.execute(
        update(IdempotencyKey)
        .where(*matches)
        .values(status=status, headers=json.dumps(headers), body=body, answer_id=_id_in(body))
    )


async def prune(session: AsyncSession) -> int:
    """Deletes keys that are older than `idempotency_hours`. Returns how many."""
    hours = timedelta(hours=context.SETTINGS.require(session).idempotency_hours)
    old = IdempotencyKey.created_at < clock.now(session) - hours
    return await affected(session, delete(IdempotencyKey).where(old))
