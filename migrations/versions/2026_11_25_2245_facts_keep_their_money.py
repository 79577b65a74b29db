"""Facts keep the money they were stated in, endings the act they belong to, targets their history

Revision ID: 2026112501
Revises: 2026112402
"""

import uuid
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026112501"
down_revision = "2026112402"
branch_labels = None
depends_on = None

WAIVABLE = ("site_secured", "construction_permit")
MONEY = (
    ("currency", sa.String(length=3)),
    ("original_amount", sa.BigInteger()),
    ("rate", sa.Numeric(precision=18, scale=8)),
    ("rate_on", sa.Date()),
    ("rate_source", sa.String(length=200)),
)


def upgrade() -> None:
    _facts()
    _endings()
    with op.batch_alter_table("evidence_kinds") as kinds:
        kinds.add_column(sa.Column("may_be_not_needed", sa.Boolean(), nullable=True))
    kind = sa.table("evidence_kinds", sa.column("code", sa.String), sa.column("may_be_not_needed", sa.Boolean))
    op.execute(kind.update().values(may_be_not_needed=kind.c.code.in_(WAIVABLE)))
    with op.batch_alter_table("evidence_kinds") as kinds:
        kinds.alter_column("may_be_not_needed", existing_type=sa.Boolean(), nullable=False)
    _targets()


def _facts() -> None:
    """What is known of old facts: the money the deal says now where a fact states that amount, else yuan."""
    for name, kind in MONEY:
        op.add_column("deal_facts", sa.Column(name, kind, nullable=True))
    append_only.unprotect("deal_facts")
    columns = ", ".join(name for name, _ in MONEY)
    op.execute("UPDATE deal_facts SET currency = 'CNY' WHERE amount IS NOT NULL")
    op.execute(
        f"UPDATE deal_facts SET ({columns}) = (SELECT {columns} FROM deals WHERE deals.id = deal_facts.deal_id)"
        " WHERE amount IS NOT NULL AND EXISTS (SELECT 1 FROM deals WHERE deals.id = deal_facts.deal_id"
        " AND deals.currency <> 'CNY' AND deals.agreed_amount = deal_facts.amount)"
    )
    append_only.protect("deal_facts")


def _endings() -> None:
    op.add_column("deals", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE deals SET ended_at = (SELECT max(deal_facts.recorded_at) FROM deal_facts"
        " WHERE deal_facts.deal_id = deals.id AND deal_facts.kind = 'termination' AND deal_facts.corrects_id IS NULL)"
        " WHERE status = 'terminated'"
    )


def _targets() -> None:
    """Every target ever set, from the events that told of it."""
    connection = op.get_bind()
    events = sa.table(
        "events",
        sa.column("id", sa.Uuid()),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("type", sa.String()),
        sa.column("subject_id", sa.Uuid()),
        sa.column("data", sa.JSON()),
    )
    told = sa.select(events).where(events.c.type == "task_force.target_set").order_by(events.c.at, events.c.id)
    head = sa.table("knowledge_head", sa.column("recorded_at", sa.DateTime(timezone=True)))
    latest = connection.execute(sa.select(head.c.recorded_at)).scalar_one()
    added: list[dict[str, Any]] = []
    for event in connection.execute(told):
        after = event.data["after"]
        amount = after.get("amount")
        added.append(
            {
                "id": uuid.uuid4(),
                "task_force_id": event.subject_id,
                "year": event.data["year"],
                "signings": after.get("signings"),
                "amount": None if amount is None else int(Decimal(amount).scaleb(2)),
                "same_quarter_landed": after.get("same_quarter_landed"),
                "recorded_at": min(event.at, latest),
                "event_id": event.id,
            }
        )
    op.drop_table("task_force_targets")
    targets = _create_dated_targets()
    if added:
        op.bulk_insert(targets, added)
    append_only.protect("task_force_targets")


def _create_dated_targets() -> Any:
    targets = op.create_table(
        "task_force_targets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_force_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("signings", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("same_quarter_landed", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "signings >= 0 AND amount >= 0 AND same_quarter_landed >= 0",
            name=op.f("ck_task_force_targets_not_negative"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_task_force_targets_event_id")),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_task_force_targets_task_force_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_force_targets")),
    )
    op.create_index("ix_task_force_targets_event_id", "task_force_targets", ["event_id"])
    op.create_index("ix_task_force_targets_known", "task_force_targets", ["task_force_id", "year", "recorded_at"])
    return targets


def downgrade() -> None:
    """Earlier targets of a year are lost: the older schema keeps one."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT task_force_id, year, signings, amount, same_quarter_landed FROM task_force_targets"
            " ORDER BY recorded_at, id"
        )
    )
    latest = {(row.task_force_id, row.year): dict(row._mapping) for row in rows}
    append_only.unprotect("task_force_targets")
    op.drop_table("task_force_targets")
    targets = op.create_table(
        "task_force_targets",
        sa.Column("task_force_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signings", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("same_quarter_landed", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "signings >= 0 AND amount >= 0 AND same_quarter_landed >= 0",
            name=op.f("ck_task_force_targets_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_task_force_targets_task_force_id")
        ),
        sa.PrimaryKeyConstraint("task_force_id", "year", name=op.f("pk_task_force_targets")),
    )
    if latest:
        kept = [{**row, "task_force_id": _uuid(row["task_force_id"])} for row in latest.values()]
        op.bulk_insert(targets, kept)
    op.drop_column("deals", "ended_at")
    for name, _ in MONEY:
        op.drop_column("deal_facts", name)
    op.drop_column("evidence_kinds", "may_be_not_needed")


def _uuid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
