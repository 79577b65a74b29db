"""Credit codes are accepted as people type them and stored as they are printed."""

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.factories import city as make
from tests.webhooks.sender import source, states, work_off

pytestmark = pytest.mark.anyio

CODE = "91000000000000001N"


async def test_lower_case_and_blanks(world: World) -> None:
    body = {"name": make.distinct_name("企业"), "credit_code": f" {CODE.lower()} "}
    answer = await world.send("POST", "/enterprises", body)
    assert (answer.status_code, answer.json().get("credit_code")) == (201, CODE)


async def test_any_writing_is_the_same_code(world: World) -> None:
    investor = await make.make_investor(world, credit_code=None)
    path = f"/enterprises/{investor}"
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in CODE)
    for typed in ("9100 0000 0000 0000 1n", full_width, f"\u3000{CODE}\u200b", f"{CODE}\t"):
        version = await world.version(path)
        answer = await world.send("PATCH", path, {"credit_code": typed}, version=version)
        assert answer.json()["credit_code"] == CODE
        assert answer.json()["version"] <= 2  # only the first one changes anything
        body = {"name": make.distinct_name("企业"), "credit_code": typed}
        taken = await world.send("POST", "/enterprises", body)
        assert (taken.status_code, taken.json()["code"]) == (409, "credit_code_taken")
        await world.post("/duplicates/check", {"name": "示例", "credit_code": typed}, status=200)


async def test_another_code_is_another(world: World) -> None:
    for wrong in (CODE[:-1] + "M", CODE[:-1], CODE + "1", "I" + CODE[1:], "", "0" * 18, "无"):
        body = {"name": make.distinct_name("企业"), "credit_code": wrong}
        await refused(world, "POST", "/enterprises", 422, "credit_code", json=body)


async def test_national_codes_too(world: World, city: make.City) -> None:
    national = "2302-210400-04-01-123456"
    for typed in (
        "２３０２－２１０４００－０４－０１－１２３４５６",
        " 2302–210400–04–01–123456",
        "2302-210400-04-01-12 3456\u200b",
    ):
        project = await make.make_project(city)
        path = f"/projects/{project['id']}"
        body = {"national_code": typed, "duplicate_ruling": "示例：同一代码仅作试验"}
        answer = await world.send("PATCH", path, body, version=project["version"])
        assert answer.json().get("national_code") == national, answer.text
    await refused(
        world,
        "PATCH",
        path,
        422,
        "national_code",
        json={"national_code": "230221040004 01123456"},
        headers={"If-Match": f'"{await world.version(path)}"'},
    )


async def test_hooks_too(world: World) -> None:
    investor = await make.make_investor(world, credit_code=CODE)
    sender = await source(world)
    told = {"id": "E-1", "version": 1, "name": "示例新名有限公司", "credit_code": f"{CODE.lower()} "}
    await sender.send("enterprise.updated", told)
    await work_off(world)
    assert await states(world) == ["applied"]
    read = await world.get(f"/enterprises/{investor}")
    assert (read["name"], read["credit_code"]) == ("示例新名有限公司", CODE)
