"""The plain form of one character: what a clerk would have typed who copied the name from paper.

Letters of other alphabets that look like Latin ones become Latin (Unicode TR 39, by `confusable_homoglyphs`),
traditional and Japanese characters become simplified ones (`opencc`). A character that simplified Chinese itself uses
stays, so 乾 and 干 remain two. Greek small letters are symbols of their own (μm is not mm) and stay but for a few.
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
"""Blocks of marks that are set on a letter. Vowel signs of Asian scripts and the Japanese voicing mark are no such."""

_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {chr(c) for c in range(0x180B, 0x1810)}
_SELECTORS = {chr(c) for c in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}
INVISIBLE = _FILLERS | _SELECTORS
"""Letters, marks and symbols of which nothing is seen; besides these there are the categories C and Z."""

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
    """Whether nothing is seen of it: blanks, controls, fillers, selectors. Unassigned and private ones are seen."""
    return character in INVISIBLE or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}


def _without_diacritics(letter: str) -> str:
    apart = unicodedata.normalize("NFD", letter)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not is_diacritic(c)))


def _looks_like(character: str) -> list[str]:
    """The single characters that Unicode TR 39 calls confusable with it."""
    return [one["c"] for one in confusables.confusables_data.get(character, []) if len(one["c"]) == 1]


def _latin(letter: str) -> str | None:
    """The Latin letter it looks like, of the capital first: В and в are one letter."""
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
        for way in (("t2s",), ("jp2t", "t2s"), ("tw2s",), ("hk2s",)):
            found = character
            for name in way:
                found = _converter(name).convert(found)
            if found != character and len(found) == 1:
                return found
    return character


def _like_han(character: str) -> str:
    return next((other for other in _looks_like(character) if unicodedata.name(other, "").startswith("CJK")), character)


@cache
def plain(character: str) -> str:
    """What stands for a character (already NFKC) in a key; empty for what nobody sees."""
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
