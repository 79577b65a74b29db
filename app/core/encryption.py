"""What must be kept but not read by whoever gets hold of a backup: encrypted under FIVE_ONES_SECRET."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken

from app.core.config import Settings


def _box(settings: Settings, purpose: str) -> Fernet:
    """A key for each purpose: what was sealed for one opens for no other."""
    secret = settings.secret.get_secret_value()
    return Fernet(urlsafe_b64encode(hashlib.sha256(f"{purpose}:{secret}".encode()).digest()))


def sealed(settings: Settings, purpose: str, text: str, now: datetime) -> str:
    return _box(settings, purpose).encrypt_at_time(text.encode(), int(now.timestamp())).decode()


def opened(settings: Settings, purpose: str, kept: str, now: datetime, within: timedelta | None = None) -> str | None:
    """What was sealed. None where it was sealed under another secret, was meddled with, or longer ago than `within`."""
    box, raw = _box(settings, purpose), kept.encode("utf-8", "replace")
    try:
        if within is None:
            return box.decrypt(raw).decode()
        return box.decrypt_at_time(raw, int(within.total_seconds()), int(now.timestamp())).decode()
    except InvalidToken:
        return None
