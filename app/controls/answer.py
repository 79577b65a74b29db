"""The answer (202) to a request for a change that waits for confirmation."""

from typing import Any, TypeVar

from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.controls import service
from app.controls.models import ControlChange
from app.controls.schemas import ControlChangeRead
from app.core import clock

Result = TypeVar("Result")

WAITS: dict[int | str, dict[str, Any]] = {
    202: {
        "model": ControlChangeRead,
        "description": "会放宽管控，待另一人确认；尚未生效 / loosens a control and waits for another person",
    }
}


def accepted(session: AsyncSession, change: ControlChange) -> JSONResponse:
    """Returns 202 with the change; `Location` is its address."""
    headers = {"Location": f"/api/v1/control-changes/{change.id}"}
    return JSONResponse(service.read(change, clock.now(session)).model_dump(mode="json"), 202, headers)


def accepted_or(session: AsyncSession, result: Result | ControlChange) -> Result | JSONResponse:
    """Returns the result of a verb, or 202 where it is a change that waits for confirmation."""
    return accepted(session, result) if isinstance(result, ControlChange) else result
