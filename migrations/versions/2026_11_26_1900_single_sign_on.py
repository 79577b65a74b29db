"""Single sign-on: whom a user is to the provider, who came and is not bound, attempts that let somebody in

Revision ID: 2026112607
Revises: 2026112606
"""

import sqlalchemy as sa
from alembic import op

revision = "2026112607"
down_revision = "2026112606"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_on_arrivals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("user_name", sa.String(length=200), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_on_arrivals")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_sign_on_arrivals_issuer_subject")),
    )
    op.create_index(op.f("ix_sign_on_arrivals_last_at"), "sign_on_arrivals", ["last_at"], unique=False)
    op.create_table(
        "sign_on_uses",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_sign_on_uses")),
    )
    op.create_index(op.f("ix_sign_on_uses_used_at"), "sign_on_uses", ["used_at"], unique=False)
    op.create_table(
        "sign_on_identities",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_on_identities_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_sign_on_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_sign_on_identities_issuer_subject")),
    )


def downgrade() -> None:
    op.drop_table("sign_on_identities")
    op.drop_index(op.f("ix_sign_on_uses_used_at"), table_name="sign_on_uses")
    op.drop_table("sign_on_uses")
    op.drop_index(op.f("ix_sign_on_arrivals_last_at"), table_name="sign_on_arrivals")
    op.drop_table("sign_on_arrivals")
