from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import errors
from app.core.column_types import CODE, NAME, PROSE
from app.core.db import Base, Id, Versioned, choice
from app.core.localized import Say, Word
from app.core.money import Money
from app.enterprises.models import Origin, Ownership
from app.search import index
from app.search.keys import Match, Style


class DealKind(Word):
    """The kind of an agreement. A supplementary agreement 补充协议 is not a deal but an amendment of one."""

    formal = "formal", "投资协议", "formal agreement"
    framework = "framework", "框架/战略协议", "framework agreement"


class DealStatus(Word):
    draft = "draft", "草稿", "draft"
    discarded = "discarded", "已弃用草稿", "discarded draft"
    live = "live", "有效", "live"
    terminated = "terminated", "已终止", "terminated"
    voided = "voided", "误录作废", "never a deal"


class Deal(Versioned, Base):
    """签约. `agreed_amount` is the amount agreed now, in yuan; its history is in the facts and the ledger."""

    __tablename__ = "deals"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("agreed_amount > 0 AND agreed_amount < 100000000000000", name="amount_in_range"),
        CheckConstraint("(currency = 'CNY') = (original_amount IS NULL)", name="original_where_foreign"),
        CheckConstraint(
            "status NOT IN ('live', 'terminated')"
            " OR (agreed_amount IS NOT NULL AND signed_on IS NOT NULL AND investor_id IS NOT NULL)",
            name="approved_is_complete",
        ),
        CheckConstraint("(status IN ('draft', 'discarded')) = (approved_at IS NULL)", name="approved_has_moment"),
        CheckConstraint("(status = 'terminated') = (ended_on IS NOT NULL)", name="terminated_has_day"),
        Index(
            "uq_deals_live_formal",
            "project_id",
            unique=True,
            sqlite_where=text("kind = 'formal' AND status = 'live'"),
            postgresql_where=text("kind = 'formal' AND status = 'live'"),
        ),
        Index("ix_deals_project_id_status", "project_id", "status", "kind"),
        Index("ix_deals_updated_at_id", "updated_at", "id"),
        Index(
            "ix_deals_drafts",
            "updated_at",
            "id",
            sqlite_where=text("status = 'draft'"),
            postgresql_where=text("status = 'draft'"),
        ),
        Index("ix_deals_signed", text("coalesce(signed_on, '1949-10-01')"), "id"),
    )

    code: Mapped[str] = mapped_column(CODE)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    kind: Mapped[DealKind] = mapped_column(choice(DealKind, "kind"))
    title: Mapped[str] = mapped_column(NAME)
    agreement_no: Mapped[str | None] = mapped_column(NAME)
    agreement_key: Mapped[str | None] = mapped_column(NAME, index=True)
    """The agreement number, normalized for comparison with other deals."""
    signed_on: Mapped[date | None]
    investor_id: Mapped[UUID | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    agreed_amount: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    original_amount: Mapped[Decimal | None] = mapped_column(Money)
    rate: Mapped[Decimal | None] = mapped_column(Numeric(18, 8))
    rate_on: Mapped[date | None]
    rate_source: Mapped[str | None] = mapped_column(NAME)
    status: Mapped[DealStatus] = mapped_column(choice(DealStatus, "status"))
    drafted_by: Mapped[str] = mapped_column(NAME)
    approved_by: Mapped[str | None] = mapped_column(NAME)
    approved_at: Mapped[datetime | None]
    submitted_by: Mapped[str | None] = mapped_column(NAME)
    submitted_at: Mapped[datetime | None]
    """送审: when a drafter last submitted the draft; NULL where an edit or a return took that back."""
    return_reason: Mapped[str | None] = mapped_column(PROSE)
    """退回理由: why the draft was returned; until it is submitted again."""
    is_single_person: Mapped[bool]
    """单人审批: drafted and approved by one person while the office allowed it."""
    is_approved_at_source: Mapped[bool]
    """来源已审核: reported by a trusted source, where its approval took place."""
    trust_confirmed_by: Mapped[str | None] = mapped_column(NAME)
    """Who here confirmed that the source is trusted; None if nobody did, which counts as approval by one person."""
    override: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    ended_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    """The `recorded_at` of the act that ended it. Deals that ended in one act are brought back together."""
    end_reason: Mapped[str | None] = mapped_column(PROSE)
    source: Mapped[str | None] = mapped_column(NAME)
    is_illustrative: Mapped[bool]


class FactKind(Word):
    signing = "signing", "签约", "signing"
    amendment = "amendment", "补充协议", "amendment"
    transfer = "transfer", "流转", "transfer"
    termination = "termination", "终止", "termination"


class DealFact(Base):
    """A fact about a deal; `seq` is the order in which facts were stated. Append-only: a correction is a further row of
    the same `seq`, and the last row of a `seq` is in force unless it is withdrawn."""

    __tablename__ = "deal_facts"
    __table_args__ = (
        Index("ix_deal_facts_deal_id_seq", "deal_id", "seq", "recorded_at"),
        CheckConstraint("(kind IN ('signing', 'amendment')) = (amount IS NOT NULL)", name="amount_where_stated"),
        CheckConstraint("kind NOT IN ('signing', 'transfer') OR unit_id IS NOT NULL", name="unit_where_placed"),
    )

    id: Mapped[Id]
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.id"))
    seq: Mapped[int]
    kind: Mapped[FactKind] = mapped_column(choice(FactKind, "kind"))
    effective_on: Mapped[date]
    amount: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str | None] = mapped_column(String(3))
    original_amount: Mapped[Decimal | None] = mapped_column(Money)
    rate: Mapped[Decimal | None] = mapped_column(Numeric(18, 8))
    rate_on: Mapped[date | None]
    rate_source: Mapped[str | None] = mapped_column(NAME)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    task_force_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_forces.id"), index=True)
    industry_code: Mapped[str | None] = mapped_column(ForeignKey("industries.code"), index=True)
    origin: Mapped[Origin | None] = mapped_column(choice(Origin, "origin"))
    ownership: Mapped[Ownership | None] = mapped_column(choice(Ownership, "ownership"))
    document: Mapped[str | None] = mapped_column(NAME)
    reason: Mapped[str | None] = mapped_column(PROSE)
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("deal_facts.id"), unique=True)
    is_withdrawn: Mapped[bool]
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class DealRelocation(Base):
    """A deal moved to the successor of its merged project. Append-only: it tells which project the deal had before."""

    __tablename__ = "deal_relocations"
    __table_args__ = (Index("ix_deal_relocations_deal_id", "deal_id", "recorded_at"),)

    id: Mapped[Id]
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.id"))
    from_project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    to_project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class EntryKind(Word):
    signing = "signing", "签约", "signing"
    amendment = "amendment", "变更", "amendment"
    termination = "termination", "终止", "termination"
    correction = "correction", "更正", "correction"
    transfer = "transfer", "流转", "transfer"
    landing = "landing", "当季落地", "landed in the quarter"


class SizeBand(Word):
    """The size of a deal by the amount agreed at signing. Amendments do not change it."""

    under_1_yi = "under_1_yi", "不足 1 亿元", "under 100 million yuan"
    from_1_to_10_yi = "from_1_to_10_yi", "1 亿至不足 10 亿元", "100 million to under 1 billion yuan"
    from_10_yi = "from_10_yi", "10 亿元及以上", "1 billion yuan and more"


class LedgerEntry(Base):
    """One signed (+/−) change of count, amount (yuan) and landed. Append-only by trigger; a total is a sum of entries.

    The dimensions are those in force for this entry. `of_kind` is the kind that a correction corrects, else `kind`.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("count IN (-1, 0, 1)", name="count_one_step"),
        CheckConstraint("landed IN (-1, 0, 1)", name="landed_one_step"),
        CheckConstraint("amount > -100000000000000 AND amount < 100000000000000", name="amount_in_range"),
        CheckConstraint("kind <> 'correction' OR corrects_id IS NOT NULL", name="correction_names_entry"),
        CheckConstraint("side IN (0, 1)", name="side_known"),
        Index(
            "ix_ledger_entries_effective_on",
            "effective_on",
            "recorded_at",
            "id",
            postgresql_include=["count", "amount", "landed", "of_kind", "unit_id", "task_force_id"],
        ),
        Index("ix_ledger_entries_deal_id", "deal_id", "recorded_at"),
        Index("ix_ledger_entries_unit_id", "unit_id", "effective_on"),
        Index("ix_ledger_entries_task_force_id", "task_force_id", "effective_on"),
    )

    id: Mapped[Id]
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.id"))
    kind: Mapped[EntryKind] = mapped_column(choice(EntryKind, "kind"))
    of_kind: Mapped[EntryKind] = mapped_column(choice(EntryKind, "of_kind"))
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    count: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Money)
    landed: Mapped[int]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    task_force_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_forces.id"))
    industry_code: Mapped[str | None] = mapped_column(ForeignKey("industries.code"), index=True)
    origin: Mapped[Origin | None] = mapped_column(choice(Origin, "origin"))
    ownership: Mapped[Ownership | None] = mapped_column(choice(Ownership, "ownership"))
    size: Mapped[SizeBand] = mapped_column(choice(SizeBand, "size"))
    seq: Mapped[int]
    side: Mapped[int]
    """`seq`: the fact this entry expresses. `side` of a transfer: 0 minus for the old place, 1 plus for the new one."""
    is_reversal: Mapped[bool]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_entries.id"), index=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


LINE_HAS_LIVE_DEAL = Say(
    "这个项目（或其总项目、分期）已有一份有效的投资协议；补充协议请登记为变更。",
    "This project line has a live formal deal already; a supplementary deal is an amendment of it.",
)
errors.on_conflict(errors.rule_of(Deal.__table__, "uq_deals_live_formal"), "line_has_live_deal", LINE_HAS_LIVE_DEAL)

index.register(
    "deal",
    Deal,
    {
        "code": (Match.code, Style.NUMBER),
        "title": (Match.deal_title, Style.NAME),
        "agreement_no": (Match.agreement_no, Style.NUMBER),
    },
    via=(("investor_id", "enterprise"),),
)
