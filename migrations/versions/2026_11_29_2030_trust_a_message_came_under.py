"""Messages keep under which trust they came; calendars and schedules are loosened by two

This is the last time that moments decide which trust that was: for messages that are here already.

Revision ID: 2026112920
Revises: 2026112917
"""

import json
import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026112920"
down_revision = "2026112917"
branch_labels = None
depends_on = None

NO_FKS = {"resolve_fks": False}
MOMENT = sa.DateTime(timezone=True)
KINDS = ("office_setting", "stage", "lead_clock", "unit_parent", "webhook_source", "webhook_secret")
MORE_KINDS = ("office_setting", "stage", "lead_clock", "calendar", "job_schedule", *KINDS[3:])
TRUSTED_BY_CHANGE = "is_trusted = (trust_change_id IS NOT NULL)"


def _set_kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("control_changes", reflect_kwargs=NO_FKS) as rows:
        rows.drop_constraint(op.f("ck_control_changes_kind"), type_="check")
        rows.create_check_constraint(op.f("ck_control_changes_kind"), f"kind IN ({listed})")


def upgrade() -> None:
    _set_kinds(MORE_KINDS)
    op.add_column("webhook_sources", sa.Column("trust_change_id", sa.Uuid(), nullable=True))
    op.add_column("webhook_inbox", sa.Column("is_confirmed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("webhook_inbox", sa.Column("trust_change_id", sa.Uuid(), nullable=True))
    _keep_trust()
    _mark_messages()
    with op.batch_alter_table("webhook_inbox", reflect_kwargs=NO_FKS) as rows:
        rows.alter_column("is_confirmed", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("webhook_sources", reflect_kwargs=NO_FKS) as rows:
        rows.create_check_constraint(op.f("ck_webhook_sources_trusted_by_change"), TRUSTED_BY_CHANGE)


_SOURCES = sa.table(
    "webhook_sources",
    sa.column("id", sa.Uuid()),
    sa.column("is_trusted", sa.Boolean()),
    sa.column("trust_change_id", sa.Uuid()),
    sa.column("confirmed_since", MOMENT),
)
_INBOX = sa.table(
    "webhook_inbox",
    sa.column("source_id", sa.Uuid()),
    sa.column("received_at", MOMENT),
    sa.column("is_confirmed", sa.Boolean()),
    sa.column("trust_change_id", sa.Uuid()),
)
_CHANGES = sa.table(
    "control_changes",
    sa.column("id", sa.Uuid()),
    sa.column("settled_at", MOMENT),
    *(sa.column(name, sa.JSON()) for name in ("asked", "before")),
    *(sa.column(name) for name in ("kind", "key", "state")),
)


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _keep_trust() -> None:
    """Which change confirmed the trust of a source, and of what came since. Trust that no change confirmed ends."""
    connection = op.get_bind()
    found = sa.select(_CHANGES).where(_CHANGES.c.kind == "webhook_source", _CHANGES.c.state == "confirmed")
    began: dict[uuid.UUID, tuple[uuid.UUID, Any]] = {}
    for change in connection.execute(found.order_by(_CHANGES.c.settled_at)):
        asked, before = _read(change.asked), _read(change.before)
        source_id = uuid.UUID(change.key)
        if asked["is_trusted"] and not (before["is_trusted"] and source_id in began):
            began[source_id] = change.id, change.settled_at
    for source in connection.execute(sa.select(_SOURCES.c.id).where(_SOURCES.c.is_trusted)).all():
        change_id, since = began.get(source.id, (None, None))
        own = {"trust_change_id": change_id, "is_trusted": change_id is not None}
        connection.execute(sa.update(_SOURCES).where(_SOURCES.c.id == source.id).values(**own))
        if change_id is not None:
            came = sa.and_(_INBOX.c.source_id == source.id, _INBOX.c.received_at >= since)
            connection.execute(sa.update(_INBOX).where(came).values(trust_change_id=change_id))


def _mark_messages() -> None:
    connection = op.get_bind()
    confirmed = sa.select(_SOURCES.c.id, _SOURCES.c.confirmed_since).where(_SOURCES.c.confirmed_since.is_not(None))
    for source in connection.execute(confirmed).all():
        came = sa.and_(_INBOX.c.source_id == source.id, _INBOX.c.received_at >= source.confirmed_since)
        connection.execute(sa.update(_INBOX).where(came).values(is_confirmed=True))


def downgrade() -> None:
    """Changes of calendars and schedules are lost; their events stay."""
    with op.batch_alter_table("webhook_sources", reflect_kwargs=NO_FKS) as rows:
        rows.drop_constraint(op.f("ck_webhook_sources_trusted_by_change"), type_="check")
        rows.drop_column("trust_change_id")
    with op.batch_alter_table("webhook_inbox", reflect_kwargs=NO_FKS) as rows:
        rows.drop_column("trust_change_id")
        rows.drop_column("is_confirmed")
    op.execute("DELETE FROM control_changes WHERE kind IN ('calendar', 'job_schedule')")
    _set_kinds(KINDS)
