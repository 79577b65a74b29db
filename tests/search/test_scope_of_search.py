"""A district, a department, a task force and an official find what they see, compared with plain SQL."""

from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.actor import Actor
from tests.conftest import World
from tests.core.test_scope import SECRET, Two, staff, two_districts

pytestmark = pytest.mark.anyio

_TABLES = {"projects": "project", "leads": "lead", "deals": "deal"}
_OF_PROJECT = (
    "(unit_id IN ({units}) OR task_force_id IN ({forces}) OR id IN (SELECT project_id FROM project_members"
    " WHERE unit_id IN ({units}) OR official_id = '{official}'))"
)
_OF_LEAD = (
    "(unit_id IN ({units}) OR first_unit_id IN ({units}) OR task_force_id IN ({forces}) OR handler_id = '{official}')"
)


def scopes(world: World, actor: Actor) -> dict[str, str]:
    """Returns the condition, in plain SQL, that the actor sees a row, by table."""

    def listed(ids: frozenset[UUID] | None) -> str:
        return ", ".join(f"'{_raw(world, one)}'" for one in ids or ()) or "NULL"

    if actor.unit_ids is None:
        return dict.fromkeys(_TABLES, "1 = 1")
    names = {
        "units": listed(actor.unit_ids),
        "forces": listed(actor.task_force_ids),
        "official": _raw(world, actor.official_id or UUID(int=0)),
    }
    of_project = _OF_PROJECT.format(**names)
    return {
        "projects": of_project,
        "leads": _OF_LEAD.format(**names),
        "deals": f"project_id IN (SELECT id FROM projects WHERE {of_project})",
    }


async def plainly(world: World, actor: Actor, word: str) -> set[tuple[str, str]]:
    """Returns type and id of what the actor sees with the word in its name, or in that of its investor."""
    found = set()
    async with world.database.reading() as session:
        for table, scope in scopes(world, actor).items():
            name = "title" if table == "deals" else "name"
            investor = f"investor_id IN (SELECT id FROM enterprises WHERE name LIKE '%{word}%')"
            query = f"SELECT id FROM {table} WHERE {scope} AND ({name} LIKE '%{word}%' OR {investor})"
            found |= {(_TABLES[table], str(UUID(str(one)))) for one in await session.scalars(text(query))}
    return found


def _raw(world: World, one: UUID) -> str:
    return one.hex if world.database.is_sqlite else str(one)


def actors(two: Two) -> list[Actor]:
    return [
        staff(units=[two.here]),
        staff(units=[two.there]),
        staff(units=[two.here, two.there]),
        staff(task_forces=two.city.task_forces[:1]),
        staff(task_forces=two.city.task_forces[1:]),
        staff(official=two.city.officials[4]),
        staff(official=two.city.officials[2]),
        staff(),
    ]


async def test_found_is_what_is_seen(world: World) -> None:
    two = await two_districts(world)
    sizes = set()
    for actor in actors(two):
        world.actor = actor
        for word in ("示例", SECRET, "项目", "机密", "企业"):
            expected = await plainly(world, actor, word)
            sizes.add(len(expected))
            items = (await world.get("/search", q=word, types="project,lead,deal", limit=20))["items"]
            assert {(item["type"], item["id"]) for item in items} == expected, word
            for path, kind in _TABLES.items():
                page = await world.get(f"/{path}", q=word, limit=200)
                assert {item["id"] for item in page["items"]} == {one for name, one in expected if name == kind}
            if word == SECRET and not expected:
                assert SECRET not in (await world.client.get("/api/v1/search", params={"q": word})).text
    assert len(sizes) > 3
