"""What an event says was changed: fields, with their values before and after as the reader may see them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.core import field_names
from app.core.localized import Say
from app.core.masking import PERSONAL
from app.dossiers import columns, texts
from app.dossiers.references import References
from app.dossiers.schemas import ActivityChange, BothLanguages


class Change(NamedTuple):
    """The values of a field before and after; `is_withheld` where the log holds none, for they are personal."""

    before: Any
    after: Any
    is_withheld: bool = False


WITHHELD = Change(None, None, True)


def of_event(type: str, data: Mapping[str, Any]) -> dict[str, Change]:
    """Returns the fields that an event changed, by name."""
    listed = data.get("changes")
    found = dict(listed) if isinstance(listed, dict) else {}
    if "status" in data:
        found.setdefault("status", data["status"])
    if type.endswith(".updated") and isinstance(data.get("fields"), list):
        found |= {name: "changed" for name in data["fields"] if isinstance(name, str)}
    read = {name: _read(name, values) for name, values in found.items()}
    return {name: change for name, change in read.items() if change is not None}


def _read(name: str, values: Any) -> Change | None:
    if name in PERSONAL or values == "changed":
        return WITHHELD
    if not isinstance(values, list) or len(values) != 2 or values[0] == values[1]:
        return None
    return Change(*values)


def want(references: References, record: str, name: str, change: Change) -> None:
    """Takes the records that a change names."""
    kind = columns.referred(record, name)
    for value in (change.before, change.after):
        if kind is not None:
            references.want(kind, value)
        else:
            references.want_in(value)


def told(references: References, record: str, name: str, change: Change) -> ActivityChange:
    """Returns a change with the names of its field, and its values as people read them."""
    label = field_names.label(name, record)
    kind = columns.referred(record, name)
    before, after = (
        None if kind is not None and references.is_withheld(kind, value) else value
        for value in (change.before, change.after)
    )
    return ActivityChange(
        field=name,
        zh=label.zh,
        en=label.en,
        **{"from": _masked(references, before), "to": _masked(references, after)},
        from_text=_both(texts.CHANGED if change.is_withheld else text(references, record, name, change.before)),
        to_text=_both(texts.CHANGED if change.is_withheld else text(references, record, name, change.after)),
    )


def _both(say: Say) -> BothLanguages:
    return BothLanguages(zh=say.zh, en=say.en)


def _masked(references: References, value: Any) -> Any:
    """Returns a value in whose texts, those of lists and records too, no code stands that the actor does not see."""
    if isinstance(value, list):
        return [_masked(references, part) for part in value]
    if isinstance(value, dict):
        return {key: _masked(references, part) for key, part in value.items()}
    return references.masked(value).zh if isinstance(value, str) else value


def text(references: References, record: str, name: str, value: Any) -> Say:
    """Returns the value of a field as people read it."""
    if value is None or value == []:
        return texts.EMPTY
    kind, words = columns.referred(record, name), columns.word(record, name)
    if kind is not None:
        return references.say(kind, value)
    if words is not None and isinstance(value, str) and value in set(words):
        return words(value).say
    say = texts.yuan(value) if columns.is_money(record, name) else None
    if say is not None:
        return say
    plain = Say(value, value) if isinstance(value, str) else texts.plainly(value)
    return Say(references.masked(plain.zh).zh, references.masked(plain.en).en)
