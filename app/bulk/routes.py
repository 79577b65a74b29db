from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Body, Request, Response
from fastapi.exceptions import RequestValidationError

from app.bulk import service
from app.bulk.schemas import BulkAct, BulkRead, BulkRequest
from app.core.actor import CurrentActor
from app.core.routing import Route, Router


class BulkRoute(Route):
    """Names errors in the input by their place in the body, without the act by which Pydantic chose its model."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def placed(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                raise RequestValidationError([_placed(one) for one in error.errors()]) from None

        return placed


def _placed(error: dict[str, Any]) -> dict[str, Any]:
    place, *path = error["loc"]
    if place == "body" and path and path[0] in set(BulkAct):
        return {**error, "loc": (place, *path[1:])}
    return error


router = Router(route_class=BulkRoute, tags=["项目 projects"])


@router.post("/projects/bulk", summary="一并办理多个项目 One act on many projects")
async def act_on_projects(request: Request, actor: CurrentActor, body: Annotated[BulkRequest, Body()]) -> BulkRead:
    """每项各为一笔，各自成败，同单独办理；不能越过门槛。`dry_run` 只问会怎样。
    带 Idempotency-Key 再发一次，已办的照原样答复，其余补办。

    Each item is done or refused by itself, as the act alone would be; nothing overrides a gate. `dry_run` says what
    would happen. Sent again with the same Idempotency-Key, what is done is answered as before and the rest is done."""
    return await service.act_on_many(request, actor, body)
