"""Short names of units and task forces

Revision ID: 20261130061
Revises: 20261129202
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130061"
down_revision = "20261129202"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("units", sa.Column("short_name", sa.String(length=200), nullable=True))
    op.add_column("task_forces", sa.Column("short_name", sa.String(length=200), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("task_forces") as batch:
        batch.drop_column("short_name")
    with op.batch_alter_table("units") as batch:
        batch.drop_column("short_name")
