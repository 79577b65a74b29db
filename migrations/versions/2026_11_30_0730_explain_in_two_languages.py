"""Explanations of published figures in two languages

Revision ID: 20261130080
Revises: 20261130079
"""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "20261130080"
down_revision = "20261130079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("published_figures", sa.Column("explanation_en", sa.String(length=4000), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("published_figures") as batch:
        batch.drop_column("explanation_en")
    if op.get_bind().dialect.name == "sqlite":
        append_only.protect("published_figures")
