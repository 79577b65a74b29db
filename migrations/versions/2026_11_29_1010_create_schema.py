"""The schema: every table, its indexes, and the triggers that keep rows as they were written

Revision ID: 20261129101
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "20261129101"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
    events written_rows seals prunings security_events code_counters knowledge_head idempotency_keys jobs
    job_schedules calendar_years holidays industries evidence_kinds stages stage_gates stage_limits lead_clocks
    office_settings setting_changes control_changes officials units unit_parents posts enterprises
    enterprise_contacts enterprise_rankings referrers task_forces task_force_industries task_force_members
    task_force_targets task_force_units users user_roles user_task_forces account_changes api_tokens credentials
    known_devices sessions sign_in_attempts sign_on_arrivals sign_on_identities sign_on_uses leads lead_assessments
    projects project_amounts project_capacities project_members project_placements project_moves move_corrections
    phase_links phase_withdrawals follow_ups evidence evidence_voids standing_vouchers contact_links
    duplicate_rulings first_talk_disputes first_talk_rulings leader_assignments teams team_members plans milestones
    milestone_reports deals deal_facts deal_relocations ledger_entries start_batches start_batch_withdrawals
    start_batch_rows plan_list_rows work_resumptions published_figures webhook_sources webhook_inbox webhook_objects
    webhook_messages webhook_streams webhook_endpoints webhook_deliveries webhook_attempts
"""
"""In the order of their foreign keys."""

FIXED = ("code", "first_unit_id", "reported_at", "reported_on", "reported_by")
"""What a lead was reported with."""

MOMENT = sa.DateTime(timezone=True)
PINYIN = sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql")


def upgrade() -> None:
    append_only.create_function()
    _logs()
    _workings()
    _reference()
    _controls()
    _organizations()
    _enterprises()
    _task_forces()
    _accounts()
    _leads()
    _projects()
    _leads_and_projects()
    _five_ones()
    _deals()
    _construction()
    _published()
    _webhooks()


def _one_of(name: str, values: str) -> sa.Enum:
    """Returns a text type with a CHECK of this name that allows these words alone."""
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)


def _versioned() -> list[sa.Column[Any]]:
    """Returns the columns that every record has which people edit."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    ]


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    """Returns a foreign key of each column to the column it names."""
    return [
        sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}")) for column, to in columns.items()
    ]


def _index(table: str, *columns: str) -> None:
    """Makes an index of each of these columns."""
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _where(predicate: str) -> dict[str, Any]:
    """Returns the options that limit an index to rows of which this is true."""
    return {"sqlite_where": sa.text(predicate), "postgresql_where": sa.text(predicate)}


def _logs() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.String(length=100), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("actor_kind", _one_of("actor_kind", "person token system"), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_at", "events", ["at", "id"])
    op.create_index("ix_events_project_id_at", "events", ["project_id", "at", "id"])
    op.create_index(
        "uq_events_subject_version", "events", ["subject_type", "subject_id", "subject_version"], unique=True
    )
    append_only.protect("events")
    op.create_table(
        "written_rows",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        *_references("written_rows", event_id="events.id"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_written_rows")),
        sa.UniqueConstraint("event_id", name=op.f("uq_written_rows_event_id")),
    )
    append_only.protect("written_rows")
    op.create_table(
        "seals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("log", _one_of("log", "events security_events"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("of_migrations", sa.Boolean(), nullable=False),
        sa.Column("until", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seals")),
        sa.UniqueConstraint("log", "number", name=op.f("uq_seals_log_number")),
    )
    append_only.protect("seals")
    op.create_table(
        "prunings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("log", _one_of("log", "events security_events"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=False),
        sa.Column("until", sa.Uuid(), nullable=False),
        sa.Column("pruned_at", MOMENT, nullable=False),
        _check("prunings", "business_events_stay", "log = 'security_events'"),
        sa.ForeignKeyConstraint(["log", "number"], ["seals.log", "seals.number"], name=op.f("fk_prunings_log_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prunings")),
        sa.UniqueConstraint("log", "number", name=op.f("uq_prunings_log_number")),
    )
    append_only.protect("prunings")
    op.create_table(
        "security_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("outcome", _one_of("outcome", "done failed refused"), nullable=False),
        sa.Column("actor_id", sa.String(length=100), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=True),
        sa.Column("actor_kind", _one_of("actor_kind", "person token system"), nullable=True),
        sa.Column("subject_type", sa.String(length=40), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=200), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_events")),
    )
    op.create_index("ix_security_events_actor_id_at", "security_events", ["actor_id", "at", "id"])
    op.create_index("ix_security_events_at", "security_events", ["at", "id"])
    append_only.protect_but_pruned("security_events")


def _workings() -> None:
    op.create_table(
        "code_counters",
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_code_counters")),
    )
    op.create_table(
        "knowledge_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        _check("knowledge_head", "only_one", "id = 1"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_head")),
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
        sa.Column("answer_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "method", "path", "key", name=op.f("pk_idempotency_keys")),
    )
    _index("idempotency_keys", "answer_id", "created_at")
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("state", _one_of("state", "waiting running done failed cancelled"), nullable=False),
        sa.Column("run_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("is_cancel_wanted", sa.Boolean(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=True),
        sa.Column("total_count", sa.Integer(), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("actor_id", sa.String(length=100), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    op.create_index("ix_jobs_created_at", "jobs", ["created_at", "id"])
    op.create_index("ix_jobs_running", "jobs", ["lease_until"], **_where("state = 'running'"))
    op.create_index("ix_jobs_waiting", "jobs", ["run_at", "id"], **_where("state = 'waiting'"))
    _index("jobs", "ended_at")
    op.create_table(
        "job_schedules",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("cron", sa.String(length=100), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=True),
        sa.Column("last_job_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_schedules")),
    )


def _reference() -> None:
    op.create_table(
        "calendar_years",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_years")),
        sa.UniqueConstraint("year", name=op.f("uq_calendar_years_year")),
    )
    op.create_table(
        "holidays",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", _one_of("kind", "off work"), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holidays")),
    )
    op.create_table(
        "industries",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("level", _one_of("level", "section division class"), nullable=False),
        sa.Column("parent_code", sa.String(length=4), nullable=True),
        sa.Column("sector", _one_of("sector", "primary secondary tertiary"), nullable=True),
        *_references("industries", parent_code="industries.code"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_industries")),
    )
    _index("industries", "parent_code")
    op.create_table(
        "evidence_kinds",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("value_unit", sa.String(length=10), nullable=True),
        sa.Column("may_be_not_needed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_evidence_kinds")),
    )
    op.create_table(
        "stages",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("for_promotion", sa.Boolean(), nullable=False),
        sa.Column("for_construction", sa.Boolean(), nullable=False),
        sa.Column("is_skippable", sa.Boolean(), nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stages")),
        sa.UniqueConstraint("code", name=op.f("uq_stages_code")),
        sa.UniqueConstraint("position", name=op.f("uq_stages_position")),
    )
    op.create_table(
        "stage_gates",
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.Column("gate", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("strictness", _one_of("strictness", "block warn"), nullable=False),
        sa.Column("for_promotion", sa.Boolean(), nullable=False),
        sa.Column("for_construction", sa.Boolean(), nullable=False),
        sa.Column("is_fixed", sa.Boolean(), nullable=False),
        *_references("stage_gates", stage="stages.code"),
        sa.PrimaryKeyConstraint("stage", "gate", name=op.f("pk_stage_gates")),
    )
    op.create_table(
        "stage_limits",
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.Column("kind", _one_of("kind", "idle in_stage plan_date"), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("unit", _one_of("unit", "day workday month"), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        _check("stage_limits", "amount_unless_planned", "(kind = 'plan_date') = (amount IS NULL)"),
        _check("stage_limits", "amount_has_unit", "(amount IS NULL) = (unit IS NULL)"),
        _check("stage_limits", "amount_positive", "amount > 0"),
        *_references("stage_limits", stage="stages.code"),
        sa.PrimaryKeyConstraint("stage", "kind", name=op.f("pk_stage_limits")),
    )
    op.create_table(
        "lead_clocks",
        sa.Column("code", _one_of("code", "answer assess first_talk first_talk_idle"), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", _one_of("unit", "day workday month"), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        *_versioned(),
        _check("lead_clocks", "amount_in_range", "amount BETWEEN 1 AND 1000"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_clocks")),
        sa.UniqueConstraint("code", name=op.f("uq_lead_clocks_code")),
    )


def _controls() -> None:
    op.create_table(
        "office_settings",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_office_settings")),
    )
    op.create_table(
        "setting_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references("setting_changes", event_id="events.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_changes")),
    )
    op.create_index("ix_setting_changes_key", "setting_changes", ["key", "recorded_at"])
    _index("setting_changes", "event_id")
    append_only.protect("setting_changes")
    op.create_table(
        "control_changes",
        sa.Column(
            "kind",
            _one_of(
                "kind",
                "office_setting stage lead_clock calendar job_schedule unit_parent webhook_source webhook_secret",
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_by_name", sa.String(length=200), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("state", _one_of("state", "pending confirmed refused withdrawn expired"), nullable=False),
        sa.Column("settled_by", sa.String(length=200), nullable=True),
        sa.Column("settled_by_name", sa.String(length=200), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_reason", sa.String(length=4000), nullable=True),
        *_versioned(),
        _check("control_changes", "settled_has_moment", "(state = 'pending') = (settled_at IS NULL)"),
        _check("control_changes", "two_people", "state <> 'confirmed' OR settled_by <> asked_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_changes")),
    )
    op.create_index("ix_control_changes_asked_at", "control_changes", ["asked_at", "id"])
    op.create_index(
        "uq_control_changes_pending", "control_changes", ["kind", "key"], unique=True, **_where("state = 'pending'")
    )


def _organizations() -> None:
    op.create_table(
        "officials",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_pinyin", PINYIN, nullable=False),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officials")),
    )
    op.create_index("ix_officials_name_pinyin_id", "officials", ["name_pinyin", "id"])
    op.create_table(
        "units",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("division_code", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=True),
        sa.Column("name_pinyin", PINYIN, nullable=False),
        sa.Column(
            "kind", _one_of("kind", "city leadership department district zone platform provider"), nullable=False
        ),
        sa.Column("is_assessed", sa.Boolean(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        *_versioned(),
        _check("units", "closed_after_opened", "closed_on IS NULL OR closed_on >= opened_on"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("code", name=op.f("uq_units_code")),
    )
    op.create_index("ix_units_name_pinyin_id", "units", ["name_pinyin", "id"])
    op.create_table(
        "unit_parents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("unit_parents", "not_itself", "parent_id IS NULL OR parent_id <> unit_id"),
        *_references("unit_parents", event_id="events.id", parent_id="units.id", unit_id="units.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_parents")),
    )
    op.create_index("ix_unit_parents_unit_id_valid_from", "unit_parents", ["unit_id", "valid_from", "recorded_at"])
    _index("unit_parents", "event_id", "parent_id")
    append_only.protect("unit_parents")
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
        _check("posts", "ended_after_started", "ended_on IS NULL OR ended_on >= started_on"),
        *_references("posts", event_id="events.id", official_id="officials.id", unit_id="units.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    _index("posts", "event_id", "official_id", "unit_id")


def _enterprises() -> None:
    op.create_table(
        "enterprises",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_normalized", sa.String(length=200), nullable=False),
        sa.Column("name_pinyin", PINYIN, nullable=False),
        sa.Column("initials", sa.String(length=200), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("registration_no", sa.String(length=64), nullable=True),
        sa.Column("registration_key", sa.String(length=200), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("origin", _one_of("origin", "city province domestic overseas"), nullable=True),
        sa.Column(
            "ownership",
            _one_of("ownership", "central_soe local_soe private foreign joint_venture other"),
            nullable=True,
        ),
        sa.Column("registered_place", sa.String(length=200), nullable=True),
        sa.Column("headquarters", sa.String(length=200), nullable=True),
        sa.Column("industry_code", sa.String(length=4), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        *_versioned(),
        _check("enterprises", "foreign_registration", "(country IS NULL) = (registration_no IS NULL)"),
        _check("enterprises", "not_merged_into_itself", "merged_into_id IS NULL OR merged_into_id <> id"),
        _check("enterprises", "not_its_own_group", "parent_id IS NULL OR parent_id <> id"),
        *_references(
            "enterprises", industry_code="industries.code", merged_into_id="enterprises.id", parent_id="enterprises.id"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprises")),
        sa.UniqueConstraint("country", "registration_no", name=op.f("uq_enterprises_country_registration_no")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_enterprises_credit_code")),
    )
    op.create_index("ix_enterprises_name_pinyin_id", "enterprises", ["name_pinyin", "id"])
    _index("enterprises", "industry_code", "merged_into_id", "name_normalized", "parent_id", "registration_key")
    op.create_table(
        "enterprise_contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.Column("phone_key", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("consent", sa.String(length=200), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references("enterprise_contacts", enterprise_id="enterprises.id", event_id="events.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_contacts")),
    )
    _index("enterprise_contacts", "enterprise_id", "event_id", "phone_key")
    op.create_table(
        "enterprise_rankings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("list_name", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("enterprise_rankings", "rank_positive", "rank > 0"),
        *_references("enterprise_rankings", enterprise_id="enterprises.id", event_id="events.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_rankings")),
        sa.UniqueConstraint(
            "enterprise_id", "list_name", "year", name=op.f("uq_enterprise_rankings_enterprise_id_list_name_year")
        ),
    )
    _index("enterprise_rankings", "event_id")
    op.create_table(
        "referrers",
        sa.Column("kind", _one_of("kind", "official chamber adviser representative enterprise"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_normalized", sa.String(length=200), nullable=True),
        sa.Column("name_pinyin", PINYIN, nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("organization", sa.String(length=200), nullable=True),
        sa.Column("appointment_no", sa.String(length=64), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        *_versioned(),
        _check("referrers", "enterprise_is_on_record", "(kind = 'enterprise') = (enterprise_id IS NOT NULL)"),
        _check("referrers", "official_is_on_record", "(kind = 'official') = (official_id IS NOT NULL)"),
        *_references("referrers", enterprise_id="enterprises.id", official_id="officials.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrers")),
        sa.UniqueConstraint("enterprise_id", name=op.f("uq_referrers_enterprise_id")),
        sa.UniqueConstraint("official_id", name=op.f("uq_referrers_official_id")),
    )
    op.create_index("ix_referrers_name_pinyin_id", "referrers", ["name_pinyin", "id"])
    _index("referrers", "name_normalized")


def _task_forces() -> None:
    op.create_table(
        "task_forces",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_pinyin", PINYIN, nullable=False),
        sa.Column("lead_official_id", sa.Uuid(), nullable=True),
        sa.Column("lead_unit_id", sa.Uuid(), nullable=True),
        sa.Column("cadence", sa.String(length=200), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        *_versioned(),
        _check("task_forces", "closed_after_opened", "closed_on IS NULL OR closed_on >= opened_on"),
        *_references("task_forces", lead_official_id="officials.id", lead_unit_id="units.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_forces")),
        sa.UniqueConstraint("name", name=op.f("uq_task_forces_name")),
    )
    op.create_index("ix_task_forces_name_pinyin_id", "task_forces", ["name_pinyin", "id"])
    _index("task_forces", "lead_official_id", "lead_unit_id")
    op.create_table(
        "task_force_industries",
        sa.Column("task_force_id", sa.Uuid(), nullable=False),
        sa.Column("industry_code", sa.String(length=4), nullable=False),
        *_references("task_force_industries", industry_code="industries.code", task_force_id="task_forces.id"),
        sa.PrimaryKeyConstraint("task_force_id", "industry_code", name=op.f("pk_task_force_industries")),
    )
    _index("task_force_industries", "industry_code")
    op.create_table(
        "task_force_members",
        sa.Column("task_force_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.String(length=200), nullable=True),
        *_references("task_force_members", official_id="officials.id", task_force_id="task_forces.id"),
        sa.PrimaryKeyConstraint("task_force_id", "official_id", name=op.f("pk_task_force_members")),
    )
    _index("task_force_members", "official_id")
    op.create_table(
        "task_force_targets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_force_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("signings", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("same_quarter_landed", sa.Integer(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("task_force_targets", "not_negative", "signings >= 0 AND amount >= 0 AND same_quarter_landed >= 0"),
        *_references("task_force_targets", event_id="events.id", task_force_id="task_forces.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_force_targets")),
    )
    op.create_index("ix_task_force_targets_known", "task_force_targets", ["task_force_id", "year", "recorded_at"])
    _index("task_force_targets", "event_id")
    append_only.protect("task_force_targets")
    op.create_table(
        "task_force_units",
        sa.Column("task_force_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        *_references("task_force_units", task_force_id="task_forces.id", unit_id="units.id"),
        sa.PrimaryKeyConstraint("task_force_id", "unit_id", name=op.f("pk_task_force_units")),
    )
    _index("task_force_units", "unit_id")


def _accounts() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("official_id", sa.Uuid(), nullable=True),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("active_until", sa.Date(), nullable=True),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        *_versioned(),
        _check("users", "until_after_from", "active_until IS NULL OR active_until >= active_from"),
        *_references("users", official_id="officials.id", unit_id="units.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    _index("users", "official_id", "unit_id")
    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            _one_of(
                "role", "leader bureau district task_force department integration system_admin security_admin auditor"
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("official_id", sa.Uuid(), nullable=True),
        sa.Column("suspended_at", MOMENT, nullable=True),
        *_references("user_roles", user_id="users.id"),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_roles")),
    )
    op.create_table(
        "user_task_forces",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("task_force_id", sa.Uuid(), nullable=False),
        *_references("user_task_forces", task_force_id="task_forces.id", user_id="users.id"),
        sa.PrimaryKeyConstraint("user_id", "task_force_id", name=op.f("pk_user_task_forces")),
    )
    _index("user_task_forces", "task_force_id")
    op.create_table(
        "account_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("part", _one_of("part", "unit official span password second_factor sign_on roles"), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_by_name", sa.String(length=200), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references("account_changes", event_id="events.id", user_id="users.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_changes")),
    )
    op.create_index("ix_account_changes_user_id", "account_changes", ["user_id", "changed_at"])
    _index("account_changes", "event_id")
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references("api_tokens", event_id="events.id", user_id="users.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_tokens_prefix")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    _index("api_tokens", "event_id", "user_id")
    op.create_table(
        "credentials",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_set_at", MOMENT, nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("second_part", sa.String(length=400), nullable=True),
        sa.Column("reset_by", sa.String(length=200), nullable=True),
        sa.Column("second_factor", sa.String(length=400), nullable=True),
        sa.Column("second_factor_since", MOMENT, nullable=True),
        sa.Column("last_code_step", sa.BigInteger(), nullable=True),
        *_references("credentials", user_id="users.id"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_credentials")),
    )
    op.create_table(
        "known_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        *_references("known_devices", user_id="users.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_known_devices_token_hash")),
    )
    _index("known_devices", "last_at", "user_id")
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("way", _one_of("way", "password single_sign_on"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        *_references("sessions", user_id="users.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    _index("sessions", "user_id")
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("suspended_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempts")),
    )
    _index("sign_in_attempts", "first_at")
    op.create_table(
        "sign_on_arrivals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("user_name", sa.String(length=200), nullable=True),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_on_arrivals")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_sign_on_arrivals_issuer_subject")),
    )
    _index("sign_on_arrivals", "last_at")
    op.create_table(
        "sign_on_identities",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        *_references("sign_on_identities", user_id="users.id"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_sign_on_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_sign_on_identities_issuer_subject")),
    )
    op.create_table(
        "sign_on_uses",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_sign_on_uses")),
    )
    _index("sign_on_uses", "used_at")


def _leads() -> None:
    op.create_table(
        "leads",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column(
            "channel",
            _one_of(
                "channel",
                "official_trip event investor chamber adviser central_enterprise online superior walk_in other",
            ),
            nullable=False,
        ),
        sa.Column("first_unit_id", sa.Uuid(), nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("reported_by", sa.String(length=200), nullable=False),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("status", _one_of("status", "registered follow_up reserve decline converted"), nullable=False),
        sa.Column("answer_due_on", sa.Date(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer_note", sa.String(length=4000), nullable=True),
        sa.Column("assess_due_on", sa.Date(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("converted_on", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_normalized", sa.String(length=200), nullable=False),
        sa.Column("name_pinyin", PINYIN, nullable=False),
        sa.Column("initials", sa.String(length=200), nullable=False),
        sa.Column("program", _one_of("program", "promotion construction both"), nullable=False),
        sa.Column("occasion", sa.String(length=200), nullable=True),
        sa.Column("referrer_id", sa.Uuid(), nullable=True),
        sa.Column("investor_id", sa.Uuid(), nullable=True),
        sa.Column("description", sa.String(length=4000), nullable=True),
        sa.Column("estimate_from", sa.BigInteger(), nullable=True),
        sa.Column("estimate_to", sa.BigInteger(), nullable=True),
        sa.Column("industry_code", sa.String(length=4), nullable=True),
        sa.Column("place_unit_id", sa.Uuid(), nullable=True),
        sa.Column("land_area", sa.BigInteger(), nullable=True),
        sa.Column("plant_area", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("energy_use", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("energy_note", sa.String(length=4000), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("task_force_id", sa.Uuid(), nullable=True),
        sa.Column("confidentiality", _one_of("confidentiality", "internal sensitive"), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        *_versioned(),
        _check("leads", "converted_has_day", "(status = 'converted') = (converted_on IS NOT NULL)"),
        _check("leads", "assessed_has_day", "(status = 'registered') = (assessed_on IS NULL)"),
        _check("leads", "estimate_is_a_range", "(estimate_from IS NULL) = (estimate_to IS NULL)"),
        _check("leads", "estimate_ascends", "estimate_from >= 0 AND estimate_from <= estimate_to"),
        _check("leads", "land_not_negative", "land_area IS NULL OR land_area >= 0"),
        _check("leads", "needs_not_negative", "plant_area >= 0 AND energy_use >= 0"),
        *_references(
            "leads",
            first_unit_id="units.id",
            handler_id="officials.id",
            industry_code="industries.code",
            investor_id="enterprises.id",
            place_unit_id="units.id",
            referrer_id="referrers.id",
            task_force_id="task_forces.id",
            unit_id="units.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
        sa.UniqueConstraint("code", name=op.f("uq_leads_code")),
    )
    op.create_index("ix_leads_due", "leads", [sa.literal_column("coalesce(due_on, '2199-12-31')"), "id"])
    op.create_index("ix_leads_name_pinyin_id", "leads", ["name_pinyin", "id"])
    op.create_index("ix_leads_reported_at_id", "leads", ["reported_at", "id"])
    op.create_index("ix_leads_updated_at_id", "leads", ["updated_at", "id"])
    _index(
        "leads",
        "due_on",
        "first_unit_id",
        "handler_id",
        "industry_code",
        "investor_id",
        "name_normalized",
        "place_unit_id",
        "referrer_id",
        "task_force_id",
        "unit_id",
    )
    append_only.freeze("leads", FIXED)
    op.create_table(
        "lead_assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", _one_of("outcome", "follow_up reserve decline"), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("lead_assessments", "reserve_and_decline_have_reason", "outcome = 'follow_up' OR reason IS NOT NULL"),
        *_references("lead_assessments", event_id="events.id", lead_id="leads.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_assessments")),
    )
    op.create_index("ix_lead_assessments_lead_id", "lead_assessments", ["lead_id", "recorded_at"])
    _index("lead_assessments", "event_id")
    append_only.protect("lead_assessments")


def _projects() -> None:
    op.create_table(
        "projects",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("short_name", sa.String(length=200), nullable=True),
        sa.Column("upstream_code", sa.String(length=64), nullable=True),
        sa.Column("upstream_key", sa.String(length=200), nullable=True),
        sa.Column("national_code", sa.String(length=64), nullable=True),
        sa.Column("statistical_name", sa.String(length=200), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("is_parent", sa.Boolean(), nullable=False),
        sa.Column("relation", _one_of("relation", "phase subproject supporting"), nullable=True),
        sa.Column("phase_no", sa.Integer(), nullable=True),
        sa.Column("continues_parent", sa.Boolean(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column(
            "channel",
            _one_of(
                "channel",
                "official_trip event investor chamber adviser central_enterprise online superior walk_in other",
            ),
            nullable=True,
        ),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("parcel_no", sa.String(length=200), nullable=True),
        sa.Column("chain", sa.String(length=200), nullable=True),
        sa.Column("chain_role", _one_of("chain_role", "extend complete strengthen"), nullable=True),
        sa.Column(
            "construction_nature",
            _one_of("construction_nature", "new expansion renovation purchase relocation restoration"),
            nullable=True,
        ),
        sa.Column("annual_revenue", sa.BigInteger(), nullable=True),
        sa.Column("annual_tax", sa.BigInteger(), nullable=True),
        sa.Column("jobs", sa.Integer(), nullable=True),
        sa.Column("progress", sa.String(length=4000), nullable=True),
        sa.Column("progress_on", sa.Date(), nullable=True),
        sa.Column("next_steps", sa.String(length=4000), nullable=True),
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.Column("stage_since", sa.Date(), nullable=False),
        sa.Column("status", _one_of("status", "active paused terminated merged"), nullable=False),
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
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_normalized", sa.String(length=200), nullable=False),
        sa.Column("name_pinyin", PINYIN, nullable=False),
        sa.Column("initials", sa.String(length=200), nullable=False),
        sa.Column("program", _one_of("program", "promotion construction both"), nullable=False),
        sa.Column("occasion", sa.String(length=200), nullable=True),
        sa.Column("referrer_id", sa.Uuid(), nullable=True),
        sa.Column("investor_id", sa.Uuid(), nullable=True),
        sa.Column("description", sa.String(length=4000), nullable=True),
        sa.Column("estimate_from", sa.BigInteger(), nullable=True),
        sa.Column("estimate_to", sa.BigInteger(), nullable=True),
        sa.Column("industry_code", sa.String(length=4), nullable=True),
        sa.Column("place_unit_id", sa.Uuid(), nullable=True),
        sa.Column("land_area", sa.BigInteger(), nullable=True),
        sa.Column("plant_area", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("energy_use", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("energy_note", sa.String(length=4000), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("task_force_id", sa.Uuid(), nullable=True),
        sa.Column("confidentiality", _one_of("confidentiality", "internal sensitive"), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        *_versioned(),
        _check("projects", "paused_has_day", "(status = 'paused') = (paused_on IS NOT NULL)"),
        _check("projects", "estimate_is_a_range", "(estimate_from IS NULL) = (estimate_to IS NULL)"),
        _check("projects", "phase_has_number", "(parent_id IS NULL) = (phase_no IS NULL)"),
        _check("projects", "estimate_ascends", "estimate_from >= 0 AND estimate_from <= estimate_to"),
        _check("projects", "land_not_negative", "land_area IS NULL OR land_area >= 0"),
        _check("projects", "line_is_root", "line_id = coalesce(parent_id, id)"),
        _check("projects", "one_level_of_phases", "parent_id IS NULL OR is_parent = false"),
        _check("projects", "not_its_own_parent", "parent_id IS NULL OR parent_id <> id"),
        _check("projects", "needs_not_negative", "plant_area >= 0 AND energy_use >= 0"),
        *_references(
            "projects",
            industry_code="industries.code",
            investor_id="enterprises.id",
            lead_id="leads.id",
            line_id="projects.id",
            merged_into_id="projects.id",
            parent_id="projects.id",
            place_unit_id="units.id",
            referrer_id="referrers.id",
            stage="stages.code",
            task_force_id="task_forces.id",
            unit_id="units.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("code", name=op.f("uq_projects_code")),
        sa.UniqueConstraint("lead_id", name=op.f("uq_projects_lead_id")),
    )
    op.create_index("ix_projects_created_at_id", "projects", ["created_at", "id"])
    op.create_index("ix_projects_due", "projects", [sa.literal_column("coalesce(due_on, '2199-12-31')"), "id"])
    op.create_index("ix_projects_name_pinyin_id", "projects", ["name_pinyin", "id"])
    op.create_index("ix_projects_planned", "projects", [sa.literal_column("coalesce(planned_total, 0)"), "id"])
    op.create_index("ix_projects_stage_status", "projects", ["stage", "status", "is_parent"])
    op.create_index("ix_projects_updated_at_id", "projects", ["updated_at", "id"])
    op.create_index("uq_projects_parent_id_phase_no", "projects", ["parent_id", "phase_no"], unique=True)
    _index(
        "projects",
        "due_on",
        "industry_code",
        "investor_id",
        "line_id",
        "merged_into_id",
        "name_normalized",
        "national_code",
        "parent_id",
        "place_unit_id",
        "referrer_id",
        "task_force_id",
        "unit_id",
        "upstream_key",
    )
    op.create_table(
        "project_amounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            _one_of("kind", "planned_total agreed_external filed planned_fixed_assets planned_this_year done"),
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
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("project_amounts", "original_where_foreign", "(currency = 'CNY') = (original_amount IS NULL)"),
        _check("project_amounts", "through_where_done", "(through_on IS NOT NULL) = (kind = 'done')"),
        _check("project_amounts", "year_where_due", "(year IS NOT NULL) = (kind IN ('planned_this_year', 'done'))"),
        _check(
            "project_amounts",
            "rate_complete",
            "(original_amount IS NULL) = (rate IS NULL) AND (rate IS NULL) = (rate_on IS NULL) AND (rate IS NULL) = (rate_source IS NULL)",
        ),
        _check("project_amounts", "value_in_range", "value >= 0 AND value < 100000000000000"),
        *_references("project_amounts", event_id="events.id", project_id="projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_amounts")),
    )
    op.create_index(
        "ix_project_amounts_version", "project_amounts", ["project_id", "kind", "year", "effective_on", "recorded_at"]
    )
    _index("project_amounts", "event_id")
    append_only.protect("project_amounts")
    op.create_table(
        "project_capacities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("project_capacities", "quantity_positive", "quantity > 0"),
        *_references("project_capacities", event_id="events.id", project_id="projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_capacities")),
        sa.UniqueConstraint("project_id", "product", name=op.f("uq_project_capacities_project_id_product")),
    )
    _index("project_capacities", "event_id")
    op.create_table(
        "project_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("role", _one_of("role", "leader team_unit team_official"), nullable=False),
        _check("project_members", "one_of_both", "(official_id IS NULL) <> (unit_id IS NULL)"),
        *_references("project_members", official_id="officials.id", project_id="projects.id", unit_id="units.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_members")),
    )
    _index("project_members", "official_id", "project_id", "unit_id")
    op.create_table(
        "project_placements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("task_force_id", sa.Uuid(), nullable=True),
        sa.Column("program", _one_of("program", "promotion construction both"), nullable=False),
        sa.Column("states_unit", sa.Boolean(), nullable=False),
        sa.Column("states_task_force", sa.Boolean(), nullable=False),
        sa.Column("states_program", sa.Boolean(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references(
            "project_placements",
            event_id="events.id",
            project_id="projects.id",
            task_force_id="task_forces.id",
            unit_id="units.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_placements")),
    )
    op.create_index("ix_project_placements_known", "project_placements", ["project_id", "effective_on", "recorded_at"])
    _index("project_placements", "event_id", "task_force_id", "unit_id")
    append_only.protect("project_placements")
    op.create_table(
        "project_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("kind", "entry forward back pause reactivate terminate merge"), nullable=False),
        sa.Column("from_stage", sa.String(length=64), nullable=True),
        sa.Column("to_stage", sa.String(length=64), nullable=False),
        sa.Column("from_status", _one_of("from_status", "active paused terminated merged"), nullable=True),
        sa.Column("to_status", _one_of("to_status", "active paused terminated merged"), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("is_catch_up", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column(
            "reason_code",
            _one_of("reason_code", "investor_withdrew market factors refused duplicate dishonest other"),
            nullable=True,
        ),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("authority", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("override", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("project_moves", "back_has_reason", "kind <> 'back' OR reason IS NOT NULL"),
        _check("project_moves", "termination_has_code", "kind <> 'terminate' OR reason_code IS NOT NULL"),
        *_references(
            "project_moves",
            event_id="events.id",
            from_stage="stages.code",
            project_id="projects.id",
            to_stage="stages.code",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_moves")),
    )
    op.create_index("ix_project_moves_to_stage", "project_moves", ["to_stage", "happened_on"])
    op.create_index("uq_project_moves_project_id_seq", "project_moves", ["project_id", "seq"], unique=True)
    _index("project_moves", "event_id")
    append_only.protect("project_moves")
    op.create_table(
        "move_corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("move_corrections", "day_or_withdrawn", "(happened_on IS NULL) = is_withdrawn"),
        *_references("move_corrections", event_id="events.id", move_id="project_moves.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move_corrections")),
    )
    op.create_index("ix_move_corrections_move_id", "move_corrections", ["move_id", "recorded_at"])
    _index("move_corrections", "event_id")
    append_only.protect("move_corrections")
    op.create_table(
        "phase_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("continues_parent", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references("phase_links", event_id="events.id", parent_id="projects.id", project_id="projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phase_links")),
        sa.UniqueConstraint("project_id", name=op.f("uq_phase_links_project_id")),
    )
    _index("phase_links", "event_id", "parent_id")
    append_only.protect("phase_links")
    op.create_table(
        "phase_withdrawals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references("phase_withdrawals", event_id="events.id", link_id="phase_links.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phase_withdrawals")),
        sa.UniqueConstraint("link_id", name=op.f("uq_phase_withdrawals_link_id")),
    )
    _index("phase_withdrawals", "event_id")
    append_only.protect("phase_withdrawals")
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind", _one_of("kind", "visit reception talk call inspection coordination progress"), nullable=False
        ),
        sa.Column("with_investor", sa.Boolean(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("summary", sa.String(length=4000), nullable=False),
        sa.Column("next_step", sa.String(length=4000), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("follow_ups", "beneath_something", "project_id IS NOT NULL OR lead_id IS NOT NULL"),
        *_references(
            "follow_ups", event_id="events.id", lead_id="leads.id", project_id="projects.id", unit_id="units.id"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
    )
    op.create_index("ix_follow_ups_lead_id_on", "follow_ups", ["lead_id", "on", "id"])
    op.create_index("ix_follow_ups_project_id_on", "follow_ups", ["project_id", "on", "id"])
    _index("follow_ups", "event_id", "unit_id")
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
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("evidence", "reason_where_not_needed", "(reason IS NOT NULL) = is_not_needed"),
        _check("evidence", "value_not_negative", "value IS NULL OR value >= 0"),
        *_references("evidence", event_id="events.id", kind="evidence_kinds.code", project_id="projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_project_id_kind", "evidence", ["project_id", "kind"])
    _index("evidence", "event_id", "kind")
    append_only.protect("evidence")
    op.create_table(
        "evidence_voids",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references("evidence_voids", event_id="events.id", evidence_id="evidence.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_voids")),
        sa.UniqueConstraint("evidence_id", name=op.f("uq_evidence_voids_evidence_id")),
    )
    _index("evidence_voids", "event_id")
    append_only.protect("evidence_voids")
    op.create_table(
        "standing_vouchers",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("number_key", sa.String(length=200), nullable=False),
        *_references("standing_vouchers", evidence_id="evidence.id"),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_standing_vouchers")),
        sa.UniqueConstraint("number_key", name=op.f("uq_standing_vouchers_number_key")),
    )


def _leads_and_projects() -> None:
    op.create_table(
        "contact_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("contact_links", "beneath_something", "project_id IS NOT NULL OR lead_id IS NOT NULL"),
        *_references(
            "contact_links",
            contact_id="enterprise_contacts.id",
            event_id="events.id",
            lead_id="leads.id",
            project_id="projects.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_links")),
    )
    _index("contact_links", "contact_id", "event_id", "lead_id", "project_id")
    op.create_table(
        "duplicate_rulings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("other_lead_id", sa.Uuid(), nullable=True),
        sa.Column("other_project_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("duplicate_rulings", "of_one_record", "(lead_id IS NULL) <> (project_id IS NULL)"),
        _check("duplicate_rulings", "against_one_record", "(other_lead_id IS NULL) <> (other_project_id IS NULL)"),
        *_references(
            "duplicate_rulings",
            event_id="events.id",
            lead_id="leads.id",
            other_lead_id="leads.id",
            other_project_id="projects.id",
            project_id="projects.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_rulings")),
    )
    _index("duplicate_rulings", "event_id", "lead_id", "other_lead_id", "other_project_id", "project_id")
    append_only.protect("duplicate_rulings")
    op.create_table(
        "first_talk_disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("claimant_unit_id", sa.Uuid(), nullable=False),
        sa.Column("grounds", sa.String(length=4000), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("first_talk_disputes", "of_one_record", "(lead_id IS NULL) <> (project_id IS NULL)"),
        *_references(
            "first_talk_disputes",
            claimant_unit_id="units.id",
            event_id="events.id",
            lead_id="leads.id",
            project_id="projects.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_talk_disputes")),
    )
    _index("first_talk_disputes", "claimant_unit_id", "event_id", "lead_id", "project_id")
    append_only.protect("first_talk_disputes")
    op.create_table(
        "first_talk_rulings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("ruled_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("grounds", sa.String(length=4000), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("is_transferred", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references(
            "first_talk_rulings", dispute_id="first_talk_disputes.id", event_id="events.id", unit_id="units.id"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_talk_rulings")),
        sa.UniqueConstraint("dispute_id", name=op.f("uq_first_talk_rulings_dispute_id")),
    )
    _index("first_talk_rulings", "event_id", "unit_id")
    append_only.protect("first_talk_rulings")


def _five_ones() -> None:
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
        _check("leader_assignments", "closed_after_opened", "closed_on IS NULL OR closed_on >= opened_on"),
        *_references("leader_assignments", event_id="events.id", official_id="officials.id", project_id="projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leader_assignments")),
    )
    op.create_index("ix_leader_assignments_project_id", "leader_assignments", ["project_id", "opened_on"])
    op.create_index(
        "uq_leader_assignments_open", "leader_assignments", ["project_id"], unique=True, **_where("closed_on IS NULL")
    )
    _index("leader_assignments", "event_id", "official_id")
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
        _check("teams", "closed_after_opened", "closed_on IS NULL OR closed_on >= opened_on"),
        *_references(
            "teams",
            contact_id="officials.id",
            event_id="events.id",
            lead_unit_id="units.id",
            leader_id="officials.id",
            project_id="projects.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_index("ix_teams_project_id", "teams", ["project_id", "opened_on"])
    op.create_index("uq_teams_open", "teams", ["project_id"], unique=True, **_where("closed_on IS NULL"))
    _index("teams", "contact_id", "event_id", "lead_unit_id", "leader_id")
    op.create_table(
        "team_members",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.String(length=200), nullable=True),
        *_references("team_members", official_id="officials.id", team_id="teams.id"),
        sa.PrimaryKeyConstraint("team_id", "official_id", name=op.f("pk_team_members")),
    )
    _index("team_members", "official_id")
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
        *_references("plans", event_id="events.id", project_id="projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_plans_project_id_number")),
    )
    _index("plans", "event_id")
    op.create_table(
        "milestones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("leads_to", sa.String(length=64), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=False),
        *_references("milestones", leads_to="stages.code", plan_id="plans.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint("plan_id", "line_id", name=op.f("uq_milestones_plan_id_line_id")),
    )
    _index("milestones", "leads_to", "line_id")
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
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("milestone_reports", "forecast_or_actual", "(forecast_on IS NULL) <> (actual_on IS NULL)"),
        *_references(
            "milestone_reports",
            event_id="events.id",
            evidence_id="evidence.id",
            milestone_id="milestones.id",
            project_id="projects.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_reports")),
    )
    op.create_index("ix_milestone_reports_line_id", "milestone_reports", ["line_id", "recorded_at"])
    op.create_index("ix_milestone_reports_project_id", "milestone_reports", ["project_id", "on"])
    _index("milestone_reports", "event_id", "evidence_id", "milestone_id")
    append_only.protect("milestone_reports")


def _deals() -> None:
    op.create_table(
        "deals",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("kind", "formal framework"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("agreement_no", sa.String(length=200), nullable=True),
        sa.Column("agreement_key", sa.String(length=200), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("investor_id", sa.Uuid(), nullable=True),
        sa.Column("agreed_amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("original_amount", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("rate_source", sa.String(length=200), nullable=True),
        sa.Column("status", _one_of("status", "draft discarded live terminated voided"), nullable=False),
        sa.Column("drafted_by", sa.String(length=200), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("is_single_person", sa.Boolean(), nullable=False),
        sa.Column("is_approved_at_source", sa.Boolean(), nullable=False),
        sa.Column("trust_confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("override", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.String(length=4000), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        *_versioned(),
        _check("deals", "original_where_foreign", "(currency = 'CNY') = (original_amount IS NULL)"),
        _check("deals", "terminated_has_day", "(status = 'terminated') = (ended_on IS NOT NULL)"),
        _check("deals", "approved_has_moment", "(status IN ('draft', 'discarded')) = (approved_at IS NULL)"),
        _check(
            "deals",
            "approved_is_complete",
            "status NOT IN ('live', 'terminated') OR (agreed_amount IS NOT NULL AND signed_on IS NOT NULL AND investor_id IS NOT NULL)",
        ),
        _check("deals", "amount_in_range", "agreed_amount > 0 AND agreed_amount < 100000000000000"),
        *_references("deals", investor_id="enterprises.id", project_id="projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sa.UniqueConstraint("code", name=op.f("uq_deals_code")),
    )
    op.create_index("ix_deals_project_id_status", "deals", ["project_id", "status", "kind"])
    op.create_index("ix_deals_signed", "deals", [sa.literal_column("coalesce(signed_on, '1949-10-01')"), "id"])
    op.create_index("ix_deals_updated_at_id", "deals", ["updated_at", "id"])
    op.create_index(
        "uq_deals_live_formal", "deals", ["project_id"], unique=True, **_where("kind = 'formal' AND status = 'live'")
    )
    _index("deals", "agreement_key", "investor_id")
    op.create_table(
        "deal_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("kind", "signing amendment transfer termination"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("original_amount", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("rate_source", sa.String(length=200), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("task_force_id", sa.Uuid(), nullable=True),
        sa.Column("industry_code", sa.String(length=4), nullable=True),
        sa.Column("origin", _one_of("origin", "city province domestic overseas"), nullable=True),
        sa.Column(
            "ownership",
            _one_of("ownership", "central_soe local_soe private foreign joint_venture other"),
            nullable=True,
        ),
        sa.Column("document", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("deal_facts", "amount_where_stated", "(kind IN ('signing', 'amendment')) = (amount IS NOT NULL)"),
        _check("deal_facts", "unit_where_placed", "kind NOT IN ('signing', 'transfer') OR unit_id IS NOT NULL"),
        *_references(
            "deal_facts",
            corrects_id="deal_facts.id",
            deal_id="deals.id",
            event_id="events.id",
            industry_code="industries.code",
            task_force_id="task_forces.id",
            unit_id="units.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_facts")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_deal_facts_corrects_id")),
    )
    op.create_index("ix_deal_facts_deal_id_seq", "deal_facts", ["deal_id", "seq", "recorded_at"])
    _index("deal_facts", "event_id", "industry_code", "task_force_id", "unit_id")
    append_only.protect("deal_facts")
    op.create_table(
        "deal_relocations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("from_project_id", sa.Uuid(), nullable=False),
        sa.Column("to_project_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references(
            "deal_relocations",
            deal_id="deals.id",
            event_id="events.id",
            from_project_id="projects.id",
            to_project_id="projects.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_relocations")),
    )
    op.create_index("ix_deal_relocations_deal_id", "deal_relocations", ["deal_id", "recorded_at"])
    _index("deal_relocations", "event_id", "from_project_id", "to_project_id")
    append_only.protect("deal_relocations")
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("kind", "signing amendment termination correction transfer landing"), nullable=False),
        sa.Column(
            "of_kind", _one_of("of_kind", "signing amendment termination correction transfer landing"), nullable=False
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("landed", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("task_force_id", sa.Uuid(), nullable=True),
        sa.Column("industry_code", sa.String(length=4), nullable=True),
        sa.Column("origin", _one_of("origin", "city province domestic overseas"), nullable=True),
        sa.Column(
            "ownership",
            _one_of("ownership", "central_soe local_soe private foreign joint_venture other"),
            nullable=True,
        ),
        sa.Column("size", _one_of("size", "under_1_yi from_1_to_10_yi from_10_yi"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("ledger_entries", "correction_names_entry", "kind <> 'correction' OR corrects_id IS NOT NULL"),
        _check("ledger_entries", "amount_in_range", "amount > -100000000000000 AND amount < 100000000000000"),
        _check("ledger_entries", "count_one_step", "count IN (-1, 0, 1)"),
        _check("ledger_entries", "landed_one_step", "landed IN (-1, 0, 1)"),
        _check("ledger_entries", "side_known", "side IN (0, 1)"),
        *_references(
            "ledger_entries",
            corrects_id="ledger_entries.id",
            deal_id="deals.id",
            event_id="events.id",
            industry_code="industries.code",
            task_force_id="task_forces.id",
            unit_id="units.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    op.create_index("ix_ledger_entries_deal_id", "ledger_entries", ["deal_id", "recorded_at"])
    op.create_index("ix_ledger_entries_effective_on", "ledger_entries", ["effective_on", "recorded_at", "id"])
    op.create_index("ix_ledger_entries_task_force_id", "ledger_entries", ["task_force_id", "effective_on"])
    op.create_index("ix_ledger_entries_unit_id", "ledger_entries", ["unit_id", "effective_on"])
    _index("ledger_entries", "corrects_id", "event_id", "industry_code")
    append_only.protect("ledger_entries")


def _construction() -> None:
    op.create_table(
        "start_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references("start_batches", event_id="events.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_batches")),
    )
    op.create_index("ix_start_batches_held_on", "start_batches", ["held_on", "id"])
    _index("start_batches", "event_id")
    append_only.protect("start_batches")
    op.create_table(
        "start_batch_withdrawals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *_references("start_batch_withdrawals", batch_id="start_batches.id", event_id="events.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_batch_withdrawals")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_start_batch_withdrawals_batch_id")),
    )
    _index("start_batch_withdrawals", "event_id")
    append_only.protect("start_batch_withdrawals")
    op.create_table(
        "start_batch_rows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("start_batch_rows", "withdrawal_has_reason", "(reason IS NOT NULL) = is_withdrawn"),
        _check("start_batch_rows", "stands_or_withdraws", "is_withdrawn = (seq % 2 = 0)"),
        *_references("start_batch_rows", batch_id="start_batches.id", event_id="events.id", project_id="projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_batch_rows")),
        sa.UniqueConstraint("batch_id", "project_id", "seq", name=op.f("uq_start_batch_rows_batch_id_project_id_seq")),
    )
    _index("start_batch_rows", "event_id", "project_id")
    append_only.protect("start_batch_rows")
    op.create_table(
        "plan_list_rows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("plan_list_rows", "withdrawal_has_reason", "(reason IS NOT NULL) = is_withdrawn"),
        _check("plan_list_rows", "stands_or_withdraws", "is_withdrawn = (seq % 2 = 0)"),
        *_references("plan_list_rows", event_id="events.id", project_id="projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_list_rows")),
        sa.UniqueConstraint("project_id", "year", "seq", name=op.f("uq_plan_list_rows_project_id_year_seq")),
    )
    op.create_index("ix_plan_list_rows_year", "plan_list_rows", ["year", "project_id", "recorded_at"])
    _index("plan_list_rows", "event_id")
    append_only.protect("plan_list_rows")
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
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check("work_resumptions", "withdrawal_has_reason", "(reason IS NOT NULL) = is_withdrawn"),
        _check("work_resumptions", "stands_or_withdraws", "is_withdrawn = (seq % 2 = 0)"),
        *_references("work_resumptions", event_id="events.id", evidence_id="evidence.id", project_id="projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_resumptions")),
        sa.UniqueConstraint("project_id", "year", "seq", name=op.f("uq_work_resumptions_project_id_year_seq")),
    )
    op.create_index("ix_work_resumptions_on", "work_resumptions", ["on", "project_id"])
    _index("work_resumptions", "event_id", "evidence_id")
    append_only.protect("work_resumptions")


def _published() -> None:
    op.create_table(
        "published_figures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=True),
        sa.Column(
            "kind",
            _one_of(
                "kind",
                "signings same_quarter_landed collective_start started_or_resumed planned_year city_activities district_activities other",
            ),
            nullable=False,
        ),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("min_planned_total", sa.BigInteger(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("planned_this_year", sa.BigInteger(), nullable=True),
        sa.Column("precision", sa.BigInteger(), nullable=True),
        sa.Column("caliber", sa.String(length=4000), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("explanation", sa.String(length=4000), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _check(
            "published_figures",
            "precision_of_amounts",
            "(precision IS NOT NULL) = (amount IS NOT NULL OR planned_this_year IS NOT NULL)",
        ),
        _check("published_figures", "not_negative", "count >= 0 AND amount >= 0 AND planned_this_year >= 0"),
        _check(
            "published_figures",
            "says_something",
            "count IS NOT NULL OR amount IS NOT NULL OR planned_this_year IS NOT NULL",
        ),
        _check("published_figures", "precision_positive", "precision > 0"),
        _check("published_figures", "not_itself", "supersedes_id IS NULL OR supersedes_id <> id"),
        *_references("published_figures", event_id="events.id", supersedes_id="published_figures.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_figures")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_published_figures_supersedes_id")),
    )
    op.create_index("ix_published_figures_period", "published_figures", ["period", "kind", "id"])
    _index("published_figures", "event_id")
    append_only.protect("published_figures")


def _webhooks() -> None:
    op.create_table(
        "webhook_sources",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("order", _one_of("order", "sequence arrival"), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("is_trusted", sa.Boolean(), nullable=False),
        sa.Column("trust_change_id", sa.Uuid(), nullable=True),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("confirmed_since", MOMENT, nullable=True),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("confirmed_by_name", sa.String(length=200), nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("is_secret_split", sa.Boolean(), nullable=False),
        sa.Column("next_secret", sa.String(length=400), nullable=True),
        sa.Column("secret", sa.String(length=400), nullable=False),
        sa.Column("previous_secret", sa.String(length=400), nullable=True),
        sa.Column("previous_until", MOMENT, nullable=True),
        *_versioned(),
        _check("webhook_sources", "trusted_by_change", "is_trusted = (trust_change_id IS NOT NULL)"),
        *_references("webhook_sources", unit_id="units.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_webhook_sources_name")),
    )
    _index("webhook_sources", "unit_id")
    op.create_table(
        "webhook_inbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=True),
        sa.Column("object_kind", sa.String(length=40), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column(
            "state", _one_of("state", "received applied ignored stale waiting parked failed dismissed"), nullable=False
        ),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("trust_change_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        *_references("webhook_inbox", source_id="webhook_sources.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_inbox")),
        sa.UniqueConstraint("source_id", "message_id", name=op.f("uq_webhook_inbox_source_id_message_id")),
    )
    op.create_index("ix_webhook_inbox_object", "webhook_inbox", ["source_id", "object_kind", "external_id", "sequence"])
    op.create_index("ix_webhook_inbox_received_at", "webhook_inbox", ["received_at", "id"])
    op.create_index("ix_webhook_inbox_state_received_at", "webhook_inbox", ["state", "received_at", "id"])
    op.create_table(
        "webhook_objects",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("is_linked", sa.Boolean(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=True),
        sa.Column("last_version", sa.BigInteger(), nullable=True),
        *_references("webhook_objects", source_id="webhook_sources.id"),
        sa.PrimaryKeyConstraint("source_id", "kind", "external_id", name=op.f("pk_webhook_objects")),
    )
    op.create_table(
        "webhook_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("spread_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_messages")),
    )
    op.create_index("ix_webhook_messages_created_at", "webhook_messages", ["created_at", "id"])
    op.create_index("ix_webhook_messages_unspread", "webhook_messages", ["id"], **_where("spread_at IS NULL"))
    op.create_table(
        "webhook_streams",
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("object_type", "object_id", name=op.f("pk_webhook_streams")),
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("disabled", _one_of("disabled", "gone failing"), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("last_failed_at", MOMENT, nullable=True),
        sa.Column("rests_until", MOMENT, nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("turn_until", MOMENT, nullable=True),
        sa.Column("served_at", MOMENT, nullable=True),
        sa.Column("secret", sa.String(length=400), nullable=False),
        sa.Column("previous_secret", sa.String(length=400), nullable=True),
        sa.Column("previous_until", MOMENT, nullable=True),
        *_versioned(),
        *_references("webhook_endpoints", owner_id="users.id", unit_id="units.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    _index("webhook_endpoints", "owner_id", "unit_id")
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("state", _one_of("state", "pending delivered failed withheld"), nullable=False),
        sa.Column("is_ping", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        *_references("webhook_deliveries", endpoint_id="webhook_endpoints.id", message_id="webhook_messages.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("endpoint_id", "message_id", name=op.f("uq_webhook_deliveries_endpoint_id_message_id")),
    )
    op.create_index(
        "ix_webhook_deliveries_endpoint_id_created_at", "webhook_deliveries", ["endpoint_id", "created_at", "id"]
    )
    op.create_index(
        "ix_webhook_deliveries_endpoint_id_state", "webhook_deliveries", ["endpoint_id", "state", "next_at"]
    )
    _index("webhook_deliveries", "message_id")
    op.create_table(
        "webhook_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column(
            "error", _one_of("error", "address unreachable certificate timeout dropped secret fault"), nullable=True
        ),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=2048), nullable=False),
        *_references("webhook_attempts", delivery_id="webhook_deliveries.id", endpoint_id="webhook_endpoints.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
    )
    op.create_index("ix_webhook_attempts_endpoint_id_at", "webhook_attempts", ["endpoint_id", "at"])
    _index("webhook_attempts", "delivery_id")


def downgrade() -> None:
    for table in reversed(TABLES.split()):
        op.drop_table(table)
    append_only.drop_functions()
