"""Reads all data a storm may change through the API into plain dicts. Records are keyed by the names people know them
by, because ids and times differ from run to run."""

import json
import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from app.events.models import Event
from app.totals.service import BY
from app.webhooks.inbound.models import ExternalObject
from tests.conftest import World

Read = dict[str, Any]
_YEAR = {"from": "2023-01-01", "to": "2023-12-31"}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OF_A_RUN = frozenset(
    {"id", "event_id", "known_at", "recorded_at", "created_at", "updated_at", "approved_at", "reported_at"}
)
_PER_SNAPSHOT = ("five_ones.follow_up_added", "enterprise.updated")
"""Events logged per applied snapshot, of which a storm has fewer."""
_BY_HAND = ("webhook.replayed",)


async def everything(world: World, path: str, **asked: Any) -> list[Read]:
    """Returns the items of all pages of a list."""
    items: list[Read] = []
    cursor: dict[str, str] = {}
    while True:
        page = await world.get(path, limit=200, **asked, **cursor)
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


class Books:
    """All data on record, by name. Every id must have one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names: dict[str, str] = {}

    async def read(self) -> dict[str, Any]:
        await self._name()
        return {
            "deals": await self._deals(),
            "ledger": self._sorted(await everything(self.world, "/totals/signings/entries", **_YEAR), "code"),
            "totals": await self._totals(),
            "projects": await self._projects(),
            "enterprises": await self._enterprises(),
            "leads": self._by_name("lead", [await self.world.get(f"/leads/{row['id']}") for row in self.leads], "code"),
            "objects": await self._objects(),
            "events": await self._events(),
        }

    async def _name(self) -> None:
        world = self.world
        for row in await everything(world, "/units"):
            self.names[row["id"]] = row["code"]
        for path in ("/task-forces", "/officials"):
            self._call(await everything(world, path), "name")
        self._call((await world.get("/webhook-sources"))["items"], "name")
        self.enterprises = await everything(world, "/enterprises")
        for row in self.enterprises:
            self.names[row["id"]] = row["credit_code"] or row["name"]
        self.projects = await everything(world, "/projects")
        self._call(self.projects, "code")
        self.deals = await everything(world, "/deals")
        self._call(self.deals, "agreement_no")
        self.leads = await everything(world, "/leads")
        self._call(self.leads, "name")

    def _call(self, rows: Iterable[Read], name: str) -> None:
        self.names |= {row["id"]: row[name] for row in rows}

    def _plain(self, value: Any, *without: str) -> Any:
        """Returns a value without the fields that differ from run to run, every id replaced by its name."""
        if isinstance(value, dict):
            kept = {
                key: one
                for key, one in value.items()
                if key not in _OF_A_RUN and key not in without and not key.endswith(("_url", "href"))
            }
            return {key: self._plain(one, *without) for key, one in kept.items()}
        if isinstance(value, list):
            return [self._plain(one, *without) for one in value]
        return _ID.sub(lambda found: self.names[found[0]], value) if isinstance(value, str) else value

    def _sorted(self, rows: list[Read], *without: str) -> list[Any]:
        return sorted(self._plain(rows, *without), key=lambda row: json.dumps(row, sort_keys=True))

    def _by_name(self, what: str, rows: Iterable[Read], *without: str) -> dict[str, Any]:
        """Returns the rows by name. Asserts that each name occurs once, so that a duplicate is not hidden."""
        found: dict[str, Any] = {}
        for row in rows:
            name = self.names[row["id"]]
            assert name not in found, f"{what} {name} is there twice"
            found[name] = self._plain(row, *without)
        return found

    async def _deals(self) -> dict[str, Any]:
        found = self._by_name("deal", [await self.world.get(f"/deals/{row['id']}") for row in self.deals], "code")
        for row in self.deals:
            booked = await self.world.get(f"/deals/{row['id']}/entries")
            for entry in booked["items"]:
                told = (entry["kind"], entry["effective_on"], entry["count"], entry["amount"], entry["is_reversal"])
                self.names[entry["id"]] = " ".join(map(str, told))
            found[self.names[row["id"]]]["entries"] = self._sorted(booked.pop("items"))
            found[self.names[row["id"]]]["sum"] = booked
        return found

    async def _totals(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for group_by in sorted(BY):
            total = self._plain(await self.world.get("/totals/signings", **_YEAR, group_by=group_by.value))
            total["groups"] = {group["key"]: group for group in total["groups"][group_by.value]}
            found[group_by.value] = total
        for period in ("2023Q1", "2023Q2"):
            for what in ("overview", "funnel"):
                found[f"{what} {period}"] = self._plain(await self.world.get(f"/totals/{what}", period=period), "deal")
        return found

    async def _projects(self) -> dict[str, Any]:
        found = {}
        for row in self.projects:
            path = f"/projects/{row['id']}"
            moves = self._plain(await self.world.get(f"{path}/moves"))
            latest = (await self.world.get(f"{path}/follow-ups", limit=1))["items"]
            own = self._plain(await self.world.get(path))
            found[row["code"]] = {**own, "moves": moves, "latest": self._plain(latest)}
        return found

    async def _enterprises(self) -> dict[str, Any]:
        rows = [await self.world.get(f"/enterprises/{row['id']}") for row in self.enterprises]
        return self._by_name("enterprise", rows, "version")

    async def _objects(self) -> dict[str, Any]:
        """Returns, by the source's id of an object, our record and the last sequence and version applied."""
        async with self.world.database.reading() as session:
            rows = list(await session.scalars(select(ExternalObject)))
        return {
            f"{row.kind} {row.external_id}": (self.names[str(row.record_id)], row.last_sequence, row.last_version)
            for row in rows
        }

    async def _events(self) -> dict[str, int]:
        counted = select(Event.type, func.count()).where(Event.type.not_in([*_PER_SNAPSHOT, *_BY_HAND]))
        async with self.world.database.reading() as session:
            return {type: number for type, number in await session.execute(counted.group_by(Event.type))}


async def follow_ups(world: World) -> dict[str, list[str]]:
    """Returns the follow-ups of each project, by its code."""
    return {
        row["code"]: sorted(one["summary"] for one in await everything(world, f"/projects/{row['id']}/follow-ups"))
        for row in await everything(world, "/projects")
    }
