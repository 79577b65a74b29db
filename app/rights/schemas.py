from pydantic import Field

from app.accounts.acts import Reason
from app.deals.acts import DealAct
from app.deals.schemas import DealRead
from app.leads.schemas import LeadRead
from app.projects.schemas import ProjectRead
from app.rights.leads import LeadAct
from app.rights.projects import ProjectAct

_MAY = "各动作可办为空，否则为原因；不含门槛和填写内容 / null where open, else why not; not gates, not input"


class ProjectWithRights(ProjectRead):
    """The whole project, and what the caller may do with it."""

    may: dict[ProjectAct, Reason | None] = Field(description=_MAY)


class DealWithRights(DealRead):
    """The deal, and what the caller may do with it."""

    may: dict[DealAct, Reason | None] = Field(description=_MAY)


class LeadWithRights(LeadRead):
    """The lead, and what the caller may do with it."""

    may: dict[LeadAct, Reason | None] = Field(description=_MAY)
