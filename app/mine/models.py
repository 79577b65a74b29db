from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Preferences(Base):
    """What a user has set for the pages, such as density, columns and landing page. The pages alone read it."""

    __tablename__ = "preferences"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    version: Mapped[int]
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
