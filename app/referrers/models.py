from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import errors
from app.core.column_types import CODE, NAME, PINYIN
from app.core.db import Base, Versioned, choice
from app.core.localized import Say, Word
from app.search import index
from app.search.keys import Match, Style


class Channel(Word):
    """来源渠道: how a lead or project came to the office."""

    official_trip = "official_trip", "领导外出", "an official's trip"
    event = "event", "活动对接", "an event"
    investor = "investor", "以商招商", "an investor already here"
    chamber = "chamber", "商协会", "a chamber of commerce"
    adviser = "adviser", "经济顾问/招商代表", "an economic adviser or promotion representative"
    central_enterprise = "central_enterprise", "央企", "a central enterprise"
    online = "online", "网络", "online"
    superior = "superior", "上级转办", "passed on from above"
    walk_in = "walk_in", "企业主动", "the enterprise itself"
    other = "other", "其他", "other"


class ReferrerKind(Word):
    official = "official", "领导干部", "official"
    chamber = "chamber", "商协会", "chamber of commerce"
    adviser = "adviser", "经济顾问", "economic adviser"
    representative = "representative", "招商代表", "promotion representative"
    enterprise = "enterprise", "企业", "enterprise"


class Referrer(Versioned, Base):
    """引荐方. An official or an enterprise is referenced by its id; for the other kinds the name is stored here."""

    __tablename__ = "referrers"
    __table_args__ = (
        UniqueConstraint("official_id"),
        UniqueConstraint("enterprise_id"),
        CheckConstraint("(kind = 'official') = (official_id IS NOT NULL)", name="official_is_on_record"),
        CheckConstraint("(kind = 'enterprise') = (enterprise_id IS NOT NULL)", name="enterprise_is_on_record"),
        Index("ix_referrers_name_pinyin_id", "name_pinyin", "id"),
    )

    kind: Mapped[ReferrerKind] = mapped_column(choice(ReferrerKind, "kind"))
    name: Mapped[str] = mapped_column(NAME)
    name_normalized: Mapped[str | None] = mapped_column(NAME, index=True)
    name_pinyin: Mapped[str] = mapped_column(PINYIN)
    official_id: Mapped[UUID | None] = mapped_column(ForeignKey("officials.id"))
    enterprise_id: Mapped[UUID | None] = mapped_column(ForeignKey("enterprises.id"))
    organization: Mapped[str | None] = mapped_column(NAME)
    """所在单位 of an adviser or representative."""
    appointment_no: Mapped[str | None] = mapped_column(CODE)
    """聘书号."""
    is_illustrative: Mapped[bool]


_ON_RECORD = Say("此人或此企业已登记为引荐方。", "This official or enterprise is on record as a referrer already.")
for _name in ("uq_referrers_official_id", "uq_referrers_enterprise_id"):
    errors.on_conflict(errors.rule_of(Referrer.__table__, _name), "referrer_taken", _ON_RECORD)

_PEOPLE = frozenset({ReferrerKind.official, ReferrerKind.adviser, ReferrerKind.representative})


def is_person(kind: ReferrerKind) -> bool:
    """Whether the name of a referrer of this kind begins with a surname."""
    return kind in _PEOPLE


def _own_name(row: Any) -> list[tuple[Match, Style, str | None]]:
    """Returns the name of a referrer; none where it is the name of a record of its own, by which it is found."""
    if row.official_id is not None or row.enterprise_id is not None:
        return []
    return [(Match.own_name, Style.PERSON if is_person(row.kind) else Style.NAME, row.name)]


index.register_by(
    "referrer",
    Referrer,
    ("kind", "name", "official_id", "enterprise_id"),
    _own_name,
    via=(("official_id", "official"), ("enterprise_id", "enterprise")),
)
