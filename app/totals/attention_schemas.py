"""What needs attention today, as it is asked for and answered."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.actor import ScopeRead
from app.core.money import Yuan
from app.core.refs import Ref


class AttentionQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    unit_id: UUID | None = Field(None, description="单位及其下级 / the unit and all below it")
    task_force_id: UUID | None = Field(None, description="专班 / the task force")


class OpenCount(BaseModel):
    """A number with the address of the list that shows exactly these rows."""

    count: int
    rows_url: str


class OverdueStage(OpenCount):
    stage: str
    name_zh: str
    name_en: str


class Worst(BaseModel):
    """The project overdue for the longest time."""

    project: Ref
    due_on: date
    days: int


class OverdueProjects(OpenCount):
    by_stage: list[OverdueStage]
    worst: Worst | None


class FiveOnesGaps(OpenCount):
    """Leaves in the list of gaps; one leaf may have several."""

    lacks_leader: OpenCount
    lacks_team: OpenCount
    lacks_plan: OpenCount
    is_leader_out_of_post: OpenCount
    is_leader_late: OpenCount
    is_late: OpenCount


class WaitingLeads(BaseModel):
    unanswered: OpenCount
    unassessed: OpenCount
    overdue: OpenCount


class DraftDeals(OpenCount):
    """Drafts, which nobody has approved yet."""

    amount: Yuan
    without_amount: int


class OpenMilestones(BaseModel):
    overdue: OpenCount
    due_in_14: OpenCount


class Attention(BaseModel):
    """What needs attention today, within the reader's scope, counted by the rules of the lists it leads to."""

    today: date
    scope: ScopeRead
    overdue: OverdueProjects
    five_ones: FiveOnesGaps
    leads: WaitingLeads
    deals: DraftDeals
    milestones: OpenMilestones
