"""Documents stored beside the code agree with the code."""

import json

from app.commands import main as cli
from app.core.config import Settings
from tests.conftest import ROOT

SNAPSHOT = ROOT / "docs" / "openapi.json"


def test_the_openapi_document_is_the_one_on_record() -> None:
    """Renew it with `five-ones openapi docs/openapi.json` and read the difference."""
    assert json.loads(cli.openapi_text(Settings())) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_no_lock_file_names_a_host() -> None:
    for path in ROOT.glob("requirements*.lock"):
        assert "://" not in path.read_text(encoding="utf-8")
