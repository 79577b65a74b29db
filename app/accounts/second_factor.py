"""A second factor: one-time codes of RFC 6238 (six digits, 30 seconds), as any authenticator app makes them."""

import hmac
from datetime import datetime

import pyotp

from app.core import encryption
from app.core.config import Settings

_PURPOSE = "second factor"
_STEP_SECONDS = 30
_STEPS_ASIDE = 1
"""How many steps a phone's clock may be off."""


def new_key() -> str:
    return pyotp.random_base32()


def address(key: str, user_name: str) -> str:
    """Returns the `otpauth://` address that an app reads from a QR code."""
    return pyotp.TOTP(key).provisioning_uri(name=user_name, issuer_name="Five Ones")


def encrypted(settings: Settings, key: str, now: datetime) -> str:
    return encryption.encrypt(settings, _PURPOSE, key, now)


def step_of(settings: Settings, encrypted_key: str, code: str, now: datetime, last: int | None) -> int | None:
    """Returns the time step (30 seconds) of the code. None where the code is wrong, or its step is not later than
    `last`, the step of the last accepted code."""
    key = encryption.decrypt(settings, _PURPOSE, encrypted_key, now)
    if key is None:
        return None
    current = int(now.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(key)
    matching = None
    for step in range(current - _STEPS_ASIDE, current + _STEPS_ASIDE + 1):
        is_right = hmac.compare_digest(totp.at(step * _STEP_SECONDS).encode(), code.encode("utf-8", "replace"))
        if is_right and (last is None or step > last):
            matching = step
    return matching
