from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.core import errors
from app.core.column_types import CODE, NAME, PINYIN
from app.core.db import Base, Id, Versioned, choice
from app.core.localized import Say, Word
from app.core.name_key import number_key
from app.search import index
from app.search.keys import Match, Style


class Origin(Word):
    """来源地. 域外 means all but the first."""

    city = "city", "市内", "within the city"
    province = "province", "省内市外", "elsewhere in the province"
    domestic = "domestic", "省外", "elsewhere in the country"
    overseas = "overseas", "境外", "overseas"


class Ownership(Word):
    central_soe = "central_soe", "央企", "central state-owned"
    local_soe = "local_soe", "地方国企", "local state-owned"
    private = "private", "民企", "private"
    foreign = "foreign", "外企独资", "wholly foreign-owned"
    joint_venture = "joint_venture", "外企合资", "foreign joint venture"
    other = "other", "其他", "other"


class Enterprise(Versioned, Base):
    """企业/投资方. Origin, ownership and numbers may be unknown; a formal deal is approved only once its investor has a
    credit code or a foreign registration."""

    __tablename__ = "enterprises"
    __table_args__ = (
        UniqueConstraint("credit_code"),
        UniqueConstraint("country", "registration_no"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_group"),
        CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name="not_merged_into_itself"),
        CheckConstraint("(country IS NULL) = (registration_no IS NULL)", name="foreign_registration"),
        Index("ix_enterprises_name_pinyin_id", "name_pinyin", "id"),
    )

    name: Mapped[str] = mapped_column(NAME)
    name_normalized: Mapped[str] = mapped_column(NAME, index=True)
    name_pinyin: Mapped[str] = mapped_column(PINYIN)
    initials: Mapped[str] = mapped_column(NAME)
    credit_code: Mapped[str | None] = mapped_column(String(18))
    country: Mapped[str | None] = mapped_column(String(2))
    registration_no: Mapped[str | None] = mapped_column(CODE)
    registration_key: Mapped[str | None] = mapped_column(NAME, index=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    origin: Mapped[Origin | None] = mapped_column(choice(Origin, "origin"))
    ownership: Mapped[Ownership | None] = mapped_column(choice(Ownership, "ownership"))
    registered_place: Mapped[str | None] = mapped_column(NAME)
    headquarters: Mapped[str | None] = mapped_column(NAME)
    industry_code: Mapped[str | None] = mapped_column(ForeignKey("industries.code"), index=True)
    source: Mapped[str | None] = mapped_column(NAME)
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    is_illustrative: Mapped[bool]

    @validates("registration_no")
    def _keep_registration_key(self, _name: str, number: str | None) -> str | None:
        self.registration_key = number_key(number)
        return number


class Ranking(Base):
    """A rank in a list of one year."""

    __tablename__ = "enterprise_rankings"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "list_name", "year"),
        CheckConstraint("rank > 0", name="rank_positive"),
    )

    id: Mapped[Id]
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprises.id"))
    list_name: Mapped[str] = mapped_column(NAME)
    year: Mapped[int]
    rank: Mapped[int]
    source: Mapped[str | None] = mapped_column(NAME)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class Contact(Base):
    """A contact person: personal data, kept for a purpose, with consent and an end date."""

    __tablename__ = "enterprise_contacts"

    id: Mapped[Id]
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprises.id"), index=True)
    name: Mapped[str] = mapped_column(NAME)
    title: Mapped[str | None] = mapped_column(NAME)
    phone: Mapped[str | None] = mapped_column(CODE)
    phone_key: Mapped[str | None] = mapped_column(NAME, index=True)
    email: Mapped[str | None] = mapped_column(NAME)
    source: Mapped[str | None] = mapped_column(NAME)
    purpose: Mapped[str] = mapped_column(NAME)
    consent: Mapped[str] = mapped_column(NAME)
    consent_on: Mapped[date]
    keep_until: Mapped[date]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)

    @classmethod
    def may_be_kept(cls, today: date) -> ColumnElement[bool]:
        """Returns the condition that the contact may still be shown. One whose end date is before today only waits for
        deletion."""
        return cls.keep_until >= today


errors.on_conflict(
    errors.rule_of(Enterprise.__table__, "uq_enterprises_credit_code"),
    "credit_code_taken",
    Say("已有企业使用这个统一社会信用代码。", "An enterprise with this credit code is on record already."),
)
REGISTRATION_TAKEN = Say(
    "已有企业使用这个境外注册号。", "An enterprise with this foreign registration is on record already."
)
errors.on_conflict(
    errors.rule_of(Enterprise.__table__, "uq_enterprises_country_registration_no"),
    "registration_taken",
    REGISTRATION_TAKEN,
)
errors.on_conflict(
    errors.rule_of(Ranking.__table__, "uq_enterprise_rankings_enterprise_id_list_name_year"),
    "ranking_taken",
    Say("这个榜单这一年的名次已登记。", "The rank in this list for this year is on record already."),
)

index.register(
    "enterprise",
    Enterprise,
    {
        "name": (Match.own_name, Style.NAME),
        "credit_code": (Match.credit_code, Style.NUMBER),
        "registration_no": (Match.registration_no, Style.NUMBER),
    },
)
