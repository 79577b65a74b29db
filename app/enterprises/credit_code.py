"""Unified social credit code, GB 32100: 18 characters, the last a check character mod 31."""

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.core.text import tidied_code

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def check_character(first_17: str) -> str:
    total = sum(_ALPHABET.index(character) * weight for character, weight in zip(first_17, _WEIGHTS, strict=True))
    return _ALPHABET[(31 - total % 31) % 31]


def is_valid(code: str) -> bool:
    """Whether the code is valid by GB 32100. A code never begins with 0, which excludes eighteen zeros although their
    checksum is right."""
    if code.startswith("0"):
        return False
    return len(code) == 18 and all(c in _ALPHABET for c in code) and check_character(code[:17]) == code[17]


def _checked(typed: str) -> str:
    code = tidied_code(typed)
    if not is_valid(code):
        raise PydanticCustomError("credit_code", "not a unified social credit code")
    return code


CreditCode = Annotated[str, AfterValidator(_checked)]
"""Stored in upper case without blanks, as printed on the licence. It may begin with a letter."""
