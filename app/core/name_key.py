"""The key of a name: equal for what two clerks would both have meant, different for different names.

Width, blanks, brackets, quotes, what is invisible and what looks alike makes no difference. Signs count beside digits
and Latin letters, where they tell names apart (1.5, C++, 1-2号, -5℃, 50%); between Chinese characters they are
punctuation, which one clerk sets and another does not (铝、铜 and 铝铜). Three things that people write in two ways are
written in one: 3# is 3号, 一期 is 1期, 2*300 is 2×300.
"""

import re
import unicodedata
from functools import cache
from hashlib import blake2b
from itertools import groupby

from app.core.look_alikes import plain

LONGEST_NAME = 200
"""Of a column of names: NFKC makes some characters many."""

_BEFORE = str.maketrans({"º": "°"})
"""What NFKC would make a letter of."""

_QUOTES = frozenset("'\"`´")
_BRACKETS = frozenset({"Ps", "Pe", "Pi", "Pf"})
_MARKS = frozenset("+%‰‱#&@*=~^|\\_′§")
"""Count beside a digit or Latin letter on either side, as do the signs of mathematics and of money."""
_ROUNDS = 5
"""More than any text takes to come to rest: what looks alike is looked up once more after NFKC and casefold."""

_ANGLES = re.compile(r"<([^<>]*)>")

_HASH_AFTER = re.compile(r"(?<=\d)#号?(?![\da-z])")
_HASH_BEFORE = re.compile(r"(?<![\da-z])#(\d+)(?:号|#)?(?![\d.\-/+~])")
_TIMES = re.compile(r"(?<=\d)\*(?=\d)")
_DIGITS = "一二三四五六七八九"
_COUNTED = "期号代批区段标条座栋幢楼层厂线组台轮次级类车阶工"
_NUMERAL = re.compile(
    rf"(?<![\d〇零{_DIGITS}十百千万亿两半])(?:([{_DIGITS}]?)十([{_DIGITS}]?)|([{_DIGITS}]))(?=[{_COUNTED}])"
)
"""A Chinese numeral below 100 before what is counted by it, with no digit before it that it would run together with."""

_ROMANS = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_ROMAN = re.compile(r"(?<![\da-z])([ivx]+)(?=期)")
_ORDINAL = re.compile(r"(?<!\d)第(?=\d+[期批])")


def _apart(name: str) -> str:
    """NFKC, with numerals that it writes as digits parted from digits beside them: 1½ is not 11/2, 10² is not 102."""
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
    """Every character in its plain form, NFKC and casefolded: what is done a second time changes nothing."""
    for _ in range(_ROUNDS):
        composed = _apart(name.translate(_BEFORE))
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
    """D of a digit, A of a letter with two cases such as Latin, H of any other, empty where there is none."""
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
    """What is left of signs that stand together."""
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


def _numeral(found: re.Match[str]) -> str:
    tens, ones, alone = found.groups()
    if alone is not None:
        return str(_DIGITS.index(alone) + 1)
    return f"{_DIGITS.index(tens) + 1 if tens else 1}{_DIGITS.index(ones) + 1 if ones else 0}"


def _signs_in_one_writing(bare: str) -> str:
    """Before it is known which signs count."""
    return _TIMES.sub("x", _HASH_BEFORE.sub(r"\1号", _HASH_AFTER.sub("号", bare)))


def _words_in_one_writing(name: str) -> str:
    """After the signs that count for nothing are gone."""
    name = _NUMERAL.sub(_numeral, name)
    name = _ROMAN.sub(lambda found: _ROMANS.get(found.group(), found.group()), name)
    return _ORDINAL.sub("", name)


def _key(folded: str) -> str:
    bare = _signs_in_one_writing(_without_brackets(folded))
    runs = [(is_sign, "".join(run)) for is_sign, run in groupby(bare, _is_sign)]
    kept = []
    for place, (is_sign, run) in enumerate(runs):
        left = runs[place - 1][1][-1:] if place else ""
        right = runs[place + 1][1][:1] if place + 1 < len(runs) else ""
        kept.append(_signs(run, _kind(left), _kind(right)) if is_sign else run)
    return _words_in_one_writing("".join(kept)) or folded


def normalized(name: str) -> str:
    """The key of a name, at most 200 characters. A name that is nothing but punctuation is its own key."""
    key = _folded(name)
    for _ in range(_ROUNDS):
        before, key = key, _key(key)
        if key == before:
            break
    return _fitting(key)


def _fitting(key: str) -> str:
    """A key too long for its column ends with a digest of the whole: names that begin alike remain two."""
    if len(key) <= LONGEST_NAME:
        return key
    digest = "=0" + blake2b(key.encode(), digest_size=8).hexdigest()
    return key[: LONGEST_NAME - len(digest)] + digest


_NUMBER_WORDS = re.compile(r"^\|*(?:编号:?|no[.:]+|n°)|第|号文?(?!\d)|(?<![a-z])n[o°]\.?:?(?=\|*\d)|#")
"""What a number is called by, which one writer sets and another does not: 第88号, No.88, 88#, 编号：88."""

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年|[|_/—-])*0*(?=\d)")
"""The year of a document and what parts it from the serial: 〔2023〕88, 2023-88, 2023年第88."""

_ZEROS = re.compile(r"(?<![\d.])0+(?=\d)")
"""The serial of a document has no leading zeros (GB/T 9704); who writes some writes the same number."""


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
"""What people write into a field for a number where there is none; in the form of a key."""


def number_key(number: str | None) -> str | None:
    """The key of a document's number: of its name, without what says that it is a number.

    None of none, and of what states none: 无, 暂无编号, N/A, marks alone.
    """
    if number is None:
        return None
    parted = "".join("|" if c in "<>" or _is_bracket(c) else c for c in _folded(number))
    parted = _YEAR.sub(r"\1", _NUMBER_WORDS.sub("|", parted))
    parted = _ZEROS.sub("", _BETWEEN_DIGITS.sub("-", parted))
    key = normalized(parted.replace("|", "")) or normalized(number)
    return key if key not in _NO_NUMBER and any(map(str.isalnum, key)) else None
