"""Stored pinyin: both databases sort Chinese names alike, and initials can be searched."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

SURNAMES = {
    **dict.fromkeys(("单于", "單于"), ("chan", "yu")),
    **dict.fromkeys(("尉迟", "尉遲"), ("yu", "chi")),
    **dict.fromkeys(("万俟", "萬俟"), ("mo", "qi")),
    **dict.fromkeys(("澹台", "澹臺"), ("tan", "tai")),
    **dict.fromkeys(("长孙", "長孫"), ("zhang", "sun")),
    **dict.fromkeys(("乐正", "樂正"), ("yue", "zheng")),
    "令狐": ("ling", "hu"),
    **dict.fromkeys(("子车", "子車"), ("zi", "ju")),
    **dict.fromkeys(("单", "單"), ("shan",)),
    **dict.fromkeys(("区", "區"), ("ou",)),
    **dict.fromkeys(("盖", "蓋"), ("ge",)),
    **dict.fromkeys(("缪", "繆"), ("miao",)),
    **dict.fromkeys(("乐", "樂"), ("yue",)),
    **dict.fromkeys(("员", "員", "贠", "貟"), ("yun",)),
    **dict.fromkeys(("阚", "闞"), ("kan",)),
    "曾": ("zeng",),
    "仇": ("qiu",),
    "翟": ("zhai",),
    "解": ("xie",),
    "查": ("zha",),
    "朴": ("piao",),
    "种": ("chong",),
    "覃": ("qin",),
    "折": ("she",),
    "黑": ("he",),
    "召": ("shao",),
    "祭": ("zhai",),
    "秘": ("bi",),
    "繁": ("po",),
    "能": ("nai",),
    "句": ("gou",),
    "郇": ("xun",),
    "薄": ("bo",),
    "卜": ("bu",),
    "都": ("du",),
    "蔚": ("yu",),
    "粘": ("nian",),
    "佴": ("nai",),
    "角": ("jue",),
    "圈": ("juan",),
    "炅": ("gui",),
    **dict.fromkeys(("还", "還"), ("huan",)),
    "乜": ("nie",),
    "洗": ("xian",),
    "藏": ("zang",),
    "任": ("ren",),
    "华": ("hua",),
    "華": ("hua",),
    "纪": ("ji",),
    "紀": ("ji",),
}
"""Readings of surnames that differ, or may differ, from the usual reading. 覃 is also Tan; Qin is more common.

Chinese dictionaries mark them as readings of surnames. Neither pypinyin nor pypinyin-dict has them.
"""

_LONGEST_SURNAME = 2

_DOTS = frozenset("·•‧∙⋅・･.．。")
"""Separators between the parts of a transcribed name."""


def name_pinyin(name: str) -> str:
    """Returns the pinyin of a name, `fu shun` for `抚顺`: lower case, at most 400 characters."""
    return " ".join(lazy_pinyin(name)).lower()[:400]


def person_pinyin(name: str) -> str:
    """Returns the pinyin of a person's name with the reading of the surname: `zeng mou` for `曾某`.

    A name with a dot is the transcription of a foreign or minority name and has no surname.
    """
    if _DOTS.isdisjoint(name):
        for length in range(_LONGEST_SURNAME, 0, -1):
            if (reading := SURNAMES.get(name[:length])) is not None:
                return " ".join([*reading, *lazy_pinyin(name[length:])]).lower()[:400]
        if not name[:1].isascii():
            # Converted alone, for together with the next character it may be another word: 柏林 is not Berlin.
            return " ".join([*lazy_pinyin(name[:1]), *lazy_pinyin(name[1:])]).lower()[:400]
    return name_pinyin(name)


@lru_cache(maxsize=2048)
def syllables(text: str) -> str:
    """Returns the pinyin of the Chinese characters of a text alone: `jiu yin liao` for `酒、饮料`."""
    return " ".join(lazy_pinyin(text, errors="ignore"))


def initials(name: str) -> str:
    """Returns the initials of a name, `fs` for `抚顺`: at most 200 letters."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()[:200]
