"""Agreement numbers: one agreement counts once, however its number is written.

Live and terminated deals hold their number: a terminated agreement was signed, and one signed anew has a new number.
Discarded drafts and deals voided as never signed release theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.localized import Say
from app.deals.models import Deal, DealStatus
from app.projects import service as projects
from app.projects.models import Project

GATE = "agreement_no_once"
"""The gate of approval that no other deal has the number. Overriding it, with a reason, states another agreement."""
COUNTED = (DealStatus.live, DealStatus.terminated)
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Bearer:
    """A deal that has the agreement number, and its project."""

    id: UUID
    code: str
    status: DealStatus
    project_code: str
    is_in_scope: bool

    @property
    def say(self) -> Say:
        """The sentence about the deal: its codes where the actor sees it, else only that another unit has one."""
        if not self.is_in_scope:
            return Say("另一单位的签约", "a deal of another unit")
        return Say(
            f"签约 {self.code}（{self.status.say.zh}，项目 {self.project_code}）",
            f"deal {self.code} ({self.status.say.en}, of project {self.project_code})",
        )


async def bearers(session: AsyncSession, actor: Actor, deal: Deal, statuses: Sequence[DealStatus]) -> list[Bearer]:
    """Returns the other deals of these statuses with the agreement number of this one, by code, at most 20."""
    if deal.agreement_key is None:
        return []
    query = (
        select(Deal.id, Deal.code, Deal.status, Project.code, projects.scope(actor))
        .join(Project, Project.id == Deal.project_id)
        .where(Deal.agreement_key == deal.agreement_key, Deal.id != deal.id, Deal.status.in_(statuses))
        .order_by(Deal.code)
        .limit(_SHOWN)
    )
    return [Bearer(*row) for row in await session.execute(query)]


def describe(bearers: Sequence[Bearer]) -> Say:
    """Returns all of them as one list for a sentence; deals of other units are mentioned once."""
    says = list(dict.fromkeys(bearer.say for bearer in bearers))
    return Say("、".join(say.zh for say in says), ", ".join(say.en for say in says))
