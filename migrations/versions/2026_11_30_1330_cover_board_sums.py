"""Board and facets add up from an index alone

Revision ID: 20261201030
Revises: 20261130093
"""

from alembic import op

revision = "20261201030"
down_revision = "20261130093"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_projects_sums",
        "projects",
        ["stage", "program", "status", "is_parent"],
        postgresql_include=["planned_total", "due_on", "unit_id", "task_force_id"],
    )
    op.drop_index("ix_projects_stage_status", "projects")


def downgrade() -> None:
    op.create_index("ix_projects_stage_status", "projects", ["stage", "status", "is_parent"])
    op.drop_index("ix_projects_sums", "projects")
