"""Fixtures of the tests of accounts. After each test the sessions it changed are compared with the security log, which
must name every change and every end."""

from collections.abc import AsyncIterator, Iterator

import pytest

from app.checks import access
from tests.accounts.openid_provider import Rogue, real_provider, rogue_provider
from tests.accounts.sign_on import CALLBACK
from tests.conftest import World


@pytest.fixture
async def world(world: World) -> AsyncIterator[World]:
    yield world
    async with world.database.snapshot() as session:
        assert await access.sessions_and_browsers(session) == []


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    with real_provider(CALLBACK) as issuer:
        yield issuer


@pytest.fixture
def rogue() -> Iterator[Rogue]:
    with rogue_provider() as found:
        yield found
