"""One sentence in both languages. Chinese comes first everywhere."""

import enum
from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import BaseModel


class Say(NamedTuple):
    zh: str
    en: str

    def within(self, **values: object) -> "Say":
        """The same sentence with its {names} filled."""
        return Say(self.zh.format(**values), self.en.format(**values))


def in_one_sentence(said: Iterable[Any]) -> Say:
    """Several sentences with `zh` and `en`, in one paragraph with one full stop at its end."""
    parts = list(said)
    return Say("；".join(one.zh.rstrip("。") for one in parts) + "。", " ".join(one.en for one in parts))


class Label(BaseModel):
    """A coded word with its names."""

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
