"""Heads of both chains, stored beside the database in a file to which lines are only appended.

A log whose end was cut off together with its seals is still a valid chain, but the file then holds a head that is not
in it. Keep a copy of it, or of the server's log, where the owner of the database cannot write.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from app.audit.models import Seal
from app.core import files
from app.core.config import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Head:
    """A link of a chain: its log, number and hash."""

    log: str
    number: int
    hash: str


def file_of(settings: Settings) -> Path | None:
    """Returns the file of heads: as set, else beside the database file; None on PostgreSQL without the setting."""
    if settings.heads_file:
        return Path(settings.heads_file)
    file = settings.sqlite_file
    return None if file is None else file.with_name(file.name + ".heads")


def append(settings: Settings, seal: Seal) -> None:
    """Appends a line for a new seal. Only warns where the file cannot be written: the server's log has the head too."""
    path = file_of(settings)
    if path is None:
        return
    line = json.dumps({"at": seal.made_at.isoformat(), "log": seal.log.value, "number": seal.number, "hash": seal.hash})
    try:
        files.make_file(path)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError as error:
        log.warning("head_not_kept", file=str(path), reason=str(error))


def read(settings: Settings) -> Sequence[Head]:
    """Returns the heads in the file, without malformed lines. Raises OSError where it cannot be read."""
    path = file_of(settings)
    if path is None or not path.exists():
        return ()
    heads = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            values = json.loads(line)
            heads.append(Head(values["log"], int(values["number"]), str(values["hash"])))
        except (ValueError, KeyError, TypeError):
            continue
    return heads
