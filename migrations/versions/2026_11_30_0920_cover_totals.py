"""Totals over the ledger read their index alone

Revision ID: 20261130092
Revises: 20261130091
"""

from alembic import op

revision = "20261130092"
down_revision = "20261130091"
branch_labels = None
depends_on = None

_NAME, _TABLE, _COLUMNS = "ix_ledger_entries_effective_on", "ledger_entries", ["effective_on", "recorded_at", "id"]
_INCLUDED = ["count", "amount", "landed", "of_kind", "unit_id", "task_force_id"]


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(_NAME, table_name=_TABLE)
        op.create_index(_NAME, _TABLE, _COLUMNS, postgresql_include=_INCLUDED)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(_NAME, table_name=_TABLE)
        op.create_index(_NAME, _TABLE, _COLUMNS)
