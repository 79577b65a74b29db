"""Build the web client into frontend/dist: install what its lock names, derive the types of the API, build.

    .venv/bin/python tools/client.py build    # what make run and make test do; without Node it says so and succeeds
    .venv/bin/python tools/client.py check    # types, style, tests, sizes; fails where anything is missing
    .venv/bin/python tools/client.py dev      # Vite's server, which shows a change at once

Does nothing where nothing changed. Uses the Node of this machine, else installs one into .venv. Needs the standard
library alone.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
DIST = FRONTEND / "dist"
TYPES = FRONTEND / "src" / "api" / "schema.gen.ts"
DOCUMENT = ROOT / "docs" / "openapi.json"
STAMPS = FRONTEND / "node_modules" / ".stamps.json"
VENV_BIN = ROOT / ".venv" / "bin"
NODE_LOCK = "requirements-node.lock"
OLDEST_NODE = (20, 19)


class Missing(Exception):
    """Why there is no client, in Chinese and in English."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["build", "check", "dev"])
    parser.add_argument("--required", action="store_true", help="fail where the client cannot be built")
    options = parser.parse_args()
    try:
        environment = with_node()
        install(environment)
        derive_types(environment)
        if options.task == "dev":
            npm(environment, "run", "dev", why="Vite 已停止 / Vite has stopped")
            return
        build(environment)
        if options.task == "check":
            npm(environment, "run", "check", why="检查未通过，见上 / the checks failed, see above")
            npm(environment, "run", "budget", why="超出体积上限，见上 / the client is too large, see above")
    except Missing as missing:
        sys.exit(tell(missing, is_required=options.required or options.task != "build"))


def tell(missing: Missing, *, is_required: bool) -> int:
    """Says loudly why there is no client. Returns the exit code."""
    zh, en = missing.args
    is_old = (DIST / "index.html").is_file()
    what = (
        ("网页客户端未能更新，沿用上次构建的", "the web client could not be built anew; the last build stays")
        if is_old
        else (
            "没有网页客户端，只提供接口和简易登录页",
            "no web client: the API and a plain sign-in page are served alone",
        )
    )
    line = "!" * 78
    say(f"\n{line}\n!! {what[0]}:{zh}\n!! {what[1]}: {en}\n{line}\n", sys.stderr)
    return 1 if is_required else 0


def with_node() -> dict[str, str]:
    """Returns the environment in which `node` and `npm` are found."""
    environment = dict(os.environ)
    if is_good(environment):
        return environment
    environment["PATH"] = f"{VENV_BIN}{os.pathsep}{environment.get('PATH', '')}"
    if not is_good(environment):
        install_node()
    if not is_good(environment):
        raise Missing(
            f"装入 .venv 的 Node 不能运行。请安装 Node {OLDEST} 或更新版本及 npm",
            f"the Node in .venv does not run. Install Node {OLDEST} or later, with npm",
        )
    return environment


OLDEST = ".".join(map(str, OLDEST_NODE))


def is_good(environment: dict[str, str]) -> bool:
    """Whether there is a Node that is new enough, and its npm."""
    node, npm_command = (shutil.which(name, path=environment.get("PATH")) for name in ("node", "npm"))
    if node is None or npm_command is None:
        return False
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, env=environment)
        subprocess.run([npm_command, "--version"], capture_output=True, check=True, env=environment)
        return tuple(map(int, version.stdout.strip().lstrip("v").split(".")[:2])) >= OLDEST_NODE
    except (OSError, ValueError, subprocess.CalledProcessError):
        return False


def install_node() -> None:
    say(
        f"本机没有 Node {OLDEST} 或更新版本,装一份到 .venv\n"
        f"There is no Node {OLDEST} or later here: installing one in .venv"
    )
    command = [str(VENV_BIN / "python"), "-m", "pip", "install", "--require-hashes", "-r", str(ROOT / NODE_LOCK)]
    command += ["--disable-pip-version-check", "--no-input", *([] if sys.stdout.isatty() else ["--quiet"])]
    if subprocess.call(command) != 0:
        raise Missing(
            f"本机没有 Node {OLDEST} 或更新版本,也未能从 PyPI 装上(原因见上)。"
            "请安装 Node 和 npm,或设 PIP_INDEX_URL 为较近的镜像",
            f"there is no Node {OLDEST} or later, and PyPI gave none (reason above). Install Node with npm, or set "
            "PIP_INDEX_URL to a nearer mirror",
        )


def install(environment: dict[str, str]) -> None:
    """`npm ci`, which begins by deleting node_modules and the stamps with it."""
    current = digest([FRONTEND / "package-lock.json"])
    if stamps().get("install") == current:
        return
    say("安装网页客户端的依赖(约一分钟)\nInstalling what the web client needs (about a minute)")
    npm(
        environment,
        "ci",
        why="npm 依赖安装失败,原因见上。若是网络问题,可设 NPM_CONFIG_REGISTRY 为单位或本地区的 npm 镜像后重试 / "
        "npm could not install what it needs, for the reason above. If it is the network, set NPM_CONFIG_REGISTRY to a "
        "nearer mirror of npm and try again",
    )
    stamp("install", current)


def derive_types(environment: dict[str, str]) -> None:
    current = digest([DOCUMENT, FRONTEND / "package-lock.json"])
    if stamps().get("types") == current and TYPES.is_file():
        return
    npm(environment, "run", "types", why="接口类型生成失败,见上 / the types of the API could not be derived, see above")
    stamp("types", current)


def build(environment: dict[str, str]) -> None:
    current = digest(sources())
    if stamps().get("build") == current and (DIST / "index.html").is_file():
        return
    say("构建网页客户端\nBuilding the web client")
    npm(environment, "run", "build", why="构建失败,见上 / the build failed, see above")
    stamp("build", current)


def sources() -> Iterator[Path]:
    """Yields what the build is made from."""
    yield from (DOCUMENT, *FRONTEND.glob("*.html"), *FRONTEND.glob("*.json"), FRONTEND / "vite.config.ts")
    for folder in ("src", "public"):
        files = (path for path in (FRONTEND / folder).rglob("*") if path.is_file() and path != TYPES)
        yield from (path for path in files if ".test." not in path.name)


def npm(environment: dict[str, str], *arguments: str, why: str) -> None:
    """Runs npm in frontend/. Raises Missing with the reason where it fails."""
    command = shutil.which("npm", path=environment["PATH"])
    assert command is not None
    quiet = [] if sys.stdout.isatty() or arguments[-1] in ("check", "budget", "dev") else ["--loglevel=error"]
    if subprocess.call([command, *quiet, *arguments], cwd=FRONTEND, env=environment) != 0:
        zh, _, en = why.partition(" / ")
        raise Missing(zh, en)


def digest(paths: Iterator[Path] | list[Path]) -> str:
    """Returns a hash over the names and the contents of files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        total.update(f"{path.relative_to(ROOT)}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def stamps() -> dict[str, str]:
    try:
        done: dict[str, str] = json.loads(STAMPS.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return done


def stamp(step: str, value: str) -> None:
    STAMPS.write_text(json.dumps({**stamps(), step: value}, indent=1), "utf-8")


def say(text: str, stream: object = sys.stdout) -> None:
    stream.buffer.write(f"{text}\n".encode())  # type: ignore[attr-defined]
    stream.flush()  # type: ignore[attr-defined]


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
