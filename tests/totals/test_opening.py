"""Every number of the cockpit opens: the rows at its address add up to it, in every grouping, for whoever asks."""

from uuid import UUID

import pytest

from app.core.actor import Actor, ActorKind, Permission
from app.totals.groups import GroupBy
from app.totals.service import BY
from tests.conftest import LOCAL_PERSON, World, running
from tests.factories.opening import Opener

pytestmark = pytest.mark.anyio

ANSWERS: tuple[tuple[str, dict[str, str], int], ...] = (
    ("/totals/overview", {"period": "2023Q1", "group_by": ",".join(GroupBy)}, 150),
    ("/totals/overview", {"period": "2023-03", "min_planned_total": "100000000"}, 30),
    ("/totals/overview", {"from": "2023-01-16", "to": "2023-03-15"}, 30),
    ("/totals/overview", {"period": "1950-03"}, 20),
    ("/totals/signings", {"period": "2022", "group_by": ",".join(sorted(BY))}, 40),
    ("/totals/signings", {"period": "2023", "within": "2023-02", "group_by": "quarter,month,unit"}, 6),
    ("/totals/funnel", {"period": "2023Q1"}, 60),
    ("/totals/attention", {}, 12),
    ("/task-forces/performance", {"year": "2023"}, 10),
    ("/pipeline/board", {"cards": "0"}, 11),
)


@pytest.mark.parametrize("who", ["leader", "district"])
async def test_every_number_opens_into_the_rows_that_add_up_to_it(sample_copy: str, who: str) -> None:
    async with running(sample_copy) as city:
        city.actor = LOCAL_PERSON if who == "leader" else await a_district(city)
        opener = Opener(city)
        for path, query, least in ANSWERS:
            answer = await city.get(path, **query)
            assert await opener.open(answer) >= (least if who == "leader" else least // 3), path
        exports = {f"{url.partition('?')[0]}/export" for url in opener.read}
        without = exports - set(city.app.openapi()["paths"])
        assert without == {"/api/v1/pipeline/board/cards/export"}, "cards are projects, which have an export"


async def a_district(city: World) -> Actor:
    """Returns somebody who sees the district with the most signings."""
    found = await city.get("/totals/signings", period="2023Q1", group_by="unit")
    unit = UUID(max(found["groups"]["unit"], key=lambda group: int(group["count"]))["key"])
    rights = frozenset({Permission.read, Permission.write})
    return Actor("d1", "示例县区", ActorKind.person, unit_ids=frozenset({unit}), permissions=rights)
