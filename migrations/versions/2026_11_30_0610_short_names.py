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
    op.drop_column("task_forces", "short_name")
    op.drop_column("units", "short_name")
