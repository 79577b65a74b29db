"""A phase that never was is withdrawn by a row of its own

Revision ID: 2026112916
Revises: 2026112915
"""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026112916"
down_revision = "2026112915"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phase_withdrawals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_phase_withdrawals_event_id")),
        sa.ForeignKeyConstraint(["link_id"], ["phase_links.id"], name=op.f("fk_phase_withdrawals_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phase_withdrawals")),
        sa.UniqueConstraint("link_id", name=op.f("uq_phase_withdrawals_link_id")),
    )
    op.create_index(op.f("ix_phase_withdrawals_event_id"), "phase_withdrawals", ["event_id"])
    append_only.protect("phase_withdrawals")


def downgrade() -> None:
    append_only.unprotect("phase_withdrawals")
    op.drop_table("phase_withdrawals")
