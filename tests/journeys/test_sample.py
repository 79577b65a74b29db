"""The sample says what the article says, and the documents on record are the ones we serve."""

import json
from pathlib import Path

import pytest

from app import cli
from app.core.config import Settings
from app.sample import load
from tests.conftest import World

ROOT = Path(__file__).parents[2]
SNAPSHOT = ROOT / "docs" / "openapi.json"


@pytest.mark.anyio
async def test_the_sample_gives_the_articles_total(world: World) -> None:
    async with world.database.writing() as session:
        await load.load(session)
    total = await world.get("/totals/signings", **{"from": "2023-01-01", "to": "2023-03-31"})
    assert (total["count"], total["amount"], total["same_quarter_landed"]) == (12, "13880000000.00", 3)
    rows = (await world.client.get(total["entries_url"])).json()
    assert (rows["sum"]["count"], rows["sum"]["amount"], rows["sum"]["landed"]) == (12, "13880000000.00", 3)
    assert sum(row["count"] for row in rows["items"]) == 12
    then = await world.get("/totals/signings", **{"from": "2023-01-01", "to": "2023-03-31", "known_at": "2023-02-28"})
    assert (then["count"], then["amount"], then["same_quarter_landed"]) == (5, "10180000000.00", 1)
    await world.holds()
    with pytest.raises(load.NotEmpty):
        async with world.database.writing() as session:
            await load.load(session)


def test_the_openapi_document_is_the_one_on_record() -> None:
    """Renew it with `five-ones openapi docs/openapi.json` and read the difference."""
    assert json.loads(cli.openapi_text(Settings())) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_no_lock_file_names_a_host() -> None:
    for path in ROOT.glob("requirements*.lock"):
        assert "://" not in path.read_text(encoding="utf-8")
