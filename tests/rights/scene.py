"""Records in many states, people who may do much or little with them, and a valid request for each act."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import httpx

from app.accounts import service
from app.accounts.models import TokenScope
from app.accounts.roles import Role
from app.core import office
from tests.accounts.people import session_of, token, user
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make

TODAY = "2023-06-01"
STAGES = (
    "screened",
    "negotiating",
    "framework",
    "signed",
    "landed",
    "preparing",
    "started",
    "building",
    "completed",
    "operating",
    "at_capacity",
)
Request = tuple[str, str, Any]
"""Method, path and body."""


@dataclass
class Scene:
    world: World
    city: make.City
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    """The headers of each person."""
    projects: list[str] = field(default_factory=list)
    deals: list[str] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)

    async def see(self, path: str) -> Any:
        """Returns what somebody who sees everything reads."""
        answer = await self.read("viewer", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def read(self, who: str, path: str) -> httpx.Response:
        return await self.world.client.get(f"/api/v1{path}", headers=self.people[who])

    async def send(self, who: str, request: Request, version: int) -> httpx.Response:
        method, path, body = request
        headers = {**self.people[who], "If-Match": f'"{version}"'}
        return await self.world.client.request(method, f"/api/v1{path}", json=body, headers=headers)


async def _people(world: World, city: make.City) -> dict[str, dict[str, str]]:
    here, there = city.districts
    await user(world, "viewer", Role.leader)
    await user(world, "drafter", Role.bureau)
    await user(world, "bureau", Role.bureau)
    await user(world, "district", Role.district, unit_id=here)
    await user(world, "member", Role.district, unit_id=there, official_id=city.officials[3])
    await user(world, "department", Role.department, unit_id=city.city)
    await user(world, "force", Role.task_force, task_force_ids=[city.task_forces[0]])
    names = ("viewer", "drafter", "bureau", "district", "member", "department", "force")
    people = {name: await session_of(world, name) for name in names}
    return {**people, "program": await token(world, "bureau", TokenScope.read, TokenScope.write)}


async def make_scene(world: World) -> Scene:
    """Fills a world. Deals of the scene are drafted by `drafter`, and by nobody who signs in here."""
    city = await make.make_city(world)
    scene = Scene(world, city, await _people(world, city))
    async with world.database.reading() as session:
        drafter = replace(LOCAL_PERSON, id=str((await service.get(session, "drafter")).id))
    await _projects(scene, drafter)
    await _leads(scene)
    return scene


async def draft(scene: Scene, project_id: str, **fields: Any) -> dict[str, Any]:
    body = {
        "project_id": project_id,
        "title": "示例投资协议",
        "agreement_no": f"示例{uuid4().hex[:8]}号",
        "signed_on": "2023-02-01",
        "agreed_amount": "500000000.00",
        **fields,
    }
    drafted: dict[str, Any] = await scene.world.post("/deals", body)
    scene.deals.append(drafted["id"])
    return drafted


async def _live(scene: Scene, project_id: str, drafter: Any, **fields: Any) -> None:
    world = scene.world
    await make.add_evidence(scene.city, project_id, "legality_review")
    world.actor = drafter
    drafted = await draft(scene, project_id, **fields)
    world.actor = LOCAL_PERSON
    await world.post(f"/deals/{drafted['id']}/approval", {}, version=drafted["version"], status=200)


async def _signed(scene: Scene, drafter: Any, **fields: Any) -> str:
    project_id: str = (await make.make_project(scene.city, **fields))["id"]
    await make.give_five_ones(scene.city, project_id)
    await make.move(scene.city, project_id, "negotiating", "2023-01-03")
    await _live(scene, project_id, drafter)
    await make.move(scene.city, project_id, "signed", "2023-02-01")
    return project_id


async def _projects(scene: Scene, drafter: Any) -> None:
    world, city = scene.world, scene.city
    there = {"unit_id": city.districts[1], "place_unit_id": city.districts[1]}
    reason = {"happened_on": "2023-03-01", "reason": "示例"}
    fresh = (await make.make_project(city))["id"]
    talked = (await make.make_project(city, **there))["id"]
    await make.give_five_ones(city, talked)
    await make.move(city, talked, "negotiating", "2023-01-03")
    world.actor = drafter
    await draft(scene, talked)
    world.actor = LOCAL_PERSON
    for is_submitted in (False, True, True, True):
        drafted = await draft(scene, talked)
        if is_submitted:
            await world.act(f"/deals/{drafted['id']}", "submission", None)
    discarded = await draft(scene, fresh)
    await world.send("DELETE", f"/deals/{discarded['id']}", version=discarded["version"])
    await _live(scene, fresh, drafter, kind="framework")
    by_drafter = await _signed(scene, drafter, task_force_id=city.task_forces[0])
    await draft(scene, by_drafter)
    by_another = await _signed(scene, LOCAL_PERSON, **there)
    ended = await _signed(scene, drafter)
    await world.act(f"/projects/{ended}", "termination", {**reason, "reason_code": "market"})
    paused = (await make.make_project(city, task_force_id=city.task_forces[0]))["id"]
    await world.act(f"/projects/{paused}", "pause", {**reason, "resume_expected_on": "2023-12-31"})
    merged = (await make.make_project(city))["id"]
    await world.act(f"/projects/{merged}", "merge", {"into_id": fresh, "reason": "示例"})
    parent, continued = [(await make.make_project(city))["id"] for _ in range(2)]
    phase = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-01"}
    first = (await world.act(f"/projects/{parent}", "phases", phase))["id"]
    goes_on = {**phase, "name": "示例接续", "continues_parent": True}
    second = (await world.act(f"/projects/{continued}", "phases", goes_on))["id"]
    last = (await make.make_project(city, program="construction"))["id"]
    await make.give_five_ones(city, last)
    kinds = ("project_approval", "construction_permit", "acceptance", "production", "above_threshold")
    await make.add_evidence(city, last, *kinds)
    await make.move(city, last, "at_capacity", "2023-02-02", catch_up=True)
    scene.projects = [
        fresh,
        talked,
        by_drafter,
        by_another,
        ended,
        paused,
        merged,
        parent,
        continued,
        first,
        second,
        last,
    ]


async def _leads(scene: Scene) -> None:
    city, world = scene.city, scene.world
    fields: tuple[dict[str, Any], ...] = (
        {},
        {"unit_id": None},
        {"unit_id": city.districts[1], "place_unit_id": city.districts[1]},
        {"unit_id": None, "task_force_id": city.task_forces[0]},
    )
    for given in fields:
        scene.leads.append((await make.make_lead(city, **given))["id"])
    for given in fields[:3:2]:
        lead = (await make.make_lead(city, **given))["id"]
        await world.act(f"/leads/{lead}", "answer", {"on": TODAY, "note": "示例", "handler_id": city.officials[3]})
        await world.act(f"/leads/{lead}", "assessments", {"outcome": "follow_up", "on": TODAY})
        scene.leads.append(lead)
        converted = (await make.make_lead(city, **given))["id"]
        await world.act(f"/leads/{converted}", "assessments", {"outcome": "follow_up", "on": TODAY})
        await world.act(f"/leads/{converted}", "conversion", {})
        scene.leads.append(converted)


async def separate(world: World, is_on: bool) -> None:
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None if is_on else office.OFF)


Make = Callable[[Scene, str, dict[str, Any]], Awaitable[Request | None]]


def _at(verb: str, body: Any, method: str = "POST", room: str = "projects") -> Make:
    async def request(_scene: Scene, record: str, _read: dict[str, Any]) -> Request:
        return method, f"/{room}/{record}{'/' if verb else ''}{verb}", body

    return request


_REASON = {"happened_on": TODAY, "reason": "示例"}


def _neighbour(stage: str, step: int) -> str:
    """Returns the next stage in the order of all stages, or the stage itself at either end."""
    return STAGES[min(max(STAGES.index(stage) + step, 0), len(STAGES) - 1)]


async def _move(scene: Scene, record: str, read: dict[str, Any]) -> Request:
    ahead = [
        move["to"] for move in (await scene.see(f"/projects/{record}/gates"))["moves"] if move["kind"] == "forward"
    ]
    to = ahead[0] if ahead else _neighbour(read["stage"], 1)
    return "POST", f"/projects/{record}/moves", {"to": to, "happened_on": TODAY, "catch_up": True}


async def _move_back(scene: Scene, record: str, read: dict[str, Any]) -> Request:
    entered = {move["to_stage"] for move in await scene.see(f"/projects/{record}/moves") if not move["is_withdrawn"]}
    below = [stage for stage in STAGES[: STAGES.index(read["stage"])] if stage in entered]
    body = {**_REASON, "to": below[-1] if below else read["stage"]}
    return "POST", f"/projects/{record}/moves", body


async def _override(scene: Scene, record: str, read: dict[str, Any]) -> Request | None:
    method, path, body = await _move(scene, record, read)
    gates = (await scene.see(f"/projects/{record}/gates?to={body['to']}&happened_on={TODAY}"))["gates"]
    closed = [gate for gate in gates if not gate["is_met"] and gate["strictness"] == "block"]
    if any(gate["is_fixed"] for gate in closed):
        return None  # nobody may override these, and the gates are asked before who drafted the deal
    if not closed and (read["may"]["override"] or {}).get("code") == "drafted_by_you":
        return None  # nothing to override, which is answered first too
    named = [gate["code"] for gate in closed] or ["leader"]
    return method, path, {**body, "override": {"gates": named, "reason": "示例"}}


async def _correct_move(scene: Scene, record: str, _read: dict[str, Any]) -> Request:
    first = next(move for move in await scene.see(f"/projects/{record}/moves") if not move["is_withdrawn"])
    path = f"/projects/{record}/moves/{first['id']}/correction"
    return "POST", path, {"happened_on": first["happened_on"], "reason": "示例"}


async def _appoint(scene: Scene, record: str, _read: dict[str, Any]) -> Request:
    leaders = await scene.see(f"/projects/{record}/leaders")
    now = [leader["official_id"] for leader in leaders if leader["closed_on"] is None]
    other = next(one for one in scene.city.officials if one not in now)
    if now:
        return "POST", f"/projects/{record}/leader-handovers", {"official_id": other, "note": "示例"}
    return "POST", f"/projects/{record}/leaders", {"official_id": other}


async def _set_team(scene: Scene, record: str, _read: dict[str, Any]) -> Request:
    people = scene.city.officials
    team = {
        "lead_unit_id": scene.city.city,
        "leader_id": people[1],
        "contact_id": people[2],
        "members": [{"official_id": people[2]}, {"official_id": people[3]}],
    }
    has_one = (await scene.see(f"/projects/{record}/five-ones"))["team"] is not None
    return "POST", f"/projects/{record}/{'team-replacements' if has_one else 'teams'}", team


async def _report(scene: Scene, record: str, _read: dict[str, Any]) -> Request:
    plans = await scene.see(f"/projects/{record}/plans")
    milestone = plans[0]["milestones"][0]["id"] if plans else uuid4()
    return "POST", f"/projects/{record}/milestones/{milestone}/reports", {"forecast_on": "2024-01-01"}


async def _transfer(scene: Scene, record: str, read: dict[str, Any]) -> Request:
    to = next(unit for unit in scene.city.districts if unit != read["unit_id"])
    return (
        "POST",
        f"/projects/{record}/transfers",
        {"unit_id": to, "ruled_on": TODAY, "document": "示例", "reason": "示例"},
    )


async def _change_program(_scene: Scene, record: str, read: dict[str, Any]) -> Request:
    program = "both" if read["program"] != "both" else "construction"
    return "POST", f"/projects/{record}/program-changes", {"program": program, "effective_on": TODAY, "reason": "示例"}


async def _merge(scene: Scene, record: str, _read: dict[str, Any]) -> Request:
    into = next(project for project in scene.projects if project != record)
    return "POST", f"/projects/{record}/merge", {"into_id": into, "reason": "示例"}


async def _add_phase(_scene: Scene, record: str, read: dict[str, Any]) -> Request:
    body = {"name": f"示例{uuid4().hex}", "phase_no": random.Random(record).randrange(2, 99), "from_on": TODAY}
    return "POST", f"/projects/{record}/phases", {**body, "continues_parent": not read["is_parent"]}


async def _draft_deal(_scene: Scene, record: str, _read: dict[str, Any]) -> Request:
    return "POST", "/deals", {"project_id": record, "title": "示例"}


async def _dispute(scene: Scene, record: str, read: dict[str, Any]) -> Request:
    room = "projects" if "planned_total" in read else "leads"
    claim = {"claimant_unit_id": scene.city.districts[0], "grounds": "示例"}
    return "POST", f"/{room}/{record}/first-talk/disputes", claim


async def _rule(scene: Scene, record: str, read: dict[str, Any]) -> Request:
    room = "projects" if "planned_total" in read else "leads"
    ruling = {"unit_id": scene.city.districts[0], "ruled_on": TODAY, "document": "示例", "grounds": "示例"}
    return "POST", f"/{room}/{record}/first-talk/disputes/{UUID(int=7)}/ruling", ruling


PROJECT_ACTS: dict[str, Make] = {
    "edit": _at("", {"progress": "示例"}, "PATCH"),
    "follow_up": _at("follow-ups", {"kind": "visit", "on": TODAY, "summary": "示例"}),
    "add_evidence": _at("evidence", {"kind": "procedure_list", "on": TODAY}),
    "add_amount": _at("amounts", {"kind": "planned_total", "value": "1.00", "effective_on": TODAY, "source": "示例"}),
    "add_contact": _at("contacts", make.CONTACT),
    "appoint": _appoint,
    "set_team": _set_team,
    "publish_plan": _at(
        "plans", {"title": "示例", "reason": "示例", "milestones": [{"name": "示例", "planned_on": "2024-06-30"}]}
    ),
    "report_milestone": _report,
    "move": _move,
    "move_back": _move_back,
    "override": _override,
    "undo": _at("undo", None),
    "correct_move": _correct_move,
    "pause": _at("pause", {**_REASON, "resume_expected_on": "2023-12-31"}),
    "reactivate": _at("reactivation", {"happened_on": TODAY}),
    "terminate": _at("termination", {**_REASON, "reason_code": "market"}),
    "reinstate": _at("reinstatement", {"reason": "示例"}),
    "transfer": _transfer,
    "change_program": _change_program,
    "merge": _merge,
    "add_phase": _add_phase,
    "draft_deal": _draft_deal,
    "dispute": _dispute,
    "rule": _rule,
}


async def _end_deal(scene: Scene, record: str, read: dict[str, Any]) -> Request:
    project = await scene.see(f"/projects/{read['project_id']}")
    stands = [project, *[phase for phase in project["phases"]]]
    needs = any(one["stage"] not in STAGES[:3] and one["status"] in ("active", "paused") for one in stands)
    fate = {"project": {"becomes": "before_signed"}} if needs and read["status"] == "live" else {}
    body = {"effective_on": TODAY, "reason": "示例", **({} if read["kind"] == "framework" else fate)}
    return "POST", f"/deals/{record}/termination", body


async def _correct_deal(_scene: Scene, record: str, _read: dict[str, Any]) -> Request:
    amount = f"{1 + uuid4().int % 10**9}.00"
    return "POST", f"/deals/{record}/corrections", {"amount": amount, "reason": "示例"}


async def _amend(_scene: Scene, record: str, read: dict[str, Any]) -> Request:
    amount = f"{float(read['agreed_amount'] or 1) + 1:.2f}"
    body = {"agreed_amount": amount, "effective_on": TODAY, "document": "示例"}
    return "POST", f"/deals/{record}/amendments", body


DEAL_ACTS: dict[str, Make] = {
    "edit": _at("", {"title": "示例改名"}, "PATCH", "deals"),
    "discard": _at("", None, "DELETE", "deals"),
    "submit": _at("submission", None, room="deals"),
    "return": _at("return", {"reason": "示例"}, room="deals"),
    "approve": _at("approval", {}, room="deals"),
    "amend": _amend,
    "terminate": _end_deal,
    "correct": _correct_deal,
}
LEAD_ACTS: dict[str, Make] = {
    "edit": _at("", {"description": "示例"}, "PATCH", "leads"),
    "follow_up": _at("follow-ups", {"kind": "visit", "on": TODAY, "summary": "示例"}, room="leads"),
    "add_contact": _at("contacts", make.CONTACT, room="leads"),
    "answer": _at("answer", {"on": TODAY, "note": "示例"}, room="leads"),
    "assess": _at("assessments", {"outcome": "follow_up", "on": TODAY}, room="leads"),
    "convert": _at("conversion", {}, room="leads"),
    "dispute": _dispute,
    "rule": _rule,
}
