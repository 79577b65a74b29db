"""What is text: something can be seen, and nothing steers the screen."""

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("\u200b\u200b", "text_invisible"),
        ("示例\n企业", "text_control"),
        ("示例\u0007企业", "text_control"),
        ("示例\u202e企业", "text_direction"),
    ],
)
async def test_what_cannot_be_seen_or_steers_is_no_name(world: World, name: str, code: str) -> None:
    await refused(world, "POST", "/enterprises", 422, code, json={"name": name})
