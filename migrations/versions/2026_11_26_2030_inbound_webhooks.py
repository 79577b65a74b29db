"""Inbound webhooks: sources, what they sent, and what they call our records

Revision ID: 2026112609
Revises: 2026112608
"""

import sqlalchemy as sa
from alembic import op

revision = "2026112609"
down_revision = "2026112608"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_sources",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column(
            "order",
            sa.Enum("sequence", "arrival", name="order", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("is_trusted", sa.Boolean(), nullable=False),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("secret", sa.String(length=400), nullable=False),
        sa.Column("previous_secret", sa.String(length=400), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_webhook_sources_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_webhook_sources_name")),
    )
    op.create_index(op.f("ix_webhook_sources_unit_id"), "webhook_sources", ["unit_id"], unique=False)
    op.create_table(
        "webhook_inbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=True),
        sa.Column("object_kind", sa.String(length=40), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "applied",
                "ignored",
                "stale",
                "waiting",
                "parked",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["webhook_sources.id"], name=op.f("fk_webhook_inbox_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_inbox")),
        sa.UniqueConstraint("source_id", "message_id", name=op.f("uq_webhook_inbox_source_id_message_id")),
    )
    op.create_index(
        "ix_webhook_inbox_object",
        "webhook_inbox",
        ["source_id", "object_kind", "external_id", "sequence"],
        unique=False,
    )
    op.create_index("ix_webhook_inbox_state_received_at", "webhook_inbox", ["state", "received_at", "id"], unique=False)
    op.create_table(
        "webhook_objects",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("last_sequence", sa.BigInteger(), nullable=True),
        sa.Column("last_version", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["webhook_sources.id"], name=op.f("fk_webhook_objects_source_id")),
        sa.PrimaryKeyConstraint("source_id", "kind", "external_id", name=op.f("pk_webhook_objects")),
    )


def downgrade() -> None:
    op.drop_table("webhook_objects")
    op.drop_index("ix_webhook_inbox_state_received_at", table_name="webhook_inbox")
    op.drop_index("ix_webhook_inbox_object", table_name="webhook_inbox")
    op.drop_table("webhook_inbox")
    op.drop_index(op.f("ix_webhook_sources_unit_id"), table_name="webhook_sources")
    op.drop_table("webhook_sources")
