"""Enterprises and their contacts. All staff see enterprises; in this room only staff with a city-wide scope see
contacts, the rooms above show those of a project or lead."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import inquiries
from app.core import clock, paging, refs
from app.core.actor import Actor, require_for_illustrative
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, refuse
from app.core.localized import Say
from app.core.masking import masked, without_numbers
from app.core.name_key import normalized
from app.core.phone import phone_key
from app.core.pinyin import initials, name_pinyin, person_pinyin
from app.core.records import apply, locked, one, plain
from app.core.refs import Reference
from app.enterprises import successors, twins
from app.enterprises.models import REGISTRATION_TAKEN, Contact, Enterprise, Ranking
from app.enterprises.schemas import (
    ContactCreate,
    ContactKept,
    ContactRead,
    EnterpriseCreate,
    EnterpriseQuery,
    EnterpriseRead,
    EnterpriseSummary,
    EnterpriseTaken,
    EnterpriseUpdate,
    PhoneKnown,
    RankingCreate,
    RankingRead,
)
from app.events import service as events
from app.reference import service as reference
from app.reference.models import Industry
from app.search import index

ENTERPRISE = Say("企业", "enterprise")

_REFERENCES = [
    Reference("parent", "parent_id", Enterprise),
    Reference("industry", "industry_code", Industry),
    Reference("merged_into", "merged_into_id", Enterprise),
]
_READ = refs.selected(EnterpriseSummary, Enterprise, _REFERENCES)


async def find(session: AsyncSession, query: EnterpriseQuery) -> paging.Page[EnterpriseSummary]:
    enterprises = select(*refs.columns(EnterpriseSummary, Enterprise, _REFERENCES))
    if query.q is not None:
        enterprises = enterprises.where(index.matches("enterprise", query.q))
    for name in ("origin", "ownership", "parent_id"):
        if (value := getattr(query, name)) is not None:
            enterprises = enterprises.where(getattr(Enterprise, name) == value)
    order = paging.Order([Enterprise.name_pinyin, Enterprise.id])
    read = EnterpriseSummary.model_validate
    return await paging.page(session, enterprises, order, query, "enterprises", read, _REFERENCES)


async def get(session: AsyncSession, enterprise_id: UUID) -> EnterpriseRead:
    row = (await session.execute(_READ.where(Enterprise.id == enterprise_id))).one_or_none()
    if row is None:
        raise NotFound.of(ENTERPRISE)
    enterprise = refs.named(row, _REFERENCES)
    rankings = await session.execute(
        select(*(getattr(Ranking, name) for name in RankingRead.model_fields))
        .where(Ranking.enterprise_id == enterprise_id)
        .order_by(Ranking.year.desc(), Ranking.list_name)
    )
    return EnterpriseRead.model_validate(
        {
            **enterprise,
            "parent_name": enterprise["parent"]["name"] if enterprise["parent"] else None,
            "successor": await successors.find(session, enterprise_id) if row.merged_into_id is not None else None,
            "rankings": [RankingRead.model_validate(ranking) for ranking in rankings],
        }
    )


async def require(session: AsyncSession, enterprise_id: UUID | None, pointer: str) -> None:
    """Raises Invalid naming `pointer` where there is no such enterprise, or it was merged."""
    if enterprise_id is None:
        return
    existing_id = await session.scalar(select(Enterprise.id).where(Enterprise.id == enterprise_id))
    if existing_id is None:
        raise Invalid.field(
            pointer,
            "unknown_enterprise",
            Say(
                "没有这家企业；请先登记，或见 GET /api/v1/enterprises。",
                "There is no such enterprise; register it first.",
            ),
        )
    await successors.refuse_merged(session, enterprise_id, pointer)


async def _check(session: AsyncSession, enterprise: Enterprise) -> None:
    if (enterprise.country is None) != (enterprise.registration_no is None):
        raise Invalid.field(
            "/registration_no",
            "foreign_registration",
            Say("境外注册号与国别须同时填写。", "A foreign registration needs both country and number."),
        )
    await require(session, enterprise.parent_id, "/parent_id")
    if enterprise.industry_code is not None:
        await reference.require_industries(session, {enterprise.industry_code}, "/industry_code")


async def _refuse_registration(session: AsyncSession, enterprise: Enterprise) -> None:
    """Raises Conflict where another enterprise has the same number, even if written differently. The caller holds the
    lock on names."""
    if enterprise.registration_key is None:
        return
    query = select(Enterprise.id).where(
        Enterprise.country == enterprise.country,
        Enterprise.registration_key == enterprise.registration_key,
        Enterprise.id != enterprise.id,
    )
    if await session.scalar(query.limit(1)) is not None:
        raise Conflict(REGISTRATION_TAKEN, code="registration_taken")


async def create(session: AsyncSession, actor: Actor, body: EnterpriseCreate) -> EnterpriseRead:
    """Registers an enterprise. Raises EnterpriseTwins where another has the name and no ruling is given; Conflict where
    another has its number; Forbidden."""
    require_for_illustrative(actor, body.is_illustrative)
    await twins.hold_names(session)
    enterprise = Enterprise(
        **body.model_dump(exclude={"twin_ruling"}),
        name_normalized=normalized(body.name),
        name_pinyin=name_pinyin(body.name),
        initials=initials(body.name),
    )
    await _check(session, enterprise)
    await events.record(session, actor, "enterprise.created", enterprise, body.model_dump(mode="json"))
    await _refuse_registration(session, enterprise)
    # Checked last: an equal number, refused above, tells more than an equal name.
    if body.twin_ruling is None:
        await twins.refuse(session, enterprise.name_normalized, enterprise.id)
    return await get(session, enterprise.id)


async def by_name(session: AsyncSession, actor: Actor, name: str, pointer: str) -> EnterpriseTaken:
    """Returns the enterprise whose name has an equal key; registers one where there is none.

    The name of a merged enterprise stands for its successor, unless another enterprise has the name.

    Raises Invalid naming `pointer`, with all candidates, where several have the name.
    """
    await twins.hold_names(session)
    same = Enterprise.name_normalized == normalized(name)
    candidates = await twins.named(session, normalized(name))
    if not candidates:
        successor_ids = await successors.last_ids(session, same)
        candidates = await twins.by_ids(session, successor_ids)
    if len(candidates) > 1:
        names = twins.listed(candidates)
        say = Say(
            f"同名企业不止一家：{names.zh}。请改填 investor_id。",
            f"Several enterprises bear this name: {names.en}. Give the id of the one meant in `investor_id`.",
        )
        raise Invalid(
            say, fields=[(pointer, "ambiguous_name", say)], candidates=[plain(candidate) for candidate in candidates]
        )
    if candidates:
        return EnterpriseTaken(
            id=candidates[0].id, name=candidates[0].name, credit_code=candidates[0].credit_code, is_new=False
        )
    made = await create(session, actor, EnterpriseCreate(name=name))
    return EnterpriseTaken(id=made.id, name=made.name, credit_code=None, is_new=True)


async def by_credit_code(session: AsyncSession, credit_code: str) -> UUID | None:
    """Returns the enterprise of that code, or its successor after a merge; None if there is none."""
    enterprise_id: UUID | None = await session.scalar(
        select(Enterprise.id).where(Enterprise.credit_code == credit_code)
    )
    return await successor(session, enterprise_id)


async def successor(session: AsyncSession, enterprise_id: UUID | None) -> UUID | None:
    """Returns the enterprise itself, or the one it was finally merged into."""
    while enterprise_id is not None:
        query = select(Enterprise.merged_into_id).where(Enterprise.id == enterprise_id)
        merged_into_id: UUID | None = await session.scalar(query)
        if merged_into_id is None:
            break
        enterprise_id = merged_into_id
    return enterprise_id


async def hold(session: AsyncSession, *enterprise_ids: UUID | None) -> None:
    """Locks the rows of these enterprises, in the order of their ids, so that duplicates are decided one at a time."""
    ids = [enterprise_id for enterprise_id in enterprise_ids if enterprise_id is not None]
    if ids:
        query = select(Enterprise.id).where(Enterprise.id.in_(ids)).order_by(Enterprise.id)
        await session.execute(query.with_for_update(key_share=True))


async def groups_above(session: AsyncSession, enterprise: Enterprise) -> set[UUID]:
    """Returns the ids of all groups above an enterprise, in one recursive statement: groups are shallow."""
    above = (
        select(Enterprise.id, Enterprise.parent_id)
        .where(Enterprise.id == enterprise.parent_id)
        .cte("above", recursive=True)
    )
    above = above.union(select(Enterprise.id, Enterprise.parent_id).join(above, Enterprise.id == above.c.parent_id))
    return set(await session.scalars(select(above.c.id)))


async def _refuse_cycle(session: AsyncSession, enterprise: Enterprise) -> None:
    """Raises Conflict where the enterprise would be a group above itself."""
    if enterprise.id in await groups_above(session, enterprise):
        raise Conflict(
            Say("所属集团不能是企业自己或其下属。", "A group cannot be the enterprise itself or one below it."),
            code="group_ring",
        )


async def update(
    session: AsyncSession, actor: Actor, enterprise_id: UUID, version: int | None, body: EnterpriseUpdate
) -> EnterpriseRead:
    """Edits an enterprise. Ledger entries keep the origin and ownership they were entered with; a correction changes
    those.

    Raises EnterpriseTwins where it takes a name that another has. For a change of name or of a foreign registration the
    caller holds the lock on names.
    """
    enterprise = await locked(session, select(Enterprise).where(Enterprise.id == enterprise_id), version, ENTERPRISE)
    await successors.refuse_merged(session, enterprise_id)
    changes = apply(enterprise, body, without=frozenset({"twin_ruling"}))
    if changes:
        before, enterprise.name_normalized = enterprise.name_normalized, normalized(enterprise.name)
        if body.twin_ruling is not None:
            changes["twin_ruling"] = [None, body.twin_ruling]
        await _check(session, enterprise)
        await _refuse_cycle(session, enterprise)
        enterprise.name_pinyin = name_pinyin(enterprise.name)
        enterprise.initials = initials(enterprise.name)
        await events.record(session, actor, "enterprise.updated", enterprise, {"changes": changes})
        if changes.keys() & {"country", "registration_no"}:
            await _refuse_registration(session, enterprise)
        if enterprise.name_normalized != before and body.twin_ruling is None:
            await twins.refuse(session, enterprise.name_normalized, enterprise_id)
    return await get(session, enterprise_id)


async def add_ranking(session: AsyncSession, actor: Actor, enterprise_id: UUID, body: RankingCreate) -> EnterpriseRead:
    await one(session, select(Enterprise.id).where(Enterprise.id == enterprise_id), ENTERPRISE)
    await successors.refuse_merged(session, enterprise_id)
    event_id = await events.note(
        session, actor, "enterprise.ranking_added", "enterprise", enterprise_id, body.model_dump(mode="json")
    )
    session.add(Ranking(enterprise_id=enterprise_id, event_id=event_id, **body.model_dump()))
    await session.flush()
    return await get(session, enterprise_id)


def shown(row: Any) -> ContactRead:
    """Returns a contact for display, phone and mail masked, also where they were typed into name or title."""
    values = {name: getattr(row, name) for name in ContactRead.model_fields if not name.endswith("_masked")}
    values |= {name: without_numbers(values[name]) for name in ("name", "title") if values[name] is not None}
    return ContactRead(**values, phone_masked=masked(row.phone), email_masked=masked(row.email))


def by_person(rows: Iterable[Contact]) -> list[ContactRead]:
    """Returns contacts for display, in the order of their names. Their pinyin is not stored: it is personal data
    too."""
    return [shown(row) for row in sorted(rows, key=lambda row: (person_pinyin(row.name), row.name, row.id))]


def not_city_wide(actor: Actor) -> Forbidden | None:
    """Returns the refusal of contacts that belong to no project or lead, to whoever does not see the whole city."""
    if actor.sees_all:
        return None
    return Forbidden(Say("联系人只对全市范围的经办人开放。", "Contacts are open to staff with a city-wide scope only."))


async def contacts(session: AsyncSession, actor: Actor, enterprise_id: UUID) -> list[ContactRead]:
    refuse(not_city_wide(actor))
    await one(session, select(Enterprise.id).where(Enterprise.id == enterprise_id), ENTERPRISE)
    is_kept = Contact.may_be_kept(await clock.today(session))
    return by_person(await session.scalars(select(Contact).where(Contact.enterprise_id == enterprise_id, is_kept)))


async def add_contact(session: AsyncSession, actor: Actor, enterprise_id: UUID, body: ContactCreate) -> ContactKept:
    """Adds a contact of an enterprise, for no particular project."""
    refuse(not_city_wide(actor))
    await one(session, select(Enterprise.id).where(Enterprise.id == enterprise_id), ENTERPRISE)
    await successors.refuse_merged(session, enterprise_id)
    return await keep_contact(session, actor, enterprise_id, body)


async def keep_contact(session: AsyncSession, actor: Actor, enterprise_id: UUID, body: ContactCreate) -> ContactKept:
    """Stores a contact; the caller has checked the right. The event names the fields filled, never their values.

    Returns warnings, as hints only, about others with the same phone. Raises TooMany where the actor got too many of
    them.
    """
    today = await clock.today(session)
    clock.refuse_after(body.consent_on, today, "/consent_on")
    if body.keep_until < body.consent_on:
        raise Invalid.field(
            "/keep_until",
            "before_consent",
            Say("保存期限不能早于同意日。", "It cannot end before the consent."),
        )
    if body.keep_until < today:
        raise Invalid.field(
            "/keep_until",
            "past_day",
            Say(
                f"保存期限已过（今天是 {today}），请填今天或以后的日期。",
                f"That day is over (today is {today}); give today or a later day.",
            ),
        )
    fields = plain(sorted(body.model_fields_set))
    event_id = await events.note(
        session, actor, "enterprise.contact_added", "enterprise", enterprise_id, {"fields": fields}
    )
    contact = Contact(enterprise_id=enterprise_id, event_id=event_id, **body.model_dump())
    contact.phone_key = phone_key(body.phone)
    if contact.phone_key is not None:
        await inquiries.require_within_limit(session, actor)
    session.add(contact)
    await session.flush()
    return ContactKept(**shown(contact).model_dump(), warnings=await _same_phone(session, actor, contact, today))


async def _same_phone(session: AsyncSession, actor: Actor, contact: Contact, today: date) -> list[PhoneKnown]:
    """Rule L4 of the rule book, «same phone: a hint only». Returns one general sentence where the actor does not see
    all contacts."""
    if contact.phone_key is None:
        return []
    query = (
        select(Contact.id, Contact.name, Contact.enterprise_id, Enterprise.name.label("enterprise"))
        .join(Enterprise, Enterprise.id == Contact.enterprise_id)
        .where(Contact.phone_key == contact.phone_key, Contact.id != contact.id, Contact.may_be_kept(today))
        .order_by(Contact.id)
        .limit(20)
    )
    rows = (await session.execute(query)).all()
    if not actor.sees_all:
        if not rows:
            return []
        await inquiries.record_disclosure(session, actor, "add_contact", "phone", None)
        zh, en = "这个电话已登记在另一位联系人名下。", "Another contact on record has this phone."
        return [PhoneKnown(zh=zh, en=en, contact_id=None, enterprise_id=None)]
    return [
        PhoneKnown(
            zh=f"这个电话已登记在 {row.enterprise} 的联系人 {row.name} 名下。",
            en=f"{row.name}, a contact of {row.enterprise}, has this phone.",
            contact_id=row.id,
            enterprise_id=row.enterprise_id,
        )
        for row in rows
    ]
