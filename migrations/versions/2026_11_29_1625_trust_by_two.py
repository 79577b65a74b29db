"""Sources: trust and reach are confirmed; deals approved at a source are marked

Trust that nobody confirmed ends, and is asked for anew. The reach of a source stays as it is.

Revision ID: 20261129151
Revises: 2026112918
"""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261129151"
down_revision = "2026112918"
branch_labels = None
depends_on = None

NO_FKS = {"resolve_fks": False}
MOMENT = sa.DateTime(timezone=True)
CONFIRM_WITHIN = timedelta(days=30)
FIELDS = ("name", "unit_id", "order", "is_active", "is_trusted", "units", "stages", "networks")


def _add_flag(table: str, name: str) -> None:
    op.add_column(table, sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table(table, reflect_kwargs=NO_FKS) as rows:
        rows.alter_column(name, existing_type=sa.Boolean(), server_default=None)


def upgrade() -> None:
    for name in ("confirmed_since", "confirmed_at"):
        op.add_column("webhook_sources", sa.Column(name, MOMENT, nullable=True))
    for name, length in (("confirmed_by", 200), ("confirmed_by_name", 200), ("next_secret", 400)):
        op.add_column("webhook_sources", sa.Column(name, sa.String(length=length), nullable=True))
    _add_flag("webhook_sources", "is_secret_split")
    op.drop_index("ix_deals_signed", table_name="deals")
    _add_flag("deals", "is_approved_at_source")
    op.create_index("ix_deals_signed", "deals", [sa.literal_column("coalesce(signed_on, '1949-10-01')"), "id"])
    op.add_column("deals", sa.Column("trust_confirmed_by", sa.String(length=200), nullable=True))
    deals = sa.table("deals", sa.column("approved_by"), sa.column("is_approved_at_source", sa.Boolean()))
    at_source = deals.c.approved_by.like("source:%:approval")
    op.get_bind().execute(sa.update(deals).where(at_source).values(is_approved_at_source=True))
    op.execute("UPDATE webhook_sources SET confirmed_since = created_at")
    _ask_anew()


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _ask_anew() -> None:
    """Trusted sources are trusted no longer; what they had is asked for, and an event of each says so."""
    connection = op.get_bind()
    sources = sa.table(
        "webhook_sources",
        sa.column("id", sa.Uuid()),
        sa.column("unit_id", sa.Uuid()),
        sa.column("version"),
        sa.column("updated_at", MOMENT),
        *(sa.column(name, sa.Boolean()) for name in ("is_active", "is_trusted", "is_removed")),
        *(sa.column(name, sa.JSON()) for name in ("units", "stages", "networks")),
        *(sa.column(name) for name in ("name", "order")),
    )
    changes = sa.table(
        "control_changes",
        sa.column("id", sa.Uuid()),
        sa.column("version"),
        *(sa.column(name, MOMENT) for name in ("created_at", "updated_at", "asked_at", "expires_at")),
        *(sa.column(name, sa.JSON()) for name in ("asked", "before")),
        *(sa.column(name) for name in ("kind", "key", "reason", "asked_by", "asked_by_name", "state")),
    )
    now = datetime.now(UTC)
    trusted = sa.select(sources).where(sources.c.is_trusted, sa.not_(sources.c.is_removed))
    for source in connection.execute(trusted).all():
        before: dict[str, Any] = {
            name: _read(getattr(source, name)) for name in FIELDS if name not in ("name", "order")
        }
        before |= {
            "name": source.name,
            "order": source.order,
            "unit_id": str(source.unit_id) if source.unit_id is not None else None,
            "is_trusted": False,
        }
        version = source.version + 1
        connection.execute(
            sa.update(sources)
            .where(sources.c.id == source.id)
            .values(is_trusted=False, version=version, updated_at=now)
        )
        _tell(now, "webhook_source", source.id, version, {"changes": {"is_trusted": [True, False]}})
        change_id = uuid.uuid4()
        reason = "此前的信任未经另一人确认 / trusted before anybody else had to confirm it"
        asked = {**before, "is_trusted": True}
        row = {
            "id": change_id,
            "version": 1,
            "created_at": now,
            "updated_at": now,
            "asked_at": now,
            "expires_at": now + CONFIRM_WITHIN,
            "asked": asked,
            "before": before,
            "kind": "webhook_source",
            "key": str(source.id),
            "reason": reason,
            "asked_by": "migration",
            "asked_by_name": "migration",
            "state": "pending",
        }
        op.bulk_insert(changes, [row])
        data = {"kind": "webhook_source", "key": str(source.id), "asked": asked, "before": before, "reason": reason}
        _tell(now, "control_change", change_id, 1, data)
    connection.execute(sa.update(sources).where(sources.c.is_trusted).values(is_trusted=False))


def _tell(now: datetime, subject: str, subject_id: uuid.UUID, version: int, data: dict[str, Any]) -> None:
    events = sa.table(
        "events",
        sa.column("id", sa.Uuid()),
        sa.column("at", MOMENT),
        *(sa.column(name) for name in ("type", "actor_id", "actor_name", "actor_kind", "subject_type")),
        sa.column("subject_id", sa.Uuid()),
        sa.column("subject_version"),
        sa.column("data", sa.JSON()),
    )
    event = {
        "id": uuid.uuid4(),
        "at": now,
        "type": f"{subject}.{'changed' if subject == 'webhook_source' else 'asked'}",
        "actor_id": "migration",
        "actor_name": "migration",
        "actor_kind": "system",
        "subject_type": subject,
        "subject_id": subject_id,
        "subject_version": version,
        "data": data,
    }
    op.bulk_insert(events, [event])


def downgrade() -> None:
    """Which deals were approved at a source can still be read from who approved them."""
    with op.batch_alter_table("webhook_sources", reflect_kwargs=NO_FKS) as rows:
        for name in (
            "confirmed_since",
            "confirmed_at",
            "confirmed_by",
            "confirmed_by_name",
            "next_secret",
            "is_secret_split",
        ):
            rows.drop_column(name)
    op.drop_index("ix_deals_signed", table_name="deals")
    with op.batch_alter_table("deals", reflect_kwargs=NO_FKS) as rows:
        rows.drop_column("trust_confirmed_by")
        rows.drop_column("is_approved_at_source")
    op.create_index("ix_deals_signed", "deals", [sa.literal_column("coalesce(signed_on, '1949-10-01')"), "id"])
