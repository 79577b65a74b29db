"""Catalogue of message types, received and sent, each with JSON Schema and an example: where integrators start."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.actor import CurrentActor
from app.core.body import ID
from app.core.routing import Router
from app.webhooks.inbound.types import TYPES as RECEIVED
from app.webhooks.inbound.types import MessageType
from app.webhooks.objects import OBJECTS
from app.webhooks.outbound.types import (
    ENDPOINT_KIND,
    ENDPOINT_PATH,
    PING,
    ChangeTold,
    EventType,
    MessageTold,
    ObjectTold,
)
from app.webhooks.outbound.types import TYPES as SENT

router = Router(tags=["推送 webhooks"])

_AT = "2023-03-01T08:00:00.000000Z"


class TypeRead(BaseModel):
    type: str
    zh: str
    en: str
    object: str = Field(description="所述对象的类型 / what kind of object it is about")
    ordering: Literal["fact", "snapshot"] | None = Field(
        description="fact：按 sequence 逐件办理，一件不漏；snapshot：version 最大者为准 / facts are applied by their "
        "sequence, none left out; of snapshots the newest version stands"
    )
    json_schema: dict[str, Any] = Field(alias="schema", description="JSON Schema 2020-12")
    example: dict[str, Any]


class Catalogue(BaseModel):
    received: list[TypeRead] = Field(description="可以推送给我们的 / what may be sent to us")
    sent: list[TypeRead] = Field(description="我们推送的 / what we send")


def _schema(name: str, envelope: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    parts = {**envelope.pop("$defs", {}), **data.pop("$defs", {})}
    envelope["properties"] = {**envelope["properties"], "type": {"const": name}, "data": data}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **envelope, "$defs": parts}


_ENVELOPE: dict[str, Any] = {
    "type": "object",
    "properties": {"type": {}, "timestamp": {"type": "string", "format": "date-time"}, "data": {}},
    "required": ["type", "data"],
}


def _received(kind: MessageType) -> TypeRead:
    data = kind.data.model_json_schema()
    (example,) = data.pop("examples")
    return TypeRead(
        type=kind.name,
        zh=kind.say.zh,
        en=kind.say.en,
        object=kind.object_kind,
        ordering="fact" if kind.is_fact else "snapshot",
        schema=_schema(kind.name, dict(_ENVELOPE), data),
        example={"type": kind.name, "timestamp": _AT, "data": example},
    )


def _object_of(name: str) -> str:
    """Returns the kind of object of a type, mostly its prefix; five ones and first talks belong to a project."""
    prefix = name.partition(".")[0]
    return ENDPOINT_KIND if name == PING else prefix if prefix in OBJECTS else "project"


def _sent(kind: EventType) -> TypeRead:
    object_kind = _object_of(kind.name)
    path = ENDPOINT_PATH if object_kind == ENDPOINT_KIND else OBJECTS[object_kind].path
    change = ChangeTold(
        id=None if kind.name == PING else UUID(ID),
        object=ObjectTold(type=object_kind, id=UUID(ID)),
        project_id=UUID(ID) if object_kind in ("project", "deal") else None,
        version=3,
        sequence=5,
        changed=list(kind.changed),
        link=f"https://zs.example.cn/api/v1/{path}/{ID}",
    )
    envelope = MessageTold.model_json_schema(mode="serialization")
    data = envelope["$defs"].pop("ChangeTold")
    return TypeRead(
        type=kind.name,
        zh=kind.say.zh,
        en=kind.say.en,
        object=object_kind,
        ordering=None,
        schema=_schema(kind.name, envelope, data),
        example={"type": kind.name, "timestamp": _AT, "data": change.model_dump(mode="json")},
    )


_CATALOGUE = Catalogue(
    received=[_received(kind) for kind in RECEIVED.values()], sent=[_sent(kind) for kind in SENT.values()]
)


@router.get("/webhooks/event-types", summary="消息类型 Types of messages")
async def list_webhook_event_types(_actor: CurrentActor) -> Catalogue:
    return _CATALOGUE
