"""Encrypts values under FIVE_ONES_SECRET, so that nobody can read them from a backup."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken

from app.core.config import Settings


def _cipher(settings: Settings, purpose: str) -> Fernet:
    """Returns the cipher of a purpose: text encrypted for one purpose cannot be decrypted for another."""
    secret = settings.secret.get_secret_value()
    return Fernet(urlsafe_b64encode(hashlib.sha256(f"{purpose}:{secret}".encode()).digest()))


def encrypt(settings: Settings, purpose: str, text: str, now: datetime) -> str:
    """Returns the text encrypted, with `now` as its time."""
    return _cipher(settings, purpose).encrypt_at_time(text.encode(), int(now.timestamp())).decode()


def decrypt(settings: Settings, purpose: str, kept: str, now: datetime, within: timedelta | None = None) -> str | None:
    """Returns the text, or None where it was altered, encrypted under another secret, or is older than `within`."""
    cipher, raw = _cipher(settings, purpose), kept.encode("utf-8", "replace")
    try:
        if within is None:
            return cipher.decrypt(raw).decode()
        return cipher.decrypt_at_time(raw, int(within.total_seconds()), int(now.timestamp())).decode()
    except InvalidToken:
        return None
