from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import errors
from app.core.column_types import NAME, PROSE
from app.core.db import Base, Id, Versioned, choice
from app.core.localized import Say, Word

KEY = String(64)


class ControlKind(Word):
    office_setting = "office_setting", "本局设置", "a setting of the office"
    stage = "stage", "阶段的期限与门槛", "limits and gates of a stage"
    lead_clock = "lead_clock", "线索时限", "a clock of leads"
    calendar = "calendar", "节假日", "the working calendar of a year"
    job_schedule = "job_schedule", "定时任务", "the schedule of a job"
    unit_parent = "unit_parent", "单位的上级", "the parent of a unit"
    webhook_source = "webhook_source", "推送来源的信任与范围", "trust and reach of a source"
    webhook_secret = "webhook_secret", "推送来源的新密钥", "a new secret of a source"


class ChangeState(Word):
    pending = "pending", "待确认", "waits for confirmation"
    confirmed = "confirmed", "已确认生效", "confirmed and in effect"
    refused = "refused", "未同意", "refused"
    withdrawn = "withdrawn", "已撤回", "withdrawn"
    expired = "expired", "逾期未确认", "not confirmed in time"


class ControlChange(Versioned, Base):
    """A request to loosen a control. It takes effect when another person confirms it.

    `key` names its object within the kind: the key of a setting, the code of a stage, the id of a source. `before` is
    the state it would replace, `asked` the body of the request without its reason.
    """

    __tablename__ = "control_changes"
    __table_args__ = (
        CheckConstraint("(state = 'pending') = (settled_at IS NULL)", name="settled_has_moment"),
        CheckConstraint("state <> 'confirmed' OR settled_by <> asked_by", name="two_people"),
        Index(
            "uq_control_changes_pending",
            "kind",
            "key",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_control_changes_asked_at", "asked_at", "id"),
    )

    kind: Mapped[ControlKind] = mapped_column(choice(ControlKind, "kind"))
    key: Mapped[str] = mapped_column(KEY)
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str | None] = mapped_column(PROSE)
    asked_by: Mapped[str] = mapped_column(NAME)
    asked_by_name: Mapped[str] = mapped_column(NAME)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[ChangeState] = mapped_column(choice(ChangeState, "state"))
    settled_by: Mapped[str | None] = mapped_column(NAME)
    settled_by_name: Mapped[str | None] = mapped_column(NAME)
    settled_at: Mapped[datetime | None]
    settled_reason: Mapped[str | None] = mapped_column(PROSE)


class SettingChange(Base):
    """The value of an office setting from a day on. Append-only; `value` is None for the default.

    `effective_on` is the business day of the change, `recorded_at` its transaction time in the order of knowledge.
    """

    __tablename__ = "setting_changes"
    __table_args__ = (Index("ix_setting_changes_key", "key", "recorded_at"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(KEY)
    value: Mapped[str | None] = mapped_column(String(200))
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


errors.on_conflict(
    errors.rule_of(ControlChange.__table__, "uq_control_changes_pending"),
    "change_pending",
    Say(
        "已有一项同类变更待确认，见 GET /api/v1/control-changes?state=pending；请先确认、退回或撤回。",
        "Such a change waits for confirmation already, see GET /api/v1/control-changes?state=pending; have it "
        "confirmed, refused or withdrawn first.",
    ),
)
