from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.controls.models import ChangeState, ControlKind
from app.core.actor import Permission
from app.core.body import body
from app.core.clock import Moment
from app.core.paging import ListQuery
from app.core.text import Prose


class ControlChangeQuery(ListQuery):
    state: ChangeState | None = Field(None, description="待确认、已确认等 / waits, was confirmed or the like")
    kind: ControlKind | None = Field(None, description="改什么 / what is to be changed")


class ControlChangeRefuse(BaseModel):
    model_config = body({"reason": "示例：没有必要"})

    reason: Prose


class ControlChangeRead(BaseModel):
    """A request to loosen a control. It is in effect only if `state` is `confirmed`."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    kind: ControlKind
    zh: str
    en: str
    key: str = Field(description="设置、阶段、时限、单位或来源 / the setting, stage, clock, unit or source")
    asked: dict[str, Any] = Field(
        description="所请求的内容，即提出请求的正文去掉理由，因 kind 而异；人读的见 zh、en / "
        "the body of the request that asked, without its reason, so that it differs by `kind`; for people: `zh`, `en`"
    )
    before: dict[str, Any] = Field(
        description="请求时的状态，字段因 kind 而异 / the state at that time, with fields of its own for each `kind`"
    )
    reason: str | None
    asked_by: str
    asked_by_name: str
    asked_at: Moment
    expires_at: Moment = Field(description="逾期不确认即失效 / without confirmation it lapses then")
    confirmed_with: Permission = Field(description="确认人须有的权限，且不是请求人 / held by who confirms, another")
    state: ChangeState
    settled_by: str | None
    settled_by_name: str | None
    settled_at: Moment | None
    settled_reason: str | None


class ControlChangeConfirmed(ControlChangeRead):
    secret: str | None = Field(
        None, description="密钥后段，只显示这一次 / the second part of a source's secret, shown this once"
    )
