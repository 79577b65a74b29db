"""After any sequence of verbs, accepted or refused, every invariant of `five-ones check` holds; and the preview of an
act on a deal refuses what the act refuses, and tells what it enters."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import World, running
from tests.factories import city as make
from tests.pipeline.test_previews import entries, said
from tests.properties import asked

START = date(2023, 2, 1)
STAGES = ("screened", "negotiating", "framework", "signed", "landed", "preparing", "started", "building", "completed")
EVIDENCE = (
    "letter_of_intent",
    "local_company",
    "project_code",
    "site_secured",
    "project_approval",
    "construction_permit",
    "acceptance",
    "legality_review",
)
FATES = ({"becomes": "before_signed"}, {"becomes": "terminated", "reason_code": "market"}, None)


def _reason(day: str) -> dict[str, Any]:
    return {"happened_on": day, "reason": "示例"}


PROJECT_VERBS: dict[str, Callable[[str, int, make.City], tuple[str, dict[str, Any]]]] = {
    "move": lambda day, n, _: ("moves", {**_reason(day), "to": STAGES[n % len(STAGES)]}),
    "catch_up": lambda day, n, _: ("moves", {**_reason(day), "to": STAGES[n % len(STAGES)], "catch_up": True}),
    "pause": lambda day, n, _: ("pause", {**_reason(day), "resume_expected_on": "2024-01-01"}),
    "reactivate": lambda day, n, _: ("reactivation", {"happened_on": day}),
    "terminate": lambda day, n, _: ("termination", {**_reason(day), "reason_code": "other"}),
    "reinstate": lambda day, n, _: ("reinstatement", {"reason": "示例"}),
    "transfer": lambda day, n, city: (
        "transfers",
        {"unit_id": city.districts[n % 2], "ruled_on": day, "document": "示例", "reason": "示例"},
    ),
    "program": lambda day, n, _: (
        "program-changes",
        {"program": ("promotion", "both", "construction")[n % 3], "effective_on": day, "reason": "示例"},
    ),
    "phase": lambda day, n, _: (
        "phases",
        {"name": f"示例{n}期", "phase_no": 1 + n % 4, "from_on": day, "continues_parent": n % 2 == 0},
    ),
}


def _with_fate(body: dict[str, Any], n: int) -> dict[str, Any]:
    fate = FATES[n % 3]
    return body if fate is None else {**body, "project": fate}


DEAL_VERBS: dict[str, Callable[[str, int], tuple[str, dict[str, Any]]]] = {
    "end_deal": lambda day, n: ("termination", _with_fate({"effective_on": day, "reason": "示例"}, n)),
    "never": lambda day, n: ("corrections", _with_fate({"never_a_deal": True, "reason": "示例"}, n)),
    "redate": lambda day, n: ("corrections", {"effective_on": day, "reason": "示例"}),
    "amend": lambda day, n: (
        "amendments",
        {"agreed_amount": f"{n + 1}00.00", "effective_on": day, "document": "示例"},
    ),
    "replace": lambda day, n: ("corrections", {"amount": f"{n + 1}00.00", "reason": "示例"}),
}

SEQUENCES = st.lists(
    st.tuples(
        st.sampled_from([*PROJECT_VERBS, *DEAL_VERBS, "sign", "move", "catch_up", "redate_move", "withdraw_move"]),
        st.integers(0, 60),
        st.integers(0, 3),
    ),
    min_size=6,
    max_size=14,
)


def test_every_invariant_holds_after_any_sequence(
    prepared: tuple[str, make.City, str], copy_of: Callable[[str], str]
) -> None:
    url, city, project_id = prepared

    @asked(url, 25)
    @given(sequence=SEQUENCES)
    def holds(sequence: list[tuple[str, int, int]]) -> None:
        asyncio.run(_play(copy_of(url), city, project_id, sequence))

    holds()


@pytest.fixture
def prepared(database_url: str) -> tuple[str, make.City, str]:
    """A project that lacks only its deal."""

    async def fill() -> tuple[str, make.City, str]:
        async with running(database_url) as world:
            city = await make.make_city(world)
            project = await make.make_project(city)
            await make.give_five_ones(city, project["id"])
            await make.add_evidence(city, project["id"], *EVIDENCE)
            return database_url, city, project["id"]

    return asyncio.run(fill())


async def _play(url: str, city: make.City, project_id: str, sequence: list[tuple[str, int, int]]) -> None:
    async with running(url) as world:
        city = replace(city, world=world)
        targets = [project_id]
        deals: list[str] = []
        for verb, days, n in sequence:
            day = (START + timedelta(days=days)).isoformat()
            target = targets[n % len(targets)]
            answer = await _do(world, city, target, deals, verb, day, n)
            if answer is not None:
                assert answer[0] < 500, (verb, answer)
                if verb == "phase" and answer[0] == 201:
                    targets.append(answer[1]["id"])
        await world.holds()


async def _do(
    world: World, city: make.City, project_id: str, deals: list[str], verb: str, day: str, n: int
) -> tuple[int, Any] | None:
    path = f"/projects/{project_id}"
    if verb == "sign":
        return await _sign(world, project_id, deals, day)
    if verb in DEAL_VERBS:
        return await _foretold(world, deals[n % len(deals)], *DEAL_VERBS[verb](day, n)) if deals else None
    if verb in ("redate_move", "withdraw_move"):
        moves = await world.get(f"{path}/moves")
        name = f"moves/{moves[-1 - n % len(moves)]['id']}/correction"
        body = {"reason": "示例"} | ({"happened_on": day} if verb == "redate_move" else {"withdraw": True})
    else:
        name, body = PROJECT_VERBS[verb](day, n, city)
    response = await world.send("POST", f"{path}/{name}", body, version=await world.version(path))
    return response.status_code, response.json()


async def _foretold(world: World, deal_id: str, name: str, body: dict[str, Any]) -> tuple[int, Any]:
    """Does an act on a deal after asking for its preview. Asserts that both refuse the same, but for
    gates, or enter the same."""
    path = f"/deals/{deal_id}"
    before = await entries(world, path)
    asks: tuple[str, Any] = ("GET", None) if name == "approval" else ("POST", body)
    preview = await world.send(asks[0], f"{path}/{name}/preview", asks[1])
    response = await world.send("POST", f"{path}/{name}", body, version=await world.version(path))
    foretold, answer = preview.json(), response.json()
    if preview.is_success and response.is_success:
        entered = [entry for entry in await entries(world, path) if entry not in before]
        assert said([entry for entry in foretold["entries"] if entry["deal_id"] == deal_id]) == said(entered)
    elif preview.is_success and answer["code"] == "gates_unmet":
        assert not any(gate["is_fixed"] for gate in answer["gates"]), "a preview leaves out what may be overridden"
    else:
        refused = [[one.get(part) for part in ("status", "code", "detail", "errors")] for one in (foretold, answer)]
        assert refused[0] == refused[1], (name, body)
    return response.status_code, answer


async def _sign(world: World, project_id: str, deals: list[str], day: str) -> tuple[int, Any]:
    body = {
        "project_id": project_id,
        "title": "示例协议",
        "agreement_no": "示例号",
        "signed_on": day,
        "agreed_amount": "100000000.00",
    }
    response = await world.send("POST", "/deals", body)
    if response.status_code == 201:
        draft = response.json()
        deals.append(draft["id"])
        return await _foretold(world, draft["id"], "approval", {})
    return response.status_code, response.json()
