"""The pages of the service: sign-in and the API documentation, served with all scripts and styles from our own origin.

An office network may not reach a CDN. The documentation requires sign-in; a browser without a session is redirected to
the login page.
"""

from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from app.core.actor import CurrentActor, current_actor
from app.core.errors import NotFound, Unauthorized
from app.core.headers import DOCUMENTATION_POLICY
from app.core.localized import Say

_HERE = Path(__file__).parent
_DOCUMENTATION = Path(fastapi_offline.__file__).parent / "static"
_SCRIPTS_AND_STYLES = frozenset({"login.css", "login.js", "docs.js"})

router = APIRouter(include_in_schema=False)


def _file(name: str, **headers: str) -> Response:
    return FileResponse(_HERE / name, headers={"Cache-Control": "no-cache", **headers})


@router.get("/")
async def root() -> Response:
    return RedirectResponse("/docs")


@router.get("/login")
async def login() -> Response:
    return _file("login.html")


@router.get("/pages/{name}")
async def page_part(name: str) -> Response:
    if name not in _SCRIPTS_AND_STYLES:
        raise NotFound(Say("没有这个地址。", "There is nothing at this address."))
    return _file(name)


@router.get("/docs")
async def docs(request: Request) -> Response:
    return await _signed_in_page(request, "docs.html")


@router.get("/redoc")
async def redoc(request: Request) -> Response:
    return await _signed_in_page(request, "redoc.html")


async def _signed_in_page(request: Request, name: str) -> Response:
    """Returns the page. Without a session redirects a browser to the login page; raises Unauthorized for others."""
    try:
        await current_actor(request)
    except Unauthorized:
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/login?next={request.url.path}", 303)
        raise
    return _file(name, **{"Content-Security-Policy": DOCUMENTATION_POLICY})


def serve(app: FastAPI) -> None:
    """Adds the pages, the API document and the files of the documentation to the app."""

    @app.get("/api/openapi.json", include_in_schema=False)
    async def openapi(_actor: CurrentActor) -> JSONResponse:
        return JSONResponse(app.openapi())

    app.include_router(router)
    app.mount("/docs-assets", StaticFiles(directory=_DOCUMENTATION), name="docs-assets")
