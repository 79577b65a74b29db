from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DDL, BigInteger, Dialect, Identity, Index, Integer, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.core.db import Base


class Grams(TypeDecorator[list[int]]):
    """Numbers of grams: an array on PostgreSQL, and on SQLite words for its full-text index."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Integer) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return " ".join(f"{gram % 2**32:x}" for gram in value)

    def process_result_value(self, value: Any, dialect: Dialect) -> list[int] | None:
        if value is None or dialect.name == "postgresql":
            return value  # type: ignore[no-any-return]
        return [(int(word, 16) + 2**31) % 2**32 - 2**31 for word in value.split()]


class SearchEntry(Base):
    """The names and codes of a record, by which it is found. A derived table: `app/search/following.py` writes it with
    each record, `five-ones migrate` renews it, `five-ones check` compares it."""

    __tablename__ = "search_entries"
    __table_args__ = (
        UniqueConstraint("record_id", "kind"),
        Index("ix_search_entries_grams", "grams", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True, autoincrement=True
    )
    """In the order of registration: of equally good hits the latest is shown first."""
    kind: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[UUID]
    lines: Mapped[str] = mapped_column(Text)
    grams: Mapped[list[int]] = mapped_column(Grams)
    digest: Mapped[str] = mapped_column(String(32))
    """Of the fields of the record, and of what was made of them: tells a row that is no longer right."""


FULL_TEXT = "search_grams"
"""SQLite's index of the grams, kept by triggers. PostgreSQL indexes the array itself."""
VOCABULARY = "search_vocabulary"
"""The words of the full-text index with the number of their entries, by which `five-ones check` compares it."""
_FULL_TEXT_DDL = (
    f"CREATE VIRTUAL TABLE {FULL_TEXT} USING fts5(grams, content='search_entries', content_rowid='number', "
    "tokenize='ascii', detail='none', columnsize=0)",
    f"CREATE VIRTUAL TABLE {VOCABULARY} USING fts5vocab({FULL_TEXT}, row)",
    "CREATE TRIGGER search_entries_inserted AFTER INSERT ON search_entries BEGIN "
    f"INSERT INTO {FULL_TEXT}(rowid, grams) VALUES (new.number, new.grams); END",
    "CREATE TRIGGER search_entries_deleted AFTER DELETE ON search_entries BEGIN "
    f"INSERT INTO {FULL_TEXT}({FULL_TEXT}, rowid, grams) VALUES ('delete', old.number, old.grams); END",
    "CREATE TRIGGER search_entries_updated AFTER UPDATE ON search_entries BEGIN "
    f"INSERT INTO {FULL_TEXT}({FULL_TEXT}, rowid, grams) VALUES ('delete', old.number, old.grams); "
    f"INSERT INTO {FULL_TEXT}(rowid, grams) VALUES (new.number, new.grams); END",
)
for _statement in _FULL_TEXT_DDL:
    _ddl: Any = DDL(_statement)  # type: ignore[no-untyped-call]
    event.listen(SearchEntry.__table__, "after_create", _ddl.execute_if(dialect="sqlite"))
