"""A credit code is taken as people type it and kept as it is printed."""

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


@pytest.mark.xfail(strict=True, reason="lower case and blanks are refused")
async def test_lower_case_and_blanks(world: World) -> None:
    code = "91000000000000001N"
    body = {"name": make.distinct_name("企业"), "credit_code": f" {code.lower()} "}
    answer = await world.send("POST", "/enterprises", body)
    assert (answer.status_code, answer.json().get("credit_code")) == (201, code)
