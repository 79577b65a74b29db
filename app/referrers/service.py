"""All staff see the referrers: a clerk who registers a lead must find its referrer."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import paging, refs
from app.core.actor import Actor, require_for_illustrative
from app.core.errors import Invalid, NotFound
from app.core.localized import Say
from app.core.name_key import normalized
from app.core.pinyin import name_pinyin, person_pinyin
from app.core.records import apply, locked
from app.core.refs import Reference
from app.enterprises import service as enterprises
from app.enterprises.models import Enterprise
from app.events import service as events
from app.organizations import service as organizations
from app.organizations.models import Official
from app.referrers.models import Referrer, ReferrerKind, is_person
from app.referrers.schemas import ReferrerCreate, ReferrerQuery, ReferrerRead, ReferrerRegistered, ReferrerUpdate
from app.search import index

_SHOWN = 20
REFERRER = Say("引荐方", "referrer")

_ON_RECORD = {ReferrerKind.official: "official_id", ReferrerKind.enterprise: "enterprise_id"}
"""The kinds that take their name from another record, and the field that points to it."""


def pinyin(name: str, kind: ReferrerKind) -> str:
    """Returns the sort key of a referrer: for people the pinyin with the reading of their surname."""
    return person_pinyin(name) if is_person(kind) else name_pinyin(name)


_REFERENCES = [Reference("official", "official_id", Official), Reference("enterprise", "enterprise_id", Enterprise)]


def _read() -> Select[*tuple[Any, ...]]:
    """Selects referrers under the current name of the official or enterprise."""
    name = func.coalesce(Official.name, Enterprise.name, Referrer.name).label("name")
    columns = refs.columns(ReferrerRead, Referrer, _REFERENCES, without={"name"})
    return (
        select(*columns, name)
        .join(Official, Official.id == Referrer.official_id, isouter=True)
        .join(Enterprise, Enterprise.id == Referrer.enterprise_id, isouter=True)
    )


def current_name(referrer: Any) -> ColumnElement[str]:
    """Returns the name of the official or enterprise that a referrer is, else its own."""
    official = select(Official.name).where(Official.id == referrer.official_id).scalar_subquery()
    enterprise = select(Enterprise.name).where(Enterprise.id == referrer.enterprise_id).scalar_subquery()
    return func.coalesce(official, enterprise, referrer.name)


async def find(session: AsyncSession, query: ReferrerQuery) -> paging.Page[ReferrerRead]:
    referrers = _read()
    if query.kind is not None:
        referrers = referrers.where(Referrer.kind == query.kind)
    if query.q is not None:
        referrers = referrers.where(index.matches("referrer", query.q))
    order = paging.Order([Referrer.name_pinyin, Referrer.id])
    return await paging.page(session, referrers, order, query, "referrers", ReferrerRead.model_validate, _REFERENCES)


async def get(session: AsyncSession, referrer_id: UUID) -> ReferrerRead:
    found = await _named(session, _read().where(Referrer.id == referrer_id))
    if not found:
        raise NotFound.of(REFERRER)
    return found[0]


async def _named(session: AsyncSession, query: Select[*tuple[Any, ...]]) -> list[ReferrerRead]:
    """Returns the referrers of a query that is cut already, with what they refer to, in the order of their ids."""
    cut = query.subquery()
    rows = await session.execute(refs.of_page(cut, _REFERENCES).order_by(cut.c.id))
    return [ReferrerRead.model_validate(refs.named(row, _REFERENCES)) for row in rows]


async def require(session: AsyncSession, referrer_id: UUID | None, pointer: str) -> None:
    """Raises Invalid naming `pointer` where there is no such referrer."""
    if referrer_id is None:
        return
    if await session.scalar(select(Referrer.id).where(Referrer.id == referrer_id)) is None:
        raise Invalid.field(
            pointer,
            "unknown_referrer",
            Say(
                "没有这个引荐方；请先登记，或见 GET /api/v1/referrers。",
                "There is no such referrer; register it first, or see GET /api/v1/referrers.",
            ),
        )


def _check_fields(body: ReferrerCreate) -> None:
    required_field = _ON_RECORD.get(body.kind, "name")
    say = Say(
        f"{body.kind.say.zh}只填写 {required_field}。", f"A referrer of this kind is given by `{required_field}` alone."
    )
    if getattr(body, required_field) is None:
        raise Invalid.field(f"/{required_field}", "missing", say)
    for name in {"name", "official_id", "enterprise_id"} - {required_field}:
        if getattr(body, name) is not None:
            raise Invalid.field(f"/{name}", "not_of_this_kind", say)


async def _name(session: AsyncSession, body: ReferrerCreate) -> str:
    if body.official_id is not None:
        await organizations.require_officials(session, {body.official_id}, "/official_id")
        return (await organizations.get_official(session, body.official_id)).name
    if body.enterprise_id is not None:
        await enterprises.require(session, body.enterprise_id, "/enterprise_id")
        return (await enterprises.get(session, body.enterprise_id)).name
    assert body.name is not None
    return body.name


async def create(session: AsyncSession, actor: Actor, body: ReferrerCreate) -> ReferrerRegistered:
    """Registers a referrer. Returns it with warnings: others of the same kind and name, who may be the same."""
    _check_fields(body)
    require_for_illustrative(actor, body.is_illustrative)
    name = await _name(session, body)
    values: dict[str, Any] = {**body.model_dump(), "name": name, "name_pinyin": pinyin(name, body.kind)}
    values["name_normalized"] = normalized(name)
    referrer = Referrer(**values)
    # An adviser is a person: the log names the fields that were filled, never their values.
    data = {"kind": body.kind, "fields": sorted(body.model_fields_set)}
    await events.record(session, actor, "referrer.created", referrer, data)
    return await _registered(session, referrer)


async def _registered(session: AsyncSession, referrer: Referrer) -> ReferrerRegistered:
    same = (Referrer.kind == referrer.kind, Referrer.name_normalized == referrer.name_normalized)
    query = _read().where(*same, Referrer.id != referrer.id).order_by(Referrer.id).limit(_SHOWN)
    twins = await _named(session, query)
    read = await get(session, referrer.id)
    return ReferrerRegistered.model_validate({**read.model_dump(), "warnings": twins})


async def update(
    session: AsyncSession, actor: Actor, referrer_id: UUID, version: int, body: ReferrerUpdate
) -> ReferrerRegistered:
    referrer = await locked(session, select(Referrer).where(Referrer.id == referrer_id), version, REFERRER)
    if "name" in body.model_fields_set and referrer.kind in _ON_RECORD:
        say = Say("名称取自登记的领导或企业，请在那里修改。", "The name is that of another record; edit it there.")
        raise Invalid.field("/name", "not_of_this_kind", say)
    changes = apply(referrer, body)
    if changes:
        referrer.name_pinyin = pinyin(referrer.name, referrer.kind)
        referrer.name_normalized = normalized(referrer.name)
        await events.record(session, actor, "referrer.updated", referrer, {"fields": sorted(changes)})
    return await _registered(session, referrer)
