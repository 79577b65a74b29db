"""English names of task forces

Revision ID: 20261201040
Revises: 20261201030
"""

import sqlalchemy as sa
from alembic import op

revision = "20261201040"
down_revision = "20261201030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task_forces", sa.Column("name_en", sa.String(length=200), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("task_forces") as batch:
        batch.drop_column("name_en")
