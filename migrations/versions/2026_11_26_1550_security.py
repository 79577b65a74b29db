"""Passwords, sessions, security events and the seals of both logs

Revision ID: 2026112606
Revises: 2026112605
"""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026112606"
down_revision = "2026112605"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "log",
            sa.Enum("events", "security_events", name="log", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("of_migrations", sa.Boolean(), nullable=False),
        sa.Column("until", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seals")),
        sa.UniqueConstraint("log", "number", name=op.f("uq_seals_log_number")),
    )
    op.create_table(
        "security_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("done", "failed", "refused", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("actor_id", sa.String(length=100), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=True),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "person", "token", "system", name="actor_kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("subject_type", sa.String(length=40), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=200), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_events")),
    )
    op.create_index("ix_security_events_actor_id_at", "security_events", ["actor_id", "at", "id"], unique=False)
    op.create_index("ix_security_events_at", "security_events", ["at", "id"], unique=False)
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index(op.f("ix_sign_in_attempts_first_at"), "sign_in_attempts", ["first_at"], unique=False)
    op.create_table(
        "prunings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "log",
            sa.Enum("events", "security_events", name="log", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=False),
        sa.Column("until", sa.Uuid(), nullable=False),
        sa.Column("pruned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("log = 'security_events'", name=op.f("ck_prunings_business_events_stay")),
        sa.ForeignKeyConstraint(["log", "number"], ["seals.log", "seals.number"], name=op.f("fk_prunings_log_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prunings")),
        sa.UniqueConstraint("log", "number", name=op.f("uq_prunings_log_number")),
    )
    op.create_table(
        "credentials",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("second_factor", sa.String(length=400), nullable=True),
        sa.Column("second_factor_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_code_step", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_credentials_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_credentials")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "way",
            sa.Enum("password", "single_sign_on", name="way", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)
    op.add_column("idempotency_keys", sa.Column("answer_id", sa.String(length=36), nullable=True))
    op.create_index(op.f("ix_idempotency_keys_answer_id"), "idempotency_keys", ["answer_id"], unique=False)
    op.add_column("events", sa.Column("address", sa.String(length=45), nullable=True))
    op.create_index("ix_events_at", "events", ["at", "id"], unique=False)
    for table in ("seals", "prunings"):
        append_only.protect(table)
    append_only.protect_but_pruned("security_events")


def downgrade() -> None:
    append_only.unprotect_but_pruned("security_events")
    for table in ("seals", "prunings"):
        append_only.unprotect(table)
    op.drop_index(op.f("ix_idempotency_keys_answer_id"), table_name="idempotency_keys")
    op.drop_column("idempotency_keys", "answer_id")
    op.drop_index("ix_events_at", table_name="events")
    op.drop_column("events", "address")
    op.drop_index("ix_sessions_user_id", table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("credentials")
    op.drop_table("prunings")
    op.drop_index(op.f("ix_sign_in_attempts_first_at"), table_name="sign_in_attempts")
    op.drop_table("sign_in_attempts")
    op.drop_index("ix_security_events_at", table_name="security_events")
    op.drop_index("ix_security_events_actor_id_at", table_name="security_events")
    op.drop_table("security_events")
    op.drop_table("seals")
