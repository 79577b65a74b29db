"""Set up .venv from a lock file: check the machine, make the environment, install what the lock names.

    python3 tools/prepare.py requirements.lock --port 8000

Says what to install or to change where something is missing, and does nothing where nothing changed. It needs
only the standard library and keeps to syntax that an old Python can read, for it must tell such a Python so.
"""

import argparse
import errno
import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
# The development lock names everything the run lock does, so installing it serves both.
SERVES = {
    "requirements.lock": ["requirements.lock"],
    "requirements-dev.lock": ["requirements.lock", "requirements-dev.lock"],
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lock", choices=sorted(SERVES))
    parser.add_argument("--port")
    options = parser.parse_args()
    check_python()
    if options.port is not None:
        check_port(options.port)
    make_venv()
    install(options.lock)
    link_project()


def check_python():
    if sys.version_info < (3, 11):  # noqa: UP036, it is the Pythons below that must be told
        stop(
            f"需要 Python 3.11 或更新版本,而 {sys.executable} 是 {VERSION}。"
            "请安装较新的 Python,再运行例如:PYTHON=python3.12 make run",
            f"Python 3.11 or later is needed, and {sys.executable} is {VERSION}. "
            "Install a newer one, then run for example: PYTHON=python3.12 make run",
        )
    if not venv_is_ready() and not venv_can_be_made():
        package = f"python{VERSION}-venv"
        stop(
            f"这个 Python 缺少 venv 或 ensurepip 模块。Debian/Ubuntu 请运行:apt-get install {package}",
            f"This Python lacks its venv or ensurepip module. On Debian or Ubuntu: apt-get install {package}",
        )
    check_sqlite()


def check_sqlite():
    if not os.environ.get("FIVE_ONES_DATABASE_URL", "sqlite").startswith("sqlite"):
        return
    try:
        from sqlite3 import sqlite_version, sqlite_version_info
    except ImportError:
        stop(
            "这个 Python 不带 sqlite3 模块。请换一个 Python,或安装 SQLite 的开发包后重新编译它。",
            "This Python was built without sqlite3. Use another, or rebuild it with SQLite's headers.",
        )
    if sqlite_version_info < (3, 35):
        stop(
            f"需要 SQLite 3.35 或更新版本,而这个 Python 带的是 {sqlite_version}。"
            "请换一个 Python,或用 FIVE_ONES_DATABASE_URL 指定 PostgreSQL。",
            f"SQLite 3.35 or later is needed, and this Python brings {sqlite_version}. "
            "Use another Python, or name a PostgreSQL in FIVE_ONES_DATABASE_URL.",
        )


def check_port(text):
    if not text.isdigit() or not 0 < int(text) < 65536:
        stop(f"PORT 应为 1 至 65535 的整数,而不是 {text!r}。", f"PORT must be 1 to 65535, not {text!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                zh, en = "已被其他程序占用", "is taken by another program"
            else:
                zh, en = f"不可用({error.strerror})", f"cannot be used ({error.strerror})"
            stop(
                f"端口 {text} {zh}。请换一个端口,例如:PORT=8001 make run",
                f"Port {text} {en}. Choose another, for example: PORT=8001 make run",
            )


def venv_is_ready():
    """Whether .venv is whole and of the Python asked for."""
    code = "import pip, sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"
    try:
        found = subprocess.check_output([str(PYTHON), "-c", code], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return False
    return found.decode() == VERSION


def venv_can_be_made():
    try:
        from ensurepip import version
        from venv import EnvBuilder
    except ImportError:
        return False
    return bool(version() and EnvBuilder)


def make_venv():
    if venv_is_ready():
        return
    say(f"用 Python {VERSION} 建立 .venv", f"Making .venv with Python {VERSION}")
    call([sys.executable, "-m", "venv", "--clear", str(VENV)])


def install(lock):
    stamp = VENV / "installed.json"
    digest = hashlib.sha256()
    for name in sorted(SERVES):
        digest.update((ROOT / name).read_bytes())
    current = {"sha256": digest.hexdigest(), "locks": []}
    if stamp.exists():
        before = json.loads(stamp.read_text())
        # Both locks make one digest: either may have changed a version the other one installed.
        if before["sha256"] == current["sha256"]:
            current = before
    if lock in current["locks"]:
        return
    say(f"按 {lock} 安装依赖", f"Installing what {lock} names")
    if stamp.exists():
        stamp.unlink()
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--requirement", str(ROOT / lock)]
    command += ["--disable-pip-version-check", "--no-input"]
    # Someone at a terminal sees pip at work; a log keeps only what went wrong.
    if not sys.stdout.isatty():
        command.append("--quiet")
    if subprocess.call(command) != 0:
        stop(
            "依赖安装失败,原因见上。若是网络问题,可设 PIP_INDEX_URL 为单位或本地区的 PyPI 镜像后重试。",
            "Installing failed, for the reason above. If it is the network, set PIP_INDEX_URL to a nearer "
            "mirror of PyPI and try again.",
        )
    current["locks"] = sorted({*current["locks"], *SERVES[lock]})
    stamp.write_text(json.dumps(current))


def link_project():
    """Make `app` importable and `five-ones` a command of .venv.

    An editable install amounts to this, but for it pip would first download a build backend that no lock file
    vouches for.
    """
    library = next((VENV / "lib").glob("python*/site-packages"))
    write(library / "five_ones.pth", os.path.relpath(str(ROOT), str(library)) + "\n")
    script = VENV / "bin" / "five-ones"
    # The exec line and not a plain #!, which breaks on long paths and on spaces.
    write(
        script,
        f"""#!/bin/sh
'''exec' "{PYTHON}" "$0" "$@"
' '''
import sys

from app.commands.main import main

# Worker processes import this file again: only the command itself may run it.
if __name__ == "__main__":
    sys.argv[0] = "five-ones"
    sys.exit(main())
""",
    )
    script.chmod(0o755)


def write(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def call(command):
    code = subprocess.call(command)
    if code != 0:
        sys.exit(code)


def say(chinese, english):
    sys.stdout.buffer.write(f"{chinese}\n{english}\n".encode())
    sys.stdout.flush()


def stop(chinese, english):
    sys.stderr.buffer.write(f"{chinese}\n{english}\n".encode())
    sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
