"""The key of a name: equal for two spellings of one name, different for different names.

Width, blanks, brackets, quotes, invisible characters and look-alikes make no difference. Signs count beside digits and
Latin letters, where they distinguish names (1.5, C++, 1-2号, -5℃, 50%); between Chinese characters they are
punctuation, which one clerk writes and another does not (铝、铜 and 铝铜). Three notations become one each: 3# is 3号,
一期 is 1期, 2*300 is 2×300.
"""

import re
import unicodedata
from functools import cache
from hashlib import blake2b
from itertools import groupby

from app.core.look_alikes import plain

LONGEST_NAME = 200
"""Length of a column of names. NFKC makes some characters longer."""

_BEFORE = str.maketrans({"º": "°"})
"""Signs that NFKC would turn into letters."""

_QUOTES = frozenset("'\"`´")
_BRACKETS = frozenset({"Ps", "Pe", "Pi", "Pf"})
_MARKS = frozenset("+%‰‱#&@*=~^|\\_′§")
"""Signs that count beside a digit or Latin letter, as mathematical and currency signs do."""
_ROUNDS = 5
"""More than any text needs to reach a fixed point: look-alikes are replaced again after NFKC and casefold."""

_ANGLES = re.compile(r"<([^<>]*)>")

_HASH_AFTER = re.compile(r"(?<=\d)#号?(?![\da-z])")
_HASH_BEFORE = re.compile(r"(?<![\da-z])#(\d+)(?:号|#)?(?![\d.\-/+~])")
_TIMES = re.compile(r"(?<=\d)\*(?=\d)")
_DIGITS = "一二三四五六七八九"
_COUNTED = "期号代批区段标条座栋幢楼层厂线组台轮次级类车阶工"
_NUMERAL = re.compile(
    rf"(?<![\d〇零{_DIGITS}十百千万亿两半])(?:([{_DIGITS}]?)十([{_DIGITS}]?)|([{_DIGITS}]))(?=[{_COUNTED}])"
)
"""A Chinese numeral below 100 before a counted noun, and not after another digit or numeral."""

_ROMANS = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_ROMAN = re.compile(r"(?<![\da-z])([ivx]+)(?=期)")
_ORDINAL = re.compile(r"(?<!\d)第(?=\d+[期批])")


def _composed(name: str) -> str:
    """Returns NFKC, with a sign before or after numerals that become digits: 1½ is not 11/2, 10² is not 102."""
    if unicodedata.is_normalized("NFKC", name):
        return name
    written, last = "", ""
    for character in name:
        plain_form = unicodedata.normalize("NFKC", character)
        starts_with_digit = plain_form[:1].isdigit()
        kind = "+" if starts_with_digit and unicodedata.decimal(character, None) is None else ""
        if "<super>" in unicodedata.decomposition(character):
            kind = "^"
        is_parted = kind == "+" or kind != last
        if is_parted and written[-1:].isdigit() and (starts_with_digit or kind == "^"):
            written += kind or "+"
        written += plain_form
        last = kind
    return unicodedata.normalize("NFKC", written)


def _folded(name: str) -> str:
    """Returns every character in its plain form, NFKC and casefolded. Doing it twice changes nothing."""
    for _ in range(_ROUNDS):
        composed = _composed(name.translate(_BEFORE))
        folded = unicodedata.normalize("NFKC", "".join(map(plain, composed)).casefold())
        if folded == name:
            break
        name = folded
    return name


@cache
def _is_sign(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "P" or category in ("Sm", "Sc", "Sk")


@cache
def _kind(character: str) -> str:
    """Returns D for a digit, A for a letter with two cases such as Latin, H for any other character, "" for none."""
    if not character:
        return ""
    if character.isdecimal():
        return "D"
    return "A" if unicodedata.category(character) in ("Ll", "Lu", "Lt") else "H"


def _counts(sign: str, left: str, right: str) -> bool:
    """Whether a sign between characters of these kinds is part of the name."""
    is_beside, is_between = "D" in left + right or "A" in left + right, left in ("D", "A") and right in ("D", "A")
    if left == right == "D":
        return True
    if sign in _MARKS or unicodedata.category(sign) in ("Sm", "Sc"):
        return is_beside
    if sign in "-/":
        return right == "D" or left == "A" or is_between
    if sign == ".":
        return right == "D" or is_between
    return is_between and (sign in "、;" or left != right)


def _signs(run: str, left: str, right: str) -> str:
    """Returns the signs of a run that count."""
    if left in ("D", "A") and right in ("D", "A"):
        run = re.sub("[-—]+", "-", run).replace(",", "、")
        if left == right == "D":
            run = run.replace("。", ".")
    return "".join(sign for sign in run if _counts(sign, left, right))


@cache
def _is_bracket(character: str) -> bool:
    return character in _QUOTES or unicodedata.category(character) in _BRACKETS


def _without_brackets(folded: str) -> str:
    while (plain_text := _ANGLES.sub(r"\1", folded)) != folded:
        folded = plain_text
    return "".join(character for character in folded if not _is_bracket(character))


def _numeral(match: re.Match[str]) -> str:
    """Returns a Chinese numeral below 100 in digits."""
    tens, ones, alone = match.groups()
    if alone is not None:
        return str(_DIGITS.index(alone) + 1)
    return f"{_DIGITS.index(tens) + 1 if tens else 1}{_DIGITS.index(ones) + 1 if ones else 0}"


def _unify_signs(bare: str) -> str:
    """Unifies notations with signs. Runs before the signs that count are chosen."""
    return _TIMES.sub("x", _HASH_BEFORE.sub(r"\1号", _HASH_AFTER.sub("号", bare)))


def _unify_numerals(name: str) -> str:
    """Unifies numerals. Runs after the signs that do not count are removed."""
    name = _NUMERAL.sub(_numeral, name)
    name = _ROMAN.sub(lambda match: _ROMANS.get(match.group(), match.group()), name)
    return _ORDINAL.sub("", name)


def _without_signs(bare: str) -> str:
    """Returns the text without the signs that do not count."""
    runs = [(is_sign, "".join(run)) for is_sign, run in groupby(bare, _is_sign)]
    kept = []
    for place, (is_sign, run) in enumerate(runs):
        left = runs[place - 1][1][-1:] if place else ""
        right = runs[place + 1][1][:1] if place + 1 < len(runs) else ""
        kept.append(_signs(run, _kind(left), _kind(right)) if is_sign else run)
    return "".join(kept)


def _key(folded: str) -> str:
    """Returns the result of one round: brackets and signs that do not count removed, notations unified."""
    return _unify_numerals(_without_signs(_unify_signs(_without_brackets(folded)))) or folded


def folded(text: str) -> str:
    """Returns a text as it is compared in a search: as `normalized`, but with its notations and numerals as written,
    and empty for punctuation alone. So a part of a text is found in the whole."""
    plain_text = _folded(text)
    for _ in range(_ROUNDS):
        before, plain_text = plain_text, _without_signs(_without_brackets(plain_text))
        if plain_text == before:
            break
    return plain_text


def normalized(name: str) -> str:
    """Returns the key of a name, at most 200 characters. A name of punctuation alone is its own key."""
    key = _folded(name)
    for _ in range(_ROUNDS):
        before, key = key, _key(key)
        if key == before:
            break
    return _fitting(key)


def _fitting(key: str) -> str:
    """Replaces the end of a key that is too long by a digest of it all, so that different names keep different keys."""
    if len(key) <= LONGEST_NAME:
        return key
    digest = "=0" + blake2b(key.encode(), digest_size=8).hexdigest()
    return key[: LONGEST_NAME - len(digest)] + digest


_NUMBER_WORDS = re.compile(r"^\|*(?:编号:?|no[.:]+|n°)|第|号文?(?!\d)|(?<![a-z])n[o°]\.?:?(?=\|*\d)|#")
"""Words for «number», which one clerk writes and another does not: 第88号, No.88, 88#, 编号：88."""

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年|[|_/—-])*0*(?=\d)")
"""The year of a document and the separator before its serial: 〔2023〕88, 2023-88, 2023年第88."""

_ZEROS = re.compile(r"(?<![\d.])0+(?=\d)")
"""The serial of a document has no leading zeros (GB/T 9704); with them it is the same number."""


_BETWEEN_DIGITS = re.compile(r"(?<=\d)\|+(?=\d)")


_NO_NUMBER = frozenset(
    {
        "无",
        "无编",
        "没有",
        "暂无",
        "暂无编",
        "待补",
        "待补充",
        "待定",
        "待编",
        "未编",
        "未定",
        "不详",
        "未知",
        "空",
        "略",
    }
    | {"na", "n/a", "none", "null", "nil", "no", "0", "x", "xx", "xxx"}
)
"""Entries that people make where there is no number, in the form of a key."""


def number_key(number: str | None) -> str | None:
    """Returns the key of a document's number, without words for «number».

    Returns None for None and for an entry without a number: 无, 暂无编号, N/A, signs alone.
    """
    if number is None:
        return None
    parted = "".join("|" if c in "<>" or _is_bracket(c) else c for c in _folded(number))
    parted = _YEAR.sub(r"\1", _NUMBER_WORDS.sub("|", parted))
    parted = _ZEROS.sub("", _BETWEEN_DIGITS.sub("-", parted))
    key = normalized(parted.replace("|", "")) or normalized(number)
    return key if key not in _NO_NUMBER and any(map(str.isalnum, key)) else None
