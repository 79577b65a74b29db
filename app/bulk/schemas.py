from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError

from app.construction.schemas import PlanListAdd
from app.core.body import ID, body
from app.core.clock import Day
from app.core.errors import ProblemDocument
from app.core.localized import Word
from app.core.text import Code, Prose
from app.five_ones.schemas import LeaderAppoint, TeamSet
from app.pipeline.schemas import Authority, TransferCreate
from app.projects.schemas import ProjectUpdate

MOST = 200
"""The most items of one request."""


class BulkAct(Word):
    appoint_leader = "appoint_leader", "确定包保领导", "appoint the first leader"
    set_team = "set_team", "确定班子", "set the first team"
    transfer = "transfer", "流转", "transfer"
    move = "move", "移动", "move"
    edit = "edit", "修改", "edit"
    add_to_plan_list = "add_to_plan_list", "列入年度计划库", "put on the plan list"


class BulkItem(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: UUID
    version: int = Field(ge=1, le=999_999_999, description="读到的版本 / the version you read")


def _each_once(items: Sequence[BulkItem]) -> Sequence[BulkItem]:
    if len({item.id for item in items}) < len(items):
        raise PydanticCustomError("repeated_item", "an id stands in it twice")
    return items


class BulkMove(BaseModel):
    """A move without an override: what is let through is decided for one project at a time."""

    model_config = ConfigDict(extra="forbid")

    to: Code = Field(description="目标阶段，见 GET /api/v1/pipeline/stages")
    happened_on: Day
    reason: Prose | None = Field(None, description="回退必填 / required to move back")
    authority: Authority | None = None
    catch_up: bool = Field(False, description="补录：一次跨多个阶段 / several stages at once, put on record later")


class BulkPlanListAdd(PlanListAdd):
    model_config = body({"year": 2023, "planned_this_year": "50000000.00", "source": "示例：年度计划"})

    year: int = Field(ge=1949, le=2199)


class _Bulk(BaseModel):
    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[BulkItem], AfterValidator(_each_once)] = Field(min_length=1, max_length=MOST)
    dry_run: bool = Field(False, description="只问会怎样，什么都不写 / says what would happen, and writes nothing")


def _example(act: str, body: type[BaseModel]) -> ConfigDict:
    """Returns the configuration with an example whose body is that of the single act."""
    extra = body.model_config.get("json_schema_extra")
    examples = extra["examples"] if isinstance(extra, dict) else None
    given = examples[0] if isinstance(examples, list) else {}
    items: list[JsonValue] = [{"id": ID, "version": 3}]
    return ConfigDict(json_schema_extra={"examples": [{"act": act, "body": given, "items": items}]})


class BulkAppointLeader(_Bulk):
    model_config = _example("appoint_leader", LeaderAppoint)

    act: Literal["appoint_leader"]
    body: LeaderAppoint


class BulkSetTeam(_Bulk):
    model_config = _example("set_team", TeamSet)

    act: Literal["set_team"]
    body: TeamSet


class BulkTransfer(_Bulk):
    model_config = _example("transfer", TransferCreate)

    act: Literal["transfer"]
    body: TransferCreate


class BulkMoveAll(_Bulk):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "act": "move",
                    "body": {"to": "negotiating", "happened_on": "2023-02-01"},
                    "items": [{"id": ID, "version": 1}],
                    "dry_run": True,
                }
            ]
        },
    )

    act: Literal["move"]
    body: BulkMove


class BulkEdit(_Bulk):
    model_config = _example("edit", ProjectUpdate)

    act: Literal["edit"]
    body: ProjectUpdate


class BulkAddToPlanList(_Bulk):
    model_config = _example("add_to_plan_list", BulkPlanListAdd)

    act: Literal["add_to_plan_list"]
    body: BulkPlanListAdd


BulkRequest = Annotated[
    BulkAppointLeader | BulkSetTeam | BulkTransfer | BulkMoveAll | BulkEdit | BulkAddToPlanList,
    Field(discriminator="act"),
]


class BulkResult(BaseModel):
    """What became of one item. `problem` is what the act alone would have been refused with."""

    id: UUID
    status: int = Field(description="单独办理时的状态码 / the status that the act alone would answer")
    version: int | None = Field(description="办理后的版本；未办理的为空 / after the act; null where it was not done")
    problem: ProblemDocument | None


class BulkRead(BaseModel):
    """The items in the order sent. With `dry_run`, what would be done."""

    batch_id: UUID | None = Field(description="本批各项事件都记有它 / named by the events of all items")
    dry_run: bool
    done: int
    refused: int
    items: list[BulkResult]
