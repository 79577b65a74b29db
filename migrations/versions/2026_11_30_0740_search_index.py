"""The index of names and codes

The table stays empty here: `five-ones migrate` fills it after the last revision, for what makes an entry is code.

Revision ID: 20261130081
Revises: 20261130080
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261130081"
down_revision = "20261130080"
branch_labels = None
depends_on = None

FULL_TEXT = (
    "CREATE VIRTUAL TABLE search_grams USING fts5(grams, content='search_entries', content_rowid='number', "
    "tokenize='ascii', detail='none', columnsize=0)",
    "CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab(search_grams, row)",
    "CREATE TRIGGER search_entries_inserted AFTER INSERT ON search_entries BEGIN "
    "INSERT INTO search_grams(rowid, grams) VALUES (new.number, new.grams); END",
    "CREATE TRIGGER search_entries_deleted AFTER DELETE ON search_entries BEGIN "
    "INSERT INTO search_grams(search_grams, rowid, grams) VALUES ('delete', old.number, old.grams); END",
    "CREATE TRIGGER search_entries_updated AFTER UPDATE ON search_entries BEGIN "
    "INSERT INTO search_grams(search_grams, rowid, grams) VALUES ('delete', old.number, old.grams); "
    "INSERT INTO search_grams(rowid, grams) VALUES (new.number, new.grams); END",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "search_entries",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("grams", sa.Text() if is_sqlite else postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_entries")),
        sa.UniqueConstraint("record_id", "kind", name=op.f("uq_search_entries_record_id_kind")),
    )
    if not is_sqlite:
        op.create_index("ix_search_entries_grams", "search_entries", ["grams"], postgresql_using="gin")
        return
    for statement in FULL_TEXT:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_vocabulary")
        op.execute("DROP TABLE search_grams")
    op.drop_table("search_entries")
