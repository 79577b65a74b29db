"""Turns rows of the event log into what people read."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from app.core import field_names
from app.core.localized import Say
from app.dossiers import changes, columns, texts
from app.dossiers.changes import Change
from app.dossiers.references import RECORDS, WORD_TABLES, References
from app.dossiers.schemas import ActivityActor, ActivityItem, ActivityRef, BothLanguages
from app.dossiers.sentences import OTHER, SENTENCES, WORDS, Sentence, filled, values

_DAYS = (
    "happened_on",
    "on",
    "effective_on",
    "ruled_on",
    "signed_on",
    "held_on",
    "actual_on",
    "opened_on",
    "converted_on",
    "started_on",
)
"""Where an event says which day it is about, the first that is there."""
_MOST_FIELDS = 4
"""So many changed fields are named in a sentence."""


class Told:
    """One event while it is turned into text; `row` holds the columns of the event and of its follow-up."""

    def __init__(self, row: Any, about: UUID) -> None:
        self.row = row
        self.about = about
        self.data: dict[str, Any] = row.data
        self.sentence: Sentence = SENTENCES.get(row.type, OTHER)
        self.changes: dict[str, Change] = changes.of_event(row.type, self.data)

    def _value(self, name: str) -> Any:
        if name == "subject":
            return str(self.row.subject_id)
        head, _, rest = name.partition(".")
        if head in ("changes", "was"):
            change = self.changes.get(rest)
            return None if change is None else change.after if head == "changes" else change.before
        value = self.data.get(head)
        return value.get(rest) if rest and isinstance(value, dict) else None if rest else value

    def _kind(self, name: str, kind: str | None) -> str | None:
        return self.row.subject_type if name == "subject" else kind

    def _named(self) -> Iterator[tuple[str, str]]:
        """Returns kind and id of the records that the sentence names."""
        for name, kind in values(self.sentence.say):
            kind, value = self._kind(name, kind), self._value(name)
            if isinstance(value, str) and (kind in RECORDS or kind in WORD_TABLES):
                yield str(kind), value

    def _reason(self) -> str | None:
        return next((self.data[name] for name in ("reason", "note") if isinstance(self.data.get(name), str)), None)

    def want(self, references: References) -> None:
        """Takes the records that the event names."""
        for kind, value in self._named():
            references.want(kind, value)
        for name, _ in values(self.sentence.say):
            references.want_in(self._value(name))
        for name, change in self.changes.items():
            changes.want(references, self.row.subject_type, name, change)
        references.want_in(self._reason())
        if self.row.subject_id != self.about and self.row.subject_type in RECORDS:
            references.want(self.row.subject_type, str(self.row.subject_id))

    def _text(self, references: References, name: str, kind: str | None) -> Say | None:
        """Returns a value of the sentence as text; None where it is missing."""
        if name == "changed":
            return self._changed() if self.changes else None
        value, kind = self._value(name), self._kind(name, kind)
        if value is None or value in (False, [], ""):
            return None
        if kind in RECORDS or kind in WORD_TABLES:
            return references.say(str(kind), value)
        if kind in WORDS and isinstance(value, str) and value in set(WORDS[kind]):
            return WORDS[kind](value).say
        if kind == "flag":
            return Say("", "")
        if kind == "count" and isinstance(value, list):
            return texts.plainly(len(value))
        return (texts.yuan(value) if kind == "yuan" else None) or references.masked(texts.plainly(value).zh)

    def _changed(self) -> Say:
        labels = [field_names.label(name, self.row.subject_type) for name in self.changes]
        named = labels[:_MOST_FIELDS]
        is_more = len(labels) > _MOST_FIELDS
        return Say(
            "、".join(label.zh for label in named) + (f"等 {len(labels)} 项" if is_more else ""),
            ", ".join(label.en for label in named) + (f" and {len(labels) - _MOST_FIELDS} more" if is_more else ""),
        )

    def say(self, references: References) -> Say:
        """Returns the sentence."""

        def text(language: int) -> Any:
            def lookup(name: str, kind: str | None) -> str | None:
                say = self._text(references, name, kind)
                return None if say is None else say[language]

            return lookup

        return Say(filled(self.sentence.say.zh, text(0)), filled(self.sentence.say.en, text(1)))

    def _day(self) -> date | None:
        for name in _DAYS:
            try:
                return date.fromisoformat(self.data[name])
            except (KeyError, TypeError, ValueError):
                continue
        return None

    def _refs(self, references: References) -> list[ActivityRef]:
        named = list(self._named())
        for name, change in self.changes.items():
            kind = columns.referred(self.row.subject_type, name)
            named += [(kind, str(value)) for value in (change.before, change.after) if kind is not None]
        named.append((self.row.subject_type, str(self.row.subject_id)))
        found = [references.ref(kind, value) for kind, value in named]
        return list({ref.id: ref for ref in found if ref is not None and ref.id != self.about}.values())

    def item(self, references: References, *, shows_actor: bool) -> ActivityItem:
        """Returns the event as people read it."""
        row, say = self.row, self.say(references)
        actor = ActivityActor(name=row.actor_name, kind=row.actor_kind) if shows_actor else None
        reason = self._reason()
        body = Say(row.summary, row.summary) if row.summary else references.masked(reason) if reason else None
        return ActivityItem(
            id=row.id,
            kind=self.sentence.kind,
            type=row.type,
            at=row.at,
            on=self._day(),
            actor=actor,
            zh=say.zh,
            en=say.en,
            body=BothLanguages.model_validate(body) if body else None,
            next_step=row.next_step,
            next_step_on=row.next_step_on,
            changes=[changes.told(references, row.subject_type, name, change) for name, change in self.changes.items()],
            refs=self._refs(references),
        )


def taken(rows: Iterable[Any], about: UUID) -> tuple[Sequence[Told], References]:
    """Returns the events of a page and the records that they name, which the caller then reads."""
    references = References()
    told = [Told(row, about) for row in rows]
    for one in told:
        one.want(references)
    return told, references
