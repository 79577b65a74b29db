"""Both databases find what a plain model finds in the names without any index; and PostgreSQL uses its index."""

import random
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, text

from app.enterprises.models import Enterprise
from app.search import index, keys
from app.search.keys import Match, Style
from app.search.models import SearchEntry
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

_PARTS = "石化 长输 重庆 碳纤维 新能源 中国 （中国） 示例： LNG ＣＡＴＬ C++ 1.5万吨 15万吨 3# 二期 2期"
_PARTS += " 乐器 单 曾某 · 抚顺 3-2号 éa"
PARTS = _PARTS.split()
NAMES = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join)
STYLES = st.sampled_from(Style)


@given(NAMES, STYLES, st.data())
@settings(max_examples=300, deadline=None)
def test_grams_hide_nothing_that_the_text_holds(name: str, style: Style, data: Any) -> None:
    """Every entry that holds the text of a needle has its grams, so the index leaves nothing out; and a part of a name
    without signs is always part of its entry."""
    entry = keys.entry("project", [(Match.own_name, style, name)])
    start = data.draw(st.integers(0, len(name) - 1))
    q = name[start : data.draw(st.integers(start + 1, len(name)))]
    for sought in (q, data.draw(NAMES), data.draw(st.text("aceghlnosuxyz'", min_size=1, max_size=7))):
        for needle in keys.sought(sought):
            if needle.text in entry.lines:
                assert set(needle.grams) <= set(entry.grams)
    written = unicodedata.normalize("NFKC", q)
    if written.isalnum() and len(written) > 1:
        assert keys.found_in(entry.lines, keys.sought(q)) is not None


@given(st.text(max_size=200))
@settings(max_examples=500, deadline=None)
def test_any_text_may_be_sought_and_indexed(q: str) -> None:
    needles = keys.sought(q)
    assert len(needles) <= 6
    assert all(needle.grams and len(needle.grams) <= 12 for needle in needles)
    for style in Style:
        keys.entry("project", [(Match.own_name, style, q)])


async def test_both_databases_find_what_the_plain_model_finds(world: World) -> None:
    """The model looks for the needle in the lines of each record, and at the end compares whole answers in order."""
    draw = random.Random(20231130)
    names = ["".join(draw.choices(PARTS, k=draw.randint(1, 5))) for _ in range(120)]
    moment = world.clock()
    fixed = {"version": 1, "name_pinyin": "", "name_normalized": "", "initials": "", "is_illustrative": True}
    rows: list[dict[str, Any]] = [
        {"id": UUID(int=place + 1), "name": name, **fixed, "created_at": moment, "updated_at": moment}
        for place, name in enumerate(names)
    ]
    async with world.database.writing() as session:
        await session.execute(insert(Enterprise), rows)
    lines = {
        str(row["id"]): keys.entry("enterprise", [(Match.own_name, Style.NAME, row["name"])]).lines for row in rows
    }
    asked = [draw.choice(names) for _ in range(20)] + PARTS
    asked += [name[(at := draw.randrange(len(name))) : at + draw.randint(1, 4)] for name in draw.sample(names, 40)]
    asked += [
        "shihua",
        "csgx",
        "zs",
        "zhongguo",
        "cq",
        "zhong",
        "yueqi",
        "tanxianw",
        "lng",
        "x",
        "s",
        "石",
        "catl",
        "2",
    ]
    hits = 0
    for q in dict.fromkeys(asked):
        if not q.strip():
            continue
        expected = {one for one, held in lines.items() if any(needle.text in held for needle in keys.sought(q))}
        page = await world.get("/enterprises", q=q, limit=200)
        assert {item["id"] for item in page["items"]} == expected, q
        shown = (await world.get("/search", q=q, types="enterprise", limit=20))["items"]
        assert [item["id"] for item in shown] == _best(q, lines, expected), q
        hits += len(expected)
    assert hits > 500


def _best(q: str, lines: dict[str, str], expected: set[str]) -> list[str]:
    """Returns the ids of whole lines, then of starts, then of parts, of each the latest first."""
    needles = keys.sought(q)

    def rank(one: str) -> int:
        if any(needle.whole in lines[one] for needle in needles):
            return index.WHOLE
        return index.START if any(needle.start in lines[one] for needle in needles) else index.PART

    return sorted(sorted(expected, reverse=True), key=rank)[:20]


@contextmanager
def _sent(world: World) -> Iterator[list[tuple[str, Any]]]:
    """Collects the queries that look into the index, with their parameters."""
    engines, sent = (world.database.read_engine, world.database.write_engine), list[tuple[str, Any]]()

    def before(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if "search_entries" in statement and not statement.startswith(("INSERT", "DELETE")):
            sent.append((statement, parameters))

    for engine in engines:
        event.listen(engine.sync_engine, "before_cursor_execute", before)
    yield sent
    for engine in engines:
        event.remove(engine.sync_engine, "before_cursor_execute", before)


_COPIES = (
    "INSERT INTO projects SELECT copy.* FROM projects p, generate_series(1, 20000) n, "
    "LATERAL (SELECT gen_random_uuid() AS id WHERE n > 0) made, "
    "LATERAL jsonb_populate_record(p, jsonb_build_object("
    "'id', made.id, 'line_id', made.id, 'code', 'X' || n)) copy WHERE p.id = :id RETURNING id"
)


@pytest.mark.postgresql_only
async def test_postgresql_uses_the_index_among_twenty_thousand(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city, name="示例：长输管线")
    names = [
        f"示例：{'甲乙丙丁戊'[n % 5]}{'春夏秋冬东南西北'[n % 8]}石化{'' if n % 7 else '仓储'}{n}号" for n in range(40)
    ]
    entries = [keys.entry("project", [(Match.own_name, Style.NAME, name)]) for name in names]
    async with world.database.writing() as session:
        ids = (await session.scalars(text(_COPIES), {"id": UUID(project["id"])})).all()
        rows = [
            {"kind": "project", "record_id": one, **entries[place % 40]._asdict(), "digest": ""}
            for place, one in enumerate(ids)
        ]
        await session.execute(insert(SearchEntry), rows)
        await session.execute(text("ANALYZE search_entries"))
        await session.execute(text("ANALYZE projects"))
    for q in ("长输", "csgx", "changshu", "P2023-00001"):
        with _sent(world) as sent:
            for path in ("/projects", "/search"):
                assert len((await world.get(path, q=q))["items"]) >= 1, (path, q)
        assert len(sent) == 2
        await _explained(world, sent)
    with _sent(world) as sent:
        similar = await world.get("/duplicates/similar", name="长输管线二期")
        assert project["id"] in {one["id"] for one in similar}
    await _explained(world, sent[:1])  # of projects; there are no leads


async def _explained(world: World, sent: list[tuple[str, Any]]) -> None:
    """Asserts that PostgreSQL answers each statement by the index of grams."""
    async with world.database.read_engine.connect() as connection:
        for statement, parameters in sent:
            lines = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).all()
            plan = "\n".join(line[0] for line in lines)
            assert "ix_search_entries_grams" in plan, plan
            assert "Seq Scan on search_entries" not in plan, plan
