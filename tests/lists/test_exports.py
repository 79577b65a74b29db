"""An export is its list: parsed, it says what walking the list says, for the bureau and for a district."""

import asyncio
import csv
import io
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.accounts.roles import Role
from app.audit.models import SecurityEvent, SecurityEventType
from app.core.localized import Word
from app.lists import export
from app.lists.export_schemas import DealColumn, GapColumn, LeadColumn, MilestoneColumn, ProjectColumn
from app.organizations.models import Unit
from app.totals.exports import AwaitingColumn, EntryColumn, FigureColumn, FunnelColumn
from tests.conftest import LOCAL_PERSON, World, running
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.factories.staff import clerk
from tests.lists.test_facets import DISTRICT, subtree, walked


async def exported(world: World, path: str, language: str = "zh", **asked: Any) -> tuple[dict[str, str], list[Any]]:
    """Returns what an export says above its rows, and its rows by the heads of their columns."""
    answer = await world.client.get(f"/api/v1{path}", params=asked, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    text = answer.content.decode("utf-8-sig")
    assert answer.content.startswith("\ufeff".encode())
    lines = list(csv.reader(io.StringIO(text)))
    notes = {line[1]: line[2] for line in lines if line[0] == "#" and len(line) == 3}
    heads, *rows = [line for line in lines if line[0] != "#"]
    assert notes["行数" if language == "zh" else "rows"] == str(len(rows))
    return notes, [dict(zip(heads, row, strict=True)) for row in rows]


async def conditions(world: World, path: str, language: str, **asked: Any) -> list[str]:
    """Returns the conditions that an export says above its rows."""
    answer = await world.client.get(f"/api/v1{path}", params=asked, headers={"Accept-Language": language})
    lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    return [line[2] for line in lines if line[:2] in (["#", "条件"], ["#", "filter"])]


def in_json(row: Any, column: Word) -> Any:
    """Returns what a row of the list answers for a column, as JSON holds it."""
    if column is DealColumn.drafted_by:
        return row["drafted_by_name"] or row["drafted_by"]
    for name in column.value.split("."):
        row = None if row is None else row[name]
    return row


def shown(value: Any, cell: str) -> bool:
    """Whether a cell says what the list answers: the name of a record, 是 for true; words by their Chinese name."""
    if value is None or isinstance(value, bool):
        text = {None: "", True: "是", False: "否"}[value]
    elif isinstance(value, dict):
        text = value["zh"] if "zh" in value else value["name"]
    else:
        text = str(value)
    return cell.removeprefix("'") == text


WORDS = {
    *("program", "stage", "next_stage", "status", "channel", "updated_at", "reported_at"),
    *(
        "leads_to",
        "left_by",
        "kind",
        "of_kind",
        "origin",
        "ownership",
        "size",
        "recorded_at",
        "drafted_at",
        "submitted_at",
        "gates_missing",
    ),
}
"""Columns that show words or moments in another form than the list answers them."""
FIGURES: dict[str, type[Word]] = {
    "/totals/signings/entries": EntryColumn,
    "/totals/collective-start/rows": FigureColumn,
    "/totals/started-or-resumed/rows": FigureColumn,
    "/totals/planned-year/rows": FigureColumn,
}
"""The rows behind the figures."""
FUNNEL = (
    {"what": "left", "stage": "signed", "pool": "promotion"},
    {"what": "overdue", "stage": "negotiating"},
    {"what": "reached", "stage": "landed"},
)
PERIOD = {"from": "2023-01-01", "to": "2023-12-31"}


async def agree(world: World, path: str, columns: type[Word], **asked: Any) -> int:
    rows = await walked(world, path, **asked)
    _, lines = await exported(world, f"{path}/export", **asked)
    assert len(lines) == len(rows)
    for row, line in zip(rows, lines, strict=True):
        assert list(line) == [column.say.zh for column in columns]
        for column in columns:
            if column.value not in WORDS and not column.value.startswith("five_ones."):
                assert shown(in_json(row, column), line[column.say.zh]), (column, line)
    return len(rows)


def test_an_export_says_what_its_list_says(sample_copy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PAGE", 60)  # several pages

    async def all_of_it() -> None:
        async with running(sample_copy) as world:
            everything = await agree(world, "/projects", ProjectColumn)
            await agree(world, "/projects", ProjectColumn, stage="signed,landed", sort="-planned_total")
            assert await agree(world, "/five-ones/gaps", GapColumn) > 0
            await agree(world, "/leads", LeadColumn)
            assert await agree(world, "/deals", DealColumn, sort="-signed_on") > 0
            assert await agree(world, "/milestones", MilestoneColumn) > 0
            for number in FUNNEL:
                assert await agree(world, "/totals/funnel/rows", FunnelColumn, **PERIOD, **number) > 0, number
            for path, columns in FIGURES.items():
                assert await agree(world, path, columns, **PERIOD) > 0, path
            async with world.database.reading() as session:
                unit_id = (await session.scalars(select(Unit.id).where(Unit.code == DISTRICT))).one()
            below = await subtree(world, unit_id, (await world.get("/pipeline/board", cards=0))["today"])
            world.actor = replace(LOCAL_PERSON, unit_ids=frozenset(below))
            assert 0 < await agree(world, "/projects", ProjectColumn) < everything
            await agree(world, "/five-ones/gaps", GapColumn)
            await agree(world, "/leads", LeadColumn)
            await agree(world, "/deals", DealColumn)
            await agree(world, "/milestones", MilestoneColumn)
            for path, columns in FIGURES.items():
                await agree(world, path, columns, **PERIOD)

    asyncio.run(all_of_it())


@pytest.mark.anyio
async def test_what_is_said_above_the_rows(world: World, city: make.City, signed_project: make.Signed) -> None:
    notes, rows = await exported(world, "/projects/export", pool="promotion", columns="code,stage,planned_total")
    assert notes["口径"] == "工作调度口径，非统计数据"
    assert (notes["范围"], notes["类别口径"], notes["业务日"]) == ("全市", "招商引资", "2023-06-01")
    signings = await world.get("/totals/signings", **PERIOD)
    assert notes["数据截至"] == signings["known_at"]
    assert [row["阶段"] for row in rows if row["编号"] == signed_project[0]["code"]] == ["签约"]
    asked = {
        "stage": "signed,landed",
        "five_ones": "complete",
        "unit_id": city.districts[0],
        "leader_id": f"none,{city.officials[0]}",
        "industry_code": "26",
        "is_overdue": "false",
        "planned_total_min": "1.00",
        "sort": "-planned_total",
    }
    said = await conditions(world, "/projects/export", "zh", **asked)
    assert said == [
        "阶段=签约、落地",
        "单位及其下级=示例区1",
        "行业=化学原料和化学制品制造业",
        "包保领导=无、示例干部0",
        "五个一=五个一齐全",
        "超期=否",
        "计划总投资不低于（元）=1.00",
        "排序=计划总投资 降序",
    ]
    assert (await conditions(world, "/projects/export", "en", **asked))[0] == "stage = signed, landed"
    hidden = signed_project[0]["id"]
    assert await conditions(world, "/deals/export", "zh", project_id=hidden, drafted_by="me") == [
        f"项目={signed_project[0]['name']}",
        "起草人=本人",
        "排序=修改时间 降序",
    ]
    world.actor = clerk(Role.district, units=[city.districts[1]])
    assert f"项目={hidden}" in await conditions(world, "/deals/export", "zh", project_id=hidden)
    world.actor = LOCAL_PERSON
    assert "期间=2023" in await conditions(world, "/totals/signings/entries/export", "zh", period="2023")
    notes, rows = await exported(world, "/projects/export", "en", columns="stage,is_parent")
    assert notes["caliber"] == "a working caliber, not statistics"
    assert {"stage": "Signed", "has phases": "no"} in [{**row, "stage": row["stage"].title()} for row in rows]


@pytest.mark.anyio
async def test_what_was_picked_is_exported_within_the_scope(world: World, city: make.City) -> None:
    here, there = city.districts
    own, others = [await make.make_project(city, unit_id=unit) for unit in (here, there)]
    lead = await make.make_lead(city)
    await make.make_lead(city)
    draft = await world.post("/deals", {"project_id": own["id"], "title": "示例"})
    picked = ",".join(record["id"] for record in (own, others, lead, draft))
    world.actor = replace(LOCAL_PERSON, unit_ids=frozenset([UUID(here)]))
    for path, code in (("projects", own), ("leads", lead), ("deals", draft), ("five-ones/gaps", own)):
        _, rows = await exported(world, f"/{path}/export", ids=picked)
        assert [row["编号"] for row in rows] == [code["code"]], path
    _, rows = await exported(world, "/milestones/export", ids=picked)
    assert rows == []
    many = ",".join(str(uuid4()) for _ in range(201))
    answer = await world.client.get("/api/v1/projects/export", params={"ids": many})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("?ids")


@pytest.mark.anyio
async def test_what_is_said_above_the_rows_of_a_figure(world: World, city: make.City) -> None:
    deal = await make.make_deal(city, (await make.make_project(city))["id"], signed_on="2023-03-01")
    assert await agree(world, "/totals/awaiting-signed/rows", AwaitingColumn, **PERIOD) == 1
    notes, rows = await exported(world, "/totals/awaiting-signed/rows/export", known_at="2023-01-01", **PERIOD)
    assert (notes["口径"][:8], rows) == ("已审核待转签约：", [])
    assert notes["数据截至"] < deal["updated_at"]
    notes, _ = await exported(world, "/totals/planned-year/rows/export", "en", period="2023")
    assert notes["caliber"].startswith("Planned for the year")
    assert notes["scope"] == "the whole city"


@pytest.mark.anyio
async def test_each_export_is_on_record_without_the_text_searched_for(world: World, city: make.City) -> None:
    await exported(world, "/projects/export", q="示例某人", status="active", columns="code")
    async with world.database.reading() as session:
        found = (await session.scalars(select(SecurityEvent).order_by(SecurityEvent.id.desc()).limit(1))).one()
    assert found.type == SecurityEventType.list_exported
    assert found.data == {
        "what": "projects",
        "filter": {"status": "active", "sort": "-updated_at", "q": True},
        "columns": "code",
    }


@pytest.mark.anyio
async def test_a_formula_in_a_name_is_quoted_in_any_width(world: World, city: make.City) -> None:
    for name in ("=1+1 示例项目", "＝1+1 示例项目二"):
        await make.make_project(city, name=name, duplicate_ruling="示例：不是同一项目")
    _, rows = await exported(world, "/projects/export", columns="name")
    assert {"'=1+1 示例项目", "'＝1+1 示例项目二"} <= {row["项目名称"] for row in rows}


@pytest.mark.anyio
async def test_what_an_export_refuses_is_no_file_and_not_on_record(world: World, city: make.City) -> None:
    for asked in ({"columns": "code,phone"}, {"columns": ""}, {"stage": "no_such"}, {"limit": "5"}, {"with": "sum"}):
        answer = await world.client.get("/api/v1/projects/export", params=asked)
        assert answer.status_code == 422, asked
        assert answer.json()["errors"][0]["pointer"].startswith(f"?{next(iter(asked))}")
    async with world.database.reading() as session:
        types = list(await session.scalars(select(SecurityEvent.type)))
    assert SecurityEventType.list_exported not in types


@pytest.mark.anyio
async def test_an_export_costs_the_statements_of_its_list(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    async def cost() -> int:
        with counted(world) as statements:
            await exported(world, "/projects/export")
        return len(statements)

    await make.make_signed(city)
    await cost()  # reads what a process keeps
    before = await cost()
    for _ in range(4):
        await make.make_signed(city)
    assert await cost() == before <= 12
    for path in ("/totals/signings/entries", "/totals/planned-year/rows", "/totals/funnel/rows"):
        stage = {"what": "entered", "stage": "signed"} if "funnel" in path else {}
        with counted(world) as statements:
            await exported(world, f"{path}/export", **PERIOD, **stage)
        sums = [one for one in statements if "count(*)" in one and "FROM stages" not in one]
        assert sums == [], "the pages alone, not what they add up to"


@pytest.mark.anyio
async def test_exports_leave_half_of_the_connections_to_pages(world: World, city: make.City) -> None:
    places = export.places(world.database)
    taken = world.settings.pool_size // 2
    for _ in range(taken):
        await places.acquire()
    assert (await world.client.get("/api/v1/projects/export")).status_code == 503
    places.release()
    await exported(world, "/projects/export", columns="code")
    assert not places.locked()
