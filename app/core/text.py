"""Text as it may enter the house: stripped, without NUL and lone surrogates, never longer than its column."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError


def _clean(value: str) -> str:
    if "\x00" in value:
        raise PydanticCustomError("text_nul", "NUL is not text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise PydanticCustomError("text_surrogate", "a lone surrogate is not text") from None
    return value


def _constraints(longest: int, shortest: int = 1) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest)


Text = Annotated[str, _constraints(200), AfterValidator(_clean)]
"""A name, a title, a document number: 1 to 200 characters."""

Code = Annotated[str, _constraints(64), AfterValidator(_clean)]
"""A code somebody gave: 1 to 64 characters."""

Prose = Annotated[str, _constraints(4000), AfterValidator(_clean)]
"""A reason, a note, a description: 1 to 4,000 characters."""

SearchText = Annotated[str, _constraints(100), AfterValidator(_clean)]


LONGEST_NAME = 200
"""Of a column of names: NFKC makes some characters many."""


def normalized(name: str) -> str:
    """A name as two clerks would both have typed it: NFKC, casefolded, without blanks and punctuation.

    A name that is nothing but punctuation keeps it.

    Full-width brackets, blanks and line breaks are the commonest reason that one project has two names.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    plain = "".join(c for c in folded if unicodedata.category(c)[0] in "LN") or folded
    return plain[:LONGEST_NAME]
