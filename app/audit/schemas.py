from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.audit.models import Log, SecurityOutcome
from app.core.actor import ActorKind
from app.core.clock import Day, Moment
from app.core.paging import ListQuery
from app.core.text import Code


class AuditFilter(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    log: Log | None = Field(None, description="哪一本日志 / which log")
    type: Code | None = Field(None, description="事件类型，如 session.signed_in / such as session.signed_in")
    outcome: SecurityOutcome | None = Field(None, description="结果 / the outcome")
    actor_id: Code | None = Field(None, description="谁 / who")
    subject_id: UUID | None = Field(None, description="对什么 / to what")
    address: Code | None = Field(None, description="来自哪个地址 / from which address")
    from_: Day | None = Field(None, alias="from", description="自哪一天（北京时间）/ from this day in Asia/Shanghai")
    to: Day | None = Field(None, description="至哪一天，含 / through this day")


class AuditQuery(AuditFilter, ListQuery):
    pass


class AuditRead(BaseModel):
    """Who did what, when, to what, from where, with what result. Values before and after are left out."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    log: Log
    at: Moment
    type: str
    outcome: SecurityOutcome
    actor_id: str | None
    actor_name: str | None
    actor_kind: ActorKind | None
    subject_type: str | None
    subject_id: UUID | None
    address: str | None
    user_agent: str | None
    request_id: str | None
    count: int = Field(description="计入的次数 / how many it stands for")
    reason: str | None = Field(description="失败或被拒的原因 / why it failed or was refused")


def reason_of(data: dict[str, Any]) -> str | None:
    """Returns the reason or code in the data of a security event, the part that an auditor may read."""
    reason = data.get("reason") or data.get("code")
    return reason if isinstance(reason, str) else None
