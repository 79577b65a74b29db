"""Heads of both chains, kept beside the database: a file that is only ever added to.

Whoever cuts off the end of a log, with its seals, leaves a chain that holds; the file knows a head that is no longer
there. Keep a copy of it, or of the server's log, where the owner of the database cannot write.
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
    """A link of a chain: which log's, its number, its hash."""

    log: str
    number: int
    hash: str


def file_of(settings: Settings) -> Path | None:
    """Where heads are kept: as set, else beside the database file; None on a server without the setting."""
    if settings.heads_file:
        return Path(settings.heads_file)
    file = settings.sqlite_file
    return None if file is None else file.with_name(file.name + ".heads")


def append(settings: Settings, seal: Seal) -> None:
    """Add a line for a seal just made. A file that cannot be written is a warning: the log of the server has it too."""
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
    """The heads that the file knows; a line that is none is passed over. Raises OSError where it cannot be read."""
    path = file_of(settings)
    if path is None or not path.exists():
        return ()
    heads = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            said = json.loads(line)
            heads.append(Head(said["log"], int(said["number"]), str(said["hash"])))
        except (ValueError, KeyError, TypeError):
            continue
    return heads
