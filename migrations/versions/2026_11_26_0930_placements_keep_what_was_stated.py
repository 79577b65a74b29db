"""A dated place keeps which of its values were stated for its day

Revision ID: 2026112601
Revises: 2026112502
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026112601"
down_revision = "2026112502"
branch_labels = None
depends_on = None

STATES = {"unit_id": "states_unit", "task_force_id": "states_task_force", "program": "states_program"}


def upgrade() -> None:
    for name in STATES.values():
        op.add_column("project_placements", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()))
    append_only.unprotect("project_placements")
    _read_from_values()
    with op.batch_alter_table("project_placements", reflect_kwargs={"resolve_fks": False}) as rows:
        for name in STATES.values():
            rows.alter_column(name, existing_type=sa.Boolean(), server_default=None)
    append_only.protect("project_placements")


def _read_from_values() -> None:
    """Of rows written so far: a value was stated where it differs from that of the day before, or there is none."""
    row = sa.table(
        "project_placements",
        *(sa.column(name) for name in ("id", "project_id", "effective_on", "recorded_at", *STATES, *STATES.values())),
    )
    for name, states in STATES.items():
        before = row.alias("before")
        earlier: Any = (
            sa.select(before.c[name])
            .where(
                before.c.project_id == row.c.project_id,
                before.c.effective_on < row.c.effective_on,
                before.c.recorded_at <= row.c.recorded_at,
            )
            .order_by(before.c.effective_on.desc(), before.c.recorded_at.desc(), before.c.id.desc())
            .limit(1)
            .correlate(row)
        )
        differs = earlier.scalar_subquery().is_distinct_from(row.c[name])
        op.execute(row.update().values({states: sa.or_(~sa.exists(earlier), differs)}))


def downgrade() -> None:
    append_only.unprotect("project_placements")
    for name in STATES.values():
        op.drop_column("project_placements", name)
    append_only.protect("project_placements")
