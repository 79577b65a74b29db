from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.actor import ActorKind
from app.core.clock import Moment
from app.core.paging import ListQuery
from app.core.text import Code


class EventRead(BaseModel):
    """One change: who, when, what, before and after. Personal fields are named without their values."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: Moment
    type: str
    actor_id: str
    actor_name: str
    actor_kind: ActorKind
    subject_type: str
    subject_id: UUID
    subject_version: int | None
    data: dict[str, Any] = Field(
        description="改动的内容，字段因 type 而异，供程序核对；人读的见各记录的 activity / "
        "what changed, with fields of its own for each `type`, for programs; people read the activity of the record"
    )


class TimelineQuery(ListQuery):
    type: Code | None = Field(None, description="只看一种事件，如 project.moved / one type of event only")
