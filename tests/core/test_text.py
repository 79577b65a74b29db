"""Valid text has visible characters, and none that control the screen."""

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.factories import city as make

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


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/enterprises", {"name": "\u3164\u115f"}, "text_invisible"),
        ("/enterprises", {"name": "\u2800\ufe0f\u200d"}, "text_invisible"),
        ("/enterprises", {"name": "\u0301"}, "text_invisible"),
        ("/enterprises", {"name": "示例\u2028企业"}, "text_control"),
        ("/enterprises", {"name": "示例企业", "source": "示例\u2066来源"}, "text_direction"),
        ("/duplicates/check", {"name": "示例\x7f项目"}, "text_control"),
        ("/task-forces", {"name": "示例\u200f专班", "opened_on": "2020-01-01"}, "text_direction"),
    ],
)
async def test_nor_in_any_other_room(world: World, path: str, body: dict[str, str], code: str) -> None:
    await refused(world, "POST", path, 422, code, json=body)


@pytest.mark.parametrize("path", ["/projects", "/enterprises", "/leads"])
async def test_nor_in_a_search(world: World, path: str) -> None:
    await refused(world, "GET", path, 422, "text_direction", params={"q": "示例\u202e"})


async def test_what_people_write_is_text(world: World) -> None:
    """Emoji joined by an invisible sign, accents of their own, rare characters, and a paragraph of several lines."""
    for name in ("示例👨\u200d👩\u200d👧企业", "示例Cafe\u0301企业", "示例𠮷野家企业", "示例·Ünïcode“企业”"):
        found = await world.post("/enterprises", {"name": name})
        assert found["name"] == name
    lines = "示例：第一行\n\t第二行\r\n第三行"
    city = await make.make_city(world)
    project = await make.make_project(city)
    said = {"kind": "visit", "on": "2023-05-01", "summary": lines}
    row = await world.post(f"/projects/{project['id']}/follow-ups", said)
    assert row["summary"] == lines
