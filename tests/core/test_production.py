"""What production refuses to start with: every reason with its remedy in both languages, all at once."""

import secrets
from pathlib import Path

import pytest

from app.core.config import DEVELOPMENT_SECRET, Settings
from app.production_checks import is_guessable, of_settings

GOOD = "9f2c81d04be7a6535d1e8f70c2b94a6e07d3f518ac92be4610f7d853c94e2ab1"


def reasons(**settings: object) -> str:
    chosen = {"database_url": "postgresql://db/x", "secret": GOOD, "public_url": "https://zs.example.cn", **settings}
    return "\n".join(f"{reason.zh} / {reason.en}" for reason in of_settings(Settings(**chosen)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"secret": "0" * 32}, "FIVE_ONES_SECRET"),
        ({"public_url": None}, "FIVE_ONES_PUBLIC_URL"),
        ({"public_url": "http://zs.example.cn"}, "FIVE_ONES_PUBLIC_URL"),
        ({"trusted_proxies": "10.0.0.1, 0.0.0.0/0"}, "0.0.0.0/0"),
        ({"trusted_proxies": "::/0"}, "::/0"),
        ({"sign_on_issuer": "http://127.0.0.1:9", "sign_on_client_id": "x"}, "FIVE_ONES_SIGN_ON_ISSUER"),
    ],
)
def test_each_reason_is_named(settings: dict[str, object], said: str) -> None:
    (line,) = reasons(**settings).splitlines()
    assert said in line
    assert " / " in line


def test_all_reasons_are_named_at_once() -> None:
    said = reasons(secret="0" * 32, public_url=None, trusted_proxies="0.0.0.0/0")
    assert len(said.splitlines()) == 3


def test_what_is_right_is_taken() -> None:
    assert reasons(trusted_proxies="10.0.0.0/8, 127.0.0.1, fd00::/16") == ""


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666, 0o606])
def test_a_database_file_that_others_can_read_is_named(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "city.db"
    path.touch()
    path.chmod(mode)
    said = reasons(database_url=f"sqlite:///{path}")
    assert (str(path) in said) == bool(mode & 0o007)


@pytest.mark.parametrize(
    "secret",
    [
        DEVELOPMENT_SECRET,
        "0" * 64,
        "s" * 32,
        "ab" * 20,
        "1234567890" * 4,
        "correct horse battery " * 2,
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "zyxwvutsrqponmlkjihgfedcba9876543210",
        "please-change-me-before-production!",
        "the output of openssl rand -hex 32.",
        "deadbeef" * 8,
        "00000000000000000000000000000001",
    ],
)
def test_a_secret_that_can_be_guessed(secret: str) -> None:
    assert is_guessable(secret)


def test_a_secret_drawn_at_random() -> None:
    drawn = [make(size) for make in (secrets.token_hex, secrets.token_urlsafe) for size in (24, 32) for _ in range(200)]
    assert not any(is_guessable(secret) for secret in drawn)
