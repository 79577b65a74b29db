"""Money that arrived is a voucher: a number, a value above zero, once in the whole city."""

from typing import Any

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.factories import city as make

pytestmark = pytest.mark.anyio


def voucher(**fields: Any) -> dict[str, Any]:
    return {
        "kind": "arrival_audited",
        "on": "2023-03-30",
        "value": "5000000.00",
        "document_no": "示例验资1号",
        **fields,
    }


@pytest.mark.parametrize("number", ["示例验资1号", "示例验资１号"])
async def test_one_voucher_number_stands_once(world: World, number: str) -> None:
    city = await make.make_city(world)
    first, second = await make.make_project(city), await make.make_project(city)
    await world.post(f"/projects/{first['id']}/evidence", voucher())
    for project in (first, second):
        path = f"/projects/{project['id']}/evidence"
        answer = await refused(world, "POST", path, 409, "voucher_taken", json=voucher(document_no=number))
        assert first["code"] in answer["detail"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"value": "0"}, "money_not_positive"), ({"value": "-1"}, "decimal_text"), ({"document_no": None}, "missing")],
)
async def test_an_arrival_is_above_zero_and_has_a_number(world: World, fields: dict[str, Any], code: str) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    await refused(world, "POST", f"/projects/{project['id']}/evidence", 422, code, json=voucher(**fields))
