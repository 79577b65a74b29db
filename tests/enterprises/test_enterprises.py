"""Credit codes by GB 32100, foreign registration, groups, rankings, contacts."""

import pytest
from sqlalchemy import text

from app.enterprises import credit_code
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

# Division 000000: none of these can have been issued.
VALID = (
    "91000000MA00000157",
    "91000000MA0000A352",
    "92000000MA000004XH",
    "1200000000000006XQ",
    "11000000000000078U",
    "N2000000MF0000080Q",
    "N1000000MF00000C39",
    "Y1000000000000094K",
    "A10000000000000A23",
)
INVALID = ("91000000MA00000150", "91000000MA00000I57", "91000000MA0000015", "91000000ma00000157", "", "９" * 18)


def test_credit_codes_by_the_standard() -> None:
    assert [code for code in VALID if not credit_code.is_valid(code)] == []
    assert [code for code in INVALID if credit_code.is_valid(code)] == []


async def test_a_code_belongs_to_one_enterprise(world: World) -> None:
    body = {"name": "示例甲", "credit_code": VALID[5]}
    await world.post("/enterprises", body)
    again = await world.send("POST", "/enterprises", {**body, "name": "示例乙"})
    assert (again.status_code, again.json()["code"]) == (409, "credit_code_taken")
    wrong = await world.send("POST", "/enterprises", {"name": "示例丙", "credit_code": INVALID[0]})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/credit_code")


async def test_a_foreign_investor_is_registered_by_country_and_number(world: World) -> None:
    half = await world.send("POST", "/enterprises", {"name": "示例外企", "country": "DE"})
    assert (half.status_code, half.json()["errors"][0]["pointer"]) == (422, "/registration_no")
    body = {"name": "示例外企", "country": "DE", "registration_no": "示例 HRB 1", "origin": "overseas"}
    found = await world.post("/enterprises", body)
    assert found["country"] == "DE"
    again = await world.send("POST", "/enterprises", body)
    assert (again.status_code, again.json()["code"]) == (409, "registration_taken")


async def test_a_group_is_never_above_itself(world: World) -> None:
    top = await make.make_investor(world)
    below = await make.make_investor(world, parent_id=top)
    path = f"/enterprises/{top}"
    ring = await world.send("PATCH", path, {"parent_id": below}, version=1)
    assert (ring.status_code, ring.json()["code"]) == (409, "group_ring")
    assert (await world.get(f"/enterprises/{below}"))["parent_name"] is not None


async def test_a_ranking_has_its_year(world: World) -> None:
    path = f"/enterprises/{await make.make_investor(world)}/rankings"
    body = {"list_name": "中国企业500强", "year": 2022, "rank": 471}
    assert (await world.post(path, body))["rankings"][0]["rank"] == 471
    again = await world.send("POST", path, body)
    assert (again.status_code, again.json()["code"]) == (409, "ranking_taken")


async def test_contacts_are_masked_and_stay_out_of_the_log(world: World) -> None:
    path = f"/enterprises/{await make.make_investor(world)}/contacts"
    body = {
        "name": "示例联系人",
        "phone": "13800001234",
        "email": "contact@example.com",
        "purpose": "项目洽谈",
        "consent": "当面告知并同意",
        "consent_on": "2023-01-05",
        "keep_until": "2025-01-05",
    }
    contact = await world.post(path, body)
    assert (contact["phone_masked"], contact["email_masked"]) == ("138****1234", "c***@example.com")
    assert contact.pop("warnings") == []
    assert (await world.get(path)) == [contact]
    async with world.database.reading() as session:
        logged = " ".join(str(row) for row in (await session.execute(text("SELECT data FROM events"))).scalars())
    assert "13800001234" not in logged
    assert "示例联系人" not in logged
