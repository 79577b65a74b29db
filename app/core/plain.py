"""Rows written to JSON as their model would write them, without making a model of each, which took a fifth of a list.

The model describes the answer. That its rows come out the same either way is tested: `tests/lists/test_plain.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from fastapi import Response
from pydantic import BaseModel, PlainSerializer
from pydantic.fields import FieldInfo
from pydantic_core import to_json


class Plain:
    """Takes the fields of a model from rows, with amounts and moments as the model writes them."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._names = tuple(model.model_fields)
        writers = {name: _writer(field) for name, field in model.model_fields.items()}
        self._writers = [(name, writer) for name, writer in writers.items() if writer is not None]

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        values = {name: row[name] for name in self._names}
        for name, write in self._writers:
            if (value := values[name]) is not None:
                values[name] = write(value)
        return values


def _writer(field: FieldInfo) -> Callable[[Any], Any] | None:
    """Returns what the type of a field is written with; None where JSON has a form for it."""
    optional = [note for choice in get_args(field.annotation) for note in getattr(choice, "__metadata__", ())]
    writers = [note.func for note in (*field.metadata, *optional) if isinstance(note, PlainSerializer)]
    return cast(Callable[[Any], Any], writers[0]) if writers else None


def answer(values: Mapping[str, Any]) -> Response:
    """Returns the answer of a route whose `response_model` describes it."""
    return Response(to_json(values), media_type="application/json")
