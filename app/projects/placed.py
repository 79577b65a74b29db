"""The unit and the task force that rows are asked for by: one filter and its condition, for figures and for lists."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement

from app.core.several import IdOrNone, Several
from app.organizations import service as organizations


class PlacedFilter(BaseModel):
    """The unit in charge and the task force of projects, or of what belongs to them."""

    model_config = ConfigDict(extra="forbid")

    unit_id: UUID | None = Field(
        None, description="单位及其下级，期间的数按期末的隶属 / the unit and all below it; of a period, on its last day"
    )
    own_unit_id: Several[IdOrNone] | None = Field(
        None,
        description="单位本身，不含下级；可多个，none 为未归属 / units without what is below them; none: no unit",
    )
    task_force_id: Several[IdOrNone] | None = Field(
        None, description="专班；可多个，none 为未归属 / task forces; none: those of no task force"
    )

    def conditions(
        self, unit_id: Any, task_force_id: Any, day: date, known_at: datetime | None = None
    ) -> list[ColumnElement[bool]]:
        """Returns the conditions on these columns of a row. What is below a unit is that of the day, as known at the
        moment (now by default)."""
        conditions = []
        if self.unit_id is not None:
            conditions.append(unit_id.in_(organizations.subtree(self.unit_id, day, known_at)))
        if self.own_unit_id is not None:
            conditions.append(self.own_unit_id.holds(unit_id))
        if self.task_force_id is not None:
            conditions.append(self.task_force_id.holds(task_force_id))
        return conditions
