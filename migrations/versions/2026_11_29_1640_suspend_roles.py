"""Accounts: a role remembers for what it was granted, and a change by another suspends it

Revision ID: 20261129152
Revises: 20261129151
"""

import sqlalchemy as sa
from alembic import op

revision = "20261129152"
down_revision = "20261129151"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PARTS = ("unit", "official", "span", "password", "second_factor", "sign_on", "roles")


def upgrade() -> None:
    for name in ("unit_id", "official_id"):
        op.add_column("user_roles", sa.Column(name, sa.Uuid(), nullable=True))
        op.execute(f"UPDATE user_roles SET {name} = (SELECT {name} FROM users WHERE users.id = user_roles.user_id)")
    op.add_column("user_roles", sa.Column("suspended_at", MOMENT, nullable=True))
    op.add_column("credentials", sa.Column("second_part", sa.String(length=400), nullable=True))
    op.add_column("credentials", sa.Column("reset_by", sa.String(length=200), nullable=True))
    listed = ", ".join(f"'{part}'" for part in PARTS)
    op.create_table(
        "account_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_by_name", sa.String(length=200), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"part IN ({listed})", name=op.f("ck_account_changes_part")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_account_changes_user_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_account_changes_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_changes")),
    )
    op.create_index("ix_account_changes_user_id", "account_changes", ["user_id", "changed_at"])
    op.create_index(op.f("ix_account_changes_event_id"), "account_changes", ["event_id"])


def downgrade() -> None:
    """Roles that were suspended hold again."""
    op.drop_table("account_changes")
    op.drop_column("credentials", "reset_by")
    op.drop_column("credentials", "second_part")
    for name in ("suspended_at", "official_id", "unit_id"):
        op.drop_column("user_roles", name)
