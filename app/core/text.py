"""Text that clients send: stripped, not invisible, without control characters and marks of direction, never longer than
its column."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from app.core.look_alikes import is_diacritic, is_invisible

_LINES = frozenset("\n\r\t")
"""Control characters that a paragraph may hold and a name may not."""

_BREAKS = frozenset("\u2028\u2029")

_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks, embeddings, overrides and isolates, which change the order in which text is displayed."""


def _refuse_character(kind: str, character: str) -> None:
    context = {"character": f"U+{ord(character):04X}"}
    raise PydanticCustomError(kind, "{character} is not text", context)


def _clean(value: str, *, lines: frozenset[str] = frozenset()) -> str:
    """Returns the text itself. Raises an error that names a refused character by its number and never echoes it."""
    if "\x00" in value:
        raise PydanticCustomError("text_nul", "NUL is not text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise PydanticCustomError("text_surrogate", "a lone surrogate is not text") from None
    for character in value:
        if character in _DIRECTION:
            _refuse_character("text_direction", character)
        if character not in lines and (character in _BREAKS or unicodedata.category(character) == "Cc"):
            _refuse_character("text_control", character)
    if value and all(is_invisible(character) or is_diacritic(character) for character in value):
        raise PydanticCustomError("text_invisible", "nothing of it can be seen")
    return value


def _clean_lines(value: str) -> str:
    return _clean(value, lines=_LINES | _BREAKS)


def _constraints(longest: int, shortest: int = 1) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest)


Text = Annotated[str, _constraints(200), AfterValidator(_clean)]
"""A name, a title, a document number: 1 to 200 characters in one line."""

Code = Annotated[str, _constraints(64), AfterValidator(_clean)]
"""A code that a person enters: 1 to 64 characters in one line."""

Prose = Annotated[str, _constraints(4000), AfterValidator(_clean_lines)]
"""A reason, a note, a description: 1 to 4,000 characters, in lines and with tabs."""

SearchText = Annotated[str, _constraints(200), AfterValidator(_clean)]
"""What is looked for: up to the whole of a name."""

SEARCHED = (
    "名称或编号中的文字（含投资方），或其拼音、首字母；不计全半角、大小写、括号、空格 / "
    "part of a name (the investor's too) or number, its pinyin or initials, in any width, case and bracket"
)
"""The description of `q` in every list."""


_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")


def tidied_code(code: str) -> str:
    """Returns a registered code as it is printed: half width, upper case, plain hyphens, no blanks."""
    plain = unicodedata.normalize("NFKC", code).translate(_DASHES).upper()
    return "".join(c for c in plain if not (c.isspace() or is_invisible(c)))
