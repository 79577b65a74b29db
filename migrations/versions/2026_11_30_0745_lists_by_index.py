"""Indexes that the board and the sorts of the list of projects walk by

Revision ID: 20261130091
Revises: 20261130081
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130091"
down_revision = "20261130081"
branch_labels = None
depends_on = None

_DUE, _PLANNED = sa.text("coalesce(due_on, '2199-12-31')"), sa.text("coalesce(planned_total, 0)")


def upgrade() -> None:
    op.create_index(
        "ix_projects_board",
        "projects",
        ["stage", _DUE, "id"],
        sqlite_where=sa.text("status = 'active' AND is_parent = 0"),
        postgresql_where=sa.text("status = 'active' AND is_parent = false"),
    )
    op.create_index("ix_projects_stage_planned", "projects", ["stage", _PLANNED, "id"])
    op.create_index("ix_projects_stage_since_id", "projects", ["stage_since", "id"])
    op.create_index("ix_projects_last_activity_on_id", "projects", ["last_activity_on", "id"])


def downgrade() -> None:
    for name in ("last_activity_on_id", "stage_since_id", "stage_planned", "board"):
        op.drop_index(f"ix_projects_{name}", "projects")
