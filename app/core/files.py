"""Files that their owner alone reads, whatever the umask. What exists already keeps its mode: somebody chose it."""

import stat
from collections.abc import Iterable
from pathlib import Path

_OTHERS = stat.S_IRWXO
_GROUP = stat.S_IRWXG


def make_folder(path: Path) -> None:
    """Make a folder and those above it that do not exist, each 0700."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    path.chmod(0o700)


def make_file(path: Path) -> None:
    """Make an empty file 0600, with the folder it wants; does nothing where there is one."""
    make_folder(path.parent)
    try:
        path.touch(0o600, exist_ok=False)
    except FileExistsError:
        return
    path.chmod(0o600)


def of_sqlite(database: Path) -> list[Path]:
    """SQLite's database file and what it keeps beside it, as far as they exist."""
    ends = ("", "-wal", "-shm", "-journal")
    return [path for path in (database.with_name(database.name + end) for end in ends) if path.exists()]


def open_to_others(paths: Iterable[Path], *, group_too: bool) -> list[Path]:
    """Those that others, or also the owner's group, may read or write."""
    mask = _OTHERS | (_GROUP if group_too else 0)
    return [path for path in paths if stat.S_IMODE(path.stat().st_mode) & mask]
