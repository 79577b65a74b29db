"""CSV that a spreadsheet opens as text: it runs no cell as a formula."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable

MARK = "\ufeff"
"""The byte order mark a file begins with: without it Excel reads UTF-8 in the encoding of the system."""

_FORMULA = frozenset("=+-@−")
_BROKEN = frozenset("\t\r\n")
"""Some programs cut or shift a cell that begins with one of these, and the rest begins a cell of its own."""

_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols by category that are not displayed."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def _is_unseen(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "ZC" or category == "Mn" or char in _BLANK_LETTERS


def _is_formula(text: str) -> bool:
    if text[0] in _BROKEN:
        return True
    first = next((char for char in text if not _is_unseen(char)), "")
    return unicodedata.normalize("NFKC", first)[:1] in _FORMULA


def cell(value: object) -> str:
    """Returns the text of a cell, with an apostrophe before a text that a spreadsheet would run as a formula.

    Full-width and other forms of `= + - @` count: Chinese and Japanese Excel reads them as the plain ones. Blanks and
    invisible characters before them are skipped. A plain negative number is left as it is.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text and _is_formula(text) and not _NUMBER.fullmatch(text) else text


def line(cells: Iterable[object]) -> str:
    """Returns one row of CSV with its line break."""
    out = io.StringIO()
    csv.writer(out).writerow([cell(value) for value in cells])
    return out.getvalue()
