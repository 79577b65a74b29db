"""The identifiers of a record identify it for every reporter: two sources, and people."""

import pytest

from tests.conftest import World
from tests.factories import city as make
from tests.webhooks.sender import inbox, source, work_off
from tests.webhooks.test_facts import ready, signed, total

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("number", "counts"),
    [
        ("示例协（2023）第 88 号", 1),
        ("示例协[２０２３]第88号", 1),
        ("示例协〔2023〕第8-8号", 2),
        ("示例协〔2023〕第188号", 2),
    ],
)
async def test_two_sources_that_tell_of_one_signing_count_it_once(world: World, number: str, counts: int) -> None:
    city, project = await ready(world)
    other = await make.make_project(city)
    await make.add_evidence(city, other["id"], "legality_review", "fair_competition_review")
    first, second = await source(world, is_trusted=True), await source(world, "示例另一平台", is_trusted=True)
    await first.send("deal.signed", signed(project, agreement_no="示例协〔2023〕第88号"))
    await work_off(world)
    await second.send("deal.signed", signed(other, agreement_no=number))
    await work_off(world)
    told = (await inbox(world))[-1]
    assert (await total(world))[0] == counts
    assert told["state"] == ("applied" if counts == 2 else "failed")
    if counts == 1:
        assert "one agreement counts once" in told["errors"][0]["en"]
        assert (await world.get("/deals", status="draft"))["items"] == []
    await world.holds()


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("示例：年产１．５万吨 (碳纤维)项目", "failed"),
        ("示例年产1.5万吨【碳纤维】项目", "failed"),
        ("示例：年产15万吨碳纤维项目", "applied"),
        ("示例：年产1.5万吨碳纤维二期项目", "applied"),
    ],
)
async def test_a_source_meets_the_names_of_people(world: World, city: make.City, name: str, state: str) -> None:
    await make.make_lead(city, name="示例：年产1.5万吨碳纤维项目")
    sender = await source(world)
    unit = (await world.get(f"/units/{city.districts[0]}"))["code"]
    await sender.send("lead.registered", {"id": "L-1", "sequence": 1, "name": name, "channel": "walk_in", "unit": unit})
    await work_off(world)
    (told,) = await inbox(world)
    assert told["state"] == state, told["errors"]
