from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.roles import Role
from app.core import errors
from app.core.column_types import CODE, NAME
from app.core.db import Base, Id, Versioned, choice
from app.core.localized import Say, Word
from app.search import index
from app.search.keys import Match, Style


class TokenScope(Word):
    read = "read", "只读", "read only"
    write = "write", "读写业务", "read and write business records"
    webhook = "webhook", "推送与接收事件", "send and receive events"
    admin = "admin", "读与管理", "read and administer"


class Way(Word):
    """How somebody signed in."""

    password = "password", "口令", "password"
    single_sign_on = "single_sign_on", "单点登录", "single sign-on"


class Must(Word):
    """What a signed-in user has to do before anything else is open."""

    change_password = "change_password", "修改口令", "change the password"
    set_second_factor = "set_second_factor", "启用动态口令", "set up a second factor"


class User(Versioned, Base):
    """An account. `name` is the sign-in name, in lower case; it may be used from `active_from` to `active_until`, both
    included."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("active_until IS NULL OR active_until >= active_from", name="until_after_from"),
    )

    name: Mapped[str] = mapped_column(CODE)
    display_name: Mapped[str] = mapped_column(NAME)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    official_id: Mapped[UUID | None] = mapped_column(ForeignKey("officials.id"), index=True)
    active_from: Mapped[date]
    active_until: Mapped[date | None]
    is_locked: Mapped[bool]
    is_illustrative: Mapped[bool]


index.register("user", User, {"name": (Match.own_name, Style.TEXT), "display_name": (Match.own_name, Style.PERSON)})


class Credential(Base):
    """Password and second factor of a user. Never shown. A user without a row cannot sign in with a password."""

    __tablename__ = "credentials"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    password_set_at: Mapped[datetime]
    must_change: Mapped[bool]
    """Somebody else set the password: the user has to change it before doing anything else."""
    second_part: Mapped[str | None] = mapped_column(String(400))
    """Second part of a reset password, encrypted, to be shown to the security administrator; None once it was."""
    reset_by: Mapped[str | None] = mapped_column(NAME)
    second_factor: Mapped[str | None] = mapped_column(String(400))
    """The key from which one-time codes are made, encrypted."""
    second_factor_since: Mapped[datetime | None]
    """None until a code has confirmed the key."""
    last_code_step: Mapped[int | None] = mapped_column(BigInteger)
    """Time step (30 seconds) of the last accepted code: no code is accepted twice."""


class SignInSession(Base):
    """A sign-in with a browser. Only the SHA-256 of the browser's token is stored."""

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_sessions_user_id", "user_id"))

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    way: Mapped[Way] = mapped_column(choice(Way, "way"))
    token_hash: Mapped[str] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class KnownDevice(Base):
    """A browser in which a user has signed in with a password. Only the SHA-256 of its token is stored."""

    __tablename__ = "known_devices"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)


class SignOnIdentity(Base):
    """The identity at a provider of single sign-on that is bound to a user."""

    __tablename__ = "sign_on_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))


class SignOnUse(Base):
    """A completed attempt at single sign-on, by the SHA-256 of its state: none signs in twice."""

    __tablename__ = "sign_on_uses"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime] = mapped_column(index=True)


class SignOnArrival(Base):
    """Somebody who signed in at the provider and is bound to no user, for an administrator to bind. Names are the
    provider's."""

    __tablename__ = "sign_on_arrivals"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[Id]
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    name: Mapped[str | None] = mapped_column(NAME)
    user_name: Mapped[str | None] = mapped_column(NAME)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)


class SignInAttempts(Base):
    """Failed sign-ins since `first_at` under one name or from one address, whether or not anybody has that name."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    count: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(index=True)
    suspended_until: Mapped[datetime | None]


class UserRole(Base):
    __tablename__ = "user_roles"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(choice(Role, "role"), primary_key=True)
    unit_id: Mapped[UUID | None]
    official_id: Mapped[UUID | None]
    """Unit and official of the user when the role was granted: with others the role is not in force."""
    suspended_at: Mapped[datetime | None]
    """Since when the role is suspended, because another person changed the account."""


class AccountPart(Word):
    """What another person may change of an account."""

    unit = "unit", "单位", "unit"
    official = "official", "对应的领导", "official"
    span = "span", "启用期延长", "a longer time of use"
    password = "password", "口令", "password"
    second_factor = "second_factor", "动态口令", "second factor"
    sign_on = "sign_on", "单点登录绑定", "single sign-on"
    roles = "roles", "角色", "roles"


class AccountChange(Base):
    """A change of an account by another person. Shown to the user at sign-in, and to whoever grants roles again."""

    __tablename__ = "account_changes"
    __table_args__ = (Index("ix_account_changes_user_id", "user_id", "changed_at"),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    part: Mapped[AccountPart] = mapped_column(choice(AccountPart, "part"))
    is_open: Mapped[bool]
    """The change suspended roles, and they have not been granted again since."""
    changed_by: Mapped[str] = mapped_column(NAME)
    changed_by_name: Mapped[str] = mapped_column(NAME)
    changed_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class UserTaskForce(Base):
    """A task force whose projects a user sees in the role `task_force`."""

    __tablename__ = "user_task_forces"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    task_force_id: Mapped[UUID] = mapped_column(ForeignKey("task_forces.id"), primary_key=True, index=True)


class ApiToken(Base):
    """An API token: gives the user's rights within its scopes. It is shown once; only its SHA-256 is stored.

    `prefix` is the beginning of the token, by which people tell tokens apart.
    """

    __tablename__ = "api_tokens"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("prefix"),
        Index("ix_api_tokens_user_id", "user_id"),
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(NAME)
    prefix: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class Display(Base):
    """A screen that shows the wall: whoever holds its token reads the wall's figures of the whole city, nothing else.

    It is set up by a code that works once. Of code and token only the SHA-256 is stored.
    """

    __tablename__ = "displays"
    __table_args__ = (UniqueConstraint("code_hash"), UniqueConstraint("token_hash"))

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(NAME)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    """None once the code was used."""
    code_until: Mapped[datetime]
    token_hash: Mapped[str | None] = mapped_column(String(64))
    """None until the screen was set up."""
    address: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(200))
    """Address and browser of the screen when it was set up."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


errors.on_conflict(
    errors.rule_of(SignOnIdentity.__table__, "uq_sign_on_identities_issuer_subject"),
    "sign_on_bound",
    Say("这个单点登录身份已绑定其他账号。", "That identity is bound to another account."),
)
errors.on_conflict(
    errors.rule_of(User.__table__, "uq_users_name"),
    "user_name_taken",
    Say("登录名已被使用。", "That name is in use."),
)
