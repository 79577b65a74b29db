"""What a client sends: no unknown fields, and an example that would do."""

from pydantic import ConfigDict, JsonValue

ID = "01890000-0000-7000-8000-000000000001"
"""Stands in examples for the id of a record that exists."""


def body(example: dict[str, JsonValue]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})
