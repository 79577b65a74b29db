from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.actor import ActorKind
from app.core.db import Base, Id, choice
from app.core.localized import Word


class Log(Word):
    events = "events", "业务日志", "business log"
    security_events = "security_events", "安全日志", "security log"


class SecurityOutcome(Word):
    done = "done", "成功", "done"
    failed = "failed", "失败", "failed"
    refused = "refused", "被拒", "refused"


class SecurityEventType(Word):
    """The type of a security event."""

    signed_in = "session.signed_in", "登录", "signed in"
    sign_in_failed = "session.sign_in_failed", "登录失败", "sign-in failed"
    sign_in_locked = "session.sign_in_locked", "连续失败，暂停登录", "sign-in suspended after failures"
    signed_out = "session.signed_out", "退出登录", "signed out"
    session_revoked = "session.revoked", "撤销会话", "session revoked"
    token_refused = "session.token_refused", "凭证无效", "a token that does not hold"
    forged = "session.forged", "疑似跨站请求", "a write without its CSRF token"
    denied = "access.denied", "越权被拒", "denied"
    not_found = "access.not_found", "查找不存在或范围以外的记录", "asked for a record that is not there or out of scope"
    password_changed = "user.password_changed", "修改口令", "password changed"
    password_reset = "user.password_reset", "重置口令", "password reset"
    second_factor_set = "user.second_factor_set", "启用动态口令", "second factor set up"
    second_factor_removed = "user.second_factor_removed", "停用动态口令", "second factor removed"
    user_added = "user.added", "新增账号", "user added"
    user_changed = "user.changed", "修改账号", "user changed"
    user_locked = "user.locked", "锁定账号", "user locked"
    user_unlocked = "user.unlocked", "解锁账号", "user unlocked"
    roles_granted = "user.roles_granted", "授予角色", "roles granted"
    roles_suspended = "user.roles_suspended", "业务角色暂停", "business roles suspended"
    account_touched = "user.touched", "由他人改动账号", "account changed by another"
    password_released = "user.password_released", "放行重置的口令", "reset password released"
    sign_on_bound = "user.sign_on_bound", "绑定单点登录", "bound to single sign-on"
    sign_on_unbound = "user.sign_on_unbound", "解除单点登录绑定", "single sign-on unbound"
    token_issued = "user.token_issued", "签发令牌", "token issued"
    token_revoked = "user.token_revoked", "撤销令牌", "token revoked"
    display_added = "display.added", "新增大屏", "display added"
    display_begun = "display.begun", "大屏已接入", "display set up"
    display_ended = "display.ended", "停用大屏", "display ended"
    hook_refused = "webhook.refused", "推送被拒", "a message that is not proved"
    exported = "audit.exported", "导出审计记录", "trail exported"
    list_exported = "list.exported", "导出列表", "list exported"
    pruned = "audit.pruned", "清理到期安全日志", "old security events pruned"
    unmasked = "personal.unmasked", "查看完整联系方式", "phone and mail seen in full"
    duplicates_asked = (
        "duplicates.asked",
        "查重，或登记时被告知他人已报送",
        "asked, or told, what others have on record",
    )
    erased = "personal.erased", "删除个人信息", "personal data deleted"
    settings_changed = "office.settings_changed", "修改设置", "settings changed"
    control_asked = "control.asked", "请求放宽管控", "asked for a looser control"
    control_confirmed = "control.confirmed", "确认放宽管控", "confirmed a looser control"
    control_refused = "control.refused", "退回放宽管控", "refused a looser control"
    control_withdrawn = "control.withdrawn", "撤回放宽管控", "withdrew a looser control"
    control_expired = "control.expired", "放宽管控逾期失效", "a looser control lapsed"


class OfficeEventType(Word):
    """The type of a business event that no timeline tells of: of settings, messages, jobs, views, and of the log
    itself. Those of timelines have their names with their sentences (`meta.event_types`)."""

    rows_written = "rows.written", "写入数据", "rows written"
    rows_found = "rows.found", "首次核对时已有的数据", "rows found when the comparison began"
    rows_migrated = "rows.migrated", "升级改动的数据", "rows changed by an upgrade"
    business_day_set = "office.business_day_set", "设定业务日", "business day set"
    stage_created = "stage.created", "预置阶段", "stage set up"
    stage_updated = "stage.updated", "修改阶段", "stage edited"
    calendar_year_seeded = "calendar_year.seeded", "预置节假日", "working calendar seeded"
    calendar_year_set = "calendar_year.set", "设定节假日", "working calendar set"
    lead_clock_seeded = "lead_clock.seeded", "预置线索时限", "limit of leads seeded"
    lead_clock_updated = "lead_clock.updated", "修改线索时限", "limit of leads edited"
    figure_entered = "published_figure.entered", "登记对外发布数", "published figure entered"
    figure_superseded = "published_figure.superseded", "对外发布数重新发布", "published figure published anew"
    view_created = "view.created", "保存视图", "view saved"
    view_updated = "view.updated", "修改视图", "view edited"
    view_deleted = "view.deleted", "删除视图", "view deleted"
    job_cancelled = "job.cancelled", "取消后台任务", "job cancelled"
    job_retried = "job.retried", "重试后台任务", "job retried"
    change_asked = "control_change.asked", "请求放宽管控", "looser control asked for"
    change_confirmed = "control_change.confirmed", "确认放宽管控", "looser control confirmed"
    change_refused = "control_change.refused", "退回放宽管控", "looser control refused"
    change_withdrawn = "control_change.withdrawn", "撤回放宽管控", "looser control withdrawn"
    change_expired = "control_change.expired", "放宽管控逾期失效", "looser control lapsed"
    endpoint_added = "webhook_endpoint.added", "新增推送地址", "endpoint added"
    endpoint_changed = "webhook_endpoint.changed", "修改推送地址", "endpoint edited"
    endpoint_rotated = "webhook_endpoint.rotated", "更换推送地址的密钥", "secret of an endpoint rotated"
    endpoint_taken_over = "webhook_endpoint.taken_over", "接管推送地址", "endpoint taken over"
    endpoint_disabled = "webhook_endpoint.disabled", "停用推送地址", "endpoint disabled"
    endpoint_removed = "webhook_endpoint.removed", "删除推送地址", "endpoint removed"
    message_sent_again = "webhook.redelivered", "重发一条推送", "message sent again"
    replay_asked = "webhook.replay_asked", "请求重发一段推送", "messages of a period asked to be sent again"
    source_added = "webhook_source.added", "新增推送来源", "source added"
    source_changed = "webhook_source.changed", "修改推送来源", "source edited"
    source_rotated = "webhook_source.rotated", "更换推送来源的密钥", "secret of a source rotated"
    source_confirmed = "webhook_source.confirmed", "确认推送来源的修改", "edit of a source confirmed"
    source_secret_confirmed = "webhook_source.secret_confirmed", "确认推送来源的密钥", "secret of a source confirmed"
    source_removed = "webhook_source.removed", "删除推送来源", "source removed"
    message_applied_again = "webhook.replayed", "重新办理收到的推送", "received message applied again"
    message_dismissed = "webhook.dismissed", "搁置收到的推送", "received message set aside"
    messages_skipped = "webhook.skipped_to", "跳过缺失的推送", "missing messages skipped"
    record_linked = "webhook.linked", "对应外部记录", "record of another system linked"


class SecurityEvent(Base):
    """An event about access, with the client it came from. Append-only by trigger.

    `count` is above one where a flood was counted instead of written: the events of one type, outcome, actor, operation
    and address in one minute, beyond the first ten. A sign-in under an unknown name has no actor: people may type their
    password into that field.
    """

    __tablename__ = "security_events"
    __table_args__ = (
        Index("ix_security_events_at", "at", "id"),
        Index("ix_security_events_actor_id_at", "actor_id", "at", "id"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    type: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[SecurityOutcome] = mapped_column(choice(SecurityOutcome, "outcome"))
    actor_id: Mapped[str | None] = mapped_column(String(100))
    actor_name: Mapped[str | None] = mapped_column(String(200))
    actor_kind: Mapped[ActorKind | None] = mapped_column(choice(ActorKind, "actor_kind"))
    subject_type: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]
    address: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(200))
    request_id: Mapped[str | None] = mapped_column(String(64))
    count: Mapped[int] = mapped_column(Integer)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class Seal(Base):
    """One link of a log's chain, over a closed range of its rows. Append-only by trigger.

    The range runs from the `until` of the previous seal (excluded) to its own (included), in the order of ids, which is
    the order in which rows were made. Rows that migrations made have ids of another kind: their seals hold single rows
    and no range. `digests` holds 48 bytes for each row: its id and the SHA-256 of its values.
    """

    __tablename__ = "seals"
    __table_args__ = (UniqueConstraint("log", "number"),)

    id: Mapped[Id]
    log: Mapped[Log] = mapped_column(choice(Log, "log"))
    number: Mapped[int]
    of_migrations: Mapped[bool]
    until: Mapped[UUID]
    count: Mapped[int]
    digests: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


class Pruning(Base):
    """A sealed range whose security events were deleted after their retention. Append-only; the DELETE trigger of
    security events allows only rows of such a range."""

    __tablename__ = "prunings"
    __table_args__ = (
        ForeignKeyConstraint(["log", "number"], ["seals.log", "seals.number"]),
        UniqueConstraint("log", "number"),
        CheckConstraint("log = 'security_events'", name="business_events_stay"),
    )

    id: Mapped[Id]
    log: Mapped[Log] = mapped_column(choice(Log, "log"))
    number: Mapped[int]
    after: Mapped[UUID]
    until: Mapped[UUID]
    pruned_at: Mapped[datetime]
