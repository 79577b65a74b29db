"""Stored pinyin: both databases walk Chinese names in the same order, and initials can be searched."""

from pypinyin import Style, lazy_pinyin


def name_pinyin(name: str) -> str:
    """`抚顺` → `fu shun`; lower case, at most 400 characters. Compared by bytes."""
    return " ".join(lazy_pinyin(name)).lower()[:400]


def initials(name: str) -> str:
    """`抚顺` → `fs`."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()[:200]
