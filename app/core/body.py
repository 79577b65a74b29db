"""Configuration of request bodies: unknown fields are refused, and the document shows a valid example."""

from pydantic import ConfigDict, JsonValue

ID = "01890000-0000-7000-8000-000000000001"
"""The id of an existing record in examples."""


def body(example: dict[str, JsonValue]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})
