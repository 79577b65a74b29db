"""The city, and a signed project in it: made once a run through the API, copied for each test that asks for them."""

import asyncio
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import pytest

from tests.conftest import World, running
from tests.databases import FilledOnce, seal
from tests.factories import city as make


@dataclass(frozen=True)
class Prepared:
    """A database that holds the city, to be copied; the answers of the makers; the number that makers go on with."""

    url: str
    city: dict[str, Any]
    signed_project: tuple[dict[str, Any], dict[str, Any]] | None
    next_number: int


@pytest.fixture
def prepared(request: pytest.FixtureRequest, backend: str, filled_once: FilledOnce) -> Prepared:
    """What this test asks for by name: the city with the signed project, or the city alone."""
    is_signed = "signed_project" in request.fixturenames
    what = "city_and_project" if is_signed else "city"
    url, made = filled_once(backend, what, partial(_fill, is_signed=is_signed))
    return Prepared(url, **made)


@pytest.fixture
def city(world: World, prepared: Prepared) -> make.City:
    """The city of `make_city`, in this test's database before the test begins."""
    make.leave_out_numbers_below(prepared.next_number)
    return make.City(world, **prepared.city)


@pytest.fixture
def signed_project(city: make.City, prepared: Prepared) -> tuple[dict[str, Any], dict[str, Any]]:
    """The project and the deal of `make_signed`, in this test's database before the test begins."""
    assert prepared.signed_project is not None
    project, deal = prepared.signed_project
    return project, deal


def _fill(url: str, *, is_signed: bool) -> dict[str, Any]:
    return asyncio.run(_filled(url, is_signed=is_signed))


async def _filled(url: str, *, is_signed: bool) -> dict[str, Any]:
    async with running(url) as world:
        world.clock.set(2023, 2, 1)  # the day of the deal; no test sets an earlier one
        city = await make.make_city(world)
        signed = await make.make_signed(city) if is_signed else None
        await seal(world.database)
    ids = {field.name: getattr(city, field.name) for field in fields(city) if field.name != "world"}
    return {"city": ids, "signed_project": signed, "next_number": make.next_number()}
