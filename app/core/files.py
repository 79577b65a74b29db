"""Files that only their owner can read, whatever the umask. An existing file keeps its mode: somebody chose it."""

import stat
from collections.abc import Iterable
from pathlib import Path

_OTHERS = stat.S_IRWXO
_GROUP = stat.S_IRWXG


def make_folder(path: Path) -> None:
    """Creates a folder and its missing parents with mode 0700."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    path.chmod(0o700)


def make_file(path: Path) -> None:
    """Creates an empty file with mode 0600, and its folder; does nothing where the file exists."""
    make_folder(path.parent)
    try:
        path.touch(0o600, exist_ok=False)
    except FileExistsError:
        return
    path.chmod(0o600)


def of_sqlite(database: Path) -> list[Path]:
    """Returns SQLite's database file and the files it keeps beside it, those that exist."""
    ends = ("", "-wal", "-shm", "-journal")
    return [path for path in (database.with_name(database.name + end) for end in ends) if path.exists()]


def open_to_others(paths: Iterable[Path], *, group_too: bool) -> list[Path]:
    """Returns the paths that other users, or also the owner's group, have access to."""
    mask = _OTHERS | (_GROUP if group_too else 0)
    return [path for path in paths if stat.S_IMODE(path.stat().st_mode) & mask]
