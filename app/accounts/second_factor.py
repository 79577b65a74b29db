"""A second factor: one-time codes of RFC 6238, six digits of half a minute, as any authenticator app makes them."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken

from app.core.config import Settings

_STEP_SECONDS = 30
_STEPS_ASIDE = 1
"""How far a phone's clock may be off."""


def new_key() -> str:
    return pyotp.random_base32()


def address(key: str, user_name: str) -> str:
    """The `otpauth://` address that an app reads from a QR code."""
    return pyotp.TOTP(key).provisioning_uri(name=user_name, issuer_name="Five Ones")


def _box(settings: Settings) -> Fernet:
    """Keys are kept encrypted: a stolen backup alone makes no codes."""
    secret = settings.secret.get_secret_value().encode()
    return Fernet(urlsafe_b64encode(hashlib.sha256(b"second factor:" + secret).digest()))


def sealed(settings: Settings, key: str) -> str:
    return _box(settings).encrypt(key.encode()).decode()


def opened(settings: Settings, kept: str) -> str | None:
    """The key; None where it was kept under another secret, and no code can be right."""
    try:
        return _box(settings).decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def step_of(settings: Settings, kept: str, code: str, now: datetime, last: int | None) -> int | None:
    """The half-minute whose code this is, later than `last`; None where it is none, or was taken before."""
    key = opened(settings, kept)
    if key is None:
        return None
    current = int(now.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(key)
    found = None
    for step in range(current - _STEPS_ASIDE, current + _STEPS_ASIDE + 1):
        is_its = hmac.compare_digest(totp.at(step * _STEP_SECONDS).encode(), code.encode("utf-8", "replace"))
        if is_its and (last is None or step > last):
            found = step
    return found
