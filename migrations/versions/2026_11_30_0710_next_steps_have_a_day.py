"""The next step of a follow-up has a day

Revision ID: 20261130071
Revises: 20261130061
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130071"
down_revision = "20261130061"
branch_labels = None
depends_on = None

HAS_DAY = sa.text("next_step_on IS NOT NULL")


def upgrade() -> None:
    op.add_column("follow_ups", sa.Column("next_step_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_follow_ups_next_step_on", "follow_ups", ["next_step_on"], sqlite_where=HAS_DAY, postgresql_where=HAS_DAY
    )


def downgrade() -> None:
    op.drop_index("ix_follow_ups_next_step_on", table_name="follow_ups")
    op.drop_column("follow_ups", "next_step_on")
