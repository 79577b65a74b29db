"""Check the lock files: they satisfy pyproject.toml, agree with each other, carry hashes and name no host.

Needs no network. That a lock also names what its packages need in turn is proved by every install from it:
`pip --require-hashes` refuses a package that the lock leaves out.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
RUN, DEV, NODE = "requirements.lock", "requirements-dev.lock", "requirements-node.lock"
# Where the locks are meant to install; a marker that is wrong shows as a package missing from one of these.
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
MACHINES = [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("darwin", "x86_64")]
ENVIRONMENTS = [
    {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system}
    | {"platform_system": system.title(), "platform_machine": machine, "os_name": "posix"}
    | {"implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": ""}
    for python in PYTHONS
    for system, machine in MACHINES
]
FORBIDDEN = re.compile(r"https?://|file:|^\s*-|\s@\s")


def main() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    wanted = [Requirement(text) for text in project["dependencies"]]
    wanted_dev = [Requirement(text) for text in project["optional-dependencies"]["dev"]]
    wanted_node = [Requirement(text) for text in settings["dependency-groups"]["node"]]
    stop_on([*faults_of_text(RUN), *faults_of_text(DEV), *faults_of_text(NODE)])
    run, dev = read(RUN), read(DEV)
    faults = [*unsatisfied(RUN, run, wanted), *unsatisfied(DEV, dev, wanted + wanted_dev)]
    faults += unsatisfied(NODE, read(NODE), wanted_node)
    faults += [f"{DEV}: 与 {RUN} 不一致 / differs from {RUN}: {pin}" for pin in run if pin not in dev]
    for npm in (ROOT / "frontend" / "package-lock.json", ROOT / "tests/accounts/provider/package-lock.json"):
        faults += faults_of_npm(npm)
    stop_on(faults)
    sys.stdout.write(f"锁文件正常 / the lock files are sound: {len(run)} + {len(dev) - len(run)}\n")


def stop_on(faults: list[str]) -> None:
    if faults:
        sys.exit("\n".join([*faults, "重新生成:make lock / make them anew: make lock"]))


def faults_of_text(name: str) -> Iterator[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if FORBIDDEN.search(line) and not line.startswith("    --hash=sha256:"):
            yield f"{name}:{number}: 含地址或选项 / holds an address or an option: {line.strip()}"
        if line[:1].isalnum() and "==" not in line:
            yield f"{name}:{number}: 版本未锁定 / is not pinned: {line.strip()}"
    for entry in entries(text):
        if "--hash=sha256:" not in entry:
            yield f"{name}: 没有散列值 / has no hash: {entry.split()[0]}"


def faults_of_npm(path: Path) -> Iterator[str]:
    """Also those for which `npm ci` refuses a lock: it leaves out what a package.json or a package in it needs."""
    name, packages = path.relative_to(ROOT), json.loads(path.read_text(encoding="utf-8"))["packages"]
    declared = json.loads((path.parent / "package.json").read_text(encoding="utf-8"))
    for key in ("dependencies", "devDependencies"):
        if declared.get(key) != packages[""].get(key):
            yield f"{name}: {key} 与 package.json 不符，请运行 npm install / differ from package.json: npm install"
    for place, package in packages.items():
        if place and "resolved" in package:
            yield f"{name}: {place}: 含下载地址 resolved / names a download host (resolved)"
        if place and not package.get("link") and "integrity" not in package:
            yield f"{name}: {place}: 没有散列值 / has no hash"
        for needed in {**package.get("dependencies", {}), **package.get("optionalDependencies", {})}:
            if not any(f"{above}node_modules/{needed}" in packages for above in holders(place)):
                yield f"{name}: {place}: 缺少 / lacks {needed}"


def holders(place: str) -> Iterator[str]:
    """Yields the places whose node_modules a package finds others in: its own, and those of what it lies in."""
    while place:
        yield f"{place}/"
        place = place.rpartition("node_modules/")[0].removesuffix("/")
    yield ""


def entries(text: str) -> list[str]:
    """One text a requirement, its hashes included and comments left out."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return re.split(r"(?<!\\)\n", "\n".join(lines))


def read(name: str) -> list[Requirement]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [Requirement(entry.split("\\")[0].strip()) for entry in entries(text)]


def unsatisfied(name: str, pins: list[Requirement], wanted: list[Requirement]) -> Iterator[str]:
    for requirement in wanted:
        places: dict[str, list[str]] = {}
        for environment in ENVIRONMENTS:
            if text := fault(requirement, pins, environment):
                place = "Python {python_version} {sys_platform} {platform_machine}".format(**environment)
                places.setdefault(text, []).append(place)
        for text, found in places.items():
            where = found[0] if len(found) == 1 else f"{found[0]} … {found[-1]}, {len(found)}"
            yield f"{name}: {requirement}: {text} ({where})"


def fault(requirement: Requirement, pins: list[Requirement], environment: dict[str, str]) -> str | None:
    if not applies(requirement, environment):
        return None
    name = canonicalize_name(requirement.name)
    versions = [
        next(iter(pin.specifier)).version
        for pin in pins
        if canonicalize_name(pin.name) == name and applies(pin, environment)
    ]
    if len(versions) != 1:
        return f"锁定了 {len(versions)} 个版本 / pinned {len(versions)} times"
    if not requirement.specifier.contains(versions[0], prereleases=True):
        return f"锁定的 {versions[0]} 不符 / pinned at {versions[0]}, which does not fit"
    return None


def applies(requirement: Requirement, environment: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(environment)


if __name__ == "__main__":
    main()
