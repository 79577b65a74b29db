"""Drafts of deals are submitted for approval, and returned

Revision ID: 20261130072
Revises: 20261130071
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130072"
down_revision = "20261130071"
branch_labels = None
depends_on = None

IS_DRAFT = sa.text("status = 'draft'")


def upgrade() -> None:
    op.add_column("deals", sa.Column("submitted_by", sa.String(length=200), nullable=True))
    op.add_column("deals", sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deals", sa.Column("return_reason", sa.String(length=4000), nullable=True))
    op.create_index("ix_deals_drafts", "deals", ["updated_at", "id"], sqlite_where=IS_DRAFT, postgresql_where=IS_DRAFT)


def downgrade() -> None:
    op.drop_index("ix_deals_drafts", table_name="deals")
    for column in ("return_reason", "submitted_at", "submitted_by"):
        op.drop_column("deals", column)
