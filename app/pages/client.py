"""The web client: the files that its build leaves in one directory, served from the origin of the API.

It answers what no route matched, so that 404 and 405 of the API stay what they are (docs/adr/0045-the-client.md).
"""

from pathlib import Path, PurePosixPath
from typing import Any

from anyio.to_thread import run_sync
from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from app.core.headers import CLIENT_POLICY

_FOR_EVER = "public, max-age=31536000, immutable"
"""For files whose names hold a hash of what is in them."""
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""The build leaves each text file compressed besides, under its name and this suffix. The smaller comes first."""
_TYPES = {
    ".css": "text/css",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What a build consists of besides its pages, which have addresses of their own. No other file is served."""

_OWN_PAGES = {"/login": "login.html", "/wall": "wall.html"}


class Client:
    """The client in a directory that holds `index.html` and `login.html`."""

    def __init__(self, directory: Path) -> None:
        self._files = StaticFiles(directory=directory)

    async def page(self, scope: Scope) -> Response:
        """Returns the page of the client, which shows what its address asks for. Signing in and the wall are pages of
        their own, small and with nothing of the rest."""
        if (own := _OWN_PAGES.get(scope["path"])) is not None:
            return await self._file(scope, own, {"Cache-Control": "no-cache"}, "text/html")
        headers = {"Cache-Control": "no-cache", "Vary": "Accept", "Content-Security-Policy": CLIENT_POLICY}
        return await self._file(scope, "index.html", headers, "text/html")

    async def answer(self, scope: Scope) -> Response | None:
        """Returns the file or the page at an address, or None where there is none."""
        path: str = scope["path"]
        parts = path.removeprefix("/").removesuffix("/").split("/")
        if parts[0] == "api" or "\\" in path or not {"", ".", ".."}.isdisjoint(parts):
            return None
        headers = Headers(scope=scope)
        if "." not in parts[-1] and parts[0] != "assets":
            is_visit = scope["method"] in ("GET", "HEAD") and "text/html" in headers.get("accept", "")
            return await self.page(scope) if is_visit else None
        media_type = _TYPES.get(PurePosixPath(path).suffix)
        if media_type is None:
            return None
        cache = _FOR_EVER if parts[0] == "assets" else "no-cache"
        return await self._file(scope, path.removeprefix("/"), {"Cache-Control": cache}, media_type)

    async def _file(self, scope: Scope, name: str, headers: dict[str, str], media_type: str) -> Response:
        """Returns the file, compressed where the browser takes it and the build has it. Raises HTTPException with 404
        where there is no such file, with 405 for methods that do not read."""
        asked = Headers(scope=scope)
        found = await run_sync(self._find, name, _accepted(asked))
        if found is None:
            raise HTTPException(404)
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        path, status, encoding = found
        if encoding is not None:
            headers = {**headers, "Content-Encoding": encoding, "Vary": "Accept-Encoding"}
        response = FileResponse(path, headers=headers, media_type=media_type, stat_result=status)
        if self._files.is_not_modified(response.headers, asked):
            kept = {name: value for name, value in response.headers.items() if name not in _OF_THE_BODY}
            return Response(status_code=304, headers=kept)
        return response

    def _find(self, name: str, accepted: frozenset[str]) -> tuple[str, Any, str | None] | None:
        """Returns path, status and encoding of a file. Links that lead out of the directory are not followed."""
        try:
            for encoding in _ENCODINGS:
                if encoding in accepted:
                    path, status = self._files.lookup_path(name + _ENCODINGS[encoding])
                    if status is not None:
                        return path, status, encoding
            path, status = self._files.lookup_path(name)
        except (OSError, ValueError):  # too long, or with a character that no name may have
            return None
        return None if status is None else (path, status, None)


_OF_THE_BODY = frozenset({"content-type", "content-length", "content-encoding", "accept-ranges"})


def _accepted(headers: Headers) -> frozenset[str]:
    """Returns the encodings that a browser takes; an explicit q=0 refuses one."""
    offers = [part.replace(" ", "").lower().partition(";q=") for part in headers.get("accept-encoding", "").split(",")]
    return frozenset(name for name, _, quality in offers if not quality or quality.strip("0."))


def serve(app: FastAPI, client: Client) -> None:
    """Lets the client answer what no route of the app matches."""
    nothing = app.router.default

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        response = await client.answer(scope) if scope["type"] == "http" else None
        await (response or nothing)(scope, receive, send)

    app.router.default = answer
