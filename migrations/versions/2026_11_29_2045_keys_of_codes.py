"""Codes of superior platforms and foreign registrations have keys

The columns stay empty here: `five-ones migrate` fills them after the last revision, for what makes a key is code.

Revision ID: 20261129202
Revises: 20261129201
"""

import sqlalchemy as sa
from alembic import op

revision = "20261129202"
down_revision = "20261129201"
branch_labels = None
depends_on = None

COLUMNS = (("projects", "upstream_key"), ("enterprises", "registration_key"))


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, sa.Column(column, sa.String(length=200), nullable=True))
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table, column in reversed(COLUMNS):
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
        op.drop_column(table, column)
