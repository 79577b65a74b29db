"""create_app() assembles the service from rooms, error handlers, logs and the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import VERSION, control_registry, denials, document, job_registry, meta, schema
from app.accounts import authentication
from app.accounts.display_routes import router as displays
from app.accounts.openid import Provider
from app.accounts.routes import router as accounts
from app.accounts.user_routes import router as user_accounts
from app.audit import seals
from app.audit.background import maintain, seal_at_end
from app.audit.routes import router as audit
from app.audit.trail import Subject, Trail
from app.bulk.routes import router as bulk
from app.construction.routes import router as construction
from app.controls.routes import router as controls
from app.core import clock, compression, error_handlers, idempotency, logs, request_limits, trusted_hosts
from app.core.actor import ActorSource, current_actor
from app.core.config import Settings
from app.core.errors import Problem
from app.core.headers import SecurityHeaders
from app.core.routing import API, Route
from app.deals.routes import router as deals
from app.dossiers import stale
from app.dossiers.routes import router as dossiers
from app.enterprises.routes import router as enterprises
from app.finder.routes import router as finder
from app.five_ones.routes import official_posts
from app.five_ones.routes import router as five_ones
from app.jobs.routes import router as jobs
from app.leads.routes import router as leads
from app.lists.export_routes import router as exports
from app.lists.routes import router as lists
from app.merging.routes import router as merging
from app.mine.routes import router as mine
from app.office.routes import router as office
from app.organizations.routes import router as organizations
from app.pages import routes as pages
from app.pipeline.identity_routes import router as identity
from app.pipeline.phase_routes import router as phases
from app.pipeline.routes import router as pipeline
from app.production_checks import refuse_production
from app.projects.routes import router as projects
from app.published.routes import router as published
from app.reference import labels
from app.reference.routes import router as reference
from app.referrers.routes import router as referrers
from app.rights.routes import router as rights
from app.taskforces.routes import router as taskforces
from app.totals.export_routes import router as totals_exports
from app.totals.routes import router as totals
from app.views.routes import router as views
from app.webhooks import catalogue
from app.webhooks.inbound import receiving
from app.webhooks.inbound.routes import router as inbound_webhooks
from app.webhooks.outbound.routes import router as outbound_webhooks

ROOMS = (
    mine,
    bulk,
    exports,
    lists,
    dossiers,  # after `lists`, whose /projects/facets its /projects/{project_id} would take
    totals_exports,
    totals,  # before `taskforces`, whose /task-forces/{task_force_id} would take /task-forces/performance
    finder,
    organizations,
    taskforces,
    enterprises,
    reference,
    referrers,
    leads,
    pipeline,
    identity,
    phases,
    merging,
    office,
    projects,
    construction,
    five_ones,
    official_posts,
    deals,
    published,
    views,
    accounts,
    user_accounts,
    displays,
    inbound_webhooks,
    outbound_webhooks,
    catalogue.router,
    jobs,
    controls,
    audit,
    rights,  # last: its paths, such as /task-forces/{id}, would take those of other rooms
)


async def _on_problem(request: Request, problem: Problem, subject: Subject | None = None) -> Problem:
    return await denials.note(request, await stale.explained(request, problem), subject)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _lifespan(settings: Settings, now: clock.Now) -> Any:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = job_registry.open_database(settings, now)
        app.state.database, app.state.trail = database, Trail(database)
        try:
            if settings.environment == "production":
                await refuse_production(database)
            maintenance = asyncio.create_task(maintain(database, app.state.trail))
            background = job_registry.Background(database)
            if settings.worker:
                background.start()
            yield
            maintenance.cancel()
            if settings.worker:
                await background.stop()
            await app.state.trail.close()
            await seal_at_end(database)
        finally:
            await database.close()

    return lifespan


def create_app(
    settings: Settings | None = None,
    *,
    now: clock.Now = clock.system_now,
    actor_source: ActorSource | None = None,
) -> FastAPI:
    """Returns the service. Tests inject `now` and `actor_source`; by default a session or a token authenticates."""
    settings = settings or Settings()
    app = FastAPI(
        title="Five Ones 五个一",
        description=document.DESCRIPTION,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(settings, now),
        responses=document.PROBLEMS,
        generate_unique_id_function=_operation_id,
    )
    app.router.route_class = Route
    app.state.settings = settings
    app.state.actor_source = actor_source or authentication.signed_in
    app.state.sign_on = Provider(settings) if settings.sign_on_issuer is not None else None
    app.state.token_failures = authentication.token_failures(settings)
    app.state.hook_rate_limit = receiving.rate_limit(settings.hooks_a_minute)
    app.state.jobs = job_registry.registry()
    app.state.controls = control_registry.controls()
    app.state.claim = idempotency.claim
    app.add_middleware(request_limits.BodyLimit, max_bytes=settings.max_body_bytes, seconds=settings.body_seconds)
    if settings.trusted_hosts:
        app.add_middleware(trusted_hosts.TrustedHosts, trusted=settings.trusted_hosts)
    app.add_middleware(SecurityHeaders, is_https=(settings.public_url or "").startswith("https:"))
    app.add_middleware(logs.RequestLog)
    if settings.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.proxies)
    app.state.on_problem = _on_problem
    error_handlers.install(app, _on_problem)

    @app.exception_handler(idempotency.Replay)
    async def replay(_request: Request, stored: idempotency.Replay) -> Response:
        return stored.response

    for router in (*ROOMS, labels.router, meta.router):
        app.include_router(
            router, prefix=API, dependencies=[Depends(current_actor), Depends(authentication.remembered)]
        )
    app.include_router(_health())
    pages.serve(app, settings.client)
    document.describe(app)
    app.add_middleware(compression.Compression, secrets=compression.secret_addresses(ROOMS, API))
    return app


def _health() -> APIRouter:
    router = APIRouter(tags=["运行 health"])

    @router.get("/healthz", summary="存活 Alive")
    async def get_health() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", summary="就绪：数据库可达且已迁移 Ready", responses={503: {"description": "not ready"}})
    async def get_readiness(request: Request) -> Response:
        try:
            database = request.app.state.database
            async with database.reading() as session:
                revision = await schema.current_revision(session)
                remedy = schema.remedy(revision)
                late = {} if remedy else await seals.overdue(session, database.settings, datetime.now(UTC))
        except (SQLAlchemyError, OSError):
            return JSONResponse({"status": "database unreachable"}, 503)
        if remedy:
            found = {"found": revision, "wanted": schema.head_revision(), "remedy": remedy._asdict()}
            return JSONResponse({"status": "not migrated", **found}, 503)
        # Late seals concern operators of the service; they do not affect requests.
        return JSONResponse({"status": "ready", "revision": revision, "sealing": "late" if late else "in time"})

    return router
