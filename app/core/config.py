"""Settings, read once from the environment (prefix FIVE_ONES_) when the app or a command starts."""

import ssl
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from app.core.allowed_networks import AllowedNetwork, parse_network
from app.core.localized import Say

DEVELOPMENT_SECRET = "development only, known to everybody"
DEFAULT_DATABASE_URL = "sqlite:///var/five-ones.db"
_BUILT_CLIENT = Path(__file__).parents[2] / "frontend" / "dist"
_CLIENT_PAGES = ("index.html", "login.html")

_DRIVERS = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
}


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _wrong(zh: str, en: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{en}", {"say": Say(zh, en), "en": en})


_SHORTEST_SECRET = 32

# Options that asyncpg accepts in a URL; any other would fail every connection with a traceback.
_ASYNCPG_OPTIONS = frozenset({"host", "port", "ssl", "prepared_statement_cache_size"})


class Settings(BaseSettings):
    """All settings of the service. Invalid values stop the start and are named."""

    model_config = SettingsConfigDict(env_prefix="FIVE_ONES_", extra="ignore")

    database_url: str = DEFAULT_DATABASE_URL
    environment: Literal["development", "production"] = "development"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = "info"
    log_format: Annotated[Literal["json", "console"], BeforeValidator(_lower)] = "json"
    max_body_bytes: int = Field(1024 * 1024, ge=1024)
    header_seconds: float = Field(10, gt=0, le=600)
    keep_alive_seconds: int = Field(75, ge=1, le=3600)
    body_seconds: float = Field(30, gt=0, le=3600)
    answer_seconds: float = Field(60, gt=0, le=3600)
    connections: int = Field(500, ge=10, le=100_000)
    silence_seconds: float = Field(60, ge=5, le=3600)
    pool_size: int = Field(10, ge=1, le=200)
    pool_timeout_seconds: float = Field(10, gt=0)
    lock_timeout_seconds: float = Field(5, gt=0)
    statement_timeout_seconds: float = Field(30, gt=0)
    longest_transaction_seconds: float = Field(600, gt=0)
    idempotency_hours: int = Field(48, ge=1)
    worker: bool = True
    worker_slots: int = Field(4, ge=1, le=64)
    worker_drain_seconds: float = Field(20, gt=0, le=600)
    heads_file: str | None = Field(None, max_length=500)
    secret: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    public_url: str | None = None
    hosts: str = ""
    trusted_proxies: str = ""
    session_idle_minutes: int = Field(30, ge=5, le=24 * 60)
    session_hours: int = Field(12, ge=1, le=7 * 24)
    password_min_length: int = Field(10, ge=8, le=64)
    password_max_days: int = Field(0, ge=0, le=3650)
    sign_in_failures: int = Field(5, ge=1, le=100)
    sign_in_failures_an_address: int = Field(100, ge=1, le=100_000)
    sign_in_pause_minutes: int = Field(15, ge=1, le=24 * 60)
    token_failures_an_address: int = Field(600, ge=1, le=100_000)
    duplicate_checks_an_hour: int = Field(40, ge=1, le=10_000)
    outbound_networks: str = ""
    outbound_ca_file: str | None = None
    outbound_seconds: float = Field(15, gt=0, le=60)
    sender_slots: int = Field(8, ge=1, le=64)
    hooks_a_minute: int = Field(6000, ge=1, le=1_000_000)
    client_directory: str | None = None
    sign_on_issuer: str | None = Field(None, max_length=500)
    sign_on_client_id: str | None = None
    sign_on_client_secret: SecretStr | None = None
    sign_on_ca_file: str | None = None
    sign_on_name: str = Field("单点登录 Single sign-on", min_length=1, max_length=60)
    sign_on_adds_users: bool = False

    @field_validator("database_url")
    @classmethod
    def _is_usable(cls, value: str) -> str:
        try:
            url = _with_driver(make_url(value))
        except (ArgumentError, ValueError) as error:
            raise _wrong("不是数据库地址，例如 sqlite:///var/five-ones.db", "not a database URL") from error
        try:
            is_async = url.get_dialect().is_async
        except (NoSuchModuleError, ImportError) as error:
            raise _wrong(f"没有 {url.drivername} 的驱动", f"there is no driver {url.drivername}") from error
        if not is_async:
            raise _wrong(
                f"{url.drivername} 不是异步驱动，请写 postgresql:// 或 sqlite://",
                f"{url.drivername} is no async driver; write postgresql:// or sqlite://",
            )
        if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
            raise _wrong("请指明数据库文件，例如 sqlite:///var/five-ones.db", "name the database file")
        if url.get_driver_name() == "asyncpg" and (unknown := sorted(set(url.query) - _ASYNCPG_OPTIONS)):
            listed = ", ".join(unknown)
            raise _wrong(f"地址中不支持的选项：{listed}", f"options the driver does not know: {listed}")
        return value

    @field_validator("secret")
    @classmethod
    def _is_long(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < _SHORTEST_SECRET:
            raise _wrong(f"至少 {_SHORTEST_SECRET} 个字符", f"at least {_SHORTEST_SECRET} characters")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, value: str | None) -> str | None:
        if not value:
            return None
        parts = urlsplit(value)
        is_origin = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        if not is_origin or parts.path not in ("", "/") or parts.username:
            raise _wrong("应为对外地址，例如 https://zs.example.cn", "an origin, such as https://zs.example.cn")
        return value.rstrip("/")

    @field_validator("hosts")
    @classmethod
    def _are_hosts(cls, value: str) -> str:
        if any(set(part) & set("/@ ") or (":" in part and not _is_ip(part.strip("[]"))) for part in _listed(value)):
            raise _wrong("应为主机名或 IP，不写协议和端口，以逗号分隔", "names or addresses, no scheme and no port")
        return value

    @field_validator("client_directory")
    @classmethod
    def _is_client(cls, value: str | None) -> str | None:
        if value and not _is_built(Path(value)):
            raise _wrong("应为构建好的网页客户端目录，内有 index.html", "a built client, with its index.html")
        return value

    @field_validator("sign_on_issuer")
    @classmethod
    def _is_issuer(cls, value: str | None) -> str | None:
        if not value:
            return None
        parts = urlsplit(value)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
        if not is_safe or not parts.hostname or parts.query or parts.fragment or parts.username:
            raise _wrong("应为 https 地址，与提供方所称的 issuer 逐字相同", "an https address, as the provider says it")
        return value

    @field_validator("sign_on_ca_file", "outbound_ca_file")
    @classmethod
    def _is_ca_file(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            ssl.create_default_context(cafile=value)
        except (OSError, ssl.SSLError) as error:
            raise _wrong("应为可读的 PEM 证书文件", "a file of PEM certificates that can be read") from error
        return value

    @field_validator("sign_on_client_id", "sign_on_client_secret", mode="before")
    @classmethod
    def _is_given(cls, value: object) -> object:
        return value or None

    @model_validator(mode="after")
    def _sign_on_is_whole(self) -> Self:
        if self.sign_on_issuer is not None and not (self.sign_on_client_id and self.public_url):
            raise _wrong(
                "设了 FIVE_ONES_SIGN_ON_ISSUER，还须设 FIVE_ONES_SIGN_ON_CLIENT_ID 和 FIVE_ONES_PUBLIC_URL",
                "FIVE_ONES_SIGN_ON_ISSUER wants FIVE_ONES_SIGN_ON_CLIENT_ID and FIVE_ONES_PUBLIC_URL besides",
            )
        return self

    @model_validator(mode="after")
    def _slots_fit(self) -> Self:
        if self.worker_slots >= self.pool_size:
            raise _wrong(
                "FIVE_ONES_WORKER_SLOTS 须小于 FIVE_ONES_POOL_SIZE",
                "FIVE_ONES_WORKER_SLOTS must be below FIVE_ONES_POOL_SIZE",
            )
        return self

    @field_validator("outbound_networks")
    @classmethod
    def _are_allowed_networks(cls, value: str) -> str:
        for part in _listed(value):
            try:
                parse_network(part)
            except ValueError as error:
                raise _wrong(
                    "应为 IP 或网段，可加端口，例如 10.20.0.0/16:8443，以逗号分隔",
                    "addresses or networks, with a port where it is not 443, such as 10.20.0.0/16:8443",
                ) from error
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for part in _listed(value):
            try:
                ip_network(part)
            except ValueError as error:
                raise _wrong("应为 IP 或网段，以逗号分隔", "addresses or networks, separated by commas") from error
        return value

    @property
    def proxies(self) -> list[str]:
        """Addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are trusted."""
        return _listed(self.trusted_proxies)

    @property
    def trusted_hosts(self) -> frozenset[str]:
        """Host names and addresses of the service, in lower case; empty where any host is accepted."""
        if self.public_url is None:
            return frozenset()
        public_host = urlsplit(self.public_url).hostname or ""
        return frozenset({public_host, *(host.lower().strip("[]") for host in _listed(self.hosts))})

    @property
    def client(self) -> Path | None:
        """The directory of the web client. Unless one is named: where `make run` builds it, once it is there. None
        where the name is empty."""
        if self.client_directory is not None:
            return Path(self.client_directory) if self.client_directory else None
        return _BUILT_CLIENT if _is_built(_BUILT_CLIENT) else None

    @property
    def allowed_networks(self) -> list[AllowedNetwork]:
        """Networks to which webhooks may be sent besides public addresses, also without TLS."""
        return [parse_network(part) for part in _listed(self.outbound_networks)]

    @property
    def url(self) -> URL:
        """The database URL with its async driver: `postgresql://` means asyncpg, `sqlite://` aiosqlite."""
        return _with_driver(make_url(self.database_url))

    @property
    def shown_url(self) -> str:
        """The database URL for messages, without its password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def sqlite_file(self) -> Path | None:
        url = self.url
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _is_built(directory: Path) -> bool:
    return all((directory / page).is_file() for page in _CLIENT_PAGES)


def _is_ip(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine itself, so that nobody else can read the traffic."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _with_driver(url: URL) -> URL:
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.drivername == "postgresql+asyncpg" and "sslmode" in url.query:
        # The option sslmode of libpq is called ssl in asyncpg.
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": url.query["sslmode"]})
    return url


def unknown_variables(environ: Iterable[str]) -> list[str]:
    """Returns the variables with our prefix that name no setting: most likely typing errors."""
    valid = {f"FIVE_ONES_{name.upper()}" for name in Settings.model_fields} | {
        "FIVE_ONES_PORT",
        "FIVE_ONES_DB_PASSWORD",
    }
    return sorted(name for name in environ if name.upper().startswith("FIVE_ONES_") and name.upper() not in valid)
