"""A phone number as people write it, and its key, which is equal for two spellings of one number."""

import unicodedata
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.core.text import Code

_REGION = "CN"
_POSSIBLE = frozenset({phonenumbers.ValidationResult.IS_POSSIBLE, phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY})


def _parse(written: str) -> phonenumbers.PhoneNumber | None:
    plain = unicodedata.normalize("NFKC", written).replace("转", " ext ").replace("轉", " ext ")
    try:
        number = phonenumbers.parse(plain, _REGION)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number_with_reason(number) in _POSSIBLE else None


def phone_key(written: str | None) -> str | None:
    """Returns the number with country code and extension, whatever blanks, brackets and prefixes it is written with.

    Returns None where it is no phone number.
    """
    number = None if written is None else _parse(written)
    if number is None:
        return None
    key = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{key}#{number.extension}" if number.extension else key


def _checked(written: str) -> str:
    if _parse(written) is None:
        raise PydanticCustomError("phone", "not a phone number")
    return written


Phone = Annotated[Code, AfterValidator(_checked)]
"""One possible phone number, in China unless it begins with + or 00; stored as it was written."""
