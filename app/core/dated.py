"""Pages that say of which day their rows are, and over which scope. Named as plain pages are in the document."""

from datetime import date
from typing import Generic, Self

from pydantic import Field

from app.core import paging
from app.core.actor import Actor, ScopeRead, scope_of
from app.core.paging import Item


class Page(paging.Page[Item], Generic[Item]):
    today: date = Field(description="业务日 / the business day")
    scope: ScopeRead

    @classmethod
    def made(cls, page: paging.Page[Item], actor: Actor, today: date) -> Self:
        """Returns the page with the day and the scope of the actor."""
        return cls(**dict(page), today=today, scope=scope_of(actor))
