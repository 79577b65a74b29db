"""Whatever a test here does to accounts, each session is told of by the security log, and so is its end."""

from collections.abc import AsyncIterator

import pytest

from app.checks import access
from tests.conftest import World


@pytest.fixture
async def world(world: World) -> AsyncIterator[World]:
    yield world
    async with world.database.snapshot() as session:
        assert await access.sessions_and_browsers(session) == []
