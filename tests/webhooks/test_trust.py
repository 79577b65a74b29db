"""What a source may do is asked for by one and confirmed by another, and what it approves bears a mark."""

import pytest

from app.accounts.roles import Role
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import World
from tests.factories import city as make
from tests.webhooks.sender import Sender, work_off

pytestmark = pytest.mark.anyio


@pytest.mark.xfail(strict=True, reason="one administrator signs deals through a source of their own")
async def test_one_administrator_signs_nothing_through_a_source(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    await make.add_evidence(city, project["id"], "legality_review", on="2023-01-20")
    await user(world, "system", Role.system_admin)
    system = await session_of(world, "system")
    async with sign_in_required(world):
        wanted = {"name": "来源", "order": "arrival", "is_trusted": True}
        made = (await world.client.post("/api/v1/webhook-sources", json=wanted, headers=system)).json()
        own = Sender(world, made["id"], made["secret"])
        signing = {
            "id": "D-1",
            "project": {"code": project["code"]},
            "title": "示例",
            "agreement_no": "示例1号",
            "signed_on": "2023-03-30",
            "agreed_amount": "99900000000.00",
        }
        assert (await own.send("deal.signed", signing)).status_code == 202
        follow_up = {"id": "P-1", "code": project["code"], "kind": "visit", "on": "2023-03-30", "summary": "示例"}
        assert (await own.send("project.progress", follow_up)).status_code == 202
    await work_off(world)
    assert (await world.get("/totals/signings", **{"from": "2023-01-01", "to": "2023-06-01"}))["count"] == 0
    assert (await world.get("/deals"))["items"] == []
    assert (await world.get(f"/projects/{project['id']}/follow-ups"))["items"] == []
