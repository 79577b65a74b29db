"""The plain form of one character: the one that a clerk types when copying the name from paper.

Letters of other alphabets that look like Latin ones become Latin (Unicode TR 39, by `confusable_homoglyphs`),
traditional and Japanese characters become simplified ones (`opencc`). A character that simplified Chinese itself uses
is not changed, so 乾 and 干 remain different. Greek small letters are symbols (μm is not mm); only a few are changed.
"""

import unicodedata
from functools import cache

import opencc
from confusable_homoglyphs import confusables

_GREEK_SMALL = "ινορυ"
"""Greek small letters that nobody uses as a symbol beside Latin text: i, v, o, p, u."""

_CASED = frozenset({"LATIN", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "DESERET"})
_HAN = frozenset({"CJK", "KANGXI"})

_DIACRITICS = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
"""Blocks of diacritics. Vowel signs of Asian scripts and the Japanese voicing mark do not count as such."""

_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {chr(c) for c in range(0x180B, 0x1810)}
_SELECTORS = {chr(c) for c in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}
INVISIBLE = _FILLERS | _SELECTORS
"""Letters, marks and symbols that are not displayed, besides those of the categories C and Z."""

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–−", "-"),
        **dict.fromkeys("―─━⸺⸻", "—"),
        **dict.fromkeys("•‧∙⋅・", "·"),
        **dict.fromkeys("⁄∕", "/"),
        **dict.fromkeys("〜∼", "~"),
        **dict.fromkeys("×✕✖⨯", "x"),
        **dict.fromkeys("○◯", "〇"),
        "∶": ":",
        "∗": "*",
        "˚": "°",
        "‟": '"',
    }
)


def is_diacritic(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _DIACRITICS)


def is_invisible(character: str) -> bool:
    """Whether it is a blank, control, filler or selector. Unassigned and private characters count as visible."""
    return character in INVISIBLE or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}


def _without_diacritics(letter: str) -> str:
    apart = unicodedata.normalize("NFD", letter)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not is_diacritic(c)))


def _looks_like(character: str) -> list[str]:
    """Returns the single characters that Unicode TR 39 lists as confusable with this one."""
    return [one["c"] for one in confusables.confusables_data.get(character, []) if len(one["c"]) == 1]


def _latin(letter: str) -> str | None:
    """Returns the Latin letter that a letter looks like, or None; by its capital first, as В and в are one letter."""
    for form in (letter.upper(), letter, letter.lower()):
        for other in _looks_like(form):
            if other.isascii() and other.isalpha():
                return "i" if other == "l" and form.isupper() else other
    return None


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def _simplified(character: str) -> str:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        for converters in (("t2s",), ("jp2t", "t2s"), ("tw2s",), ("hk2s",)):
            converted = character
            for name in converters:
                converted = _converter(name).convert(converted)
            if converted != character and len(converted) == 1:
                return converted
    return character


def _like_han(character: str) -> str:
    return next((other for other in _looks_like(character) if unicodedata.name(other, "").startswith("CJK")), character)


@cache
def plain(character: str) -> str:
    """Returns the form of a character (already NFKC) in a key; empty for a character that is not displayed."""
    if character.isascii():
        return character if character.isprintable() and character != " " else ""
    if is_invisible(character) or is_diacritic(character):
        return ""
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    if unicodedata.name(character, "").startswith("CJK RADICAL"):
        return _like_han(character)
    if not unicodedata.category(character).startswith("L"):
        return character.translate(_SIGNS)
    letter = _without_diacritics(character)
    script = unicodedata.name(letter[:1], "").partition(" ")[0]
    if letter.isascii() or len(letter) != 1:
        return letter
    if script in _CASED or (script == "GREEK" and (letter.isupper() or letter in _GREEK_SMALL)):
        return _latin(letter) or letter
    if script == "KATAKANA" and letter != "ー":
        return _like_han(letter)
    return _simplified(letter) if script in _HAN else letter
