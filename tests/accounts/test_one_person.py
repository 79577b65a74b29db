"""One administrator alone moves no signing, no figure of another unit and no control, whatever acts are tried.

The administrator does at random what the role permits, by session and by token: makes, resets, edits and grants
accounts, signs in to every account that opens, sets up sources and signs in their name, asks for looser controls and
tries to confirm them, and with every identity won so tries to do business. What moves a figure or a control takes two
people: `test_controls`, `test_suspension` and `tests/webhooks/test_trust` show how.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from app.accounts.roles import Role
from app.core import office
from tests.accounts.people import held, session_of, sign_in, sign_in_required, token, user
from tests.conftest import World, running
from tests.factories import city as make
from tests.factories.figures import without_addresses
from tests.webhooks.sender import Sender, source, work_off

PEOPLE = {
    "clerk": Role.bureau,
    "colleague": Role.bureau,
    "district": Role.district,
    "leader": Role.leader,
    "system": Role.system_admin,
    "secure": Role.security_admin,
    "auditor": Role.auditor,
}
YEAR = {"from": "2023-01-01", "to": "2023-12-31"}
Headers = dict[str, str]


class Alone:
    """One administrator, with all identities and secrets shown to them or won so far."""

    def __init__(self, world: World, facts: dict[str, Any], me: str, identities: list[Headers]) -> None:
        self.world, self.facts, self.me = world, facts, me
        self.identities = identities
        self.secrets: list[tuple[str, str]] = [(facts["source"], facts["first_part"])]
        self.passwords: list[tuple[str, str]] = []

    async def ask(self, method: str, path: str, body: Any = None, headers: Headers | None = None) -> Any:
        """Sends a request in the current version of the record. Returns the body on success, else None."""
        chosen = headers or self.identities[0]
        record = path.rsplit("/", 1)[0] if method == "POST" else path
        read = await self.world.client.get(f"/api/v1{record}", headers=chosen)
        version = read.headers.get("ETag", '"1"')
        answer = await self.world.client.request(
            method, f"/api/v1{path}", json=body, headers={**chosen, "If-Match": version}
        )
        assert answer.status_code < 500, answer.text
        return answer.json() if answer.status_code in (200, 201, 202) else None

    async def all_try(self, method: str, path: str, body: Any = None) -> None:
        for headers in self.identities:
            await self.ask(method, path, body, headers)

    async def come_in(self) -> None:
        """Signs in with every password that was shown, and with every two of them joined."""
        known = [text for _, text in self.passwords]
        for name, text in self.passwords:
            for tried in (text, *(text + other for other in known), *(other + text for other in known)):
                answer = await sign_in(self.world, name, tried)
                assert answer.status_code in (201, 401, 429), answer.text
                if answer.status_code == 201:
                    self.identities.append(held(answer.cookies["five_ones_session"]))

    async def reset(self, n: int) -> None:
        name = self.name(n)
        user_id = self.facts["users"][name]
        for path in (f"/users/{user_id}/password", f"/users/{user_id}/password/release"):
            if (made := await self.ask("POST", path)) is not None:
                self.passwords.append((name, made["password"]))
        await self.come_in()

    def name(self, n: int) -> str:
        names: list[str] = sorted(self.facts["users"])
        return names[n % len(names)]

    async def make_account(self, n: int) -> None:
        body = {"name": f"new-{n}", "display_name": "示例新人", "unit_id": self.facts["city"].city}
        made = await self.ask("POST", "/users", body)
        if made is not None:
            self.facts["users"][made["name"]] = made["id"]

    async def edit_account(self, n: int) -> None:
        path = f"/users/{self.facts['users'][self.name(n)]}"
        changed: dict[str, Any] = (
            {"unit_id": self.facts["city"].city},
            {"official_id": self.facts["official"]},
            {"active_until": None},
        )[n % 3]
        await self.ask("PATCH", path, changed)
        await self.ask("DELETE", f"{path}/second-factor")
        await self.ask("PUT", f"{path}/sign-on", {"subject": self.me})

    async def grant(self, n: int) -> None:
        roles = [["bureau"], ["district"], ["integration"], []][n % 4]
        await self.ask("PUT", f"/users/{self.facts['users'][self.name(n)]}/roles", {"roles": roles})

    async def take_tokens(self, n: int) -> None:
        body = {"name": "示例", "scopes": ["read", "write", "admin", "webhook"]}
        for path in (f"/users/{self.facts['users'][self.name(n)]}/tokens", "/me/tokens"):
            for headers in list(self.identities):
                if (made := await self.ask("POST", path, body, headers)) is not None:
                    self.identities.append({"Authorization": f"Bearer {made['secret']}"})

    async def set_up_source(self, n: int) -> None:
        body = {"name": f"来源{n}", "order": "arrival", "is_trusted": True}
        if (made := await self.ask("POST", "/webhook-sources", body)) is not None:
            self.secrets.append((made["id"], made["secret"]))

    async def change_source(self, n: int) -> None:
        for source_id in {source_id for source_id, _ in self.secrets}:
            body = ({"is_trusted": True}, {"unit_id": None}, {"stages": {"在谈": "signed"}})[n % 3]
            await self.ask("PATCH", f"/webhook-sources/{source_id}", {**body, "reason": "示例"})
            if (made := await self.ask("POST", f"/webhook-sources/{source_id}/secret")) is not None:
                self.secrets.append((source_id, made["secret"]))

    async def send(self, n: int) -> None:
        """Sends a signing and a move in the name of every source, with every secret that was shown."""
        code = self.facts["project"]["code"]
        signing = {
            "id": f"D-{n}",
            "project": {"code": code},
            "title": "示例",
            "agreement_no": f"示例{n}号",
            "signed_on": "2023-03-30",
            "agreed_amount": "99900000000.00",
        }
        move = {"id": f"P-{n}", "code": code, "to": "signed", "happened_on": "2023-03-30"}
        for source_id, secret in self.secrets:
            for kind, data in (("deal.signed", signing), ("project.moved", move)):
                body = json.dumps({"type": kind, "data": data}).encode()
                now, message = datetime.now(UTC), f"msg_{uuid4().hex}"
                headers = {
                    "Content-Type": "application/json",
                    "webhook-id": message,
                    "webhook-timestamp": str(int(now.timestamp())),
                    "webhook-signature": Webhook(secret).sign(message, now, body.decode()),
                }
                path = f"/api/v1/hooks/{source_id}"
                answer = await self.world.client.post(path, content=body, headers=headers)
                assert answer.status_code in (202, 401), answer.text
        await work_off(self.world)

    async def loosen(self, n: int) -> None:
        city = self.facts["city"]
        names = {"name_zh": "落地", "name_en": "landed", "limits": []}
        gates = [{"code": code, "strictness": "warn"} for code in ("local_company", "site_secured")]
        requests: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("PUT", "/office-settings/separation", {"value": "off"}),
            ("PUT", "/pipeline/stages/landed", {**names, "gates": gates}),
            ("PUT", "/lead-clocks/assess", {"amount": 900, "source": "示例"}),
            (
                "POST",
                f"/units/{city.districts[1]}/parents",
                {"parent_id": city.districts[0], "valid_from": "2023-01-01"},
            ),
        )
        method, path, body = requests[n % len(requests)]
        for headers in self.identities:
            await self.ask(method, path, {**body, "reason": "示例"}, headers)

    async def confirm(self, _n: int) -> None:
        waiting = await self.world.client.get("/api/v1/control-changes?state=pending", headers=self.identities[0])
        for change in waiting.json().get("items", []):
            if change["asked_by"] == self.facts["users"][self.me]:
                await self.all_try("POST", f"/control-changes/{change['id']}/confirmation", {})

    async def do_business(self, n: int) -> None:
        """With every identity: approves what waits, signs, ends, moves, states amounts."""
        project, deal = self.facts["project"]["id"], self.facts["draft"]
        draft = {
            "project_id": project,
            "title": "示例",
            "agreement_no": f"示例协{n}号",
            "signed_on": "2023-03-01",
            "agreed_amount": "1.00",
        }
        amount = {"kind": "planned_total", "value": "1.00", "effective_on": "2023-01-02", "source": "示例"}
        ending = {"effective_on": "2023-04-01", "reason": "示例"}
        await self.all_try("POST", f"/deals/{deal}/approval", {})
        await self.all_try("POST", "/deals", draft)
        await self.all_try("POST", f"/projects/{project}/amounts", amount)
        await self.all_try("POST", f"/deals/{self.facts['live']}/termination", ending)
        await self.all_try("POST", f"/plan-lists/2023/projects/{project}", {"source": "示例"})


ACTS: dict[str, Callable[[Alone, int], Any]] = {
    "reset": Alone.reset,
    "make_account": Alone.make_account,
    "edit_account": Alone.edit_account,
    "grant": Alone.grant,
    "take_tokens": Alone.take_tokens,
    "set_up_source": Alone.set_up_source,
    "change_source": Alone.change_source,
    "send": Alone.send,
    "loosen": Alone.loosen,
    "confirm": Alone.confirm,
    "do_business": Alone.do_business,
}


async def figures(world: World) -> Any:
    """Returns every figure of the city and its districts, and every control, as an actor who sees everything reads
    them."""
    city = (await world.get("/units"))["items"]
    own = [(await world.get("/totals/overview", period="2023", unit_id=unit["id"])) for unit in city]
    for overview in own:
        del overview["scope"]
    sources = {one["name"]: one["is_trusted"] for one in (await world.get("/webhook-sources"))["items"]}
    return {
        "overviews": without_addresses(own),
        "groups": without_addresses((await world.get("/totals/signings", group_by="unit", **YEAR))["groups"]),
        "settings": (await world.get("/office-settings"))["items"],
        "stages": await world.get("/pipeline/stages"),
        "clocks": await world.get("/lead-clocks"),
        "parents": {unit["id"]: unit["parent_id"] for unit in city},
        "trusted": sorted(name for name, is_trusted in sources.items() if is_trusted),
    }


async def _prepare(url: str) -> dict[str, Any]:
    async with running(url) as world:
        async with world.database.writing() as session:
            await office.put(session, office.BUSINESS_DAY, "2023-06-01")
            await office.put(session, office.SEPARATION, office.OFF)
        city = await make.make_city(world)
        for name, role in PEOPLE.items():
            await user(world, name, role, **({"unit_id": city.districts[0]} if role is Role.district else {}))
        _, live = await make.make_signed(city)
        project = await make.make_project(city)
        await make.add_evidence(city, project["id"], "legality_review", "fair_competition_review")
        draft = {
            "project_id": project["id"],
            "title": "示例待审",
            "agreement_no": "示例待审1号",
            "signed_on": "2023-03-01",
            "agreed_amount": "700000000.00",
        }
        waiting = await world.post("/deals", draft)
        made: Sender = await source(world, is_trusted=True, order="arrival")
        async with world.database.writing() as session:
            await office.put(session, office.SEPARATION, None)
        users = {one["name"]: one["id"] for one in (await world.get("/users"))["items"]}
        return {
            "city": city,
            "users": users,
            "project": project,
            "draft": waiting["id"],
            "live": live["id"],
            "source": made.id,
            "first_part": made.secret[: len(made.secret) - 32],
            "official": await make.make_official(world, city.districts[0]),
        }


@pytest.fixture
def prepared(database_url: str) -> tuple[str, dict[str, Any]]:
    return database_url, asyncio.run(_prepare(database_url))


async def _play(url: str, facts: dict[str, Any], me: str, acts: list[tuple[str, int]]) -> Alone:
    async with running(url) as world:
        before = await figures(world)
        identities = [await session_of(world, me), await token(world, me)]
        alone = Alone(world, {**facts, "users": dict(facts["users"])}, me, identities)
        async with sign_in_required(world):
            for act, n in acts:
                await ACTS[act](alone, n)
            for last in ("send", "confirm", "do_business"):
                await ACTS[last](alone, 99)
        assert await figures(world) == before
        await world.holds()
        return alone


SEQUENCES = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 40)), min_size=4, max_size=12)


@pytest.mark.parametrize("me", ["system", "secure", "auditor"])
@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(acts=SEQUENCES)
def test_one_administrator_alone_moves_nothing(
    prepared: tuple[str, dict[str, Any]], copy_of: Callable[[str], str], me: str, acts: list[tuple[str, int]]
) -> None:
    url, facts = prepared
    asyncio.run(_play(copy_of(url), facts, me, acts))


def test_nor_in_the_order_that_was_tried_first(
    prepared: tuple[str, dict[str, Any]], copy_of: Callable[[str], str]
) -> None:
    """Two clerks reset, a source of one's own, separation off: each step, and then business with all of it."""
    url, facts = prepared
    names = sorted(facts["users"])
    acts = [("reset", names.index("clerk")), ("reset", names.index("colleague")), ("edit_account", 0)]
    acts += [("take_tokens", names.index("clerk")), ("set_up_source", 1), ("change_source", 0), ("send", 1)]
    acts += [("loosen", n) for n in range(4)] + [("confirm", 0), ("do_business", 1)]
    alone = asyncio.run(_play(copy_of(url), facts, "system", acts))
    # Asserts that parts of passwords, secrets and tokens were really obtained.
    assert {name for name, _ in alone.passwords} == {"clerk", "colleague"}
    assert len({secret for _, secret in alone.secrets}) > 2
    assert len(alone.identities) > 2
