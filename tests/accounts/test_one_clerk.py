"""No single person, by any acts in any order, moves a signing total, a figure of others or a control.

Moving a total takes two people: the one who drafted the deal, and another.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.accounts.roles import Role
from app.core import office
from app.core.actor import Actor
from app.deals.models import Deal, LedgerEntry
from app.events.models import Event
from tests.conftest import LOCAL_PERSON, World, running
from tests.factories import city as make
from tests.factories.figures import without_addresses
from tests.factories.staff import clerk

YEAR = {"from": "2022-01-01", "to": "2023-12-31"}
DRAFTER = clerk(Role.bureau, name="first")


@dataclass
class Ground:
    """A city in which the first clerk of the bureau drafted every deal, and another person approved them."""

    city: make.City
    projects: list[str] = field(default_factory=list)
    """Of the first district (its team led by the second, then one of the first task force), and of the second."""
    deals: list[str] = field(default_factory=list)
    """Live ones, one that ended with its project, and a draft."""
    lead: str = ""
    evidence: str = ""


def acting_alone(who: str, city: make.City) -> Actor:
    here, there = city.districts
    assert here
    return {
        "first": DRAFTER,
        "second": clerk(Role.bureau, name="second"),
        "district": clerk(Role.district, units=[there]),
        "task_force": clerk(Role.task_force, task_forces=city.task_forces[:1]),
    }[who]


async def make_ground(world: World) -> Ground:
    city = await make.make_city(world)
    here, there = city.districts
    ground = Ground(city)
    places: list[dict[str, Any]] = [
        {"unit_id": here},
        {"unit_id": here, "task_force_id": city.task_forces[0]},
        {"unit_id": there},
        {"unit_id": here},
    ]
    for number, place in enumerate(places):
        # An investor each: nothing is a duplicate of anything.
        place |= {"place_unit_id": place["unit_id"], "investor_id": await make.make_investor(world)}
        project = await make.make_project(city, **place)
        path = f"/projects/{project['id']}"
        await make.give_five_ones(city, project["id"])
        await make.move(city, project["id"], "negotiating", "2023-01-03")
        await make.add_evidence(city, project["id"], "legality_review", "fair_competition_review")
        world.actor = DRAFTER
        draft = {
            "project_id": project["id"],
            "title": "示例协议",
            "agreement_no": f"示例协〔2023〕{number}号",
            "signed_on": "2023-02-01",
            "agreed_amount": f"{number + 1}00000000.00",
        }
        deal = await world.post("/deals", draft)
        world.actor = LOCAL_PERSON
        ground.projects.append(project["id"])
        ground.deals.append(deal["id"])
        if number == 1:
            continue  # a draft waits
        await world.act(f"/deals/{deal['id']}", "approval", {})
        await make.move(city, project["id"], "signed", "2023-02-01")
        await world.post(f"/plan-lists/2023{path}", {"source": "示例", "planned_this_year": "1000000.00"})
        if number == 3:
            end = {"happened_on": "2023-03-01", "reason": "示例", "reason_code": "market"}
            await world.act(path, "termination", end)
    team = {
        "lead_unit_id": there,
        "leader_id": city.officials[1],
        "contact_id": city.officials[2],
        "members": [{"official_id": city.officials[2]}, {"official_id": city.officials[3]}],
    }
    await world.act(f"/projects/{ground.projects[0]}", "team-replacements", team)
    ground.evidence = (await world.get(f"/projects/{ground.projects[0]}/evidence"))[0]["id"]
    ground.lead = (await make.make_lead(city, first_unit_id=there, unit_id=here))["id"]
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None)
    return ground


Act = Callable[[Ground, str, str, int], tuple[str, str, dict[str, Any] | None]]
"""What a person tries: of the ground, a project, a deal and a number, the method, the path and the body."""


def _on(n: int) -> str:
    return f"2023-0{1 + n % 5}-15"


ACTS: dict[str, Act] = {
    "phase": lambda g, p, d, n: (
        "POST",
        f"/projects/{p}/phases",
        {
            "name": f"示例{n}期",
            "phase_no": 1 + n,
            "from_on": _on(n),
            "continues_parent": n % 2 == 0,
            "unit_id": g.city.districts[n % 2],
        },
    ),
    "withdraw_phase": lambda g, p, d, n: ("POST", f"/projects/{p}/phase-withdrawal", {"reason": "示例"}),
    "transfer": lambda g, p, d, n: (
        "POST",
        f"/projects/{p}/transfers",
        {"unit_id": g.city.districts[n % 2], "ruled_on": _on(n), "document": "示例", "reason": "示例"},
    ),
    "program": lambda g, p, d, n: (
        "POST",
        f"/projects/{p}/program-changes",
        {"program": ("both", "construction")[n % 2], "effective_on": _on(n), "reason": "示例"},
    ),
    "merge": lambda g, p, d, n: (
        "POST",
        f"/projects/{p}/merge",
        {"into_id": g.projects[n % len(g.projects)], "reason": "示例"},
    ),
    "terminate": lambda g, p, d, n: (
        "POST",
        f"/projects/{p}/termination",
        {"happened_on": _on(n), "reason": "示例", "reason_code": "market"},
    ),
    "reinstate": lambda g, p, d, n: ("POST", f"/projects/{p}/reinstatement", {"reason": "示例"}),
    "move": lambda g, p, d, n: (
        "POST",
        f"/projects/{p}/moves",
        {"to": ("landed", "signed", "negotiating")[n % 3], "happened_on": _on(n), "reason": "示例", "catch_up": True},
    ),
    "redate_move": lambda g, p, d, n: (
        "POST",
        f"/projects/{p}/moves/last/correction",
        {"happened_on": _on(n), "reason": "示例"},
    ),
    "withdraw_move": lambda g, p, d, n: (
        "POST",
        f"/projects/{p}/moves/last/correction",
        {"withdraw": True, "reason": "示例"},
    ),
    "approve": lambda g, p, d, n: ("POST", f"/deals/{d}/approval", {}),
    "amend": lambda g, p, d, n: (
        "POST",
        f"/deals/{d}/amendments",
        {"agreed_amount": f"{n + 5}00.00", "effective_on": _on(n), "document": "示例"},
    ),
    "end_deal": lambda g, p, d, n: (
        "POST",
        f"/deals/{d}/termination",
        {"effective_on": _on(n), "reason": "示例", "project": {"becomes": "terminated", "reason_code": "market"}},
    ),
    "correct_amount": lambda g, p, d, n: ("POST", f"/deals/{d}/corrections", {"amount": f"{n}1.00", "reason": "示例"}),
    "correct_place": lambda g, p, d, n: (
        "POST",
        f"/deals/{d}/corrections",
        {"unit_id": g.city.districts[n % 2], "reason": "示例"},
    ),
    "never_a_deal": lambda g, p, d, n: (
        "POST",
        f"/deals/{d}/corrections",
        {"never_a_deal": True, "reason": "示例", "project": {"becomes": "before_signed"}},
    ),
    "edit_draft": lambda g, p, d, n: ("PATCH", f"/deals/{d}", {"agreed_amount": "999999999.00"}),
    "draft": lambda g, p, d, n: (
        "POST",
        "/deals",
        {"project_id": p, "title": "示例", "signed_on": _on(n), "agreed_amount": "99900000000.00"},
    ),
    "amount": lambda g, p, d, n: (
        "POST",
        f"/projects/{p}/amounts",
        {"kind": "planned_total", "value": "99900000000.00", "effective_on": _on(n), "source": "示例"},
    ),
    "void": lambda g, p, d, n: ("POST", f"/projects/{p}/evidence/{g.evidence}/void", {"reason": "示例"}),
    "visit": lambda g, p, d, n: (
        "POST",
        f"/projects/{p}/follow-ups",
        {"kind": "visit", "on": _on(n), "summary": "示例"},
    ),
    "enter": lambda g, p, d, n: (
        "POST",
        "/projects",
        {
            "name": make.distinct_name("项目"),
            "unit_id": g.city.districts[n % 2],
            "task_force_id": g.city.task_forces[0] if n % 3 else None,
            "place_unit_id": g.city.districts[n % 2],
            "industry_code": "26",
            "direct_entry_reason": "示例",
        },
    ),
    "take_lead": lambda g, p, d, n: ("PATCH", f"/leads/{g.lead}", {"unit_id": g.city.districts[1]}),
    "convert": lambda g, p, d, n: ("POST", f"/leads/{g.lead}/conversion", {}),
    "unlist": lambda g, p, d, n: ("POST", f"/plan-lists/2023/projects/{p}/withdrawal", {"reason": "示例"}),
    "separation": lambda g, p, d, n: ("PUT", "/office-settings/separation", {"value": "off"}),
    "gates": lambda g, p, d, n: ("PUT", "/pipeline/stages/signed", {"gates": {}}),
}

SEQUENCES = st.lists(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 3), st.integers(0, 9)), min_size=6, max_size=12
)


async def signed(world: World) -> list[Any]:
    """Returns the city's signings, net and gross."""
    total = await world.get("/totals/signings", **YEAR)
    return [total["count"], total["amount"], total["gross"]["count"], total["gross"]["amount"]]


async def figures_of(world: World, unit: str) -> Any:
    """Returns everything on the overview that counts for a unit."""
    return without_addresses(await world.get("/totals/overview", period="2023", unit_id=unit))


async def entries_of_one_person(world: World) -> list[str]:
    """Returns the kinds of the ledger entries that count and were made by the person who drafted the deal."""
    async with world.database.reading() as session:
        query = (
            select(LedgerEntry.kind)
            .join(Deal, Deal.id == LedgerEntry.deal_id)
            .join(Event, Event.id == LedgerEntry.event_id)
            .where(Event.actor_id == Deal.drafted_by, (LedgerEntry.count != 0) | (LedgerEntry.amount != 0))
        )
        return [str(kind) for kind in await session.scalars(query)]


async def controls(world: World) -> list[Any]:
    """Returns the office settings, and how strict the gates are."""
    async with world.database.reading() as session:
        settings = await session.execute(text("SELECT key, value FROM office_settings ORDER BY key"))
        stages = await session.execute(text("SELECT stage, gate, strictness FROM stage_gates ORDER BY stage, gate"))
        return [*settings.all(), *stages.all()]


async def attempt(world: World, ground: Ground, name: str, which: int, n: int) -> int:
    """Tries an act as the current actor in the current version of the record. Returns the status."""
    project, deal = ground.projects[which % len(ground.projects)], ground.deals[which % len(ground.deals)]
    method, path, body = ACTS[name](ground, project, deal, n)
    record = "/".join(path.split("/")[:3])
    if "/moves/last/" in path:
        made = await world.client.get(f"/api/v1{record}/moves")
        move = made.json()[-1]["id"] if made.status_code == 200 else project
        path = path.replace("/last/", f"/{move}/")
    found = await world.client.get(f"/api/v1{record}") if len(path.split("/")) > 2 else None
    version = found.json().get("version", 1) if found is not None and found.status_code == 200 else 1
    answer = await world.send(method, path, body, version=version)
    assert answer.status_code < 500, (name, answer.text)
    if name == "phase" and answer.status_code == 201:
        ground.projects.append(answer.json()["id"])
    if name == "draft" and answer.status_code == 201:
        ground.deals.append(answer.json()["id"])
    return answer.status_code


@pytest.fixture
def prepared(database_url: str) -> tuple[str, Ground]:
    async def fill() -> tuple[str, Ground]:
        async with running(database_url) as world:
            return database_url, await make_ground(world)

    return asyncio.run(fill())


def test_one_person_alone_moves_no_total(prepared: tuple[str, Ground], copy_of: Callable[[str], str]) -> None:
    url, ground = prepared

    @settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(sequence=SEQUENCES)
    def any_sequence(who: str, sequence: list[tuple[str, int, int]]) -> None:
        asyncio.run(_play(copy_of(url), ground, who, sequence))

    for who in ("first", "second", "district", "task_force"):
        any_sequence(who)


async def _play(url: str, ground: Ground, who: str, sequence: list[tuple[str, int, int]]) -> None:
    async with running(url) as world:
        ground = replace(ground, projects=list(ground.projects), deals=list(ground.deals))
        here, there = ground.city.districts
        total, set_so = await signed(world), await controls(world)
        others = {"district": [here], "task_force": [there]}.get(who, [])
        counted = [await figures_of(world, unit) for unit in others]
        for name, which, n in sequence:
            world.actor = acting_alone(who, ground.city)
            await attempt(world, ground, name, which, n)
        world.actor = LOCAL_PERSON
        assert await entries_of_one_person(world) == []
        if who != "second":  # who may act on what another has drafted: those are two
            assert await signed(world) == total
        assert [await figures_of(world, unit) for unit in others] == counted
        assert await controls(world) == set_so


@pytest.mark.anyio
async def test_two_people_do_move_it(world: World) -> None:
    """Shows that the property can fail: one drafts, the second approves, and the deal counts."""
    ground = await make_ground(world)
    before = await signed(world)
    for who, status in (("first", 403), ("district", 403), ("task_force", 403), ("second", 200)):
        world.actor = acting_alone(who, ground.city)
        assert await attempt(world, ground, "approve", 1, 0) == status, who
    assert await signed(world) != before
    assert await entries_of_one_person(world) == []
