from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import errors
from app.core.column_types import CODE, NAME, PROSE
from app.core.db import Base, Id, Versioned, choice
from app.core.localized import Say, Word
from app.projects.models import Prospect, Successor, prospect_checks
from app.projects.stages import LimitUnit
from app.referrers.models import Channel
from app.search import index
from app.search.keys import Match, Style


class Outcome(Word):
    """研判结论."""

    follow_up = "follow_up", "跟进", "follow up"
    reserve = "reserve", "转储备", "keep in reserve"
    decline = "decline", "不跟进", "decline"


class LeadStatus(Word):
    registered = "registered", "已登记", "registered"
    follow_up = "follow_up", "跟进", "followed up"
    reserve = "reserve", "转储备", "in reserve"
    decline = "decline", "不跟进", "declined"
    converted = "converted", "已转项目", "converted"


class Lead(Prospect, Versioned, Base):
    """线索. A trigger refuses any change of the first reporting unit and of the time of report.

    The due days of answer and assessment are derived columns, computed from clocks and working calendar; `five-ones
    check` compares them.
    """

    __tablename__ = "leads"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("(status = 'registered') = (assessed_on IS NULL)", name="assessed_has_day"),
        CheckConstraint("(status = 'converted') = (converted_on IS NOT NULL)", name="converted_has_day"),
        *prospect_checks(),
        Index("ix_leads_updated_at_id", "updated_at", "id"),
        Index("ix_leads_reported_at_id", "reported_at", "id"),
        Index("ix_leads_name_pinyin_id", "name_pinyin", "id"),
        Index("ix_leads_due", text("coalesce(due_on, '2199-12-31')"), "id"),
    )

    code: Mapped[str] = mapped_column(CODE)
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"))
    first_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    reported_at: Mapped[datetime]
    reported_on: Mapped[date]
    """The business day of `reported_at`, from which the clocks run."""
    reported_by: Mapped[str] = mapped_column(NAME)
    handler_id: Mapped[UUID | None] = mapped_column(ForeignKey("officials.id"), index=True)
    status: Mapped[LeadStatus] = mapped_column(choice(LeadStatus, "status"))
    answer_due_on: Mapped[date]
    answered_on: Mapped[date | None]
    answer_note: Mapped[str | None] = mapped_column(PROSE)
    assess_due_on: Mapped[date]
    assessed_on: Mapped[date | None]
    due_on: Mapped[date | None] = mapped_column(index=True)
    converted_on: Mapped[date | None]

    @property
    def became(self) -> Successor | None:
        """The project the lead has become, as `leads.lock` found it within the caller's scope; no column."""
        successor: Successor | None = self.__dict__.get("_became")
        return successor

    @became.setter
    def became(self, successor: Successor | None) -> None:
        self.__dict__["_became"] = successor


class LeadAssessment(Base):
    """研判. Append-only; the last row is in force."""

    __tablename__ = "lead_assessments"
    __table_args__ = (
        CheckConstraint("outcome = 'follow_up' OR reason IS NOT NULL", name="reserve_and_decline_have_reason"),
        Index("ix_lead_assessments_lead_id", "lead_id", "recorded_at"),
    )

    id: Mapped[Id]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"))
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome, "outcome"))
    reason: Mapped[str | None] = mapped_column(PROSE)
    on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(NAME)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class ClockCode(Word):
    answer = "answer", "响应", "answer"
    assess = "assess", "研判", "assess"
    first_talk = "first_talk", "首谈保护期", "protection of the first talk"
    first_talk_idle = "first_talk_idle", "首谈保护期内无进展即释放", "release of an idle first talk"


class LeadClock(Versioned, Base):
    """线索时限: the time allowed, in the unit of the clock; rows an office edits."""

    __tablename__ = "lead_clocks"
    __table_args__ = (UniqueConstraint("code"), CheckConstraint("amount BETWEEN 1 AND 1000", name="amount_in_range"))

    code: Mapped[ClockCode] = mapped_column(choice(ClockCode, "code"))
    amount: Mapped[int]
    unit: Mapped[LimitUnit] = mapped_column(choice(LimitUnit, "unit"))
    source: Mapped[str] = mapped_column(NAME)


class ProspectKind(Word):
    lead = "lead", "线索", "lead"
    project = "project", "项目", "project"


class Likeness(Word):
    same_code = "same_code", "项目代码相同", "the same project code"
    same_name = "same_name", "名称相同", "the same name"
    similar_name = "similar_name", "名称相近且投资方相同", "a similar name and the same investor"
    same_investor = "same_investor", "投资方相同", "the same investor"
    similar_amount = "similar_amount", "行业相同且金额相近", "the same industry and a similar amount"
    contained = "contained", "名称互相包含", "one name contains the other"
    shared_part = "shared_part", "名称部分相同", "names alike in part"
    short_name = "short_name", "与简称或统计用名部分相同", "alike in part to its short or statistical name"
    investor_name = "investor_name", "与投资方名称部分相同", "alike in part to its investor's name"


class DuplicateRuling(Base):
    """裁决: why one record is no duplicate of another. Append-only."""

    __tablename__ = "duplicate_rulings"
    __table_args__ = (
        CheckConstraint("(lead_id IS NULL) <> (project_id IS NULL)", name="of_one_record"),
        CheckConstraint("(other_lead_id IS NULL) <> (other_project_id IS NULL)", name="against_one_record"),
    )

    id: Mapped[Id]
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"), index=True)
    other_lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"), index=True)
    other_project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"), index=True)
    reason: Mapped[str] = mapped_column(PROSE)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class FirstTalkDispute(Base):
    """首谈争议: another unit claims the first talk. Append-only."""

    __tablename__ = "first_talk_disputes"
    __table_args__ = (CheckConstraint("(lead_id IS NULL) <> (project_id IS NULL)", name="of_one_record"),)

    id: Mapped[Id]
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"), index=True)
    claimant_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    grounds: Mapped[str] = mapped_column(PROSE)
    papers: Mapped[list[str]] = mapped_column(JSON)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(NAME)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class FirstTalkRuling(Base):
    """裁定: whose first talk it is. Append-only; one per dispute."""

    __tablename__ = "first_talk_rulings"

    id: Mapped[Id]
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("first_talk_disputes.id"), unique=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    ruled_on: Mapped[date]
    document: Mapped[str] = mapped_column(NAME)
    grounds: Mapped[str] = mapped_column(PROSE)
    papers: Mapped[list[str]] = mapped_column(JSON)
    is_transferred: Mapped[bool]
    """Whether the ruling also transferred the record to the unit."""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(NAME)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


errors.on_conflict(
    errors.rule_of(FirstTalkRuling.__table__, "uq_first_talk_rulings_dispute_id"),
    "ruled_already",
    Say("这一争议已裁定。", "This dispute was ruled on already."),
)

index.register(
    "lead",
    Lead,
    {"code": (Match.code, Style.NUMBER), "name": (Match.own_name, Style.NAME)},
    via=(("investor_id", "enterprise"),),
)
