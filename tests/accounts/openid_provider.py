"""Identity providers for the tests: a real one, which is a Node process, and one whose answers a test sets."""

import fcntl
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from joserfc.jwk import KeySet, RSAKey

FOLDER = Path(__file__).parent / "provider"
MISSING = """\
测试需要 Node 20.19 或更新版本（单点登录的提供方是一个 Node 进程）。Debian/Ubuntu：apt-get install nodejs npm
These tests want Node 20.19 or later: the provider of single sign-on is a process of it.
"""


@contextmanager
def real_provider(callback: str) -> Iterator[str]:
    """Yields the issuer of a real provider that runs as long as the block."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        sys.exit(MISSING)
    _install(npm)
    command = [node, "--no-warnings", str(FOLDER / "provider.mjs"), callback]
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8"
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        if not issuer.startswith("http://"):
            process.kill()
            errors.seek(0)
            raise RuntimeError(issuer + errors.read())
        try:
            yield issuer
        finally:
            process.stdin.close()


def _install(npm: str) -> None:
    """Installs the packages of the lock file, once for all processes."""
    modules, lock_file = FOLDER / "node_modules", FOLDER / "package-lock.json"
    installed = modules / ".installed"
    with (FOLDER / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.exists() or installed.read_text() != lock_file.read_text():
            command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
            subprocess.run(command, cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)
            installed.write_text(lock_file.read_text())


_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


class Rogue:
    """A provider whose answers a test sets: `tokens` for the token endpoint, `keys` for its key set."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = _KEY
        self.keys: dict[str, Any] = dict(KeySet([self.key]).as_dict(private=False))
        self.metadata: dict[str, Any] = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        self.tokens: dict[str, Any] = {}
        self.status = 200
        self.asked: list[tuple[str, dict[str, list[str]]]] = []

    def answer(self, path: str, form: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        self.asked.append((path, form))
        pages = {"/.well-known/openid-configuration": self.metadata, "/keys": self.keys, "/token": self.tokens}
        return (self.status, pages[path]) if path in pages else (404, {})


@contextmanager
def rogue_provider() -> Iterator[Rogue]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            status, body = rogue.answer(self.path, parse_qs(self.rfile.read(length).decode()))
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        rogue = Rogue(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield rogue
        finally:
            server.shutdown()
