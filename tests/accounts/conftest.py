"""Fixtures of the tests of accounts. Whatever a test here does to accounts, each session is told of by the security
log, and so is its end."""

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
