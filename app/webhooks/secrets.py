"""Secrets of Standard Webhooks, in either direction: shown once, kept encrypted, rotated with two valid for a day."""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import encryption
from app.core.config import Settings

_BYTES = 32
_FIRST_BYTES, _SECOND_BYTES = 30, 24
"""Whole triples, so that the texts can be joined; together within the 64 bytes of Standard Webhooks."""
_BOTH_HOLD = timedelta(hours=24)


class TwoSecrets:
    """Columns of whatever has a secret. The one before counts until `previous_until`."""

    secret: Mapped[str] = mapped_column(String(400))
    previous_secret: Mapped[str | None] = mapped_column(String(400))
    previous_until: Mapped[datetime | None]


def give(record: TwoSecrets, settings: Settings, purpose: str, now: datetime) -> str:
    """The first secret of a record, as Standard Webhooks writes them; nowhere else kept in the clear."""
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(_BYTES)).decode()}"
    record.secret = encryption.encrypt(settings, purpose, secret, now)
    return secret


def in_two_parts() -> tuple[str, str]:
    """The parts of a secret that no single person is given: written one after the other they are one secret."""
    first, second = secrets.token_bytes(_FIRST_BYTES), secrets.token_bytes(_SECOND_BYTES)
    return f"whsec_{base64.b64encode(first).decode()}", base64.b64encode(second).decode()


def rotate(record: TwoSecrets, settings: Settings, purpose: str, now: datetime) -> str:
    """A new secret; the one before holds for another 24 hours."""
    outlive(record, now)
    return give(record, settings, purpose, now)


def outlive(record: TwoSecrets, now: datetime) -> None:
    """Let the present secret count for another 24 hours after the next one."""
    record.previous_secret, record.previous_until = record.secret, now + _BOTH_HOLD


def second_part(whole: str) -> str:
    """The second of the two parts a secret was made of."""
    return whole[-_SECOND_BYTES * 4 // 3 :]


def valid(record: TwoSecrets | Row[Any], settings: Settings, purpose: str, now: datetime) -> list[str]:
    """Those that hold now, the latest first; none where FIVE_ONES_SECRET is another than they were sealed under."""
    kept = [record.secret]
    if record.previous_secret is not None and record.previous_until is not None and now < record.previous_until:
        kept.append(record.previous_secret)
    opened = (encryption.decrypt(settings, purpose, one, now) for one in kept)
    return [secret for secret in opened if secret is not None]
