from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.body import ID, body
from app.core.clock import Day
from app.core.text import Prose
from app.pipeline.schemas import MergeItem


class MergeCreate(BaseModel):
    """Merge this project into another record of the same project."""

    model_config = body({"into_id": ID, "reason": "示例：重复登记"})

    into_id: UUID = Field(description="并入的项目 / the successor")
    merged_on: Day | None = Field(None, description="缺省为业务日 / the business day by default")
    reason: Prose


class MergeQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    into_id: UUID = Field(description="并入哪一个 / the record that takes the other in")


class EnterpriseMergeCreate(BaseModel):
    """Merge this enterprise into another record of the same enterprise."""

    model_config = body({"into_id": ID, "reason": "示例：重复登记"})

    into_id: UUID = Field(description="并入的企业 / the successor")
    reason: Prose


class MergePreview(BaseModel):
    """The dry run of a merge."""

    id: UUID
    version: int
    into_id: UUID
    is_possible: bool
    conflicts: list[MergeItem] = Field(description="须先解决的 / what stands in the way, each with its remedy")
    goes_over: list[MergeItem] = Field(description="转到并入的项目 / what the successor takes over")
    stays: list[MergeItem] = Field(description="留在被并入的项目，仍可查阅 / what stays readable where it is")
