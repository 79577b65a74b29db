from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, computed_field
from pydantic_core import PydanticCustomError

from app.accounts import user_agents
from app.accounts.models import TokenScope, Way
from app.accounts.openid import SUBJECT
from app.accounts.passwords import LONGEST
from app.accounts.roles import Reach, Role
from app.core.actor import Permission
from app.core.body import ID, body
from app.core.clock import Day, Moment
from app.core.localized import Label
from app.core.paging import ListQuery
from app.core.records import unset
from app.core.refs import Ref
from app.core.several import Several
from app.core.text import Code, SearchText, Text


def _user_name(value: str) -> str:
    if not (value.isascii() and all(c.isalnum() or c in "._-" for c in value) and value[0].isalnum()):
        raise PydanticCustomError("user_name", "not a name to sign in with")
    return value.lower()


UserName = Annotated[Code, AfterValidator(_user_name)]
"""A sign-in name: ASCII letters, digits and `. _ -`, in lower case."""


class UserCreate(BaseModel):
    model_config = body({"name": "li.ming", "display_name": "示例经办", "unit_id": ID, "active_from": "2023-01-01"})

    name: UserName
    display_name: Text
    unit_id: UUID | None = None
    official_id: UUID | None = None
    active_from: Day | None = None
    active_until: Day | None = None
    roles: list[Role] = Field(default_factory=list)
    task_force_ids: list[UUID] = Field(default_factory=list)


class UserUpdate(BaseModel):
    model_config = body({"display_name": "示例经办", "active_until": "2023-12-31"})

    display_name: Text = unset()
    unit_id: UUID | None = None
    official_id: UUID | None = None
    active_from: Day = unset()
    active_until: Day | None = None


class RolesGrant(BaseModel):
    """All roles of the user from now on; others are withdrawn."""

    model_config = body({"roles": ["district"]})

    roles: list[Role] = Field(max_length=len(Role))
    task_force_ids: list[UUID] = Field(default_factory=list, max_length=100)


class SignOnBind(BaseModel):
    model_config = body({"subject": "248289761001"})

    subject: Annotated[str, Field(pattern=f"^{SUBJECT.pattern}$")] = Field(
        description="提供方给此人的 sub，见 GET /sign-on/arrivals / what the provider calls them, its `sub`"
    )


class SignOnArrivalRead(BaseModel):
    """Somebody who signed in at the provider and is bound to no account. Names are the provider's."""

    model_config = ConfigDict(from_attributes=True)

    issuer: str
    subject: str
    name: str | None
    user_name: str | None
    first_at: Moment
    last_at: Moment


class SignOnArrivals(BaseModel):
    items: list[SignOnArrivalRead]


class AccountChangeRead(Label):
    """A part of the account that another person changed."""

    changed_by_name: str
    changed_at: Moment


class UserRead(BaseModel):
    id: UUID
    version: int
    name: str
    display_name: str
    unit_id: UUID | None
    unit: Ref | None
    official_id: UUID | None
    official: Ref | None
    active_from: date
    active_until: date | None
    is_locked: bool
    sign_on_subject: str | None
    has_password: bool
    has_second_factor: bool
    roles: list[Role]
    suspended_roles: list[Role] = Field(
        description="由他人改动账号而暂停，重新授予后恢复 / held back since another changed the account"
    )
    changed_since_grant: list[AccountChangeRead]
    waits_for_release: bool = Field(
        description="口令已重置，待安全管理员放行 / its password was reset and waits for POST …/password/release"
    )
    task_force_ids: list[UUID]
    task_forces: list[Ref]


class UserQuery(ListQuery):
    q: SearchText | None = Field(
        None, description="登录名或显示名称，或其拼音、首字母 / part of a sign-in or shown name, or its pinyin"
    )
    role: Several[Role] | None = Field(None, description="角色 / roles")
    unit_id: UUID | None = Field(None, description="单位及其下级 / the unit and all below it")
    is_locked: bool | None = Field(None, description="是否锁定 / whether it is locked")
    waits_for_release: bool | None = Field(None, description="口令待放行 / its new password waits for its release")
    has_suspended_roles: bool | None = Field(None, description="有暂停的角色 / some of its roles are held back")


class TokenIssue(BaseModel):
    model_config = body({"name": "报表系统", "scopes": ["read"], "days": 90})

    name: Text
    scopes: list[TokenScope] = Field(min_length=1)
    days: int = Field(90, ge=1, le=366)


class TokenRead(BaseModel):
    """A token, without its secret."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    prefix: str
    scopes: list[TokenScope]
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None
    revoked_at: Moment | None


class TokenIssued(TokenRead):
    secret: str = Field(description="只显示这一次 / shown this once")


class TokenList(BaseModel):
    items: list[TokenRead]


class PasswordIssued(BaseModel):
    """A part of a password that the user has to change at the first sign-in.

    The first part is shown to the person who resets it, the second to the person who releases it. The password is both
    parts, one after the other.
    """

    password: str = Field(description="前段或后段，只显示这一次 / the first or the second part, shown this once")


Password = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST)]


class SignIn(BaseModel):
    model_config = body({"name": "demo-bureau", "password": "make run 打印的口令", "code": "123456"})

    name: Code
    password: Password
    code: Annotated[str, Field(pattern="^[0-9]{6}$")] | None = Field(None, description="动态口令 / one-time code")
    next: str | None = Field(None, description="登录后想去的地址 / where one wants to go on to")


class SignInRules(BaseModel):
    """What the login page offers, and the rule for a new password."""

    ways: list[Way]
    sign_on_name: str = Field(description="单点登录的叫法 / what people call the single sign-on")
    password_min_length: int


class PasswordChange(BaseModel):
    model_config = body({"current": "现在的口令", "new": "青山不改 2023 绿水长流"})

    current: Password
    new: Password
    keep_tokens: bool = Field(
        False,
        description="我的 API 令牌继续有效；不填则一并撤销 / my API tokens stay valid; else they are revoked with it",
    )


class SecondFactorBegun(BaseModel):
    """The key for an authenticator app. It takes effect once a code made from it has been confirmed."""

    key: str
    address: str = Field(description="otpauth 地址，可做成二维码 / otpauth address, to be shown as a QR code")


class SecondFactorConfirm(BaseModel):
    model_config = body({"code": "123456"})

    code: Annotated[str, Field(pattern="^[0-9]{6}$")]


class SecondFactorRemove(BaseModel):
    model_config = body({"password": "现在的口令"})

    password: Password


class SessionRead(BaseModel):
    """The session of this browser. Send `csrf_token` as `X-CSRF-Token` with every request except GET."""

    csrf_token: str
    must: list[Label] = Field(description="办妥之前不能做别的 / to be done before anything else")
    idle_minutes: int
    expires_at: Moment


class SignedInRead(SessionRead):
    notices: list[AccountChangeRead] = Field(
        description="近 30 天内他人对本账号的改动 / what others changed of the account in the last 30 days"
    )
    onward: str = Field(description="登录后的去处，限本站 / where to go on to, on this site")


class SessionItem(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    way: Way
    address: str | None
    user_agent: str | None
    created_at: Moment
    last_seen_at: Moment
    expires_at: Moment
    is_this: bool

    @computed_field(description="浏览器和系统；认不出的为空 / browser and system; null where not known")  # type: ignore[prop-decorator]
    @property
    def device(self) -> str | None:
        return user_agents.device(self.user_agent)


class SessionList(BaseModel):
    items: list[SessionItem]


class RoleRead(Label):
    reach: Label = Field(description="看得到谁的业务记录 / whose records it sees")
    permissions: list[Permission]


class Suspended(BaseModel):
    """The suspended roles, the changes that suspended them, and how to have them granted again."""

    roles: list[Label]
    because: list[AccountChangeRead]
    zh: str
    en: str


class MeRead(BaseModel):
    """The user who asks, with its roles, rights and scope."""

    suspended: Suspended | None = Field(description="暂停的业务角色 / business roles that are held back")
    notices: list[AccountChangeRead] = Field(
        description="近 30 天内他人对本账号的改动 / what others changed of the account in the last 30 days"
    )

    id: str
    name: str
    kind: str
    must: list[Label] = Field(description="办妥之前不能做别的 / to be done before anything else")
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


class DisplayAdd(BaseModel):
    model_config = body({"name": "一楼大厅", "days": 90})

    name: Text = Field(description="在哪里的哪块屏，便于辨认 / which screen, for people to know it by")
    days: int = Field(90, ge=1, le=90, description="有效天数 / days until it expires")


class DisplayRead(BaseModel):
    """A screen that shows the wall. It reads the wall's figures of the whole city, and nothing else."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    created_at: Moment
    expires_at: Moment
    code_until: Moment = Field(description="接入码有效至 / until when the code works")
    begun_at: Moment | None = Field(description="接入时间；未接入的为空 / when it was set up; null until then")
    last_used_at: Moment | None = Field(description="最近读取，十分钟记一次 / last reading, to ten minutes")
    ended_at: Moment | None = Field(description="停用时间；未停用的为空 / when it was ended; null where it was not")
    address: str | None = Field(description="接入时的地址；未接入的为空 / where it was set up from; null until then")
    is_in_use: bool = Field(False, description="未停用也未过期 / neither ended nor expired")
    user_agent: str | None = Field(None, exclude=True)

    @computed_field(description="浏览器和系统；认不出的为空 / browser and system; null where not known")  # type: ignore[prop-decorator]
    @property
    def device(self) -> str | None:
        return user_agents.device(self.user_agent)


class DisplayList(BaseModel):
    items: list[DisplayRead]


class DisplayAdded(DisplayRead):
    code: str = Field(description="接入码，只显示这一次，一天内用一次 / shown this once; works once within a day")


class DisplayBegin(BaseModel):
    model_config = body({"code": "7KQ2-M9XR-4TVB"})

    code: Annotated[str, Field(min_length=1, max_length=40)] = Field(
        description="接入码，大小写、空格和横线不论 / the code; case, spaces and hyphens do not count"
    )


class DisplayBegun(BaseModel):
    name: str
    expires_at: Moment
