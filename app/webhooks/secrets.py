"""Secrets of Standard Webhooks, received and sent: shown once, stored encrypted, both valid for a day when rotated."""

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
"""Multiples of three, so that their base64 texts can be joined; together within the 64 bytes of Standard Webhooks."""
_BOTH_VALID = timedelta(hours=24)


class TwoSecrets:
    """Columns of a record with a secret. The previous one is valid until `previous_until`."""

    secret: Mapped[str] = mapped_column(String(400))
    previous_secret: Mapped[str | None] = mapped_column(String(400))
    previous_until: Mapped[datetime | None]


def issue(record: TwoSecrets, settings: Settings, purpose: str, now: datetime) -> str:
    """Sets a new secret of a record. Returns it in the form of Standard Webhooks; it is stored only encrypted."""
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(_BYTES)).decode()}"
    record.secret = encryption.encrypt(settings, purpose, secret, now)
    return secret


def in_two_parts() -> tuple[str, str]:
    """Returns the two parts of a new secret, for two people. The secret is both, one after the other."""
    first, second = secrets.token_bytes(_FIRST_BYTES), secrets.token_bytes(_SECOND_BYTES)
    return f"whsec_{base64.b64encode(first).decode()}", base64.b64encode(second).decode()


def rotate(record: TwoSecrets, settings: Settings, purpose: str, now: datetime) -> str:
    """Sets and returns a new secret. The previous one stays valid for 24 hours."""
    keep_previous(record, now)
    return issue(record, settings, purpose, now)


def keep_previous(record: TwoSecrets, now: datetime) -> None:
    """Keeps the present secret valid for 24 hours beside the next one."""
    record.previous_secret, record.previous_until = record.secret, now + _BOTH_VALID


def second_part(whole: str) -> str:
    """Returns the second part of a secret made by `in_two_parts`."""
    return whole[-_SECOND_BYTES * 4 // 3 :]


def valid(record: TwoSecrets | Row[Any], settings: Settings, purpose: str, now: datetime) -> list[str]:
    """Returns the secrets valid now, the latest first; none where FIVE_ONES_SECRET has changed since the encryption."""
    encrypted = [record.secret]
    if record.previous_secret is not None and record.previous_until is not None and now < record.previous_until:
        encrypted.append(record.previous_secret)
    decrypted = (encryption.decrypt(settings, purpose, secret, now) for secret in encrypted)
    return [secret for secret in decrypted if secret is not None]
