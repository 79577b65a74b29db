"""What the caller may do with an endpoint."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.acts import Act, Reason, allowed, permitted, reasons
from app.core.actor import Actor, Permission
from app.webhooks.outbound import endpoints
from app.webhooks.outbound.schemas import EndpointHealth, EndpointQuery, EndpointRead

EndpointAct = Literal["edit", "switch", "rotate", "take_over", "remove"]


class Case(NamedTuple):
    actor: Actor
    endpoint: EndpointRead


ACTS: Mapping[EndpointAct, Act] = {
    "edit": Act(
        "update_webhook_endpoint",
        lambda case: (
            endpoints.removed(case.endpoint)
            or case.actor.lacks(Permission.keep_endpoints)
            or endpoints.not_the_owner(case.actor, case.endpoint)
        ),
    ),
    "switch": Act("update_webhook_endpoint", lambda case: endpoints.removed(case.endpoint)),
    "rotate": Act(
        "rotate_webhook_endpoint",
        lambda case: endpoints.removed(case.endpoint) or endpoints.not_the_owner(case.actor, case.endpoint),
    ),
    "take_over": Act(
        "take_over_webhook_endpoint",
        lambda case: endpoints.removed(case.endpoint) or endpoints.taken_already(case.actor, case.endpoint),
    ),
    "remove": Act("remove_webhook_endpoint", lambda case: endpoints.removed(case.endpoint)),
}


class EndpointWithRights(EndpointRead):
    """The endpoint, and what the caller may do with it."""

    may: dict[EndpointAct, Reason | None]


class EndpointRow(EndpointRead):
    """A row of the list: the endpoint, the acts that are open, and its health where it is asked for."""

    may: list[EndpointAct] = Field(description="你现在可以办理的 / the acts open to you")
    health: EndpointHealth | None


class EndpointList(BaseModel):
    items: list[EndpointRow]


async def find(session: AsyncSession, actor: Actor, query: EndpointQuery) -> EndpointList:
    """Returns the endpoints that the actor sees, in two statements at most."""
    acts, found = permitted(actor, ACTS), await endpoints.find(session, actor)
    health = await endpoints.health(session, [one.id for one in found]) if query.include else {}
    return EndpointList(
        items=[
            EndpointRow(**dict(one), may=allowed(acts, Case(actor, one)), health=health.get(one.id)) for one in found
        ]
    )


def with_rights(actor: Actor, endpoint: EndpointRead) -> EndpointWithRights:
    return EndpointWithRights(**dict(endpoint), may=reasons(actor, ACTS, Case(actor, endpoint)))
