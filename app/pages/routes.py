"""The pages of the service: the web client, sign-in and the API documentation, all from our own origin.

An office network may not reach a CDN. The documentation requires sign-in; a browser without a session is redirected to
the login page. Where the client has not been built, the login page is a plain one of the service.
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
from app.pages import client

_HERE = Path(__file__).parent
_DOCUMENTATION = Path(fastapi_offline.__file__).parent / "static"
_SCRIPTS_AND_STYLES = frozenset({"login.css", "login.js", "docs.js"})

router = APIRouter(include_in_schema=False)


def _file(name: str, **headers: str) -> Response:
    return FileResponse(_HERE / name, headers={"Cache-Control": "no-cache", **headers})


@router.api_route("/", methods=["GET", "HEAD"])
async def root(request: Request) -> Response:
    return await _client_page(request) or RedirectResponse("/docs")


@router.api_route("/login", methods=["GET", "HEAD"])
async def login(request: Request) -> Response:
    return await _client_page(request) or _file("login.html")


async def _client_page(request: Request) -> Response | None:
    """Returns the page of the client, or None where there is no client."""
    web_client: client.Client | None = request.app.state.client
    return None if web_client is None else await web_client.page(request.scope)


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


def serve(app: FastAPI, client_directory: Path | None) -> None:
    """Adds the pages, the API document and the files of the documentation to the app, and the client, if any."""

    @app.get("/api/openapi.json", include_in_schema=False)
    async def openapi(_actor: CurrentActor) -> JSONResponse:
        return JSONResponse(app.openapi())

    app.include_router(router)
    app.mount("/docs-assets", StaticFiles(directory=_DOCUMENTATION), name="docs-assets")
    app.state.client = None if client_directory is None else client.Client(client_directory)
    if app.state.client is not None:
        client.serve(app, app.state.client)
