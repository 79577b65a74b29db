"""Settings, read once from the environment (prefix FIVE_ONES_) when the app or a command starts."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

DEFAULT_DATABASE_URL = "sqlite:///var/five-ones.db"

_DRIVERS = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
}


class Settings(BaseSettings):
    """Every knob of the service. Unknown FIVE_ONES_ variables are left alone; wrong values stop the start."""

    model_config = SettingsConfigDict(env_prefix="FIVE_ONES_", extra="ignore")

    database_url: str = DEFAULT_DATABASE_URL
    environment: Literal["development", "production"] = "development"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    max_body_bytes: int = Field(1024 * 1024, ge=1024)
    pool_size: int = Field(10, ge=1, le=200)
    pool_timeout_seconds: float = Field(10, gt=0)
    lock_timeout_seconds: float = Field(5, gt=0)
    statement_timeout_seconds: float = Field(30, gt=0)
    idempotency_hours: int = Field(48, ge=1)

    @field_validator("database_url")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        try:
            make_url(value)
        except ArgumentError as error:
            raise ValueError("不是数据库地址，例如 sqlite:///var/five-ones.db / not a database URL") from error
        return value

    @property
    def url(self) -> URL:
        """The database URL with its async driver: `postgresql://` means asyncpg, `sqlite://` aiosqlite."""
        url = make_url(self.database_url)
        return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))

    def prepare_folder(self) -> None:
        """Make the folder an SQLite file lives in."""
        url = self.url
        if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
