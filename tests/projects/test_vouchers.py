"""Money that arrived is a voucher: a number and a value above zero, entered once in the whole city."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.core import knowledge
from app.projects.evidence_models import Evidence
from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.core.test_scope import staff
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
async def test_one_voucher_number_stands_once(world: World, city: make.City, number: str) -> None:
    first, second = await make.make_project(city), await make.make_project(city)
    await world.post(f"/projects/{first['id']}/evidence", voucher())
    for project in (first, second):
        path = f"/projects/{project['id']}/evidence"
        answer = await refused(world, "POST", path, 409, "voucher_taken", json=voucher(document_no=number))
        assert first["code"] in answer["detail"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"value": "0"}, "money_not_positive"),
        ({"value": "-1"}, "decimal_text"),
        ({"value": "0.004"}, "decimal_text"),
        ({"value": "1e3"}, "decimal_text"),
        ({"document_no": None}, "missing"),
        ({"document_no": "无"}, "missing"),
        ({"document_no": "—"}, "missing"),
        ({"document_no": "暂无编号"}, "missing"),
    ],
)
async def test_an_arrival_is_above_zero_and_has_a_number(
    world: World, city: make.City, fields: dict[str, Any], code: str
) -> None:
    project = await make.make_project(city)
    await refused(world, "POST", f"/projects/{project['id']}/evidence", 422, code, json=voucher(**fields))


@pytest.mark.parametrize("number", ["示例验资 １ 号", "（示例）验资第1号", "示例驗資1號", "示例验资No.1"])
async def test_another_writing_is_the_same_voucher(world: World, city: make.City, number: str) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}/evidence"
    await world.post(path, voucher())
    await refused(world, "POST", path, 409, "voucher_taken", json=voucher(document_no=number))


async def test_other_numbers_and_other_evidence_stand_beside_it(world: World, city: make.City) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}/evidence"
    await world.post(path, voucher())
    for number in ("示例验资1-1号", "示例验资11号", "示例验资1.1号", "示例无锡验资1号", "示例验资10号"):
        await world.post(path, voucher(document_no=number))
    for _ in range(2):
        await world.post(path, {"kind": "legality_review", "on": "2023-03-30", "document_no": "示例验资1号"})
    await world.holds()


async def test_a_voided_voucher_gives_its_number_back(world: World, city: make.City) -> None:
    first, second = [f"/projects/{(await make.make_project(city))['id']}/evidence" for _ in range(2)]
    row = await world.post(first, voucher())
    await world.post(f"{first}/{row['id']}/void", {"reason": "示例：登错项目"}, status=200)
    await world.post(second, voucher())
    await refused(world, "POST", first, 409, "voucher_taken", json=voucher())
    await world.holds()


async def test_a_voucher_of_another_unit_is_there_and_nothing_more(world: World, city: make.City) -> None:
    first = await make.make_project(city)
    second = await make.make_project(city, unit_id=city.districts[1], place_unit_id=city.districts[1])
    await world.post(f"/projects/{first['id']}/evidence", voucher())
    world.actor = staff(units=[city.districts[1]])
    answer = await refused(world, "POST", f"/projects/{second['id']}/evidence", 409, "voucher_taken", json=voucher())
    assert first["code"] not in str(answer)
    assert first["name"] not in str(answer)


async def test_of_two_at_once_one_stands(world: World, city: make.City) -> None:
    paths = [f"/projects/{(await make.make_project(city))['id']}/evidence" for _ in range(3)]
    answers = await asyncio.gather(*(world.send("POST", path, voucher()) for path in paths))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"voucher_taken"}
    await world.holds()


async def test_money_of_nothing_opens_no_gate(world: World, city: make.City) -> None:
    """As rows of before the rule may be."""
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    row = await world.post(f"{path}/evidence", voucher())
    assert await opens_the_gate(world, path)
    await world.post(f"{path}/evidence/{row['id']}/void", {"reason": "示例"}, status=200)
    old = (
        'INSERT INTO evidence (id, project_id, kind, "on", value, is_not_needed, recorded_at, event_id) '
        'SELECT event_id, project_id, kind, "on", 0, is_not_needed, recorded_at, event_id FROM evidence'
    )
    async with world.database.writing() as session:
        await session.execute(text(old))
    assert not await opens_the_gate(world, path)
    # The log tells of no such row, which none of before the log kept rows does.
    assert [finding.rule for finding in await world.findings() if finding.rule != "sealed_log"] == ["voucher"]


async def opens_the_gate(world: World, path: str) -> bool:
    gates = (await world.get(f"{path}/gates", to="landed"))["gates"]
    return next(bool(gate["is_met"]) for gate in gates if gate["code"] == "code_or_arrival")


async def add_twin(world: World, project: str, value: Decimal | None = None) -> None:
    """Adds the latest voucher again on another project, as rows of before the rule may be."""
    async with world.database.writing() as session:
        known = (await session.scalars(select(Evidence).order_by(Evidence.recorded_at.desc()).limit(1))).one()
        session.add(
            Evidence(
                project_id=UUID(project.rsplit("/", 1)[-1]),
                kind=known.kind,
                on=known.on,
                value=known.value if value is None else value,
                document_no=known.document_no,
                is_not_needed=False,
                recorded_at=await knowledge.take(session),
                event_id=known.event_id,
            )
        )


async def findings_of_vouchers(world: World) -> list[str]:
    """Returns the findings of `check` on vouchers and their keys."""
    return sorted(finding.rule for finding in await world.findings() if finding.rule in ("voucher", "key"))


async def test_of_twin_vouchers_of_before_one_stands_and_the_next_takes_its_place(
    world: World, city: make.City
) -> None:
    first, second, third = [f"/projects/{(await make.make_project(city))['id']}" for _ in range(3)]
    row = await world.post(f"{first}/evidence", voucher())
    await add_twin(world, second)
    assert await findings_of_vouchers(world) == ["voucher"]
    # One voucher is the money of one project: the twin is listed, and opens nothing.
    assert [await opens_the_gate(world, path) for path in (first, second)] == [True, False]
    await world.post(f"{first}/evidence/{row['id']}/void", {"reason": "示例：登错项目"}, status=200)
    assert await findings_of_vouchers(world) == []
    assert [await opens_the_gate(world, path) for path in (first, second)] == [False, True]
    answer = await refused(world, "POST", f"{third}/evidence", 409, "voucher_taken", json=voucher())
    assert (await world.get(second))["code"] in answer["detail"]
    (twin,) = await world.get(f"{second}/evidence")
    await world.post(f"{second}/evidence/{twin['id']}/void", {"reason": "示例：登错项目"}, status=200)
    await world.post(f"{third}/evidence", voucher())
    assert await findings_of_vouchers(world) == []


async def test_a_twin_that_does_not_stand_is_voided_without_freeing_the_number(world: World, city: make.City) -> None:
    first, second = [f"/projects/{(await make.make_project(city))['id']}" for _ in range(2)]
    await world.post(f"{first}/evidence", voucher())
    await add_twin(world, second)
    (twin,) = await world.get(f"{second}/evidence")
    await world.post(f"{second}/evidence/{twin['id']}/void", {"reason": "示例：重号"}, status=200)
    await refused(world, "POST", f"{second}/evidence", 409, "voucher_taken", json=voucher())
    assert await opens_the_gate(world, first)
    assert await findings_of_vouchers(world) == []


async def test_money_of_nothing_holds_no_number(world: World, city: make.City) -> None:
    """A row from before the rule, older than the voucher with the same number."""
    first, second = [f"/projects/{(await make.make_project(city))['id']}" for _ in range(2)]
    row = await world.post(f"{first}/evidence", voucher())
    await add_twin(world, second, Decimal(0))
    await world.post(f"{first}/evidence/{row['id']}/void", {"reason": "示例"}, status=200)
    assert await findings_of_vouchers(world) == ["voucher"]
    await world.post(f"{first}/evidence", voucher())
    assert [await opens_the_gate(world, path) for path in (first, second)] == [True, False]
    assert await findings_of_vouchers(world) == ["voucher"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("-1", "不能为负"),
        ("0.004", "最多 2 位小数"),
        ("1,000", "最多 2 位小数"),
        ("NaN", "最多 2 位小数"),
        ("1000000000000", "数字过大"),
        ("9" * 30 + ".001", "数字过大"),
    ],
)
async def test_what_is_wrong_with_a_value_is_said(world: World, city: make.City, value: str, words: str) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}/evidence"
    answer = await refused(world, "POST", path, 422, json=voucher(value=value))
    assert words in answer["errors"][0]["detail"]
    capacity = {"kind": "capacity", "on": "2023-03-30"}
    answer = await refused(world, "POST", path, 422, json={**capacity, "value": value})
    assert words in answer["errors"][0]["detail"]
    for right in ("999999999999.99", "0.01", "85"):
        await world.post(path, {**capacity, "value": right})
