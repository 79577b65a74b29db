"""Explanations of published figures in two languages

Revision ID: 20261130080
Revises: 20261130079
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130080"
down_revision = "20261130079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("published_figures", sa.Column("explanation_en", sa.String(length=4000), nullable=True))


def downgrade() -> None:
    op.drop_column("published_figures", "explanation_en")
