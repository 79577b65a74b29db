from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.core.actor import CurrentActor
from app.core.clock import KnownAt
from app.core.db import SnapshotSession
from app.core.routing import Route
from app.totals import service
from app.totals.schemas import Entries, EntriesQuery, Performance, Signings, SigningsQuery

router = APIRouter(route_class=Route, tags=["汇总 totals"])


@router.get("/totals/signings", summary="签约数、签约额 Signing totals")
async def get_signings(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[SigningsQuery, Query()]
) -> Signings:
    return await service.signings(session, actor, query)


@router.get("/totals/signings/entries", summary="签约总数的明细 The rows a total was added from")
async def list_signing_entries(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[EntriesQuery, Query()]
) -> Entries:
    return await service.entries(session, actor, query)


@router.get("/task-forces/{task_force_id}/performance", summary="专班年度绩效 A task force's year")
async def get_task_force_performance(
    session: SnapshotSession,
    actor: CurrentActor,
    task_force_id: UUID,
    year: Annotated[int, Query(ge=1949, le=2199)],
    known_at: Annotated[KnownAt | None, Query()] = None,
) -> Performance:
    return await service.performance(session, actor, task_force_id, year, known_at)
