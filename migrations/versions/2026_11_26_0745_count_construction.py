"""Plan lists, collective starts and work resumptions: rows that are only added

Revision ID: 2026112502
Revises: 2026112501
"""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026112502"
down_revision = "2026112501"
branch_labels = None
depends_on = None

APPEND_ONLY = ("start_batches", "start_batch_withdrawals", "start_batch_rows", "plan_list_rows", "work_resumptions")


def upgrade() -> None:
    op.create_table(
        "start_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_start_batches_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_batches")),
    )
    op.create_index(op.f("ix_start_batches_event_id"), "start_batches", ["event_id"], unique=False)
    op.create_index("ix_start_batches_held_on", "start_batches", ["held_on", "id"], unique=False)
    op.create_table(
        "start_batch_withdrawals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["start_batches.id"], name=op.f("fk_start_batch_withdrawals_batch_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_start_batch_withdrawals_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_batch_withdrawals")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_start_batch_withdrawals_batch_id")),
    )
    op.create_index(op.f("ix_start_batch_withdrawals_event_id"), "start_batch_withdrawals", ["event_id"], unique=False)
    op.create_table(
        "plan_list_rows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(reason IS NOT NULL) = is_withdrawn", name=op.f("ck_plan_list_rows_withdrawal_has_reason")),
        sa.CheckConstraint("is_withdrawn = (seq % 2 = 0)", name=op.f("ck_plan_list_rows_stands_or_withdraws")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_plan_list_rows_event_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_plan_list_rows_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_list_rows")),
        sa.UniqueConstraint("project_id", "year", "seq", name=op.f("uq_plan_list_rows_project_id_year_seq")),
    )
    op.create_index(op.f("ix_plan_list_rows_event_id"), "plan_list_rows", ["event_id"], unique=False)
    op.create_index("ix_plan_list_rows_year", "plan_list_rows", ["year", "project_id", "recorded_at"], unique=False)
    op.create_table(
        "start_batch_rows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(reason IS NOT NULL) = is_withdrawn", name=op.f("ck_start_batch_rows_withdrawal_has_reason")
        ),
        sa.CheckConstraint("is_withdrawn = (seq % 2 = 0)", name=op.f("ck_start_batch_rows_stands_or_withdraws")),
        sa.ForeignKeyConstraint(["batch_id"], ["start_batches.id"], name=op.f("fk_start_batch_rows_batch_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_start_batch_rows_event_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_start_batch_rows_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_batch_rows")),
        sa.UniqueConstraint("batch_id", "project_id", "seq", name=op.f("uq_start_batch_rows_batch_id_project_id_seq")),
    )
    op.create_index(op.f("ix_start_batch_rows_event_id"), "start_batch_rows", ["event_id"], unique=False)
    op.create_index(op.f("ix_start_batch_rows_project_id"), "start_batch_rows", ["project_id"], unique=False)
    op.create_table(
        "work_resumptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(reason IS NOT NULL) = is_withdrawn", name=op.f("ck_work_resumptions_withdrawal_has_reason")
        ),
        sa.CheckConstraint("is_withdrawn = (seq % 2 = 0)", name=op.f("ck_work_resumptions_stands_or_withdraws")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_work_resumptions_event_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_work_resumptions_evidence_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_work_resumptions_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_resumptions")),
        sa.UniqueConstraint("project_id", "year", "seq", name=op.f("uq_work_resumptions_project_id_year_seq")),
    )
    op.create_index(op.f("ix_work_resumptions_event_id"), "work_resumptions", ["event_id"], unique=False)
    op.create_index(op.f("ix_work_resumptions_evidence_id"), "work_resumptions", ["evidence_id"], unique=False)
    op.create_index("ix_work_resumptions_on", "work_resumptions", ["on", "project_id"], unique=False)
    for table in APPEND_ONLY:
        append_only.protect(table)


def downgrade() -> None:
    for table in APPEND_ONLY:
        append_only.unprotect(table)
    op.drop_index("ix_work_resumptions_on", table_name="work_resumptions")
    op.drop_index(op.f("ix_work_resumptions_evidence_id"), table_name="work_resumptions")
    op.drop_index(op.f("ix_work_resumptions_event_id"), table_name="work_resumptions")
    op.drop_table("work_resumptions")
    op.drop_index(op.f("ix_start_batch_rows_project_id"), table_name="start_batch_rows")
    op.drop_index(op.f("ix_start_batch_rows_event_id"), table_name="start_batch_rows")
    op.drop_table("start_batch_rows")
    op.drop_index("ix_plan_list_rows_year", table_name="plan_list_rows")
    op.drop_index(op.f("ix_plan_list_rows_event_id"), table_name="plan_list_rows")
    op.drop_table("plan_list_rows")
    op.drop_index(op.f("ix_start_batch_withdrawals_event_id"), table_name="start_batch_withdrawals")
    op.drop_table("start_batch_withdrawals")
    op.drop_index("ix_start_batches_held_on", table_name="start_batches")
    op.drop_index(op.f("ix_start_batches_event_id"), table_name="start_batches")
    op.drop_table("start_batches")
