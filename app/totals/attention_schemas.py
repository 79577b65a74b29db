"""What needs attention today, as it is asked for and answered."""

from datetime import date

from pydantic import BaseModel

from app.core.actor import ScopeRead
from app.core.money import Yuan
from app.core.refs import Ref


class OpenCount(BaseModel):
    """A number with the address of the list that shows exactly these rows."""

    count: int
    rows_url: str


class OverdueStage(OpenCount):
    stage: str
    name_zh: str
    name_en: str


class Worst(BaseModel):
    """The project, or the lead, that has been overdue for the longest time."""

    due_on: date
    days: int


class WorstProject(Worst):
    project: Ref


class WorstLead(Worst):
    lead: Ref


class OverdueProjects(OpenCount):
    by_stage: list[OverdueStage]
    worst: WorstProject | None


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
    worst: WorstLead | None


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
