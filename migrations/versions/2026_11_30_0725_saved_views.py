"""Saved views

Revision ID: 20261130079
Revises: 20261130072
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130079"
down_revision = "20261130072"
branch_labels = None
depends_on = None


def _choice(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("owner_name", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("room", _choice("room", "projects", "board", "leads", "deals", "entries", "gaps"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("layout", _choice("layout", "table", "board", "group"), nullable=False),
        sa.Column("shared", _choice("shared", "none", "unit", "everyone"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(shared = 'unit') = (unit_id IS NOT NULL)", name=op.f("ck_saved_views_unit_where_shared_with_it")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_saved_views_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index("ix_saved_views_owner_id_room", "saved_views", ["owner_id", "room"])
    op.create_index("ix_saved_views_room_shared", "saved_views", ["room", "shared"])
    op.create_index(op.f("ix_saved_views_unit_id"), "saved_views", ["unit_id"])


def downgrade() -> None:
    op.drop_table("saved_views")
