"""Small typed makers that use the API. Days lie in the spring of 2023; the test clock starts at 2023-06-01."""

import hashlib
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from app.enterprises.credit_code import check_character
from tests.conftest import World

_numbers = count(1)


def next_number() -> int:
    return next(_numbers)


def leave_out_numbers_below(first: int) -> None:
    """Makes numbers begin at `first` at least: another process may have used those below it for a template."""
    global _numbers
    _numbers = count(max(first, next(_numbers)))


CONTACT = {
    "name": "示例联系人",
    "phone": "13800001234",
    "purpose": "示例",
    "consent": "当面告知并同意",
    "consent_on": "2023-02-01",
    "keep_until": "2025-02-01",
}


def distinct_name(what: str) -> str:
    """Returns a name unlike all others: names of one investor that differ only in a digit count as duplicates."""
    return f"示例{what}{hashlib.sha256(str(next_number()).encode()).hexdigest()[:10]}"


def credit_code(number: int) -> str:
    first = f"91000000{number:09d}"
    return first + check_character(first)


Signed = tuple[dict[str, Any], dict[str, Any]]
"""A project at `signed`, and its deal."""


@dataclass
class City:
    """The ids that most tests need."""

    world: World
    city: str = ""
    districts: list[str] = field(default_factory=list)
    officials: list[str] = field(default_factory=list)
    task_forces: list[str] = field(default_factory=list)
    investor: str = ""


async def make_unit(world: World, name: str, parent: str | None = None, kind: str = "district") -> str:
    body = {"code": f"T{next_number()}", "name": name, "kind": kind, "parent_id": parent, "opened_on": "2020-01-01"}
    unit_id: str = (await world.post("/units", body))["id"]
    return unit_id


async def make_official(world: World, unit_id: str, name: str = "示例干部", **post: Any) -> str:
    term = {"unit_id": unit_id, "title": "示例职务", "started_on": "2020-01-01", **post}
    official_id: str = (await world.post("/officials", {"name": name, "is_illustrative": True, "posts": [term]}))["id"]
    return official_id


async def make_investor(world: World, **fields: Any) -> str:
    number = next_number()
    body = {
        "name": f"示例企业{number}有限公司",
        "credit_code": credit_code(number),
        "origin": "domestic",
        "ownership": "private",
        **fields,
    }
    investor_id: str = (await world.post("/enterprises", body))["id"]
    return investor_id


async def make_city(world: World) -> City:
    city = City(world)
    city.city = await make_unit(world, "示例市", kind="city")
    city.districts = [await make_unit(world, f"示例区{n}", city.city) for n in (1, 2)]
    city.officials = [await make_official(world, city.city, f"示例干部{n}") for n in range(5)]
    city.task_forces = [
        (await world.post("/task-forces", {"name": f"示例专班{next_number()}", "opened_on": "2020-01-01"}))["id"]
        for _ in range(2)
    ]
    city.investor = await make_investor(world)
    return city


async def make_project(city: City, **fields: Any) -> dict[str, Any]:
    """Makes a project at `screened`, entered on 2023-01-01."""
    body = {
        "name": distinct_name("项目"),
        "program": "promotion",
        "unit_id": city.districts[0],
        "place_unit_id": city.districts[0],
        "industry_code": "26",
        "investor_id": city.investor,
        "direct_entry_reason": "示例",
        "entered_on": "2023-01-01",
        **fields,
    }
    project: dict[str, Any] = await city.world.post("/projects", body)
    return project


async def make_lead(city: City, **fields: Any) -> dict[str, Any]:
    """Registers a lead with everything a project at `screened` needs."""
    body = {
        "name": distinct_name("线索"),
        "channel": "walk_in",
        "first_unit_id": city.districts[0],
        "unit_id": city.districts[0],
        "place_unit_id": city.districts[0],
        "industry_code": "26",
        "investor_id": await make_investor(city.world),
        **fields,
    }
    lead: dict[str, Any] = await city.world.post("/leads", body)
    return lead


async def give_five_ones(city: City, project_id: str, opened_on: str = "2023-01-02") -> None:
    """Gives a project a follow-up, a leader, a team and a plan with the milestones of its program."""
    world, path = city.world, f"/projects/{project_id}"
    people = city.officials
    visit = {"kind": "visit", "with_investor": True, "on": opened_on, "summary": "示例走访"}
    await world.post(f"{path}/follow-ups", visit)
    await world.post(f"{path}/leaders", {"official_id": people[0], "opened_on": opened_on})
    team = {
        "lead_unit_id": city.city,
        "leader_id": people[1],
        "contact_id": people[2],
        "members": [{"official_id": people[2]}, {"official_id": people[3]}],
        "opened_on": opened_on,
    }
    await world.post(f"{path}/teams", team)
    project = await world.get(path)
    stages = ["landed", "started", "completed", "operating"]
    if project["program"] == "construction":
        stages = stages[1:]
    plan = {
        "title": "示例方案",
        "milestones": [{"name": stage, "leads_to": stage, "planned_on": "2024-06-30"} for stage in stages],
    }
    await world.post(f"{path}/plans", plan, version=project["version"])


async def add_evidence(city: City, project_id: str, *kinds: str, on: str = "2023-01-03") -> None:
    values = {"capacity": "85", "arrival_audited": "1000000"}
    for kind in kinds:
        body = {"kind": kind, "on": on} | ({"value": values[kind]} if kind in values else {})
        if kind == "arrival_audited":
            body["document_no"] = f"示例验资{next_number()}号"
        await city.world.post(f"/projects/{project_id}/evidence", body)


async def make_deal(
    city: City, project_id: str, amount: str = "500000000.00", signed_on: str = "2023-02-01", **fields: Any
) -> dict[str, Any]:
    """Makes a live formal deal, drafted and approved."""
    await add_evidence(city, project_id, "legality_review", "fair_competition_review")
    body = {
        "project_id": project_id,
        "title": "示例投资协议",
        "agreement_no": f"示例{next_number()}号",
        "signed_on": signed_on,
        "agreed_amount": amount,
        **fields,
    }
    draft = await city.world.post("/deals", body)
    deal: dict[str, Any] = await city.world.post(
        f"/deals/{draft['id']}/approval", {}, version=draft["version"], status=200
    )
    return deal


async def move(city: City, project_id: str, to: str, on: str, **fields: Any) -> dict[str, Any]:
    version = await city.world.version(f"/projects/{project_id}")
    body = {"to": to, "happened_on": on, **fields}
    project: dict[str, Any] = await city.world.post(f"/projects/{project_id}/moves", body, version=version)
    return project


async def make_signed(city: City, amount: str = "500000000.00", signed_on: str = "2023-02-01", **fields: Any) -> Signed:
    """Makes a project at `signed` with its live deal. Returns both."""
    project = await make_project(city, **fields)
    await give_five_ones(city, project["id"])
    await move(city, project["id"], "negotiating", "2023-01-03")
    deal = await make_deal(city, project["id"], amount, signed_on)
    project = await move(city, project["id"], "signed", signed_on)
    return project, deal


async def land(city: City, project_id: str, on: str) -> dict[str, Any]:
    await add_evidence(city, project_id, "local_company", "project_code", "site_secured")
    return await move(city, project_id, "landed", on)
