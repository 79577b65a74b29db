from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.accounts.models import TokenScope
from app.accounts.roles import Reach, Role
from app.core.actor import Permission
from app.core.clock import Day, Moment
from app.core.say import Label
from app.core.text import Code, Text


def _user_name(value: str) -> str:
    if not (value.isascii() and all(c.isalnum() or c in "._-" for c in value) and value[0].isalnum()):
        raise PydanticCustomError("user_name", "not a name to sign in with")
    return value.lower()


UserName = Annotated[Code, AfterValidator(_user_name)]
"""What is typed to sign in: ASCII letters, digits and `. _ -`, in lower case."""


class UserCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: UserName
    display_name: Text
    unit_id: UUID | None = None
    official_id: UUID | None = None
    active_from: Day | None = None
    active_until: Day | None = None
    roles: list[Role] = Field(default_factory=list)
    task_force_ids: list[UUID] = Field(default_factory=list)


class UserRead(BaseModel):
    id: UUID
    version: int
    name: str
    display_name: str
    unit_id: UUID | None
    official_id: UUID | None
    active_from: date
    active_until: date | None
    is_locked: bool
    roles: list[Role]
    task_force_ids: list[UUID]


class TokenIssue(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Text
    scopes: list[TokenScope] = Field(min_length=1)
    days: int = Field(90, ge=1, le=366)


class TokenRead(BaseModel):
    """A token without what opens anything."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    prefix: str
    scopes: list[TokenScope]
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None
    revoked_at: Moment | None


class RoleRead(Label):
    reach: Label = Field(description="看得到谁的业务记录 / whose records it sees")
    permissions: list[Permission]


class MeRead(BaseModel):
    """Who is asking, and what the service lets them do."""

    id: str
    name: str
    kind: str
    roles: list[RoleRead]
    permissions: list[Label] = Field(description="此刻可用的权限 / rights that hold for this request")
    sees_all: bool
    unit_ids: list[UUID] = Field(description="看得到其项目的单位 / units whose projects are seen")
    task_force_ids: list[UUID]
    official_id: UUID | None


class RoleTable(BaseModel):
    """What each role may do."""

    items: list[RoleRead]


def role_read(role: Role, reach: Reach, permissions: frozenset[Permission]) -> RoleRead:
    return RoleRead(**role.label.model_dump(), reach=reach.label, permissions=sorted(permissions))
