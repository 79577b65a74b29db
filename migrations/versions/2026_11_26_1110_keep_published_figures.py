"""Published figures, beside which the system's own are shown

Revision ID: 2026112604
Revises: 2026112603
"""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026112604"
down_revision = "2026112603"
branch_labels = None
depends_on = None

KINDS = (
    "signings",
    "same_quarter_landed",
    "collective_start",
    "started_or_resumed",
    "planned_year",
    "city_activities",
    "district_activities",
    "other",
)


def upgrade() -> None:
    op.create_table(
        "published_figures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=True),
        sa.Column(
            "kind", sa.Enum(*KINDS, name="kind", native_enum=False, create_constraint=True, length=40), nullable=False
        ),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("min_planned_total", sa.BigInteger(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("planned_this_year", sa.BigInteger(), nullable=True),
        sa.Column("caliber", sa.String(length=4000), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("explanation", sa.String(length=4000), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "count IS NOT NULL OR amount IS NOT NULL OR planned_this_year IS NOT NULL",
            name=op.f("ck_published_figures_says_something"),
        ),
        sa.CheckConstraint(
            "count >= 0 AND amount >= 0 AND planned_this_year >= 0", name=op.f("ck_published_figures_not_negative")
        ),
        sa.CheckConstraint(
            "supersedes_id IS NULL OR supersedes_id <> id", name=op.f("ck_published_figures_not_itself")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_published_figures_event_id")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["published_figures.id"], name=op.f("fk_published_figures_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_figures")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_published_figures_supersedes_id")),
    )
    op.create_index(op.f("ix_published_figures_event_id"), "published_figures", ["event_id"])
    op.create_index("ix_published_figures_period", "published_figures", ["period", "kind", "id"])
    append_only.protect("published_figures")


def downgrade() -> None:
    append_only.unprotect("published_figures")
    op.drop_table("published_figures")
