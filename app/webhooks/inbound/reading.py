"""Parses and validates the envelope and the data of a message. Its sender is authenticated by `receiving`."""

import json
from typing import Any

from pydantic import ValidationError

from app.core.localized import Say
from app.core.messages import message as message_of
from app.webhooks.inbound.models import SourceOrder
from app.webhooks.inbound.types import MessageType

PLAIN, CLOUD = "application/json", "application/cloudevents+json"
_LONGEST_TYPE = 64
_LONGEST_STEP = 100
_MOST_VALUES = 200
_MOST_ERRORS = 20


def error(pointer: str, code: str, say: Say) -> dict[str, Any]:
    return {"pointer": pointer, "code": code, "zh": say.zh, "en": say.en}


def json_object(body: bytes) -> dict[str, Any]:
    """Parses a body as a JSON object. Raises ValueError where it is none."""
    try:
        read = json.loads(body, parse_constant=_not_json)
    except RecursionError:
        raise ValueError from None
    if not isinstance(read, dict):
        raise ValueError
    return read


def _not_json(_text: str) -> None:
    raise ValueError


def read_envelope(content_type: str, read: dict[str, Any]) -> tuple[str | None, list[dict[str, Any]]]:
    """Returns (type of a message, errors of its envelope)."""
    errors = []
    name = read.get("type")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_TYPE or not name.isprintable():
        name = None
        errors.append(error("/type", "missing", Say("缺少 type。", "`type` is missing.")))
    if content_type == CLOUD and read.get("specversion") != "1.0":
        errors.append(error("/specversion", "enum", Say("应为 1.0。", "Should be 1.0.")))
    return name, errors


KEPT = error(
    "/type",
    "kept",
    Say("已核对并留存，待有相应功能后办理。", "Checked and kept, until this service follows such matters."),
)


def read_data(kind: MessageType, data: Any, order: SourceOrder) -> tuple[Any, list[dict[str, Any]]]:
    """Validates the data of a message. Returns (data, no errors), or (None, errors)."""
    if _has_too_many_values(data):
        say = Say(f"data 中超过 {_MOST_VALUES} 项。", f"There are more than {_MOST_VALUES} values in `data`.")
        return None, [error("/data", "too_long", say)]
    try:
        read = kind.data.model_validate(data)
    except ValidationError as wrong:
        return None, errors_of(wrong)
    if order is SourceOrder.sequence and getattr(read, kind.number_field) is None:
        say = Say("请编号；不能编号的来源须设为按到达。", "Number it; a source that cannot is set to go by arrival.")
        return None, [error(f"/data/{kind.number_field}", "missing", say)]
    return read, []


def _has_too_many_values(data: Any) -> bool:
    """Whether the data holds more values than any message type needs: each could be one more error to report."""
    count, left = 0, [data]
    while left and count <= _MOST_VALUES:
        value = left.pop()
        children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        count += len(children)
        left.extend(children)
    return count > _MOST_VALUES


def errors_of(wrong: ValidationError) -> list[dict[str, Any]]:
    """Returns the errors of `data`, at most 20 and the number of the others."""
    errors = [
        error(_pointer(detail["loc"]), detail["type"], message_of(detail["type"], detail.get("ctx")))
        for detail in wrong.errors(include_input=False, include_url=False)
    ]
    if (more := len(errors) - _MOST_ERRORS) > 0:
        errors[_MOST_ERRORS:] = [error("/data", "more", Say(f"另有 {more} 处。", f"{more} more."))]
    return errors


def _pointer(location: tuple[int | str, ...]) -> str:
    """Returns a JSON pointer. Its names come from the sender, so that long ones are cut."""
    steps = [str(step).replace("~", "~0").replace("/", "~1")[:_LONGEST_STEP] for step in location]
    return "/".join(["/data", *steps])
