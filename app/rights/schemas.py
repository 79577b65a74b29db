from pydantic import Field

from app.accounts.acts import Reason
from app.accounts.schemas import UserRead
from app.deals.acts import DealAct
from app.deals.schemas import DealRead
from app.enterprises.schemas import EnterpriseRead
from app.leads.schemas import LeadRead
from app.organizations.schemas import OfficialRead, UnitRead
from app.projects.schemas import ProjectRead
from app.rights.leads import LeadAct
from app.rights.others import EnterpriseAct, OfficialAct, TaskForceAct, UnitAct, UserAct
from app.rights.projects import ProjectAct
from app.taskforces.schemas import TaskForceRead, TaskForceSummary

_MAY = "各动作可办为空，否则为原因；不含门槛和填写内容 / null where open, else why not; not gates, not input"

_OPEN = "你现在可以办理的 / the acts open to you"


class ProjectWithRights(ProjectRead):
    """The whole project, and what the caller may do with it."""

    may: dict[ProjectAct, Reason | None] = Field(description=_MAY)


class DealWithRights(DealRead):
    """The deal, and what the caller may do with it."""

    may: dict[DealAct, Reason | None] = Field(description=_MAY)


class LeadWithRights(LeadRead):
    """The lead, and what the caller may do with it."""

    may: dict[LeadAct, Reason | None] = Field(description=_MAY)


class EnterpriseWithRights(EnterpriseRead):
    """The enterprise, and what the caller may do with it."""

    may: dict[EnterpriseAct, Reason | None] = Field(description=_MAY)


class UnitRow(UnitRead):
    """A row of the list: the unit, and the acts that are open."""

    may: list[UnitAct] = Field(description=_OPEN)


class TaskForceRow(TaskForceSummary):
    """A row of the list: the task force, and the acts that are open."""

    may: list[TaskForceAct] = Field(description=_OPEN)


class UserRow(UserRead):
    """A row of the list: the account, and the acts that are open."""

    may: list[UserAct] = Field(description=_OPEN)


class OfficialWithRights(OfficialRead):
    """The official, and what the caller may do with it."""

    may: dict[OfficialAct, Reason | None] = Field(description=_MAY)


class UnitWithRights(UnitRead):
    """The unit, and what the caller may do with it."""

    may: dict[UnitAct, Reason | None] = Field(description=_MAY)


class TaskForceWithRights(TaskForceRead):
    """The task force, and what the caller may do with it."""

    may: dict[TaskForceAct, Reason | None] = Field(description=_MAY)


class UserWithRights(UserRead):
    """The account, and what the caller may do with it."""

    may: dict[UserAct, Reason | None] = Field(description=_MAY)
