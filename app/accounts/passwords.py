"""Passwords: rules, hashing, and verification that takes as long for an unknown user as for a known one."""

import unicodedata
from functools import cache
from importlib.resources import files

import anyio
from pwdlib import PasswordHash

from app.core.config import Settings
from app.core.errors import Invalid
from app.core.localized import Say
from app.core.pinyin import name_pinyin, person_pinyin

LONGEST = 256
_SHORTEST_NAME = 3
"""Shorter names are not searched for in a password: they would occur in almost any."""

hashing = PasswordHash.recommended()
"""Argon2id with the library's present parameters; a sign-in rehashes a password once they have become stronger."""
_CONCURRENT_HASHES = anyio.CapacityLimiter(2)
"""A hash takes 64 MiB and a core for some 50 ms: a flood of sign-ins queues here instead of exhausting the machine."""


@cache
def _common() -> frozenset[str]:
    """Returns the common passwords, which attackers try first, in lower case."""
    return frozenset(files("app.accounts").joinpath("common_passwords.txt").read_text("utf-8").split())


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def check(settings: Settings, password: str, pointer: str, *, name: str, display_name: str) -> None:
    """Raises Invalid, with the reason, where the user may not choose this password. Rules: OWASP ASVS 5.0, 6.2."""

    def refuse(code: str, zh: str, en: str) -> None:
        raise Invalid.field(pointer, code, Say(zh, en))

    plain = _plain(password).casefold()
    shortest = settings.password_min_length
    if min(len(plain), len(password)) < shortest:
        refuse("password_short", f"口令至少 {shortest} 个字符。", f"At least {shortest} characters.")
    if len(set(plain)) <= len(plain) // 4:
        refuse("password_common", "口令过于单调，请换一个。", "Too monotonous; choose another.")
    names = {name.casefold(), _plain(display_name).casefold()}
    names |= {read(display_name).replace(" ", "") for read in (name_pinyin, person_pinyin)}
    if any(len(part) >= _SHORTEST_NAME and part in plain for part in names):
        refuse("password_name", "口令不能包含登录名或姓名。", "It must not hold the user's name.")
    letters = "".join(c for c in plain if c.isalnum())
    if {plain, letters, letters.rstrip("0123456789")} & _common():
        refuse("password_common", "这是常见口令，请换一个。", "This is a common password; choose another.")


async def hashed(password: str) -> str:
    return await anyio.to_thread.run_sync(hashing.hash, _plain(password), limiter=_CONCURRENT_HASHES)


@cache
def _dummy_hash() -> str:
    return hashing.hash("nobody has this password")


async def verify(password: str, password_hash: str | None) -> tuple[bool, str | None]:
    """Returns (is it right, a new hash where hashing has become stronger since).

    Where `password_hash` is None it takes as long and returns (False, None).
    """
    right, better = await anyio.to_thread.run_sync(_verify, _plain(password), password_hash, limiter=_CONCURRENT_HASHES)
    return (right, better) if password_hash is not None else (False, None)


def _verify(password: str, password_hash: str | None) -> tuple[bool, str | None]:
    return hashing.verify_and_update(password, password_hash or _dummy_hash())
