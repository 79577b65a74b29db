"""The spine: events, units, enterprises, task forces, projects, five ones, deals, ledger

Revision ID: 2026112401
Revises:
"""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026112401"
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = (
    "events",
    "unit_parents",
    "project_placements",
    "phase_links",
    "project_amounts",
    "evidence",
    "evidence_voids",
    "project_moves",
    "move_corrections",
    "milestone_reports",
    "deal_facts",
    "ledger_entries",
)


def upgrade() -> None:
    op.create_table(
        "code_counters",
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_code_counters")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.String(length=100), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "person",
                "token",
                "system",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_project_id_at", "events", ["project_id", "at", "id"], unique=False)
    op.create_index(
        "uq_events_subject_version", "events", ["subject_type", "subject_id", "subject_version"], unique=True
    )
    op.create_table(
        "evidence_kinds",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("value_unit", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_evidence_kinds")),
    )
    op.create_table(
        "holidays",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("off", "work", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holidays")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("actor_id", sa.String(length=100), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "method", "path", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "industries",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "section",
                "division",
                "class",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_code", sa.String(length=4), nullable=True),
        sa.Column(
            "sector",
            sa.Enum(
                "primary",
                "secondary",
                "tertiary",
                name="sector",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["parent_code"], ["industries.code"], name=op.f("fk_industries_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_industries")),
    )
    op.create_index(op.f("ix_industries_parent_code"), "industries", ["parent_code"], unique=False)
    op.create_table(
        "knowledge_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_knowledge_head_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_head")),
    )
    op.create_table(
        "office_settings",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_office_settings")),
    )
    op.create_table(
        "officials",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "name_pinyin",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officials")),
    )
    op.create_index("ix_officials_name_pinyin_id", "officials", ["name_pinyin", "id"], unique=False)
    op.create_table(
        "stages",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("for_promotion", sa.Boolean(), nullable=False),
        sa.Column("for_construction", sa.Boolean(), nullable=False),
        sa.Column("is_skippable", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stages")),
        sa.UniqueConstraint("code", name=op.f("uq_stages_code")),
        sa.UniqueConstraint("position", name=op.f("uq_stages_position")),
    )
    op.create_table(
        "units",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("division_code", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=True),
        sa.Column(
            "name_pinyin",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "city",
                "leadership",
                "department",
                "district",
                "zone",
                "platform",
                "provider",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_assessed", sa.Boolean(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name=op.f("ck_units_closed_after_opened")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("code", name=op.f("uq_units_code")),
    )
    op.create_index("ix_units_name_pinyin_id", "units", ["name_pinyin", "id"], unique=False)
    op.create_table(
        "enterprises",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_normalized", sa.String(length=200), nullable=False),
        sa.Column(
            "name_pinyin",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("initials", sa.String(length=200), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("registration_no", sa.String(length=64), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "city",
                "province",
                "domestic",
                "overseas",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "ownership",
            sa.Enum(
                "central_soe",
                "local_soe",
                "private",
                "foreign",
                "joint_venture",
                "other",
                name="ownership",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("registered_place", sa.String(length=200), nullable=True),
        sa.Column("headquarters", sa.String(length=200), nullable=True),
        sa.Column("industry_code", sa.String(length=4), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(country IS NULL) = (registration_no IS NULL)", name=op.f("ck_enterprises_foreign_registration")
        ),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_enterprises_not_its_own_group")),
        sa.ForeignKeyConstraint(["industry_code"], ["industries.code"], name=op.f("fk_enterprises_industry_code")),
        sa.ForeignKeyConstraint(["parent_id"], ["enterprises.id"], name=op.f("fk_enterprises_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprises")),
        sa.UniqueConstraint("country", "registration_no", name=op.f("uq_enterprises_country_registration_no")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_enterprises_credit_code")),
    )
    op.create_index(op.f("ix_enterprises_industry_code"), "enterprises", ["industry_code"], unique=False)
    op.create_index(op.f("ix_enterprises_name_normalized"), "enterprises", ["name_normalized"], unique=False)
    op.create_index("ix_enterprises_name_pinyin_id", "enterprises", ["name_pinyin", "id"], unique=False)
    op.create_index(op.f("ix_enterprises_parent_id"), "enterprises", ["parent_id"], unique=False)
    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("is_top_leader", sa.Boolean(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name=op.f("ck_posts_ended_after_started")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_posts_event_id")),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_posts_official_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_posts_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    op.create_index(op.f("ix_posts_event_id"), "posts", ["event_id"], unique=False)
    op.create_index(op.f("ix_posts_official_id"), "posts", ["official_id"], unique=False)
    op.create_index(op.f("ix_posts_unit_id"), "posts", ["unit_id"], unique=False)
    op.create_table(
        "stage_gates",
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.Column("gate", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "strictness",
            sa.Enum("block", "warn", name="strictness", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("for_promotion", sa.Boolean(), nullable=False),
        sa.Column("for_construction", sa.Boolean(), nullable=False),
        sa.Column("is_fixed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["stage"], ["stages.code"], name=op.f("fk_stage_gates_stage")),
        sa.PrimaryKeyConstraint("stage", "gate", name=op.f("pk_stage_gates")),
    )
    op.create_table(
        "stage_limits",
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "idle",
                "in_stage",
                "plan_date",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column(
            "unit",
            sa.Enum("day", "workday", "month", name="unit", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "(kind = 'plan_date') = (amount IS NULL)", name=op.f("ck_stage_limits_amount_unless_planned")
        ),
        sa.CheckConstraint("(amount IS NULL) = (unit IS NULL)", name=op.f("ck_stage_limits_amount_has_unit")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_stage_limits_amount_positive")),
        sa.ForeignKeyConstraint(["stage"], ["stages.code"], name=op.f("fk_stage_limits_stage")),
        sa.PrimaryKeyConstraint("stage", "kind", name=op.f("pk_stage_limits")),
    )
    op.create_table(
        "task_forces",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "name_pinyin",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("lead_official_id", sa.Uuid(), nullable=True),
        sa.Column("lead_unit_id", sa.Uuid(), nullable=True),
        sa.Column("cadence", sa.String(length=200), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "closed_on IS NULL OR closed_on >= opened_on", name=op.f("ck_task_forces_closed_after_opened")
        ),
        sa.ForeignKeyConstraint(["lead_official_id"], ["officials.id"], name=op.f("fk_task_forces_lead_official_id")),
        sa.ForeignKeyConstraint(["lead_unit_id"], ["units.id"], name=op.f("fk_task_forces_lead_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_forces")),
        sa.UniqueConstraint("name", name=op.f("uq_task_forces_name")),
    )
    op.create_index(op.f("ix_task_forces_lead_official_id"), "task_forces", ["lead_official_id"], unique=False)
    op.create_index(op.f("ix_task_forces_lead_unit_id"), "task_forces", ["lead_unit_id"], unique=False)
    op.create_index("ix_task_forces_name_pinyin_id", "task_forces", ["name_pinyin", "id"], unique=False)
    op.create_table(
        "unit_parents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> unit_id", name=op.f("ck_unit_parents_not_itself")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_unit_parents_event_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_unit_parents_parent_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_parents_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_parents")),
    )
    op.create_index(op.f("ix_unit_parents_event_id"), "unit_parents", ["event_id"], unique=False)
    op.create_index(op.f("ix_unit_parents_parent_id"), "unit_parents", ["parent_id"], unique=False)
    op.create_index(
        "ix_unit_parents_unit_id_valid_from",
        "unit_parents",
        ["unit_id", "valid_from", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "enterprise_contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("consent", sa.String(length=200), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_enterprise_contacts_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_enterprise_contacts_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_contacts")),
    )
    op.create_index(
        op.f("ix_enterprise_contacts_enterprise_id"), "enterprise_contacts", ["enterprise_id"], unique=False
    )
    op.create_index(op.f("ix_enterprise_contacts_event_id"), "enterprise_contacts", ["event_id"], unique=False)
    op.create_table(
        "enterprise_rankings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("list_name", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rank > 0", name=op.f("ck_enterprise_rankings_rank_positive")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_enterprise_rankings_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_enterprise_rankings_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_rankings")),
        sa.UniqueConstraint(
            "enterprise_id",
            "list_name",
            "year",
            name=op.f("uq_enterprise_rankings_enterprise_id_list_name_year"),
        ),
    )
    op.create_index(op.f("ix_enterprise_rankings_event_id"), "enterprise_rankings", ["event_id"], unique=False)
    op.create_table(
        "projects",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=200), nullable=True),
        sa.Column("name_normalized", sa.String(length=200), nullable=False),
        sa.Column(
            "name_pinyin",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("initials", sa.String(length=200), nullable=False),
        sa.Column(
            "program",
            sa.Enum(
                "promotion",
                "construction",
                "both",
                name="program",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("upstream_code", sa.String(length=64), nullable=True),
        sa.Column("national_code", sa.String(length=64), nullable=True),
        sa.Column("statistical_name", sa.String(length=200), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("is_parent", sa.Boolean(), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "phase",
                "subproject",
                "supporting",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("phase_no", sa.Integer(), nullable=True),
        sa.Column("continues_parent", sa.Boolean(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("task_force_id", sa.Uuid(), nullable=True),
        sa.Column("place_unit_id", sa.Uuid(), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("parcel_no", sa.String(length=200), nullable=True),
        sa.Column("land_area", sa.BigInteger(), nullable=True),
        sa.Column("industry_code", sa.String(length=4), nullable=True),
        sa.Column("chain", sa.String(length=200), nullable=True),
        sa.Column(
            "chain_role",
            sa.Enum(
                "extend",
                "complete",
                "strengthen",
                name="chain_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("investor_id", sa.Uuid(), nullable=True),
        sa.Column(
            "construction_nature",
            sa.Enum(
                "new",
                "expansion",
                "renovation",
                "purchase",
                "relocation",
                "restoration",
                name="construction_nature",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("description", sa.String(length=4000), nullable=True),
        sa.Column("annual_revenue", sa.BigInteger(), nullable=True),
        sa.Column("annual_tax", sa.BigInteger(), nullable=True),
        sa.Column("jobs", sa.Integer(), nullable=True),
        sa.Column("progress", sa.String(length=4000), nullable=True),
        sa.Column("progress_on", sa.Date(), nullable=True),
        sa.Column("next_steps", sa.String(length=4000), nullable=True),
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.Column("stage_since", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "paused",
                "terminated",
                "merged",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("resume_expected_on", sa.Date(), nullable=True),
        sa.Column("paused_days", sa.Integer(), nullable=False),
        sa.Column("last_activity_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("landed_on", sa.Date(), nullable=True),
        sa.Column("planned_total", sa.BigInteger(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("direct_entry_reason", sa.String(length=4000), nullable=True),
        sa.Column("duplicate_ruling", sa.String(length=4000), nullable=True),
        sa.Column(
            "confidentiality",
            sa.Enum(
                "internal",
                "sensitive",
                name="confidentiality",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(status = 'paused') = (paused_on IS NOT NULL)", name=op.f("ck_projects_paused_has_day")),
        sa.CheckConstraint("(parent_id IS NULL) = (phase_no IS NULL)", name=op.f("ck_projects_phase_has_number")),
        sa.CheckConstraint("land_area IS NULL OR land_area >= 0", name=op.f("ck_projects_land_not_negative")),
        sa.CheckConstraint("line_id = coalesce(parent_id, id)", name=op.f("ck_projects_line_is_root")),
        sa.CheckConstraint("parent_id IS NULL OR is_parent = false", name=op.f("ck_projects_one_level_of_phases")),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_projects_not_its_own_parent")),
        sa.ForeignKeyConstraint(["industry_code"], ["industries.code"], name=op.f("fk_projects_industry_code")),
        sa.ForeignKeyConstraint(["investor_id"], ["enterprises.id"], name=op.f("fk_projects_investor_id")),
        sa.ForeignKeyConstraint(["line_id"], ["projects.id"], name=op.f("fk_projects_line_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["projects.id"], name=op.f("fk_projects_merged_into_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["projects.id"], name=op.f("fk_projects_parent_id")),
        sa.ForeignKeyConstraint(["place_unit_id"], ["units.id"], name=op.f("fk_projects_place_unit_id")),
        sa.ForeignKeyConstraint(["stage"], ["stages.code"], name=op.f("fk_projects_stage")),
        sa.ForeignKeyConstraint(["task_force_id"], ["task_forces.id"], name=op.f("fk_projects_task_force_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_projects_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("code", name=op.f("uq_projects_code")),
    )
    op.create_index("ix_projects_created_at_id", "projects", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_projects_due",
        "projects",
        [sa.literal_column("coalesce(due_on, '2199-12-31')"), "id"],
        unique=False,
    )
    op.create_index(op.f("ix_projects_due_on"), "projects", ["due_on"], unique=False)
    op.create_index(op.f("ix_projects_industry_code"), "projects", ["industry_code"], unique=False)
    op.create_index(op.f("ix_projects_investor_id"), "projects", ["investor_id"], unique=False)
    op.create_index(op.f("ix_projects_line_id"), "projects", ["line_id"], unique=False)
    op.create_index(op.f("ix_projects_merged_into_id"), "projects", ["merged_into_id"], unique=False)
    op.create_index(op.f("ix_projects_name_normalized"), "projects", ["name_normalized"], unique=False)
    op.create_index("ix_projects_name_pinyin_id", "projects", ["name_pinyin", "id"], unique=False)
    op.create_index(op.f("ix_projects_national_code"), "projects", ["national_code"], unique=False)
    op.create_index(op.f("ix_projects_parent_id"), "projects", ["parent_id"], unique=False)
    op.create_index(op.f("ix_projects_place_unit_id"), "projects", ["place_unit_id"], unique=False)
    op.create_index(
        "ix_projects_planned",
        "projects",
        [sa.literal_column("coalesce(planned_total, 0)"), "id"],
        unique=False,
    )
    op.create_index("ix_projects_stage_status", "projects", ["stage", "status", "is_parent"], unique=False)
    op.create_index(op.f("ix_projects_task_force_id"), "projects", ["task_force_id"], unique=False)
    op.create_index(op.f("ix_projects_unit_id"), "projects", ["unit_id"], unique=False)
    op.create_index("ix_projects_updated_at_id", "projects", ["updated_at", "id"], unique=False)
    op.create_index("uq_projects_parent_id_phase_no", "projects", ["parent_id", "phase_no"], unique=True)
    op.create_table(
        "task_force_industries",
        sa.Column("task_force_id", sa.Uuid(), nullable=False),
        sa.Column("industry_code", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["industry_code"], ["industries.code"], name=op.f("fk_task_force_industries_industry_code")
        ),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_task_force_industries_task_force_id")
        ),
        sa.PrimaryKeyConstraint("task_force_id", "industry_code", name=op.f("pk_task_force_industries")),
    )
    op.create_index(
        op.f("ix_task_force_industries_industry_code"),
        "task_force_industries",
        ["industry_code"],
        unique=False,
    )
    op.create_table(
        "task_force_members",
        sa.Column("task_force_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_task_force_members_official_id")),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_task_force_members_task_force_id")
        ),
        sa.PrimaryKeyConstraint("task_force_id", "official_id", name=op.f("pk_task_force_members")),
    )
    op.create_index(op.f("ix_task_force_members_official_id"), "task_force_members", ["official_id"], unique=False)
    op.create_table(
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
    op.create_table(
        "task_force_units",
        sa.Column("task_force_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["task_force_id"], ["task_forces.id"], name=op.f("fk_task_force_units_task_force_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_task_force_units_unit_id")),
        sa.PrimaryKeyConstraint("task_force_id", "unit_id", name=op.f("pk_task_force_units")),
    )
    op.create_index(op.f("ix_task_force_units_unit_id"), "task_force_units", ["unit_id"], unique=False)
    op.create_table(
        "deals",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("formal", "framework", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("agreement_no", sa.String(length=200), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("investor_id", sa.Uuid(), nullable=True),
        sa.Column("agreed_amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("original_amount", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("rate_source", sa.String(length=200), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "discarded",
                "live",
                "terminated",
                "voided",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("drafted_by", sa.String(length=200), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_single_person", sa.Boolean(), nullable=False),
        sa.Column("override", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=4000), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(currency = 'CNY') = (original_amount IS NULL)", name=op.f("ck_deals_original_where_foreign")
        ),
        sa.CheckConstraint(
            "(status = 'terminated') = (ended_on IS NOT NULL)", name=op.f("ck_deals_terminated_has_day")
        ),
        sa.CheckConstraint(
            "(status IN ('draft', 'discarded')) = (approved_at IS NULL)",
            name=op.f("ck_deals_approved_has_moment"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('live', 'terminated') OR (agreed_amount IS NOT NULL AND signed_on IS NOT NULL AND investor_id IS NOT NULL)",
            name=op.f("ck_deals_approved_is_complete"),
        ),
        sa.CheckConstraint(
            "agreed_amount > 0 AND agreed_amount < 100000000000000", name=op.f("ck_deals_amount_in_range")
        ),
        sa.ForeignKeyConstraint(["investor_id"], ["enterprises.id"], name=op.f("fk_deals_investor_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_deals_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sa.UniqueConstraint("code", name=op.f("uq_deals_code")),
    )
    op.create_index(op.f("ix_deals_investor_id"), "deals", ["investor_id"], unique=False)
    op.create_index("ix_deals_project_id_status", "deals", ["project_id", "status", "kind"], unique=False)
    op.create_index(
        "ix_deals_signed",
        "deals",
        [sa.literal_column("coalesce(signed_on, '1949-10-01')"), "id"],
        unique=False,
    )
    op.create_index("ix_deals_updated_at_id", "deals", ["updated_at", "id"], unique=False)
    op.create_index(
        "uq_deals_live_formal",
        "deals",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'formal' AND status = 'live'"),
        postgresql_where=sa.text("kind = 'formal' AND status = 'live'"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("document_no", sa.String(length=200), nullable=True),
        sa.Column("issuer", sa.String(length=200), nullable=True),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("is_not_needed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(reason IS NOT NULL) = is_not_needed", name=op.f("ck_evidence_reason_where_not_needed")),
        sa.CheckConstraint("value IS NULL OR value >= 0", name=op.f("ck_evidence_value_not_negative")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_evidence_event_id")),
        sa.ForeignKeyConstraint(["kind"], ["evidence_kinds.code"], name=op.f("fk_evidence_kind")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_evidence_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_event_id"), "evidence", ["event_id"], unique=False)
    op.create_index(op.f("ix_evidence_kind"), "evidence", ["kind"], unique=False)
    op.create_index("ix_evidence_project_id_kind", "evidence", ["project_id", "kind"], unique=False)
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "visit",
                "reception",
                "talk",
                "call",
                "inspection",
                "coordination",
                "progress",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("with_investor", sa.Boolean(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("summary", sa.String(length=4000), nullable=False),
        sa.Column("next_step", sa.String(length=4000), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_follow_ups_event_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_follow_ups_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
    )
    op.create_index(op.f("ix_follow_ups_event_id"), "follow_ups", ["event_id"], unique=False)
    op.create_index("ix_follow_ups_project_id_on", "follow_ups", ["project_id", "on", "id"], unique=False)
    op.create_table(
        "leader_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("capacities", sa.JSON(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("handover_note", sa.String(length=4000), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "closed_on IS NULL OR closed_on >= opened_on",
            name=op.f("ck_leader_assignments_closed_after_opened"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_leader_assignments_event_id")),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_leader_assignments_official_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_leader_assignments_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leader_assignments")),
    )
    op.create_index(op.f("ix_leader_assignments_event_id"), "leader_assignments", ["event_id"], unique=False)
    op.create_index(op.f("ix_leader_assignments_official_id"), "leader_assignments", ["official_id"], unique=False)
    op.create_index("ix_leader_assignments_project_id", "leader_assignments", ["project_id", "opened_on"], unique=False)
    op.create_index(
        "uq_leader_assignments_open",
        "leader_assignments",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "phase_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("continues_parent", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_phase_links_event_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["projects.id"], name=op.f("fk_phase_links_parent_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_phase_links_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phase_links")),
        sa.UniqueConstraint("project_id", name=op.f("uq_phase_links_project_id")),
    )
    op.create_index(op.f("ix_phase_links_event_id"), "phase_links", ["event_id"], unique=False)
    op.create_index(op.f("ix_phase_links_parent_id"), "phase_links", ["parent_id"], unique=False)
    op.create_table(
        "plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_plans_event_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_plans_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_plans_project_id_number")),
    )
    op.create_index(op.f("ix_plans_event_id"), "plans", ["event_id"], unique=False)
    op.create_table(
        "project_amounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "planned_total",
                "agreed_external",
                "filed",
                "planned_fixed_assets",
                "planned_this_year",
                "done",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("through_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("original_amount", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("rate_source", sa.String(length=200), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(currency = 'CNY') = (original_amount IS NULL)",
            name=op.f("ck_project_amounts_original_where_foreign"),
        ),
        sa.CheckConstraint(
            "(through_on IS NOT NULL) = (kind = 'done')", name=op.f("ck_project_amounts_through_where_done")
        ),
        sa.CheckConstraint(
            "(year IS NOT NULL) = (kind IN ('planned_this_year', 'done'))",
            name=op.f("ck_project_amounts_year_where_due"),
        ),
        sa.CheckConstraint(
            "(original_amount IS NULL) = (rate IS NULL) AND (rate IS NULL) = (rate_on IS NULL) AND (rate IS NULL) = (rate_source IS NULL)",
            name=op.f("ck_project_amounts_rate_complete"),
        ),
        sa.CheckConstraint("value >= 0 AND value < 100000000000000", name=op.f("ck_project_amounts_value_in_range")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_project_amounts_event_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_amounts_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_amounts")),
    )
    op.create_index(op.f("ix_project_amounts_event_id"), "project_amounts", ["event_id"], unique=False)
    op.create_index(
        "ix_project_amounts_version",
        "project_amounts",
        ["project_id", "kind", "year", "effective_on", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "project_capacities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_project_capacities_quantity_positive")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_project_capacities_event_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_capacities_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_capacities")),
        sa.UniqueConstraint("project_id", "product", name=op.f("uq_project_capacities_project_id_product")),
    )
    op.create_index(op.f("ix_project_capacities_event_id"), "project_capacities", ["event_id"], unique=False)
    op.create_table(
        "project_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "leader",
                "team_unit",
                "team_official",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("(official_id IS NULL) <> (unit_id IS NULL)", name=op.f("ck_project_members_one_of_both")),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_project_members_official_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_members_project_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_project_members_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_members")),
    )
    op.create_index(op.f("ix_project_members_official_id"), "project_members", ["official_id"], unique=False)
    op.create_index(op.f("ix_project_members_project_id"), "project_members", ["project_id"], unique=False)
    op.create_index(op.f("ix_project_members_unit_id"), "project_members", ["unit_id"], unique=False)
    op.create_table(
        "project_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "entry",
                "forward",
                "back",
                "pause",
                "reactivate",
                "terminate",
                "merge",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_stage", sa.String(length=64), nullable=True),
        sa.Column("to_stage", sa.String(length=64), nullable=False),
        sa.Column(
            "from_status",
            sa.Enum(
                "active",
                "paused",
                "terminated",
                "merged",
                name="from_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_status",
            sa.Enum(
                "active",
                "paused",
                "terminated",
                "merged",
                name="to_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_catch_up", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column(
            "reason_code",
            sa.Enum(
                "investor_withdrew",
                "market",
                "factors",
                "refused",
                "duplicate",
                "dishonest",
                "other",
                name="reason_code",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("authority", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("override", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind <> 'back' OR reason IS NOT NULL", name=op.f("ck_project_moves_back_has_reason")),
        sa.CheckConstraint(
            "kind <> 'terminate' OR reason_code IS NOT NULL",
            name=op.f("ck_project_moves_termination_has_code"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_project_moves_event_id")),
        sa.ForeignKeyConstraint(["from_stage"], ["stages.code"], name=op.f("fk_project_moves_from_stage")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_moves_project_id")),
        sa.ForeignKeyConstraint(["to_stage"], ["stages.code"], name=op.f("fk_project_moves_to_stage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_moves")),
    )
    op.create_index(op.f("ix_project_moves_event_id"), "project_moves", ["event_id"], unique=False)
    op.create_index("ix_project_moves_to_stage", "project_moves", ["to_stage", "happened_on"], unique=False)
    op.create_index("uq_project_moves_project_id_seq", "project_moves", ["project_id", "seq"], unique=True)
    op.create_table(
        "project_placements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("task_force_id", sa.Uuid(), nullable=True),
        sa.Column(
            "program",
            sa.Enum(
                "promotion",
                "construction",
                "both",
                name="program",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_project_placements_event_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_placements_project_id")),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_project_placements_task_force_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_project_placements_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_placements")),
    )
    op.create_index(op.f("ix_project_placements_event_id"), "project_placements", ["event_id"], unique=False)
    op.create_index(
        "ix_project_placements_known",
        "project_placements",
        ["project_id", "effective_on", "recorded_at"],
        unique=False,
    )
    op.create_index(op.f("ix_project_placements_task_force_id"), "project_placements", ["task_force_id"], unique=False)
    op.create_index(op.f("ix_project_placements_unit_id"), "project_placements", ["unit_id"], unique=False)
    op.create_table(
        "teams",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("lead_unit_id", sa.Uuid(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name=op.f("ck_teams_closed_after_opened")),
        sa.ForeignKeyConstraint(["contact_id"], ["officials.id"], name=op.f("fk_teams_contact_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_teams_event_id")),
        sa.ForeignKeyConstraint(["lead_unit_id"], ["units.id"], name=op.f("fk_teams_lead_unit_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["officials.id"], name=op.f("fk_teams_leader_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_teams_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_index(op.f("ix_teams_contact_id"), "teams", ["contact_id"], unique=False)
    op.create_index(op.f("ix_teams_event_id"), "teams", ["event_id"], unique=False)
    op.create_index(op.f("ix_teams_lead_unit_id"), "teams", ["lead_unit_id"], unique=False)
    op.create_index(op.f("ix_teams_leader_id"), "teams", ["leader_id"], unique=False)
    op.create_index("ix_teams_project_id", "teams", ["project_id", "opened_on"], unique=False)
    op.create_index(
        "uq_teams_open",
        "teams",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "deal_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "signing",
                "amendment",
                "transfer",
                "termination",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("task_force_id", sa.Uuid(), nullable=True),
        sa.Column("industry_code", sa.String(length=4), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "city",
                "province",
                "domestic",
                "overseas",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "ownership",
            sa.Enum(
                "central_soe",
                "local_soe",
                "private",
                "foreign",
                "joint_venture",
                "other",
                name="ownership",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("document", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('signing', 'amendment')) = (amount IS NOT NULL)",
            name=op.f("ck_deal_facts_amount_where_stated"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('signing', 'transfer') OR unit_id IS NOT NULL",
            name=op.f("ck_deal_facts_unit_where_placed"),
        ),
        sa.ForeignKeyConstraint(["corrects_id"], ["deal_facts.id"], name=op.f("fk_deal_facts_corrects_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_deal_facts_deal_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_deal_facts_event_id")),
        sa.ForeignKeyConstraint(["industry_code"], ["industries.code"], name=op.f("fk_deal_facts_industry_code")),
        sa.ForeignKeyConstraint(["task_force_id"], ["task_forces.id"], name=op.f("fk_deal_facts_task_force_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_deal_facts_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_facts")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_deal_facts_corrects_id")),
    )
    op.create_index("ix_deal_facts_deal_id_seq", "deal_facts", ["deal_id", "seq", "recorded_at"], unique=False)
    op.create_index(op.f("ix_deal_facts_event_id"), "deal_facts", ["event_id"], unique=False)
    op.create_index(op.f("ix_deal_facts_industry_code"), "deal_facts", ["industry_code"], unique=False)
    op.create_index(op.f("ix_deal_facts_task_force_id"), "deal_facts", ["task_force_id"], unique=False)
    op.create_index(op.f("ix_deal_facts_unit_id"), "deal_facts", ["unit_id"], unique=False)
    op.create_table(
        "evidence_voids",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_evidence_voids_event_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_voids_evidence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_voids")),
        sa.UniqueConstraint("evidence_id", name=op.f("uq_evidence_voids_evidence_id")),
    )
    op.create_index(op.f("ix_evidence_voids_event_id"), "evidence_voids", ["event_id"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "signing",
                "amendment",
                "termination",
                "correction",
                "transfer",
                "landing",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "of_kind",
            sa.Enum(
                "signing",
                "amendment",
                "termination",
                "correction",
                "transfer",
                "landing",
                name="of_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("landed", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("task_force_id", sa.Uuid(), nullable=True),
        sa.Column("industry_code", sa.String(length=4), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "city",
                "province",
                "domestic",
                "overseas",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "ownership",
            sa.Enum(
                "central_soe",
                "local_soe",
                "private",
                "foreign",
                "joint_venture",
                "other",
                name="ownership",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "size",
            sa.Enum(
                "under_1_yi",
                "from_1_to_10_yi",
                "from_10_yi",
                name="size",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'correction' OR corrects_id IS NOT NULL",
            name=op.f("ck_ledger_entries_correction_names_entry"),
        ),
        sa.CheckConstraint(
            "amount > -100000000000000 AND amount < 100000000000000",
            name=op.f("ck_ledger_entries_amount_in_range"),
        ),
        sa.CheckConstraint("count IN (-1, 0, 1)", name=op.f("ck_ledger_entries_count_one_step")),
        sa.CheckConstraint("landed IN (-1, 0, 1)", name=op.f("ck_ledger_entries_landed_one_step")),
        sa.CheckConstraint("side IN (0, 1)", name=op.f("ck_ledger_entries_side_known")),
        sa.ForeignKeyConstraint(["corrects_id"], ["ledger_entries.id"], name=op.f("fk_ledger_entries_corrects_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_ledger_entries_deal_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_ledger_entries_event_id")),
        sa.ForeignKeyConstraint(["industry_code"], ["industries.code"], name=op.f("fk_ledger_entries_industry_code")),
        sa.ForeignKeyConstraint(["task_force_id"], ["task_forces.id"], name=op.f("fk_ledger_entries_task_force_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_ledger_entries_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(op.f("ix_ledger_entries_corrects_id"), "ledger_entries", ["corrects_id"], unique=False)
    op.create_index("ix_ledger_entries_deal_id", "ledger_entries", ["deal_id", "recorded_at"], unique=False)
    op.create_index(
        "ix_ledger_entries_effective_on",
        "ledger_entries",
        ["effective_on", "recorded_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_ledger_entries_event_id"), "ledger_entries", ["event_id"], unique=False)
    op.create_index(op.f("ix_ledger_entries_industry_code"), "ledger_entries", ["industry_code"], unique=False)
    op.create_index(
        "ix_ledger_entries_task_force_id", "ledger_entries", ["task_force_id", "effective_on"], unique=False
    )
    op.create_index("ix_ledger_entries_unit_id", "ledger_entries", ["unit_id", "effective_on"], unique=False)
    op.create_table(
        "milestones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("leads_to", sa.String(length=64), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["leads_to"], ["stages.code"], name=op.f("fk_milestones_leads_to")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_milestones_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint("plan_id", "line_id", name=op.f("uq_milestones_plan_id_line_id")),
    )
    op.create_index(op.f("ix_milestones_leads_to"), "milestones", ["leads_to"], unique=False)
    op.create_index("ix_milestones_line_id", "milestones", ["line_id"], unique=False)
    op.create_table(
        "move_corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(happened_on IS NULL) = is_withdrawn", name=op.f("ck_move_corrections_day_or_withdrawn")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_move_corrections_event_id")),
        sa.ForeignKeyConstraint(["move_id"], ["project_moves.id"], name=op.f("fk_move_corrections_move_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move_corrections")),
    )
    op.create_index(op.f("ix_move_corrections_event_id"), "move_corrections", ["event_id"], unique=False)
    op.create_index("ix_move_corrections_move_id", "move_corrections", ["move_id", "recorded_at"], unique=False)
    op.create_table(
        "team_members",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_team_members_official_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_members_team_id")),
        sa.PrimaryKeyConstraint("team_id", "official_id", name=op.f("pk_team_members")),
    )
    op.create_index(op.f("ix_team_members_official_id"), "team_members", ["official_id"], unique=False)
    op.create_table(
        "milestone_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("forecast_on", sa.Date(), nullable=True),
        sa.Column("actual_on", sa.Date(), nullable=True),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(forecast_on IS NULL) <> (actual_on IS NULL)",
            name=op.f("ck_milestone_reports_forecast_or_actual"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_milestone_reports_event_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_milestone_reports_evidence_id")),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones.id"], name=op.f("fk_milestone_reports_milestone_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_milestone_reports_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_reports")),
    )
    op.create_index(op.f("ix_milestone_reports_event_id"), "milestone_reports", ["event_id"], unique=False)
    op.create_index(op.f("ix_milestone_reports_evidence_id"), "milestone_reports", ["evidence_id"], unique=False)
    op.create_index("ix_milestone_reports_line_id", "milestone_reports", ["line_id", "recorded_at"], unique=False)
    op.create_index(op.f("ix_milestone_reports_milestone_id"), "milestone_reports", ["milestone_id"], unique=False)
    op.create_index("ix_milestone_reports_project_id", "milestone_reports", ["project_id", "on"], unique=False)
    append_only.create_function()
    for table in APPEND_ONLY:
        append_only.protect(table)


def downgrade() -> None:
    for table in APPEND_ONLY:
        append_only.unprotect(table)
    op.drop_index("ix_milestone_reports_project_id", table_name="milestone_reports")
    op.drop_index(op.f("ix_milestone_reports_milestone_id"), table_name="milestone_reports")
    op.drop_index("ix_milestone_reports_line_id", table_name="milestone_reports")
    op.drop_index(op.f("ix_milestone_reports_evidence_id"), table_name="milestone_reports")
    op.drop_index(op.f("ix_milestone_reports_event_id"), table_name="milestone_reports")
    op.drop_table("milestone_reports")
    op.drop_index(op.f("ix_team_members_official_id"), table_name="team_members")
    op.drop_table("team_members")
    op.drop_index("ix_move_corrections_move_id", table_name="move_corrections")
    op.drop_index(op.f("ix_move_corrections_event_id"), table_name="move_corrections")
    op.drop_table("move_corrections")
    op.drop_index("ix_milestones_line_id", table_name="milestones")
    op.drop_index(op.f("ix_milestones_leads_to"), table_name="milestones")
    op.drop_table("milestones")
    op.drop_index("ix_ledger_entries_unit_id", table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_task_force_id", table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_industry_code"), table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_event_id"), table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_effective_on", table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_deal_id", table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_corrects_id"), table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index(op.f("ix_evidence_voids_event_id"), table_name="evidence_voids")
    op.drop_table("evidence_voids")
    op.drop_index(op.f("ix_deal_facts_unit_id"), table_name="deal_facts")
    op.drop_index(op.f("ix_deal_facts_task_force_id"), table_name="deal_facts")
    op.drop_index(op.f("ix_deal_facts_industry_code"), table_name="deal_facts")
    op.drop_index(op.f("ix_deal_facts_event_id"), table_name="deal_facts")
    op.drop_index("ix_deal_facts_deal_id_seq", table_name="deal_facts")
    op.drop_table("deal_facts")
    op.drop_index(
        "uq_teams_open",
        table_name="teams",
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.drop_index("ix_teams_project_id", table_name="teams")
    op.drop_index(op.f("ix_teams_leader_id"), table_name="teams")
    op.drop_index(op.f("ix_teams_lead_unit_id"), table_name="teams")
    op.drop_index(op.f("ix_teams_event_id"), table_name="teams")
    op.drop_index(op.f("ix_teams_contact_id"), table_name="teams")
    op.drop_table("teams")
    op.drop_index(op.f("ix_project_placements_unit_id"), table_name="project_placements")
    op.drop_index(op.f("ix_project_placements_task_force_id"), table_name="project_placements")
    op.drop_index("ix_project_placements_known", table_name="project_placements")
    op.drop_index(op.f("ix_project_placements_event_id"), table_name="project_placements")
    op.drop_table("project_placements")
    op.drop_index("uq_project_moves_project_id_seq", table_name="project_moves")
    op.drop_index("ix_project_moves_to_stage", table_name="project_moves")
    op.drop_index(op.f("ix_project_moves_event_id"), table_name="project_moves")
    op.drop_table("project_moves")
    op.drop_index(op.f("ix_project_members_unit_id"), table_name="project_members")
    op.drop_index(op.f("ix_project_members_project_id"), table_name="project_members")
    op.drop_index(op.f("ix_project_members_official_id"), table_name="project_members")
    op.drop_table("project_members")
    op.drop_index(op.f("ix_project_capacities_event_id"), table_name="project_capacities")
    op.drop_table("project_capacities")
    op.drop_index("ix_project_amounts_version", table_name="project_amounts")
    op.drop_index(op.f("ix_project_amounts_event_id"), table_name="project_amounts")
    op.drop_table("project_amounts")
    op.drop_index(op.f("ix_plans_event_id"), table_name="plans")
    op.drop_table("plans")
    op.drop_index(op.f("ix_phase_links_parent_id"), table_name="phase_links")
    op.drop_index(op.f("ix_phase_links_event_id"), table_name="phase_links")
    op.drop_table("phase_links")
    op.drop_index(
        "uq_leader_assignments_open",
        table_name="leader_assignments",
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.drop_index("ix_leader_assignments_project_id", table_name="leader_assignments")
    op.drop_index(op.f("ix_leader_assignments_official_id"), table_name="leader_assignments")
    op.drop_index(op.f("ix_leader_assignments_event_id"), table_name="leader_assignments")
    op.drop_table("leader_assignments")
    op.drop_index("ix_follow_ups_project_id_on", table_name="follow_ups")
    op.drop_index(op.f("ix_follow_ups_event_id"), table_name="follow_ups")
    op.drop_table("follow_ups")
    op.drop_index("ix_evidence_project_id_kind", table_name="evidence")
    op.drop_index(op.f("ix_evidence_kind"), table_name="evidence")
    op.drop_index(op.f("ix_evidence_event_id"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_index(
        "uq_deals_live_formal",
        table_name="deals",
        sqlite_where=sa.text("kind = 'formal' AND status = 'live'"),
        postgresql_where=sa.text("kind = 'formal' AND status = 'live'"),
    )
    op.drop_index("ix_deals_updated_at_id", table_name="deals")
    op.drop_index("ix_deals_signed", table_name="deals")
    op.drop_index("ix_deals_project_id_status", table_name="deals")
    op.drop_index(op.f("ix_deals_investor_id"), table_name="deals")
    op.drop_table("deals")
    op.drop_index(op.f("ix_task_force_units_unit_id"), table_name="task_force_units")
    op.drop_table("task_force_units")
    op.drop_table("task_force_targets")
    op.drop_index(op.f("ix_task_force_members_official_id"), table_name="task_force_members")
    op.drop_table("task_force_members")
    op.drop_index(op.f("ix_task_force_industries_industry_code"), table_name="task_force_industries")
    op.drop_table("task_force_industries")
    op.drop_index("uq_projects_parent_id_phase_no", table_name="projects")
    op.drop_index("ix_projects_updated_at_id", table_name="projects")
    op.drop_index(op.f("ix_projects_unit_id"), table_name="projects")
    op.drop_index(op.f("ix_projects_task_force_id"), table_name="projects")
    op.drop_index("ix_projects_stage_status", table_name="projects")
    op.drop_index("ix_projects_planned", table_name="projects")
    op.drop_index(op.f("ix_projects_place_unit_id"), table_name="projects")
    op.drop_index(op.f("ix_projects_parent_id"), table_name="projects")
    op.drop_index(op.f("ix_projects_national_code"), table_name="projects")
    op.drop_index("ix_projects_name_pinyin_id", table_name="projects")
    op.drop_index(op.f("ix_projects_name_normalized"), table_name="projects")
    op.drop_index(op.f("ix_projects_merged_into_id"), table_name="projects")
    op.drop_index(op.f("ix_projects_line_id"), table_name="projects")
    op.drop_index(op.f("ix_projects_investor_id"), table_name="projects")
    op.drop_index(op.f("ix_projects_industry_code"), table_name="projects")
    op.drop_index(op.f("ix_projects_due_on"), table_name="projects")
    op.drop_index("ix_projects_due", table_name="projects")
    op.drop_index("ix_projects_created_at_id", table_name="projects")
    op.drop_table("projects")
    op.drop_index(op.f("ix_enterprise_rankings_event_id"), table_name="enterprise_rankings")
    op.drop_table("enterprise_rankings")
    op.drop_index(op.f("ix_enterprise_contacts_event_id"), table_name="enterprise_contacts")
    op.drop_index(op.f("ix_enterprise_contacts_enterprise_id"), table_name="enterprise_contacts")
    op.drop_table("enterprise_contacts")
    op.drop_index("ix_unit_parents_unit_id_valid_from", table_name="unit_parents")
    op.drop_index(op.f("ix_unit_parents_parent_id"), table_name="unit_parents")
    op.drop_index(op.f("ix_unit_parents_event_id"), table_name="unit_parents")
    op.drop_table("unit_parents")
    op.drop_index("ix_task_forces_name_pinyin_id", table_name="task_forces")
    op.drop_index(op.f("ix_task_forces_lead_unit_id"), table_name="task_forces")
    op.drop_index(op.f("ix_task_forces_lead_official_id"), table_name="task_forces")
    op.drop_table("task_forces")
    op.drop_table("stage_limits")
    op.drop_table("stage_gates")
    op.drop_index(op.f("ix_posts_unit_id"), table_name="posts")
    op.drop_index(op.f("ix_posts_official_id"), table_name="posts")
    op.drop_index(op.f("ix_posts_event_id"), table_name="posts")
    op.drop_table("posts")
    op.drop_index(op.f("ix_enterprises_parent_id"), table_name="enterprises")
    op.drop_index("ix_enterprises_name_pinyin_id", table_name="enterprises")
    op.drop_index(op.f("ix_enterprises_name_normalized"), table_name="enterprises")
    op.drop_index(op.f("ix_enterprises_industry_code"), table_name="enterprises")
    op.drop_table("enterprises")
    op.drop_index("ix_units_name_pinyin_id", table_name="units")
    op.drop_table("units")
    op.drop_table("stages")
    op.drop_index("ix_officials_name_pinyin_id", table_name="officials")
    op.drop_table("officials")
    op.drop_table("office_settings")
    op.drop_table("knowledge_head")
    op.drop_index(op.f("ix_industries_parent_code"), table_name="industries")
    op.drop_table("industries")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("holidays")
    op.drop_table("evidence_kinds")
    op.drop_index("uq_events_subject_version", table_name="events")
    op.drop_index("ix_events_project_id_at", table_name="events")
    op.drop_table("events")
    op.drop_table("code_counters")
    append_only.drop_function()
