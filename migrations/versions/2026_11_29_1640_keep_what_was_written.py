"""What each transaction wrote is part of its last event, and sealed with it

Revision ID: 2026112917
Revises: 2026112911
"""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026112917"
down_revision = "2026112911"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "written_rows",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_written_rows_event_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_written_rows")),
        sa.UniqueConstraint("event_id", name=op.f("uq_written_rows_event_id")),
    )
    append_only.protect("written_rows")


def downgrade() -> None:
    append_only.unprotect("written_rows")
    op.drop_table("written_rows")
