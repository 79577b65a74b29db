"""One agreement, in whatever writing its number is given, counts once.

Deals that count, or have counted, keep their number: what was signed and terminated was signed, and one that is signed
anew has a number of its own. Discarded drafts and what was never a deal give theirs back.
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
"""The gate of approval that nobody else bears the number; a deal approved past it is another agreement, by a reason."""
COUNTED = (DealStatus.live, DealStatus.terminated)
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Bearer:
    """A deal that bears the number, and its project."""

    id: UUID
    code: str
    status: DealStatus
    project_code: str
    is_in_scope: bool

    @property
    def say(self) -> Say:
        """Its codes to whoever sees it; of another unit's there is nothing but that it is there."""
        if not self.is_in_scope:
            return Say("另一单位的签约", "a deal of another unit")
        return Say(
            f"签约 {self.code}（{self.status.say.zh}，项目 {self.project_code}）",
            f"deal {self.code} ({self.status.say.en}, of project {self.project_code})",
        )


async def bearers(session: AsyncSession, actor: Actor, deal: Deal, statuses: Sequence[DealStatus]) -> list[Bearer]:
    """The other deals of these statuses that bear the number of a deal, by code; none where it has no number."""
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


def describe(found: Sequence[Bearer]) -> Say:
    """All of them in one sentence, those of other units once."""
    said = list(dict.fromkeys(one.say for one in found))
    return Say("、".join(say.zh for say in said), ", ".join(say.en for say in said))
