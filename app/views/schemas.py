from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.core.body import body
from app.core.clock import Moment
from app.core.localized import Label
from app.core.paging import Count
from app.core.records import unset
from app.core.text import Code, Text
from app.views.models import Layout, Shared, ViewRoom

Value = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Parameters = Annotated[
    dict[Code, Value],
    Field(max_length=50, description="该列表的查询参数，写法与网址中相同 / parameters of the list, as in its address"),
]


class ViewColumn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Code = Field(description="行的字段，或其导出的列 / a field of the row, or a column of its export")
    width: int | None = Field(None, ge=40, le=1000, description="像素 / pixels")
    pinned: bool = False


Columns = Annotated[list[ViewColumn], Field(max_length=100)]


class ViewCreate(BaseModel):
    model_config = body(
        {
            "room": "projects",
            "name": "我的超期项目",
            "query": {"is_overdue": "true", "member_id": "me", "sort": "due_on"},
        }
    )

    room: ViewRoom
    name: Text
    query: Parameters = Field(default_factory=dict)
    columns: Columns = Field(default_factory=list)
    layout: Layout = Layout.table
    shared: Shared = Field(Shared.none, description="与所有人共享须有权限 / sharing with everyone wants a right")
    position: int = Field(0, ge=0, le=1000)


class ViewUpdate(BaseModel):
    model_config = body({"name": "超期项目"})

    name: Text = unset()
    query: Parameters = unset()
    columns: Columns = unset()
    layout: Layout = unset()
    shared: Shared = unset()
    position: Annotated[int, Field(ge=0, le=1000)] = unset()


class ViewRead(BaseModel):
    """A view. A parameter that the list does not know any more is left out of `query` and named in `notices`."""

    id: UUID
    version: int
    room: ViewRoom
    name: str
    query: dict[str, str]
    columns: list[ViewColumn]
    layout: Layout
    shared: Shared
    position: int
    owner: str | None = Field(description="归谁所有；账号停用为空，由招商局管理 / null: locked, and the bureau's")
    is_mine: bool
    may_edit: bool
    notices: list[Label] = Field(description="已失效的参数 / parameters that are gone; the code is the parameter")
    updated_at: Moment


class ViewQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    room: ViewRoom | None = Field(None, description="哪个列表 / which list")


class ViewCountsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    room: ViewRoom = Field(description="哪个列表 / which list")


class ViewCounts(BaseModel):
    """The rows that each view shows the reader, by its id; null where it lacks what its list wants, as a period."""

    counts: dict[UUID, Count | None]
