"""Controls: what loosens one waits for another person; settings remember their days

Revision ID: 2026112915
Revises: 20261129131
"""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026112915"
down_revision = "20261129131"
branch_labels = None
depends_on = None

SHANGHAI = ZoneInfo("Asia/Shanghai")
KINDS = ("office_setting", "stage", "lead_clock", "unit_parent", "webhook_source", "webhook_secret")
STATES = ("pending", "confirmed", "refused", "withdrawn", "expired")
MOMENT = sa.DateTime(timezone=True)


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def upgrade() -> None:
    op.create_table(
        "control_changes",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_by_name", sa.String(length=200), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("settled_by", sa.String(length=200), nullable=True),
        sa.Column("settled_by_name", sa.String(length=200), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_reason", sa.String(length=4000), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(f"kind IN ({_listed(KINDS)})", name=op.f("ck_control_changes_kind")),
        sa.CheckConstraint(f"state IN ({_listed(STATES)})", name=op.f("ck_control_changes_state")),
        sa.CheckConstraint(
            "(state = 'pending') = (settled_at IS NULL)", name=op.f("ck_control_changes_settled_has_moment")
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR settled_by <> asked_by", name=op.f("ck_control_changes_two_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_changes")),
    )
    pending = sa.text("state = 'pending'")
    op.create_index(
        "uq_control_changes_pending",
        "control_changes",
        ["kind", "key"],
        unique=True,
        sqlite_where=pending,
        postgresql_where=pending,
    )
    op.create_index("ix_control_changes_asked_at", "control_changes", ["asked_at", "id"])
    op.create_table(
        "setting_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_setting_changes_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_changes")),
    )
    op.create_index("ix_setting_changes_key", "setting_changes", ["key", "recorded_at"])
    op.create_index(op.f("ix_setting_changes_event_id"), "setting_changes", ["event_id"])
    _remember()
    append_only.protect("setting_changes")


def _remember() -> None:
    """What the log says of earlier changes of settings; the head of knowledge goes up to the last of them."""
    connection = op.get_bind()
    events = sa.table(
        "events", sa.column("id", sa.Uuid()), sa.column("at", MOMENT), sa.column("type"), sa.column("data", sa.JSON())
    )
    told = sa.select(events.c.id, events.c.at, events.c.data).where(events.c.type == "office.settings_changed")
    rows = []
    for event in connection.execute(told.order_by(events.c.at, events.c.id)):
        data: dict[str, Any] = json.loads(event.data) if isinstance(event.data, str) else event.data
        value = data.get("changes", {}).get("value")
        if "key" not in data or value is None:
            continue
        at = event.at.replace(tzinfo=UTC) if event.at.tzinfo is None else event.at
        rows.append(
            {
                "id": event.id,
                "key": data["key"],
                "value": value[1],
                "effective_on": at.astimezone(SHANGHAI).date(),
                "recorded_at": at,
                "event_id": event.id,
            }
        )
    if not rows:
        return
    changes = sa.table(
        "setting_changes",
        sa.column("id", sa.Uuid()),
        sa.column("key"),
        sa.column("value"),
        sa.column("effective_on", sa.Date()),
        sa.column("recorded_at", MOMENT),
        sa.column("event_id", sa.Uuid()),
    )
    op.bulk_insert(changes, rows)
    head = sa.table("knowledge_head", sa.column("recorded_at", MOMENT))
    last: datetime = rows[-1]["recorded_at"]
    connection.execute(sa.update(head).where(head.c.recorded_at < last).values(recorded_at=last))


def downgrade() -> None:
    """What was asked for and waits is lost, and the days of settings with it; the events stay."""
    append_only.unprotect("setting_changes")
    op.drop_table("setting_changes")
    op.drop_table("control_changes")
