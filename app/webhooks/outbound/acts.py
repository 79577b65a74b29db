"""What the caller may do with an endpoint."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from app.accounts.acts import Act, Reason, reasons
from app.core.actor import Actor, Permission
from app.webhooks.outbound import endpoints
from app.webhooks.outbound.schemas import EndpointRead

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


def with_rights(actor: Actor, endpoint: EndpointRead) -> EndpointWithRights:
    return EndpointWithRights(**dict(endpoint), may=reasons(actor, ACTS, Case(actor, endpoint)))
