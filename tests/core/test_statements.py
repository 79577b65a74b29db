"""No query in a loop: the number of statements stays the same as rows grow."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.conftest import World, running
from tests.factories import city as make

pytestmark = pytest.mark.anyio

AT_MOST = {
    "/projects": 5,
    "/projects/facets?by=stage,unit,leader": 10,
    "/projects/{id}": 7,
    "/deals/{deal}": 5,
    "/projects/{id}/five-ones": 17,
    "/projects/{id}/gates": 23,
    "/projects/{id}/targets": 23,
    "/deals/{deal}/gates": 9,
    "/projects/{id}/timeline": 3,
    "/projects/{id}/activity": 3,
    "/deals?with=count,sum": 8,
    "/deals/facets?by=status,unit,investor": 9,
    "/projects/{id}?include=clock,five_ones,gates,amounts,moves,milestones,deals,evidence,contacts,plans": 42,
    "/pipeline/board": 7,
    "/pipeline/board/cards?stage=signed": 7,
    "/five-ones/gaps": 7,
    "/me/tasks?scope=visible&horizon_days=92&with=quarter,agenda": 20,
    "/me/counts": 3,
    "/milestones": 2,
    "/totals/signings?from=2023-01-01&to=2023-12-31&group_by=unit,task_force,month,industry,ownership": 2,
    "/totals/signings/entries?from=2023-01-01&to=2023-12-31": 4,
    "/totals/overview?period=2023&group_by=unit,task_force,size,kind,month": 8,
    "/totals/planned-year/rows?period=2023": 3,
    "/totals/started-or-resumed/rows?period=2023": 3,
    "/totals/awaiting-signed/rows?period=2023": 3,
    "/totals/funnel?period=2023": 11,
    "/totals/funnel/rows?period=2023&what=left&stage=screened": 8,
    "/totals/funnel/rows?period=2023&what=present&stage=signed": 8,
    "/totals/funnel/rows?period=2023&what=signed": 8,
    "/totals/attention": 9,
    "/totals/head": 1,
    "/task-forces/performance?year=2023": 3,
    "/plan-lists/2023": 4,
    "/start-batches": 3,
    "/officials": 4,
    "/officials?with=led": 5,
    "/enterprises?with=business": 2,
    "/users": 10,
    "/webhook-endpoints?include=health": 2,
    "/webhook-deliveries": 1,
    "/webhook-sources?include=counts": 4,
    "/units": 4,
    "/enterprises": 3,
    "/search?q=示例": 2,
    "/projects?q=示例": 6,
}


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    statements: list[str] = []

    def before(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SET LOCAL")):
            statements.append(statement)

    engines = [world.database.read_engine.sync_engine, world.database.write_engine.sync_engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", before)
    try:
        yield statements
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", before)


async def _counts(world: World, project_id: str, deal_id: str) -> dict[str, int]:
    found = {}
    await world.get("/pipeline/board")  # a process reads the stage table once
    await world.get("/projects?q=示例")  # and once in a while which names are frequent
    for path in AT_MOST:
        with counted(world) as statements:
            await world.get(path.format(id=project_id, deal=deal_id))
        found[path] = len(statements)
    return found


async def test_statements_stay_constant_as_rows_grow(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    await make.make_signed(city)  # of rows just changed, the last moves are read
    before = await _counts(world, project["id"], deal["id"])
    for _ in range(4):
        await make.make_signed(city)
        await make.make_unit(world, "示例新区", city.city)
        more, _ = await make.make_signed(city)
        await world.post(f"/plan-lists/2023/projects/{more['id']}", {"source": "示例"})
        await world.post("/start-batches", {"name": "示例", "held_on": "2023-03-15", "project_ids": [more["id"]]})
        await make.add_evidence(city, project["id"], "procedure_list", "local_company")
    after = await _counts(world, project["id"], deal["id"])
    assert after == before
    assert {path: count for path, count in after.items() if count > AT_MOST[path]} == {}


ASKED = {
    "period": "2023",
    "q": "示例",
    "stage": "signed",
    "what": "entered",
    "with": "count",
}
"""The query of each list that needs such a parameter."""


async def test_a_page_of_a_list_costs_the_same_however_long_it_is(sample_copy: str) -> None:
    """Of every list that the document names: two statements more at most, which ask for something that the one row of
    the short page does not have, such as phases."""
    async with running(sample_copy) as world:
        document = (await world.client.get("/api/openapi.json")).json()
        lengths: dict[str, int] = {}
        for address, methods in document["paths"].items():
            parameters = {one["name"]: one for one in methods.get("get", {}).get("parameters", [])}
            if "limit" not in parameters:
                continue
            path = await _filled(world, address.removeprefix("/api/v1"))
            if path is None:
                continue
            needs = {name for name, one in parameters.items() if one.get("required")} | {"period", "with"}
            needs |= {"stage"} if "what" in needs else set()
            query = {name: ASKED[name] for name in ASKED if name in parameters and name in needs}
            costs = []
            for limit in (1, 1, 200):  # the first time, a process reads what it remembers
                with counted(world) as statements:
                    page = await world.get(path, **query, limit=min(limit, parameters["limit"]["schema"]["maximum"]))
                costs.append(len(statements))
            lengths[address] = len(page["items"])
            assert costs[2] <= costs[1] + 2, (address, costs)
        assert sum(length > 3 for length in lengths.values()) > 15, lengths


async def _filled(world: World, address: str) -> str | None:
    """Returns the address with the id of a record of the list it lies under; None where that list is empty."""
    if "{" not in address:
        return address
    if "{year}" in address:
        return address.format(year=2023)
    listed, rest = address.split("/{", 1)
    answer = await world.get(listed)
    found = answer if isinstance(answer, list) else answer["items"]
    return f"{listed}/{found[0]['id']}{rest.split('}', 1)[1]}" if found else None
