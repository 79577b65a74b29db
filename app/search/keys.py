"""What is indexed of a record, and what is looked for: lines of text, and the grams by which an index finds them.

A record has a line for each way to write one of its fields: the text itself, folded (`name_key.folded`), as the key of
a name or number, in syllables, and in initials. It is found where a needle is part of a line, which is always checked
(`Needle.text`): grams only narrow down the rows in which it is looked for, so both databases find the same.
"""

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
from typing import NamedTuple

from app.core.localized import Word
from app.core.name_key import folded, normalized, number_key
from app.search.readings import SYLLABLES, Token, variants


class Match(Word):
    """What of a record was found."""

    code = "code", "编号", "code"
    own_name = "name", "名称", "name"
    short_name = "short_name", "简称", "short name"
    statistical_name = "statistical_name", "统计用名", "statistical name"
    name_en = "name_en", "英文名称", "English name"
    deal_title = "title", "标题", "title"
    agreement_no = "agreement_no", "协议编号", "agreement number"
    upstream_code = "upstream_code", "上级平台编码", "code of a superior platform"
    national_code = "national_code", "国家统一代码", "national code"
    credit_code = "credit_code", "统一社会信用代码", "credit code"
    registration_no = "registration_no", "境外注册号", "foreign registration"
    pinyin = "pinyin", "拼音", "pinyin"
    initials = "initials", "拼音首字母", "initials"
    investor = "investor", "投资方", "investor"


class Style(Enum):
    """How a field is written down for the index: `NAME` and `PERSON` also in pinyin, `NUMBER` also as a document's
    number."""

    NAME = "name"
    PERSON = "person"
    NUMBER = "number"
    TEXT = "text"


BEFORE, AFTER = "\n", "\t"
"""Around the key of a line; the letter of what was found follows. No key holds a blank."""
_LETTERS = {match: chr(ord("A") + place) for place, match in enumerate(Match)}
_MATCHES = {letter: match for match, letter in _LETTERS.items()}
_LONGEST = 400
_MADE_UP = re.compile(r"^示例\s*[:：]")
"""What made-up names begin with; the rest is found as a whole name too."""
_MOST_GRAMS = 12
_MOST_NEEDLES = 6
_LONGEST_PINYIN = 60
_AS_LETTERS = str.maketrans("0123456789abcdef", "ABCDEFGHIJKLMNOP")


class Entry(NamedTuple):
    lines: str
    grams: list[int]
    """Sorted, each once."""


class Needle(NamedTuple):
    """A text that is part of a line of every record found, and the grams of every such record."""

    text: str
    grams: list[int]
    whole: str
    """The text of a whole line."""
    start: str
    """The text at the start of a line."""


def _gram(text: str) -> int:
    """Returns the number that stands for a gram. Two grams may share one, for each row is checked."""
    return zlib.crc32(text.encode()) - 2**31


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def pairs(key: str) -> list[str]:
    """Returns every two characters in a row of a key."""
    return [key[at : at + 2] for at in range(len(key) - 1)]


def _grams_of_text(key: str) -> Iterator[str]:
    """Yields every two characters of a key, every single one that is no Latin letter or digit, and its start."""
    yield from pairs(key)
    yield from (character for character in key if not _is_latin(character))
    yield from ("^" + key[0], "^" + key[:2])


def _syllables(texts: Iterable[str]) -> str:
    """Returns syllables as a line holds them: in capitals, so that no folded text is part of it."""
    return "'" + "'".join(texts).upper()


def _grams_of_syllables(tokens: tuple[Token, ...]) -> Iterator[str]:
    yield from ("'" + token.text for token in tokens)
    first = tokens[0].text
    yield from ("^'" + first[:length] for length in range(1, len(first) + 1))


def _initials(tokens: Iterable[Token]) -> str:
    return "".join(token.text[0] if token.is_syllable else token.text for token in tokens)


def _of_readings(key: str, *, is_person: bool) -> Iterator[tuple[Match, str, Iterable[str]]]:
    for tokens in variants(key, is_person=is_person):
        if not any(token.is_syllable for token in tokens):
            return
        yield Match.pinyin, _syllables(token.text for token in tokens) + "'", _grams_of_syllables(tokens)
        # Those who type the initials leave out what is in the way: LNG, 65.
        for some in (tokens, [token for token in tokens if token.is_syllable]):
            written = _initials(some)
            yield Match.initials, written, _grams_of_text(written)


def _of_text(match: Match, text: str, style: Style) -> Iterator[tuple[Match, str, Iterable[str]]]:
    """Yields the lines of a field, each with its grams."""
    key = folded(text)[:_LONGEST]
    if not key:
        return
    yield match, key, _grams_of_text(key)
    others = [normalized(text), folded(_MADE_UP.sub("", text))[:_LONGEST]]
    if style is Style.NUMBER:
        others.append("".join(filter(str.isalnum, key)))
    for other in others:
        if other and other != key:
            yield match, other, _grams_of_text(other)
    if style is Style.NUMBER and (number := number_key(text)) is not None:
        yield match, _whole(number), ("=" + number,)
    if style in (Style.NAME, Style.PERSON):
        yield from _of_readings(key, is_person=style is Style.PERSON)


def _whole(number: str) -> str:
    """Returns the key of a number in a form that is no part of another: else 3号 would be found in every number with
    a 3."""
    digest = hashlib.blake2b(number.encode(), digest_size=8).hexdigest()
    return "#" + digest.translate(_AS_LETTERS)


def kind_gram(kind: str) -> int:
    """Returns the gram that all entries of a kind have, so that of a word that many records have, only those of one
    kind are read."""
    return _gram("kind " + kind)


def entry(kind: str, fields: Iterable[tuple[Match, Style, str | None]]) -> Entry:
    """Returns what the index holds of a record."""
    lines, grams = dict[str, None](), set[str]()
    for match, style, text in fields:
        for found, key, its_grams in _of_text(match, text or "", style):
            lines[BEFORE + key + AFTER + _LETTERS[found]] = None
            grams.update(its_grams)
    return Entry("".join(lines), sorted({kind_gram(kind), *map(_gram, grams)}))


def found_in(lines: str, needles: Iterable[Needle]) -> Match | None:
    """Returns what of a record a needle was found in: the first whole line, else start, else part of a line."""
    needles = list(needles)
    for texts in ([one.whole for one in needles], [one.start for one in needles], [one.text for one in needles]):
        places = [place for text in texts if (place := lines.find(text)) >= 0]
        if places:
            end = lines.index(AFTER, min(places) + 1)
            return _MATCHES[lines[end + 1]]
    return None


def _spread(grams: list[str]) -> list[int]:
    """Returns the numbers of grams; of many, some from all parts: the check needs no more."""
    if len(grams) > _MOST_GRAMS:
        grams = [grams[at * len(grams) // _MOST_GRAMS] for at in range(_MOST_GRAMS)]
    return sorted({_gram(gram) for gram in grams})


def grams_of_part(key: str) -> list[int]:
    """Returns the numbers of grams of every name of which this key, of two characters or more, is a part."""
    return _spread(pairs(key))


def _text_needle(key: str) -> Needle:
    whole, start = BEFORE + key + AFTER, BEFORE + key
    if len(key) > 1:
        return Needle(key, _spread(pairs(key)), whole, start)
    # Nearly every name has any one letter in its initials: of these, only what begins with it.
    return (
        Needle(start, [_gram("^" + key)], whole, start) if _is_latin(key) else Needle(key, [_gram(key)], whole, start)
    )


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(syllable[:length] for syllable in SYLLABLES for length in range(1, len(syllable) + 1))


def _split(letters: str) -> Iterator[list[str]]:
    """Yields the ways to read letters as syllables and numbers, of which the last may be cut short."""
    dead = set[int]()

    def rest(at: int) -> Iterator[list[str]]:
        if at == len(letters):
            yield []
            return
        is_alive = False
        if letters[at].isdigit():
            end = next((place for place in range(at, len(letters)) if not letters[place].isdigit()), len(letters))
            lengths: Iterable[int] = (end - at,)
        else:
            lengths = range(6, 0, -1)
        for length in lengths:
            part = letters[at : at + length]
            is_last = at + len(part) == len(letters)
            if len(part) < length or at + length in dead:
                continue
            if part.isdigit() or part in SYLLABLES or (is_last and part in _beginnings()):
                for others in rest(at + length):
                    is_alive = True
                    yield [part, *others]
        if not is_alive:
            dead.add(at)

    return rest(0)


def _pinyin_needles(key: str) -> Iterator[Needle]:
    if not 2 <= len(key) <= _LONGEST_PINYIN or not all(map(_is_latin, key)) or key.isdigit():
        return
    for letters in dict.fromkeys((key, key.replace("lve", "lue").replace("nve", "nue"))):
        for parts in _split(letters):
            yield _of_syllables(parts)


def _of_syllables(parts: list[str]) -> Needle:
    text = _syllables(parts)
    whole, start = f"{BEFORE}{text}'{AFTER}", BEFORE + text
    if len(parts) > 1:
        # Every line of syllables has its initials beside it.
        initials = "".join(part if part.isdigit() else part[0] for part in parts)
        return Needle(text, _spread(["'" + part for part in parts[:-1]] + pairs(initials)), whole, start)
    if parts[0] in SYLLABLES:
        return Needle(text + "'", [_gram("'" + parts[0])], whole, start + "'")
    return Needle(start, [_gram("^'" + parts[0])], whole, start)


def sought(q: str) -> tuple[Needle, ...]:
    """Returns the needles of what somebody typed, of which one must be found; none where it is punctuation alone."""
    key = folded(q)[:_LONGEST]
    if not key:
        return ()
    needles = {one.text: one for one in map(_text_needle, dict.fromkeys((key, normalized(q))))}
    number = number_key(q) if any(map(str.isdigit, key)) else None
    if number is not None:
        whole = BEFORE + _whole(number) + AFTER
        needles.setdefault(whole, Needle(whole, [_gram("=" + number)], whole, whole))
    for needle in _pinyin_needles(key):
        if len(needles) == _MOST_NEEDLES:
            break
        needles.setdefault(needle.text, needle)
    return tuple(needles.values())
