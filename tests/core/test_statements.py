"""No query in a loop: the number of statements stays the same as rows grow."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

AT_MOST = {
    "/projects": 6,
    "/projects/facets?by=stage,unit,leader": 10,
    "/projects/{id}": 5,
    "/projects/{id}/five-ones": 17,
    "/projects/{id}/gates": 22,
    "/projects/{id}/timeline": 3,
    "/deals": 3,
    "/pipeline/board": 7,
    "/pipeline/board/cards?stage=signed": 7,
    "/five-ones/gaps": 7,
    "/totals/signings?from=2023-01-01&to=2023-12-31&group_by=unit": 5,
    "/totals/signings/entries?from=2023-01-01&to=2023-12-31": 5,
    "/totals/overview?period=2023": 9,
    "/totals/planned-year/rows?period=2023": 5,
    "/totals/started-or-resumed/rows?period=2023": 5,
    "/totals/awaiting-signed/rows?period=2023": 5,
    "/plan-lists/2023": 4,
    "/start-batches": 3,
    "/officials": 4,
    "/units": 4,
    "/enterprises": 3,
}


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    statements: list[str] = []

    def before(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    engines = [world.database.read_engine.sync_engine, world.database.write_engine.sync_engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", before)
    try:
        yield statements
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", before)


async def _counts(world: World, project_id: str) -> dict[str, int]:
    found = {}
    for path in AT_MOST:
        with counted(world) as statements:
            await world.get(path.replace("{id}", project_id))
        found[path] = len(statements)
    return found


async def test_statements_stay_constant_as_rows_grow(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, _ = signed_project
    before = await _counts(world, project["id"])
    for _ in range(4):
        await make.make_signed(city)
        await make.make_unit(world, "示例新区", city.city)
        more, _ = await make.make_signed(city)
        await world.post(f"/plan-lists/2023/projects/{more['id']}", {"source": "示例"})
        await world.post("/start-batches", {"name": "示例", "held_on": "2023-03-15", "project_ids": [more["id"]]})
        await make.add_evidence(city, project["id"], "procedure_list", "local_company")
    after = await _counts(world, project["id"])
    assert after == before
    assert {path: count for path, count in after.items() if count > AT_MOST[path]} == {}
