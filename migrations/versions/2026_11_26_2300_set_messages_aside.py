"""Inbox: messages can be set aside, and links made by people are told apart

Revision ID: 2026112611
Revises: 2026112610
"""

import sqlalchemy as sa
from alembic import op

revision = "2026112611"
down_revision = "2026112610"
branch_labels = None
depends_on = None

NO_FKS = {"resolve_fks": False}
BEFORE = ("received", "applied", "ignored", "stale", "waiting", "parked", "failed")
AFTER = (*BEFORE, "dismissed")


def _states(names: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{name}'" for name in names)
    with op.batch_alter_table("webhook_inbox", reflect_kwargs=NO_FKS) as rows:
        rows.drop_constraint(op.f("ck_webhook_inbox_state"), type_="check")
        rows.create_check_constraint(op.f("ck_webhook_inbox_state"), f"state IN ({listed})")


def upgrade() -> None:
    _states(AFTER)
    op.create_index("ix_webhook_inbox_received_at", "webhook_inbox", ["received_at", "id"])
    op.add_column("webhook_objects", sa.Column("is_linked", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("webhook_objects", reflect_kwargs=NO_FKS) as rows:
        rows.alter_column("is_linked", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("webhook_objects", reflect_kwargs=NO_FKS) as rows:
        rows.drop_column("is_linked")
    op.drop_index("ix_webhook_inbox_received_at", table_name="webhook_inbox")
    op.execute("UPDATE webhook_inbox SET state = 'failed' WHERE state = 'dismissed'")
    _states(BEFORE)
