from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.column_types import CODE, NAME
from app.core.db import Base, Versioned, choice
from app.core.localized import Word


class ViewRoom(Word):
    """The list that a view shows."""

    projects = "projects", "项目台账", "projects"
    board = "board", "推进看板", "board"
    leads = "leads", "线索", "leads"
    deals = "deals", "签约", "deals"
    entries = "entries", "台账明细", "ledger entries"
    gaps = "gaps", "五个一缺项", "gaps of the five ones"


class Layout(Word):
    table = "table", "表格", "table"
    board = "board", "看板", "board"
    group = "group", "分组", "grouped"


class Shared(Word):
    none = "none", "仅本人", "nobody"
    unit = "unit", "本单位", "one's own unit"
    everyone = "everyone", "所有人", "everyone"


class SavedView(Versioned, Base):
    """A view. `unit_id` is the owner's own unit, for which it is shared."""

    __tablename__ = "saved_views"
    __table_args__ = (
        CheckConstraint("(shared = 'unit') = (unit_id IS NOT NULL)", name="unit_where_shared_with_it"),
        Index("ix_saved_views_owner_id_room", "owner_id", "room"),
        Index("ix_saved_views_room_shared", "room", "shared"),
    )

    owner_id: Mapped[str] = mapped_column(CODE)
    owner_name: Mapped[str] = mapped_column(NAME)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    room: Mapped[ViewRoom] = mapped_column(choice(ViewRoom, "room"))
    name: Mapped[str] = mapped_column(NAME)
    query: Mapped[dict[str, Any]] = mapped_column(JSON)
    columns: Mapped[list[Any]] = mapped_column(JSON)
    layout: Mapped[Layout] = mapped_column(choice(Layout, "layout"))
    shared: Mapped[Shared] = mapped_column(choice(Shared, "shared"))
    position: Mapped[int]
