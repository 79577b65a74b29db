"""One sentence in both languages. Chinese comes first everywhere."""

import enum
from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import BaseModel


class Say(NamedTuple):
    zh: str
    en: str

    def filled(self, **values: object) -> "Say":
        """Returns the sentence with its {names} filled in."""
        return Say(self.zh.format(**values), self.en.format(**values))


def in_one_sentence(sentences: Iterable[Any]) -> Say:
    """Joins texts with `zh` and `en`: the Chinese by semicolons and one full stop at the end, the English by spaces."""
    parts = list(sentences)
    return Say("；".join(one.zh.rstrip("。") for one in parts) + "。", " ".join(one.en for one in parts))


class Label(BaseModel):
    """A code with its Chinese and English name."""

    code: str
    zh: str
    en: str


class Word(enum.StrEnum):
    """An enum whose members carry their names: `draft = "draft", "草稿", "draft"`."""

    say: Say

    def __new__(cls, code: str, zh: str = "", en: str = "") -> "Word":
        member = str.__new__(cls, code)
        member._value_ = code
        member.say = Say(zh, en or code)
        return member

    @property
    def label(self) -> Label:
        return Label(code=self.value, zh=self.say.zh, en=self.say.en)
