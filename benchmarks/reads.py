"""What the reads of a page take at 10,000 and at 100,000 projects, as ratios within one run.

    .venv/bin/python benchmarks/reads.py            # PostgreSQL alone, started for the run
    .venv/bin/python benchmarks/reads.py 2000 20000

Makes two databases, of so many projects each: one placement, three moves, two amounts and three follow-ups a project,
a leader and a team for half of them, 160 to each official of theirs; a third on the plan list of 2023, 1,000 of these
begun in its first quarter; a deal with its entry for a third. The rows are made by the database itself (INSERT …
SELECT from generate_series), which takes less time than to make them here and send them by COPY. Every read goes
through the whole application, as a user of the bureau, in turns. Prints the median of each in milliseconds, over page
1 of GET /projects, and over its own at the smaller size; of what is asked at every key, the 95th percentile besides.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Mapping
from urllib.parse import quote
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import Request

from app import schema
from app.audit.trail import Trail
from app.core import logs
from app.core.actor import Actor, ActorKind, Permission
from app.core.clock import system_now
from app.core.config import Settings
from app.core.db import Database
from app.main import create_app
from app.search import following
from tests.postgres import postgres_cluster

ROUNDS, READS = 5, 6
UNITS, FORCES, INVESTORS = 40, 7, 20
LED = 160
"""Projects that an official leads who leads any, in a city of either size."""
YEAR = 2023
READER = UUID(int=7 << 64 | 1)
OFFICIAL = UUID("33333333" + "1".zfill(24))
INVESTOR_ID = UUID("44444444" + "1".zfill(24))

Q1 = f"{YEAR}Q1"
CALLS: dict[str, tuple[str, float | None]] = {
    "list": ("/projects", 1),
    "tasks": ("/me/tasks", 3),
    "list_filtered": ("/projects?stage=signed,landed&planned_total_min=100000000&sort=-planned_total", None),
    "list_summed": ("/projects?with=sum", None),
    "five_ones": ("/projects?five_ones=lacks_leader", None),
    "facets": ("/projects/facets?by=stage,unit,task_force", 6),
    "board": ("/pipeline/board", 6),
    "search_rare": ("/projects?q=%E7%A4%BA%E4%BE%8B%E9%A1%B9%E7%9B%AE777", 3),
    "search_common": ("/projects?q=%E9%A1%B9%E7%9B%AE", 3),
    "similar": (f"/duplicates/similar?name={quote('示例企业7新材料项目777')}&investor_id={INVESTOR_ID}", None),
    "similar_wide": (f"/duplicates/similar?name={quote('示例项目7')}", None),
    "gaps": ("/five-ones/gaps", None),
    "overview": (f"/totals/overview?period={Q1}", None),
    "attention": ("/totals/attention", None),
    "signings": (f"/totals/signings?from={YEAR}-01-01&to={YEAR}-12-31&group_by=unit", None),
}
"""Each read with the most times of page 1 of the list that it may take; None: printed only."""
P95_MS = {"similar": 100.0, "similar_wide": 100.0}
"""The most milliseconds of wall time that 95 % of the reads may take at the smaller size."""
OF_ITSELF = {"tasks": 1.5}
"""The most times of its own at the smaller size: one person has as many projects in a large city as in a small one."""


def _id(kind: str, number: str = "n") -> str:
    """Returns the SQL of the id of a made-up record."""
    return f"('{kind}' || lpad(to_hex({number}), 24, '0'))::uuid"


PROJECT, DEAL, UNIT, FORCE = "aaaaaaaa", "dddddddd", "11111111", "22222222"
PERSON, INVESTOR, TEAM = "33333333", "44444444", "55555555"
EVENT = "'eeeeeeee-0000-7000-8000-000000000001'::uuid"
DAY = f"date '{YEAR}-01-01' + (n % 90)::int"
MOMENT = f"timestamptz '{YEAR}-01-01 04:00+00' + (n % 90) * interval '1 day' + n * interval '1 microsecond'"
STAGE = "(array['screened','negotiating','framework','signed','landed','started','building','completed'])[1 + n % 8]"
OWN_UNIT = _id(UNIT, f"1 + n % {UNITS}")
VERSIONED: Mapping[str, str] = {"version": "1", "created_at": MOMENT, "updated_at": MOMENT}
RECORDED: Mapping[str, str] = {"recorded_at": MOMENT, "event_id": EVENT}
NEW = "gen_random_uuid()"


def _officials(count: int) -> int:
    """Returns the number of officials: every other project has a leader, and every other official leads."""
    return 2 * (count // (2 * LED))


async def put(connection: asyncpg.Connection, table: str, number: int, where: str = "true", /, **columns: str) -> None:
    """Makes rows of a table, `n` counting from 1."""
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    await connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM generate_series(1, {number}::bigint) AS n WHERE {where}"
    )


def _named(what: str) -> dict[str, str]:
    """Returns the columns of a name: a word and a number, the same by pinyin."""
    return {"name": f"'示例{what}' || n", "name_pinyin": "'shi li ' || lpad(n::text, 8, '0')"}


async def fill(url: str, count: int) -> None:
    """Fills a migrated, empty database."""
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")  # neither triggers nor foreign keys
    await connection.execute(
        "INSERT INTO events (id, at, type, actor_id, actor_name, actor_kind, subject_type, subject_id, data)"
        f" VALUES ({EVENT}, now(), 'office.loaded', 'load', 'load', 'system', 'office', {EVENT}, '{{}}')"
    )
    unit = {"id": _id(UNIT), "code": "'U' || n", "kind": "'district'", "is_assessed": "true", **VERSIONED}
    await put(connection, "units", UNITS, **unit, **_named("县"), opened_on="date '2020-01-01'")
    link = {"id": NEW, "unit_id": _id(UNIT), "parent_id": "NULL", "valid_from": "date '2020-01-01'"}
    await put(connection, "unit_parents", UNITS, **link, **RECORDED)
    force = {"id": _id(FORCE), "opened_on": "date '2020-01-01'", **VERSIONED, **_named("专班")}
    await put(connection, "task_forces", FORCES, **force)
    officials = _officials(count)
    official = {"id": _id(PERSON), "is_illustrative": "true", **VERSIONED, **_named("干部")}
    await put(connection, "officials", officials, **official)
    post = {"official_id": _id(PERSON), "unit_id": OWN_UNIT, "title": "'示例'", "is_top_leader": "false"}
    await put(connection, "posts", officials, id=NEW, **post, started_on="date '2020-01-01'", event_id=EVENT)
    code = {"name_normalized": "'示例企业' || n", "initials": "'slqy'", "is_illustrative": "true"}
    owner = {"origin": "'domestic'", "ownership": "'private'"}
    await put(connection, "enterprises", INVESTORS, id=_id(INVESTOR), **code, **owner, **VERSIONED, **_named("企业"))
    await _projects(connection, count)
    await _deals(connection, count)
    await connection.execute("UPDATE knowledge_head SET recorded_at = now()")
    database = Database(Settings(database_url=url), system_now)
    await following.renew(database)
    await database.close()
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _projects(connection: asyncpg.Connection, count: int) -> None:
    place = {"unit_id": OWN_UNIT, "program": "CASE WHEN n % 8 > 4 THEN 'construction' ELSE 'promotion' END"}
    own = {"project_id": _id(PROJECT)}
    await put(
        connection,
        "projects",
        count,
        id=_id(PROJECT),
        line_id=_id(PROJECT),
        code="'P2023-' || lpad(n::text, 7, '0')",
        **_named("项目"),
        name_normalized="'示例项目' || n",
        initials="'slxm' || n",
        **VERSIONED,
        **place,
        place_unit_id=OWN_UNIT,
        task_force_id=f"CASE WHEN n % 3 = 0 THEN {_id(FORCE, f'1 + n % {FORCES}')} END",
        investor_id=_id(INVESTOR, f"1 + n % {INVESTORS}"),
        industry_code="'26'",
        stage=STAGE,
        stage_since=DAY,
        status="CASE WHEN n % 50 = 0 THEN 'paused' WHEN n % 51 = 0 THEN 'terminated' ELSE 'active' END",
        paused_on=f"CASE WHEN n % 50 = 0 THEN {DAY} END",
        last_activity_on=DAY,
        due_on=f"{DAY} + 30",
        planned_total="(n % 977 + 1) * 100000000::bigint",
        is_parent="false",
        continues_parent="false",
        paused_days="0",
        confidentiality="'internal'",
        is_illustrative="true",
    )
    stated = {"states_unit": "true", "states_task_force": "true", "states_program": "true"}
    await put(connection, "project_placements", count, id=NEW, **own, effective_on=DAY, **place, **stated, **RECORDED)
    walked = (("entry", "NULL", "'screened'"), ("forward", "'screened'", "'negotiating'"))
    steps = (*walked, ("forward", "'negotiating'", STAGE))
    for seq, (kind, before, after) in enumerate(steps, 1):
        move = {"kind": f"'{kind}'", "from_stage": before, "to_stage": after, "to_status": "'active'"}
        await put(
            connection, "project_moves", count, id=NEW, **own, seq=str(seq), **move, happened_on=DAY,
            is_catch_up="false", **RECORDED,
        )  # fmt: skip
    for kind, year in (("planned_total", "NULL"), ("planned_this_year", str(YEAR))):
        amount = {"kind": f"'{kind}'", "value": "(n % 977 + 1) * 100000000::bigint", "year": year, "source": "'示例'"}
        await put(
            connection, "project_amounts", count, id=NEW, **own, **amount, currency="'CNY'", effective_on=DAY,
            **RECORDED,
        )  # fmt: skip
    said = {"kind": "'visit'", "with_investor": "true", "summary": "'示例'", "recorded_by": "'load'"}
    for later in (0, 1, 2):
        await put(connection, "follow_ups", count, id=NEW, **own, **said, on=f"{DAY} + {later}", **RECORDED)
    leader = _id(PERSON, f"1 + n % {_officials(count)}")
    led = {"capacities": "'[]'", "opened_on": DAY, "is_illustrative": "true", "event_id": EVENT}
    await put(connection, "leader_assignments", count, "n % 2 = 0", id=NEW, **own, official_id=leader, **led)
    member = {"official_id": leader, "role": "'leader'"}
    await put(connection, "project_members", count, "n % 2 = 0", id=NEW, **own, **member)
    team = {"lead_unit_id": OWN_UNIT, "leader_id": leader, "contact_id": leader, "opened_on": DAY}
    team |= {"is_illustrative": "true", "event_id": EVENT}
    await put(connection, "teams", count, "n % 2 = 0", id=NEW, **own, **team)
    listed = {"year": str(YEAR), "seq": "1", "is_withdrawn": "false", "source": "'示例'"}
    await put(connection, "plan_list_rows", count, "n % 3 = 1", id=NEW, **own, **listed, **RECORDED)
    resumed = {"year": str(YEAR), "seq": "1", "on": DAY, "is_withdrawn": "false"}
    await put(connection, "work_resumptions", min(count, 3000), "n % 3 = 1", id=NEW, **own, **resumed, **RECORDED)


async def _deals(connection: asyncpg.Connection, count: int) -> None:
    amount = {"amount": "(n % 977 + 1) * 100000000::bigint"}
    of_deal = {"deal_id": _id(DEAL), "unit_id": OWN_UNIT, "industry_code": "'26'"}
    of_deal |= {"origin": "'domestic'", "ownership": "'private'"}
    await put(
        connection,
        "deals",
        count,
        "n % 3 = 0",
        id=_id(DEAL),
        code="'D2023-' || lpad(n::text, 7, '0')",
        project_id=_id(PROJECT),
        kind="'formal'",
        title="'示例协议' || n",
        signed_on=DAY,
        investor_id=_id(INVESTOR, f"1 + n % {INVESTORS}"),
        agreed_amount=amount["amount"],
        currency="'CNY'",
        status="'live'",
        drafted_by="'load'",
        approved_by="'load'",
        approved_at=MOMENT,
        is_single_person="false",
        is_approved_at_source="false",
        is_illustrative="true",
        **VERSIONED,
    )
    fact = {"seq": "1", "kind": "'signing'", "effective_on": DAY, "currency": "'CNY'", "is_withdrawn": "false"}
    await put(connection, "deal_facts", count, "n % 3 = 0", id=NEW, **of_deal, **fact, **amount, **RECORDED)
    entry = {"kind": "'signing'", "of_kind": "'signing'", "effective_on": DAY, "count": "1", "landed": "0"}
    entry |= {"size": "'from_1_to_10_yi'", "seq": "1", "side": "0", "is_reversal": "false"}
    await put(connection, "ledger_entries", count, "n % 3 = 0", id=NEW, **of_deal, **entry, **amount, **RECORDED)


async def reader(_request: Request) -> Actor:
    """Somebody of the bureau who sees everything; what signing in costs is measured by `signed_in_read.py`."""
    return Actor(str(READER), "示例", ActorKind.person, permissions=frozenset(Permission), official_id=OFFICIAL)


async def measure(url: str) -> dict[str, list[float]]:
    """Returns the times of each call in milliseconds, ascending."""
    settings = Settings(database_url=url, log_level="error")
    logs.configure(settings)
    database = Database(settings, system_now)
    app = create_app(settings, actor_source=reader)
    app.state.database, app.state.trail = database, Trail(database)
    times: dict[str, list[float]] = {name: [] for name in CALLS}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://benchmark", timeout=120
    ) as client:
        for number in range(ROUNDS + 1):
            for name, (path, _) in CALLS.items():
                for _ in range(READS):
                    began = time.perf_counter()
                    answer = await client.get(f"/api/v1{path}")
                    took = time.perf_counter() - began
                    assert answer.status_code == 200, (name, answer.text)
                    if number:  # the first round fills the caches
                        times[name].append(took * 1000)
    await database.close()
    return {name: sorted(some) for name, some in times.items()}


async def prepared(admin: str, count: int) -> str:
    """Returns the URL of a database with so many projects."""
    name = f"reads_{uuid4().hex[:8]}"
    connection = await asyncpg.connect(admin)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    url = admin.rsplit("/", 1)[0] + f"/{name}"
    await asyncio.to_thread(schema.upgrade, Settings(database_url=url))
    began = time.perf_counter()
    await fill(url, count)
    print(f"{count} projects made in {time.perf_counter() - began:.0f} s", flush=True)
    return url


def report(sizes: list[int], found: list[dict[str, list[float]]]) -> None:
    small, large = ({name: statistics.median(some) for name, some in one.items()} for one in found)
    print(f"{'read':16} {sizes[0]:>9} {sizes[1]:>9}   ms; times the list; times itself; limit")
    for name, (_, limit) in CALLS.items():
        of_list, of_itself = large[name] / large["list"], large[name] / small[name]
        bound = "" if limit is None else f"≤ {limit:g}"
        bound += f", ≤ {OF_ITSELF[name]:g}" if name in OF_ITSELF else ""
        print(f"{name:16} {small[name]:9.1f} {large[name]:9.1f}   {of_list:6.2f} {of_itself:6.2f}  {bound}")
    for name, most in P95_MS.items():
        p95 = [some[name][-(-95 * len(some[name]) // 100) - 1] for some in found]
        print(f"{name:16} {p95[0]:9.1f} {p95[1]:9.1f}   95th percentile; ≤ {most:g} ms at {sizes[0]}")


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [10_000, 100_000]
    with postgres_cluster() as admin:
        found = []
        for count in sizes:
            url = asyncio.run(prepared(admin, count))
            found.append(asyncio.run(measure(url)))
    report(sizes, found)


if __name__ == "__main__":
    main()
