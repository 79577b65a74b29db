"""Every list accepts all of its filters at once."""

from typing import Any

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

_GIVEN = {
    "period": "2023Q1",
    "from": "2023-01-01",
    "to": "2023-03-31",
    "known_at": "2023-03-31",
    "stage": "signed",
}
_NOT_A_FILTER = {"cursor"}


def _value(document: dict[str, Any], city: make.City, parameter: dict[str, Any]) -> Any:
    """Returns a value that the parameter accepts."""
    name, schema = parameter["name"], parameter["schema"]
    if name in _GIVEN:
        return _GIVEN[name]
    if "task_force" in name:
        return city.task_forces[0]
    if name.endswith("unit_id"):
        return city.districts[0]
    while "examples" not in schema and ("$ref" in schema or "anyOf" in schema):
        schema = schema["anyOf"][0] if "anyOf" in schema else document["components"]["schemas"][schema["$ref"][21:]]
    if "enum" in schema:
        return schema["enum"][0]
    if "examples" in schema:
        return schema["examples"][0]
    if "default" in schema:
        return schema["default"]
    if schema.get("format") == "uuid":
        return city.investor
    return {"integer": 2023, "boolean": "true", "string": "1"}[schema["type"]]


async def test_all_filters_at_once(world: World, city: make.City) -> None:
    await make.make_signed(city)
    document = (await world.client.get("/api/openapi.json")).json()
    asked = 0
    for path, operations in document["paths"].items():
        if "{" in path or not path.startswith("/api/") or "get" not in operations:
            continue
        if {"token": []} not in operations["get"]["security"]:
            continue
        parameters = operations["get"].get("parameters", [])
        query = {one["name"]: _value(document, city, one) for one in parameters if one["in"] == "query"}
        query = {name: value for name, value in query.items() if name not in _NOT_A_FILTER}
        answer = await world.client.get(path, params=query)
        assert answer.status_code == 200, f"{path} {query}: {answer.text}"
        asked += len(query) > 3
    assert asked > 8
