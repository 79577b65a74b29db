"""Two deals of one project, one after the other, and its rulings: the same facts give the same ledger in any order, and
an act changes the entries of no deal that it does not name."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, assume, given
from hypothesis import strategies as st

from tests.conftest import World, running
from tests.factories import city as make
from tests.properties import asked

START = date(2023, 2, 1)
CASES, PHASES = 12, [Phase.explicit, Phase.generate]
"""A case takes a second: shrinking one would take minutes."""
Act = tuple[str, Any]
"""What is done, and to what."""
Books = dict[Any, tuple[int, Decimal, int]]


def day(after: int) -> str:
    return (START + timedelta(days=after)).isoformat()


@dataclass(frozen=True)
class Facts:
    """The facts of a deal, as days after the first of February; amounts in ten thousand yuan."""

    signed: int
    amended: int | None
    lasted: int | None
    amount: int

    @property
    def ended(self) -> int | None:
        return None if self.lasted is None else self.signed + self.lasted

    def acts(self, name: str) -> list[Act]:
        found: list[Act] = [("approve", name), ("correct", name)]
        if self.amended is not None:
            found.append(("amend", name))
        return [*found, ("end", name)] if self.lasted is not None else found


def _facts(signed: int, amended: int | None, lasted: int | None, amount: int) -> Facts:
    return Facts(signed, amended if amended is None or lasted is None else min(amended, lasted), lasted, amount)


AMENDED, AMOUNT = st.none() | st.integers(0, 30), st.integers(1, 200_000)
ENDED_DEALS = st.builds(_facts, st.integers(0, 20), AMENDED, st.integers(0, 30), AMOUNT)
LATER_DEALS = st.builds(_facts, st.integers(15, 60), AMENDED, st.none() | st.integers(0, 40), AMOUNT)
RULINGS = st.lists(st.integers(0, 60), min_size=1, max_size=2, unique=True).map(sorted)


@pytest.fixture
def prepared(database_url: str) -> tuple[str, make.City, str]:
    """A project for which deals may be signed."""

    async def fill() -> tuple[str, make.City, str]:
        async with running(database_url) as world:
            city = await make.make_city(world)
            project = await make.make_project(city)
            await make.add_evidence(city, project["id"], "legality_review", "fair_competition_review")
            return database_url, city, project["id"]

    return asyncio.run(fill())


class Play:
    """A world in which acts are done by name; a refused act is tried again later."""

    def __init__(self, world: World, city: make.City, project_id: str, deals: dict[str, Facts]) -> None:
        self.world, self.city, self.project_id, self.facts = world, replace(city, world=world), project_id, deals
        self.ids: dict[str, str] = {}

    async def do(self, act: Act) -> bool:
        """Tries an act. Returns whether it was accepted; a refusal gives its reason and changes nothing."""
        verb, what = act
        if verb == "approve":
            return await self._approve(what)
        if verb == "rule":
            after, unit = what
            body = {"unit_id": self.city.districts[unit], "ruled_on": day(after), "document": "示例", "reason": "示例"}
            return await self._sent(f"/projects/{self.project_id}", "transfers", body)
        if what not in self.ids:
            return False
        facts = self.facts[what]
        path = f"/deals/{self.ids[what]}"
        if verb == "correct":
            return await self._sent(path, "corrections", {"amount": f"{facts.amount}0000.00", "reason": "示例"})
        if verb == "correct_place":
            body = {"unit_id": self.city.districts[facts.amount % 2], "reason": "示例"}
            return await self._sent(path, "corrections", body)
        if verb == "amend":
            if facts.amended is None:
                return False
            body = {"agreed_amount": f"{facts.amount + 7}0000.00", "document": "示例"}
            return await self._sent(path, "amendments", {**body, "effective_on": day(facts.signed + facts.amended)})
        if facts.lasted is None:
            return False
        ended = {"effective_on": day(facts.signed + facts.lasted), "reason": "示例"}
        return await self._sent(path, "termination", ended)

    async def _approve(self, name: str) -> bool:
        body = {
            "project_id": self.project_id,
            "title": "示例协议",
            "agreement_no": f"示例{name}号",
            "signed_on": day(self.facts[name].signed),
            "agreed_amount": "10000.01",
        }
        draft = await self.world.post("/deals", body)
        if await self._sent(f"/deals/{draft['id']}", "approval", {}):
            self.ids[name] = draft["id"]
            return True
        return False

    async def _sent(self, path: str, verb: str, body: dict[str, Any]) -> bool:
        answer = await self.world.send("POST", f"{path}/{verb}", body, version=await self.world.version(path))
        assert answer.status_code in (200, 201, 409, 422), answer.text
        return answer.is_success

    async def books(self) -> dict[str, Books]:
        """Returns by deal the sums by day, unit and whether terminations are left out: count, yuan, landed."""
        return {name: await self._books_of(deal_id) for name, deal_id in self.ids.items()}

    async def _books_of(self, deal_id: str) -> Books:
        sums: Books = {}
        for entry in (await self.world.get(f"/deals/{deal_id}/entries"))["items"]:
            for is_gross in (False, True):
                if is_gross and entry["of_kind"] == "termination":
                    continue
                key = (entry["effective_on"], self.city.districts.index(entry["unit_id"]), entry["size"], is_gross)
                count, amount, landed = sums.get(key, (0, Decimal(0), 0))
                sums[key] = (count + entry["count"], amount + Decimal(entry["amount"]), landed + entry["landed"])
        return {key: value for key, value in sums.items() if any(value)}


def _in_some_order(deals: dict[str, Facts], rulings: list[int], chance: Random) -> list[Act]:
    """Does all acts in an order in which hardly any is refused for good.

    A live deal is passed on, amended and ended only after its latest entry; rulings are recorded in their order.
    """
    rules: list[Act] = [("rule", (after, 1 - index % 2)) for index, after in enumerate(rulings)]
    before = set(pairwise(rules))
    for name, facts in deals.items():
        before |= {(("approve", name), act) for act in facts.acts(name)[1:]}
        before.add((("amend", name), ("end", name)))
        for rule, after in zip(rules, rulings, strict=True):
            if after < facts.signed and facts.ended is None:
                before.add((rule, ("approve", name)))
            if facts.ended is not None and after > facts.ended:
                before.add((("end", name), rule))
            elif facts.amended is not None and facts.signed <= after:
                amended = ("amend", name)
                before.add((rule, amended) if after <= facts.signed + facts.amended else (amended, rule))
    before.add((("end", "A"), ("approve", "B")))
    left = [act for name, facts in deals.items() for act in facts.acts(name)] + rules
    ordered: list[Act] = []
    while left:
        free = [act for act in left if not any((other, act) in before for other in left)]
        assume(free)
        ordered.append(chance.choice(free))
        left.remove(ordered[-1])
    return ordered


def test_the_books_are_the_same_in_any_order(
    prepared: tuple[str, make.City, str], copy_of: Callable[[str], str]
) -> None:
    url, city, project_id = prepared

    async def in_order(copy: str, deals: dict[str, Facts], wanted: list[Act]) -> dict[str, Books] | None:
        async with running(copy) as world:
            play = Play(world, city, project_id, deals)
            for act in wanted:
                if not await play.do(act):
                    return None
            await world.holds()
            return await play.books()

    @asked(url, CASES, PHASES)
    @given(one=ENDED_DEALS, other=LATER_DEALS, rulings=RULINGS, seed=st.integers(0, 2**32))
    def agree(one: Facts, other: Facts, rulings: list[int], seed: int) -> None:
        chance, deals = Random(seed), {"A": one, "B": other}
        orders = [_in_some_order(deals, rulings, chance) for _ in range(2)]
        assume(orders[0] != orders[1])
        said = [asyncio.run(in_order(copy_of(url), deals, order)) for order in orders]
        assume(None not in said)
        assert said[0] == said[1], orders

    agree()


ACTS = st.lists(
    st.tuples(st.sampled_from(["approve", "correct", "correct_place", "amend", "end"]), st.sampled_from("AB"))
    | st.tuples(st.just("rule"), st.tuples(st.integers(0, 90), st.integers(0, 1))),
    min_size=4,
    max_size=12,
)


def test_an_act_moves_only_what_it_names(prepared: tuple[str, make.City, str], copy_of: Callable[[str], str]) -> None:
    url, city, project_id = prepared

    async def play_all(copy: str, deals: dict[str, Facts], acts: list[Act]) -> None:
        async with running(copy) as world:
            play = Play(world, city, project_id, deals)
            for act in acts:
                if act[0] == "approve" and act[1] in play.ids:
                    continue
                before = await play.books()
                taken = await play.do(act)
                after = await play.books()
                unnamed = [name for name in before if not taken or (act[0] != "rule" and name != act[1])]
                assert all(after[name] == before[name] for name in unnamed), act
            await world.holds()

    @asked(url, CASES, PHASES)
    @given(one=ENDED_DEALS, other=LATER_DEALS, acts=ACTS)
    def moves_no_other(one: Facts, other: Facts, acts: list[Act]) -> None:
        asyncio.run(play_all(copy_of(url), {"A": one, "B": other}, acts))

    moves_no_other()
