"""The content of a storm: a city with projects, and the messages of a platform about them, in the order in which things
happened.

The same seed makes the same messages. Each states whether it is refused even in its proper order, and why.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import count
from random import Random
from typing import Any

from app.core import office
from app.enterprises.models import Origin, Ownership
from tests.conftest import World
from tests.factories import city as make
from tests.factories.controls import confirm

BUSINESS_DAY = date(2023, 6, 1)
MESSAGES_A_PROJECT = 18
FACTS = frozenset({"deal.signed", "deal.amended", "deal.terminated", "project.moved", "lead.registered"})
SNAPSHOTS = frozenset({"project.progress", "enterprise.updated"})

_EVIDENCE = ("legality_review", "fair_competition_review", "local_company", "project_code", "site_secured")
_INDUSTRIES = ("26", "13", "14", "06")
_BUREAUS = ("示例一区招商局", "示例二区招商局")
_STAGES = {
    "在谈": "negotiating",
    "意向": "framework",
    "签约": "signed",
    "落地": "landed",
    "前期": "preparing",
}
_MEMBERS = ("name", "credit_code", "origin", "ownership", "registered_place", "headquarters", "industry_code")


@dataclass(frozen=True)
class Site:
    """A project on record that messages are about, and its investor as first recorded."""

    number: int
    code: str
    investor: dict[str, Any]


@dataclass(frozen=True)
class Message:
    id: str
    type: str
    data: dict[str, Any]
    refusal: str | None = None
    """The code it is refused with, or `stale`, where everything comes in order."""

    @cached_property
    def body(self) -> bytes:
        sent = {"type": self.type, "timestamp": "2023-06-01T00:00:00Z", "data": self.data}
        return json.dumps(sent, ensure_ascii=False).encode()


async def build(world: World, size: int) -> tuple[list[Site], dict[str, Any]]:
    """Makes a city with the projects that `size` messages are about, all at `screened`. Returns them and the source as
    issued."""
    async with world.database.writing() as session:
        await office.put(session, office.BUSINESS_DAY, BUSINESS_DAY.isoformat())
    city = await make.make_city(world)
    sites = [await _site(city, number) for number in range(1, max(4, size // MESSAGES_A_PROJECT) + 1)]
    codes = [(await world.get(f"/units/{unit}"))["code"] for unit in city.districts]
    units = dict(zip(_BUREAUS, codes, strict=True))
    wanted = {"name": "示例审批平台", "is_trusted": True, "units": units, "stages": _STAGES}
    issued = await world.post("/webhook-sources", wanted)
    # As in practice: the drafter of a deal does not approve it.
    confirmed = await confirm(world, issued["pending_change_id"])
    issued["secret"] += confirmed["secret"]
    separated = await world.send("PUT", "/office-settings/separation", {"value": "on"})
    assert separated.status_code == 200, separated.text
    return sites, issued


async def _site(city: make.City, number: int) -> Site:
    world = city.world
    origins, ownerships = list(Origin), list(Ownership)
    kinds = {"origin": origins[number % len(origins)], "ownership": ownerships[number % len(ownerships)]}
    investor = await make.make_investor(world, **kinds)
    unit = city.districts[number % 2]
    place = {"unit_id": unit, "place_unit_id": unit, "industry_code": _INDUSTRIES[number % len(_INDUSTRIES)]}
    if number % 3:
        place["task_force_id"] = city.task_forces[number % 3 - 1]
    project = await make.make_project(city, investor_id=investor, **place)
    await make.give_five_ones(city, project["id"])
    await make.add_evidence(city, project["id"], *_EVIDENCE)
    known = await world.get(f"/enterprises/{investor}")
    return Site(number, project["code"], {name: known[name] for name in _MEMBERS})


def tell(random: Random, sites: Sequence[Site], size: int) -> list[Message]:
    """Returns `size` messages in the order in which things happened: each comes after those it depends on."""
    numbers = count(1)
    found: list[Message] = []
    for message in _strays(sites[0]):
        found.append(replace(message, id=f"msg_{next(numbers):06}"))
    stories = [Story(random, site) for site in sites]
    for story in stories:
        told = [replace(message, id=f"msg_{next(numbers):06}") for message in story.told()]
        if len(found) + len(told) > size:
            break
        found += told
    open_ones = [story for story in stories if story.is_open]
    while len(found) < size:
        found.append(replace(random.choice(open_ones).progress(), id=f"msg_{next(numbers):06}"))
    return found


def _strays(site: Site) -> Iterator[Message]:
    """Yields messages of an unknown type or with invalid data: they are stored, and have no effect."""
    yield Message("", "of.tomorrow", {"id": "X-1"}, "ignored")
    wrong = {"id": "E-0", "version": 1, "name": "示例企业", "credit_code": site.investor["credit_code"][:-1]}
    yield Message("", "enterprise.updated", wrong, "credit_code")


@dataclass
class Story:
    """One project, and the platform's messages about it, its deals, its investor and the leads near it.

    Where two objects depend on each other only one order is possible, whichever message arrives first: so the end is
    the same for every order of arrival, once people have retried what came too early.
    """

    random: Random
    site: Site
    sequences: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    day: date = date(2023, 1, 9)

    def __post_init__(self) -> None:
        self.ending = self.random.choice(["landed", "landed", "preparing", "signed", "lost", "lost_late", "ended"])
        self.has_framework = self.random.random() < 0.3
        self.reported_on = self.day

    @property
    def is_open(self) -> bool:
        """Whether the project gets further reports; a project that has ended takes no follow-ups."""
        return self.ending != "ended"

    def told(self) -> list[Message]:
        streams = [self._business(), self._investor(), self._leads()]
        if self.is_open:
            streams.append([self.progress() for _ in range(self.random.randint(3, 5))])
        found = []
        for message in self._merged(streams):
            found.append(message)
            if self.random.random() < 0.05:
                found.append(self._again(message))
        return found

    def _merged(self, streams: list[list[Message]]) -> Iterator[Message]:
        """Merges several streams at random, each in its own order; the first message of the first stream comes
        first."""
        yield streams[0].pop(0)
        while left := [stream for stream in streams if stream]:
            yield self.random.choice(left).pop(0)

    def _again(self, message: Message) -> Message:
        """Returns the same message under another id, as from a sender that lost the first."""
        taken = "sequence_taken" if message.type in FACTS else "stale"
        return replace(message, refusal=message.refusal or taken)

    # Facts

    def _fact(self, type: str, id: str, refusal: str | None = None, **data: Any) -> Message:
        kind = f"{type.split('.')[0]}:{id}"
        self.sequences[kind] = self.sequences.get(kind, 0) + 1
        return Message("", type, {"id": id, "sequence": self.sequences[kind], **data}, refusal)

    def _after(self, least: int, most: int) -> str:
        self.day += timedelta(days=self.random.randint(least, most))
        return self.day.isoformat()

    def _moved(self, to: str, on: str, refusal: str | None = None, **more: Any) -> Message:
        id = f"P-{self.site.number}"
        return self._fact("project.moved", id, refusal, code=self.site.code, to=to, happened_on=on, **more)

    def _amount(self) -> str:
        """Returns an amount from one of the three bands of size, hardly ever the same twice."""
        most = self.random.choice([90_000_000, 900_000_000, 3_000_000_000])
        return f"{self.random.randint(most // 4, most)}.{self.random.randint(0, 99):02}"

    def _business(self) -> list[Message]:
        """Returns the project's moves and its deals, and last a message that is refused."""
        found = [self._moved("在谈", self._after(1, 15))]
        if self.has_framework:
            found += self._framework()
        found += self._formal()
        if self.ending == "lost":
            return [*found, *self._terminated({})]
        found.append(self._moved("签约", self._after(0, 3)))
        if self.ending == "lost_late":
            return [*found, *self._terminated({"project": {"becomes": "before_signed"}})]
        if self.ending == "ended":
            fate = {"becomes": "terminated", "reason_code": "investor_withdrew"}
            return [*found, *self._terminated({"project": fate})]
        if self.ending in ("landed", "preparing"):
            found.append(self._moved("落地", self._after(1, 30)))
        if self.ending == "preparing":
            found.append(self._moved("前期", self._after(0, 10)))
        if self.random.random() < 0.4:
            found.append(self._moved("在谈", self._after(0, 5), "forbidden", reason="示例：误报"))
        return found

    def _signed(self, id: str, on: str, **more: Any) -> Message:
        project = {"id": f"P-{self.site.number}"}
        if self.random.random() < 0.7:
            project["code"] = self.site.code
        own = {"title": f"示例投资协议{id}", "agreement_no": f"示例{id}号", "signed_on": on}
        return self._fact("deal.signed", id, project=project, **own, agreed_amount=self._amount(), **more)

    def _amended(self, id: str, on: str, amount: str, refusal: str | None = None) -> Message:
        document = f"示例补{id}〔{self.sequences[f'deal:{id}'] + 1}〕"
        return self._fact(
            "deal.amended", id, refusal, agreed_amount=amount, effective_on=on, document=document, reason="示例"
        )

    def _framework(self) -> list[Message]:
        id = f"F-{self.site.number}"
        on = self._after(0, 5)
        return [
            self._signed(id, on, kind="framework"),
            self._amended(id, on, self._amount(), "not_live"),
            self._moved("意向", self._after(0, 5)),
        ]

    def _formal(self) -> list[Message]:
        """Returns a deal with amendments that arrive in another order than that of their days."""
        id = f"D-{self.site.number}"
        signed_on = self._after(1, 40)
        found = [self._signed(id, signed_on)]
        known = {signed_on: found[0].data["agreed_amount"]}
        for _ in range(self.random.randint(2, 5)):
            on = (self.day + timedelta(days=self.random.randint(0, 30))).isoformat()
            known[on] = self._amount()
            found.append(self._amended(id, on, known[on]))
        if self.ending in ("landed", "signed") and self.random.random() < 0.5:
            last = max(known)
            found.append(self._amended(id, last, known[last], "unchanged"))
        return found

    def _terminated(self, fate: dict[str, Any]) -> list[Message]:
        """Returns a termination, and an amendment after it, which is refused."""
        id, on = f"D-{self.site.number}", self._after(31, 40)
        ended = self._fact("deal.terminated", id, effective_on=on, reason="示例：投资方放弃", **fate)
        return [ended, self._amended(id, on, self._amount(), "not_live")]

    def _leads(self) -> list[Message]:
        """Returns leads that name an investor who matches no record; some are sent twice."""
        found = []
        for number in range(self.random.randint(0, 3)):
            id = f"L-{self.site.number}-{number}"
            low = self.random.randint(1, 500) * 1_000_000
            lead = {
                "name": f"示例线索{self.random.randbytes(8).hex()}",
                "channel": self.random.choice(["walk_in", "event", "chamber"]),
                "unit": self.random.choice(_BUREAUS),
                "investor_name": f"示例意向投资方{self.site.number}",
                "estimate_from": f"{low}.00",
                "estimate_to": f"{low * 2}.00",
                "industry_code": self.random.choice(_INDUSTRIES),
            }
            found.append(self._fact("lead.registered", id, **lead))
            if self.random.random() < 0.2:
                found.append(self._fact("lead.registered", id, "already_registered", **lead))
        return found

    # Snapshots

    def _snapshot(self, type: str, id: str, **data: Any) -> Message:
        """Returns a later snapshot, whose version need not be the next."""
        self.versions[id] = self.versions.get(id, 0) + self.random.randint(1, 3)
        return Message("", type, {"id": id, "version": self.versions[id], **data})

    def progress(self) -> Message:
        """Returns a report on the project, each with another text."""
        self.reported_on = min(self.reported_on + timedelta(days=self.random.randint(0, 20)), BUSINESS_DAY)
        id = f"P-{self.site.number}"
        said = f"示例：{id} 进展之{self.versions.get(id, 0)}"
        return self._snapshot(
            "project.progress", id, code=self.site.code, on=self.reported_on.isoformat(), summary=said
        )

    def _investor(self) -> list[Message]:
        """Returns full snapshots of the investor. Deals keep the classification they were counted under."""
        found = []
        for number in range(self.random.randint(2, 4)):
            changed = {
                "name": f"示例更名{self.site.number}之{number}有限公司",
                "registered_place": f"示例市{self.random.randint(1, 9)}区",
                "headquarters": self.random.choice(["示例市", "示例省会", None]),
                "industry_code": self.random.choice(_INDUSTRIES),
            }
            found.append(self._snapshot("enterprise.updated", f"E-{self.site.number}", **self.site.investor | changed))
        return found
