"""Each page takes no more requests than it may, and its answers have all that it shows."""

import pytest

from tests.conftest import running
from tests.journeys.pages import PAGES, visit

pytestmark = pytest.mark.anyio


async def test_what_a_page_takes(sample_copy: str, subtests: pytest.Subtests) -> None:
    async with running(sample_copy) as world:
        for name, (requests, lacking) in (await visit(world)).items():
            with subtests.test(name):
                assert len(requests) <= PAGES[name].most
                assert lacking == []
