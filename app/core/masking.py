"""Personal data is shown masked; the event log names the changed field and never its value."""

import re
import unicodedata

from app.core.records import Changes

PERSONAL = frozenset({"phone", "email"})

_MAIL = re.compile(r"([^@\s]+)@((?:[a-z0-9][a-z0-9-]{0,62}\.)+[a-z]{2,24})", re.ASCII | re.IGNORECASE)
_PHONE = re.compile(r"\+[0-9]{11,15}|00[0-9]{11,13}|[0-9]{11,13}")
_BETWEEN_DIGITS = re.compile(r"[\s().-]+")
_SHORTEST_SHOWN_NAME = 3
_MOST_DIGITS_IN_A_DOMAIN = 4
_HIDDEN = "****"


_CHINESE = "〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_NUMBER_INSIDE = re.compile(rf"\+?[0-9](?:[\s().-]*[0-9]){{6,}}|[{_CHINESE}](?:[\s().-]*[{_CHINESE}]){{6,}}")
_MAIL_INSIDE = re.compile(r"[^\s@]+@[^\s@]+")


def without_numbers(name: str) -> str:
    """Returns a person's name, or title, as it is shown: a phone number or mail address typed into it is hidden.

    Seven or more digits are a number, in figures of any form or in Chinese, whatever blanks, brackets and dashes are
    between them.
    """
    plain = unicodedata.normalize("NFKC", name)
    hidden = _MAIL_INSIDE.sub(_HIDDEN, _NUMBER_INSIDE.sub(_HIDDEN, plain))
    return name if hidden == plain else hidden


def masked(value: str | None) -> str | None:
    """Returns `138****1234` for `13800001234`, and `s***@example.com` for a mail address.

    Any other value is hidden entirely: people type numbers, names and identity cards into either field. A domain with
    more than four digits may be a phone number itself.
    """
    if value is None:
        return None
    plain = unicodedata.normalize("NFKC", value).strip()
    if mail := _MAIL.fullmatch(plain):
        name, domain = mail.groups()
        if sum(char.isdigit() for char in domain) > _MOST_DIGITS_IN_A_DOMAIN:
            return _HIDDEN
        return f"{name[0] if len(name) >= _SHORTEST_SHOWN_NAME else ''}***@{domain}"
    digits = _BETWEEN_DIGITS.sub("", plain)
    return f"{digits[:3]}{_HIDDEN}{digits[-4:]}" if _PHONE.fullmatch(digits) else _HIDDEN


def without_values(changes: Changes) -> Changes:
    """`{"phone": [old, new]}` → `{"phone": "changed"}`."""
    return {name: "changed" if name in PERSONAL else change for name, change in changes.items()}
