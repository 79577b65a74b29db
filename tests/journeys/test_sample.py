"""The sample says what the article says, and the commands around it behave."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import cli
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


def five_ones(database_url: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "FIVE_ONES_DATABASE_URL": database_url, **settings}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commands(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'city.db'}"
    early = five_ones(url, "sample")
    assert early.returncode == 1
    assert "five-ones migrate" in early.stderr
    assert five_ones(url, "migrate").returncode == 0
    assert five_ones(url, "sample").returncode == 0
    again = five_ones(url, "sample")
    assert again.returncode == 1
    assert "空库" in again.stderr
    quiet = five_ones(url, "sample", "--if-empty")
    assert (quiet.returncode, quiet.stdout) == (0, "")
    assert five_ones(url, "business-day").stdout.startswith("2023-03-31")
    assert five_ones(url, "check").returncode == 0
    wrong = five_ones(url, "business-day", "yesterday")
    assert wrong.returncode == 1
    production = five_ones(url, "serve", FIVE_ONES_ENVIRONMENT="production")
    assert production.returncode == 1
    assert "business-day --clear" in production.stderr
    for answer in (early, again, wrong, production):
        assert "Traceback" not in answer.stderr
    nowhere = five_ones("postgresql://nobody@127.0.0.1:1/none", "check")
    assert nowhere.returncode == 1
    assert "Traceback" not in nowhere.stderr


def test_the_openapi_document_is_the_one_on_record() -> None:
    """Renew it with `five-ones openapi docs/openapi.json` and read the difference."""
    assert json.loads(cli.openapi_text()) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_no_lock_file_names_a_host() -> None:
    for path in ROOT.glob("requirements*.lock"):
        assert "://" not in path.read_text(encoding="utf-8")
