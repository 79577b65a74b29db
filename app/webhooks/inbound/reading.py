"""What a message says: its envelope and its data, checked. Who sent it is proved by `receiving`."""

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
    """Returns the JSON object that a body is. Raises ValueError where it is none."""
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
    """The type of a message, and what is wrong around its data."""
    errors = []
    found = read.get("type")
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_TYPE or not found.isprintable():
        found = None
        errors.append(error("/type", "missing", Say("缺少 type。", "`type` is missing.")))
    if content_type == CLOUD and read.get("specversion") != "1.0":
        errors.append(error("/specversion", "enum", Say("应为 1.0。", "Should be 1.0.")))
    return found, errors


KEPT = error(
    "/type",
    "kept",
    Say("已核对并留存，待有相应功能后办理。", "Checked and kept, until this service follows such matters."),
)


def read_data(kind: MessageType, data: Any, order: SourceOrder) -> tuple[Any, list[dict[str, Any]]]:
    """What a message says, or what is wrong with it."""
    if _is_vast(data):
        say = Say(f"data 中超过 {_MOST_VALUES} 项。", f"There are more than {_MOST_VALUES} values in `data`.")
        return None, [error("/data", "too_long", say)]
    try:
        read = kind.data.model_validate(data)
    except ValidationError as found:
        return None, errors_of(found)
    if order is SourceOrder.sequence and getattr(read, kind.number_field) is None:
        say = Say("请编号；不能编号的来源须设为按到达。", "Number it; a source that cannot is set to go by arrival.")
        return None, [error(f"/data/{kind.number_field}", "missing", say)]
    return read, []


def _is_vast(data: Any) -> bool:
    """Whether it holds more values than any message of ours: each may be one more thing that is wrong with it."""
    count, left = 0, [data]
    while left and count <= _MOST_VALUES:
        one = left.pop()
        below = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        count += len(below)
        left.extend(below)
    return count > _MOST_VALUES


def errors_of(found: ValidationError) -> list[dict[str, Any]]:
    """What is wrong with `data`; the first of it, where it is much."""
    told = [
        error(_pointer(one["loc"]), one["type"], message_of(one["type"], one.get("ctx")))
        for one in found.errors(include_input=False, include_url=False)
    ]
    if (more := len(told) - _MOST_ERRORS) > 0:
        told[_MOST_ERRORS:] = [error("/data", "more", Say(f"另有 {more} 处。", f"{more} more."))]
    return told


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON pointer. Names come from the sender: they are cut."""
    steps = [str(step).replace("~", "~0").replace("/", "~1")[:_LONGEST_STEP] for step in location]
    return "/".join(["/data", *steps])
