"""A year's working calendar is set as a whole, by the notice it comes from

Revision ID: 2026112603
Revises: 2026112602
"""

import uuid
from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

revision = "2026112603"
down_revision = "2026112602"
branch_labels = None
depends_on = None

SEEDED_AT = datetime(2026, 11, 26, tzinfo=UTC)
HOLIDAYS = sa.table(
    "holidays", sa.column("day", sa.Date()), sa.column("source"), sa.column("is_provisional", sa.Boolean())
)
YEARS = sa.table(
    "calendar_years",
    sa.column("id", sa.Uuid()),
    sa.column("version"),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("updated_at", sa.DateTime(timezone=True)),
    sa.column("year"),
    sa.column("source"),
    sa.column("is_provisional", sa.Boolean()),
)
EVENTS = sa.table(
    "events",
    sa.column("id", sa.Uuid()),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name) for name in ("type", "actor_id", "actor_name", "actor_kind", "subject_type")),
    sa.column("subject_id", sa.Uuid()),
    sa.column("subject_version"),
    sa.column("data", sa.JSON()),
)


def upgrade() -> None:
    op.create_table(
        "calendar_years",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_years")),
        sa.UniqueConstraint("year", name=op.f("uq_calendar_years_year")),
    )
    _seed_years()
    with op.batch_alter_table("holidays") as days:
        days.drop_column("source")
        days.drop_column("is_provisional")


def _seed_years() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(HOLIDAYS).order_by(HOLIDAYS.c.day))
    years = {row.day.year: row for row in rows}
    for year, row in sorted(years.items()):
        year_id = uuid.uuid5(uuid.NAMESPACE_URL, f"five-ones:calendar-year:{year}")
        # The log keeps its events through a way down and up.
        told = sa.select(sa.func.max(EVENTS.c.subject_version)).where(EVENTS.c.subject_id == year_id)
        last = connection.execute(told).scalar_one()
        op.bulk_insert(
            YEARS,
            [
                {
                    "id": year_id,
                    "version": last or 1,
                    "created_at": SEEDED_AT,
                    "updated_at": SEEDED_AT,
                    "year": year,
                    "source": row.source,
                    "is_provisional": row.is_provisional,
                }
            ],
        )
        if last is None:
            op.bulk_insert(EVENTS, [_seeded(year, year_id)])


def _seeded(year: int, year_id: uuid.UUID) -> dict[str, object]:
    return {
        "id": uuid.uuid5(uuid.NAMESPACE_URL, f"five-ones:event:calendar-year:{year}"),
        "at": SEEDED_AT,
        "type": "calendar_year.seeded",
        "actor_id": "migration",
        "actor_name": "migration",
        "actor_kind": "system",
        "subject_type": "calendar_year",
        "subject_id": year_id,
        "subject_version": 1,
        "data": {"year": year},
    }


def downgrade() -> None:
    """A day gets the source of its year back."""
    for column in (sa.Column("source", sa.String(length=200)), sa.Column("is_provisional", sa.Boolean())):
        op.add_column("holidays", column)
    for row in op.get_bind().execute(sa.select(YEARS)).all():
        within = HOLIDAYS.c.day.between(date(row.year, 1, 1), date(row.year, 12, 31))
        op.execute(HOLIDAYS.update().where(within).values(source=row.source, is_provisional=row.is_provisional))
    with op.batch_alter_table("holidays") as days:
        days.alter_column("source", existing_type=sa.String(length=200), nullable=False)
        days.alter_column("is_provisional", existing_type=sa.Boolean(), nullable=False)
    op.drop_table("calendar_years")
