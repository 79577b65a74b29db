"""Leads, who brings them, and what a project keeps of the lead it was

Revision ID: 2026112602
Revises: 2026112601
"""

import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026112602"
down_revision = "2026112601"
branch_labels = None
depends_on = None

NO_FKS = {"resolve_fks": False}
SEEDED_AT = datetime(2026, 11, 26, tzinfo=UTC)
JIANGMEN = "江门 2024：1 个工作日响应，3 个工作日研判"
OURS = "本系统缺省"
CLOCKS = (
    ("answer", 1, "workday", JIANGMEN),
    ("assess", 3, "workday", JIANGMEN),
    ("first_talk", 90, "day", OURS),
    ("first_talk_idle", 30, "day", OURS),
)
FIXED = ("code", "first_unit_id", "reported_at", "reported_on", "reported_by")
CHECKS = {
    "channel": "channel IN ('official_trip', 'event', 'investor', 'chamber', 'adviser', 'central_enterprise',"
    " 'online', 'superior', 'walk_in', 'other')",
    "estimate_ascends": "estimate_from >= 0 AND estimate_from <= estimate_to",
    "estimate_is_a_range": "(estimate_from IS NULL) = (estimate_to IS NULL)",
    "needs_not_negative": "plant_area >= 0 AND energy_use >= 0",
}


def upgrade() -> None:
    op.create_table(
        "lead_clocks",
        sa.Column(
            "code",
            sa.Enum(
                "answer",
                "assess",
                "first_talk",
                "first_talk_idle",
                name="code",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum("day", "workday", "month", name="unit", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount BETWEEN 1 AND 1000", name=op.f("ck_lead_clocks_amount_in_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_clocks")),
        sa.UniqueConstraint("code", name=op.f("uq_lead_clocks_code")),
    )
    op.create_table(
        "referrers",
        sa.Column(
            "kind",
            sa.Enum(
                "official",
                "chamber",
                "adviser",
                "representative",
                "enterprise",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "name_pinyin",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("official_id", sa.Uuid(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("organization", sa.String(length=200), nullable=True),
        sa.Column("appointment_no", sa.String(length=64), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'enterprise') = (enterprise_id IS NOT NULL)", name=op.f("ck_referrers_enterprise_is_on_record")
        ),
        sa.CheckConstraint(
            "(kind = 'official') = (official_id IS NOT NULL)", name=op.f("ck_referrers_official_is_on_record")
        ),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_referrers_enterprise_id")),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_referrers_official_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrers")),
        sa.UniqueConstraint("enterprise_id", name=op.f("uq_referrers_enterprise_id")),
        sa.UniqueConstraint("official_id", name=op.f("uq_referrers_official_id")),
    )
    op.create_index("ix_referrers_name_pinyin_id", "referrers", ["name_pinyin", "id"], unique=False)
    op.create_table(
        "leads",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "official_trip",
                "event",
                "investor",
                "chamber",
                "adviser",
                "central_enterprise",
                "online",
                "superior",
                "walk_in",
                "other",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("first_unit_id", sa.Uuid(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("reported_by", sa.String(length=200), nullable=False),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "registered",
                "follow_up",
                "reserve",
                "decline",
                "converted",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("answer_due_on", sa.Date(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer_note", sa.String(length=4000), nullable=True),
        sa.Column("assess_due_on", sa.Date(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("converted_on", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
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
        sa.Column(
            "confidentiality",
            sa.Enum(
                "internal", "sensitive", name="confidentiality", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'converted') = (converted_on IS NOT NULL)", name=op.f("ck_leads_converted_has_day")
        ),
        sa.CheckConstraint("(status = 'registered') = (assessed_on IS NULL)", name=op.f("ck_leads_assessed_has_day")),
        sa.CheckConstraint(
            "(estimate_from IS NULL) = (estimate_to IS NULL)", name=op.f("ck_leads_estimate_is_a_range")
        ),
        sa.CheckConstraint(
            "estimate_from >= 0 AND estimate_from <= estimate_to", name=op.f("ck_leads_estimate_ascends")
        ),
        sa.CheckConstraint("land_area IS NULL OR land_area >= 0", name=op.f("ck_leads_land_not_negative")),
        sa.CheckConstraint("plant_area >= 0 AND energy_use >= 0", name=op.f("ck_leads_needs_not_negative")),
        sa.ForeignKeyConstraint(["first_unit_id"], ["units.id"], name=op.f("fk_leads_first_unit_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["officials.id"], name=op.f("fk_leads_handler_id")),
        sa.ForeignKeyConstraint(["industry_code"], ["industries.code"], name=op.f("fk_leads_industry_code")),
        sa.ForeignKeyConstraint(["investor_id"], ["enterprises.id"], name=op.f("fk_leads_investor_id")),
        sa.ForeignKeyConstraint(["place_unit_id"], ["units.id"], name=op.f("fk_leads_place_unit_id")),
        sa.ForeignKeyConstraint(["referrer_id"], ["referrers.id"], name=op.f("fk_leads_referrer_id")),
        sa.ForeignKeyConstraint(["task_force_id"], ["task_forces.id"], name=op.f("fk_leads_task_force_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_leads_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
        sa.UniqueConstraint("code", name=op.f("uq_leads_code")),
    )
    op.create_index("ix_leads_due", "leads", [sa.literal_column("coalesce(due_on, '2199-12-31')"), "id"], unique=False)
    op.create_index(op.f("ix_leads_due_on"), "leads", ["due_on"], unique=False)
    op.create_index(op.f("ix_leads_first_unit_id"), "leads", ["first_unit_id"], unique=False)
    op.create_index(op.f("ix_leads_handler_id"), "leads", ["handler_id"], unique=False)
    op.create_index(op.f("ix_leads_industry_code"), "leads", ["industry_code"], unique=False)
    op.create_index(op.f("ix_leads_investor_id"), "leads", ["investor_id"], unique=False)
    op.create_index(op.f("ix_leads_name_normalized"), "leads", ["name_normalized"], unique=False)
    op.create_index("ix_leads_name_pinyin_id", "leads", ["name_pinyin", "id"], unique=False)
    op.create_index(op.f("ix_leads_place_unit_id"), "leads", ["place_unit_id"], unique=False)
    op.create_index(op.f("ix_leads_referrer_id"), "leads", ["referrer_id"], unique=False)
    op.create_index("ix_leads_reported_at_id", "leads", ["reported_at", "id"], unique=False)
    op.create_index(op.f("ix_leads_task_force_id"), "leads", ["task_force_id"], unique=False)
    op.create_index(op.f("ix_leads_unit_id"), "leads", ["unit_id"], unique=False)
    op.create_index("ix_leads_updated_at_id", "leads", ["updated_at", "id"], unique=False)
    op.create_table(
        "lead_assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "follow_up", "reserve", "decline", name="outcome", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome = 'follow_up' OR reason IS NOT NULL",
            name=op.f("ck_lead_assessments_reserve_and_decline_have_reason"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_lead_assessments_event_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_lead_assessments_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_assessments")),
    )
    op.create_index(op.f("ix_lead_assessments_event_id"), "lead_assessments", ["event_id"], unique=False)
    op.create_index("ix_lead_assessments_lead_id", "lead_assessments", ["lead_id", "recorded_at"], unique=False)
    op.create_table(
        "contact_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "project_id IS NOT NULL OR lead_id IS NOT NULL", name=op.f("ck_contact_links_beneath_something")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_contact_links_event_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["enterprise_contacts.id"], name=op.f("fk_contact_links_contact_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_contact_links_lead_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_contact_links_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_links")),
    )
    op.create_index(op.f("ix_contact_links_contact_id"), "contact_links", ["contact_id"], unique=False)
    op.create_index(op.f("ix_contact_links_event_id"), "contact_links", ["event_id"], unique=False)
    op.create_index(op.f("ix_contact_links_lead_id"), "contact_links", ["lead_id"], unique=False)
    op.create_index(op.f("ix_contact_links_project_id"), "contact_links", ["project_id"], unique=False)
    _create_rulings()
    _create_disputes()
    _merge()
    with op.batch_alter_table("follow_ups", reflect_kwargs=NO_FKS) as rows:
        rows.add_column(sa.Column("lead_id", sa.Uuid(), nullable=True))
        rows.add_column(sa.Column("unit_id", sa.Uuid(), nullable=True))
        rows.add_column(sa.Column("document", sa.String(length=200), nullable=True))
        rows.create_foreign_key(op.f("fk_follow_ups_unit_id"), "units", ["unit_id"], ["id"])
        rows.alter_column("project_id", existing_type=sa.Uuid(), nullable=True)
        rows.create_foreign_key(op.f("fk_follow_ups_lead_id"), "leads", ["lead_id"], ["id"])
        rows.create_check_constraint(
            op.f("ck_follow_ups_beneath_something"), "project_id IS NOT NULL OR lead_id IS NOT NULL"
        )
    op.create_index("ix_follow_ups_lead_id_on", "follow_ups", ["lead_id", "on", "id"])
    op.create_index(op.f("ix_follow_ups_unit_id"), "follow_ups", ["unit_id"])
    _alter_projects()
    append_only.protect("lead_assessments")
    append_only.protect("duplicate_rulings")
    append_only.freeze("leads", FIXED)
    _seed_clocks()


def _create_disputes() -> None:
    op.create_table(
        "first_talk_disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("claimant_unit_id", sa.Uuid(), nullable=False),
        sa.Column("grounds", sa.String(length=4000), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(lead_id IS NULL) <> (project_id IS NULL)", name=op.f("ck_first_talk_disputes_of_one_record")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_first_talk_disputes_lead_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_first_talk_disputes_project_id")),
        sa.ForeignKeyConstraint(
            ["claimant_unit_id"], ["units.id"], name=op.f("fk_first_talk_disputes_claimant_unit_id")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_first_talk_disputes_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_talk_disputes")),
    )
    for name in ("lead_id", "project_id", "claimant_unit_id", "event_id"):
        op.create_index(op.f(f"ix_first_talk_disputes_{name}"), "first_talk_disputes", [name])
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
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["first_talk_disputes.id"], name=op.f("fk_first_talk_rulings_dispute_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_first_talk_rulings_unit_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_first_talk_rulings_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_talk_rulings")),
        sa.UniqueConstraint("dispute_id", name=op.f("uq_first_talk_rulings_dispute_id")),
    )
    for name in ("unit_id", "event_id"):
        op.create_index(op.f(f"ix_first_talk_rulings_{name}"), "first_talk_rulings", [name])
    for table in ("first_talk_disputes", "first_talk_rulings"):
        append_only.protect(table)


def _merge() -> None:
    op.create_table(
        "deal_relocations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("from_project_id", sa.Uuid(), nullable=False),
        sa.Column("to_project_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_deal_relocations_deal_id")),
        sa.ForeignKeyConstraint(["from_project_id"], ["projects.id"], name=op.f("fk_deal_relocations_from_project_id")),
        sa.ForeignKeyConstraint(["to_project_id"], ["projects.id"], name=op.f("fk_deal_relocations_to_project_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_deal_relocations_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_relocations")),
    )
    op.create_index("ix_deal_relocations_deal_id", "deal_relocations", ["deal_id", "recorded_at"])
    for name in ("from_project_id", "to_project_id", "event_id"):
        op.create_index(op.f(f"ix_deal_relocations_{name}"), "deal_relocations", [name])
    append_only.protect("deal_relocations")
    with op.batch_alter_table("enterprises", reflect_kwargs=NO_FKS) as rows:
        rows.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        rows.create_foreign_key(op.f("fk_enterprises_merged_into_id"), "enterprises", ["merged_into_id"], ["id"])
        rows.create_check_constraint(
            op.f("ck_enterprises_not_merged_into_itself"), "merged_into_id IS NULL OR merged_into_id <> id"
        )
    op.create_index(op.f("ix_enterprises_merged_into_id"), "enterprises", ["merged_into_id"])


def _create_rulings() -> None:
    ids = {"lead_id": "leads", "project_id": "projects", "other_lead_id": "leads", "other_project_id": "projects"}
    op.create_table(
        "duplicate_rulings",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ids),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_duplicate_rulings_{name}"))
            for name, table in ids.items()
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_duplicate_rulings_event_id")),
        sa.CheckConstraint(
            "(lead_id IS NULL) <> (project_id IS NULL)", name=op.f("ck_duplicate_rulings_of_one_record")
        ),
        sa.CheckConstraint(
            "(other_lead_id IS NULL) <> (other_project_id IS NULL)",
            name=op.f("ck_duplicate_rulings_against_one_record"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_rulings")),
    )
    for name in (*ids, "event_id"):
        op.create_index(op.f(f"ix_duplicate_rulings_{name}"), "duplicate_rulings", [name])


def _alter_projects() -> None:
    _drop_expression_indexes()
    with op.batch_alter_table("projects", reflect_kwargs=NO_FKS) as rows:
        for column in _added():
            rows.add_column(column)
        rows.create_unique_constraint(op.f("uq_projects_lead_id"), ["lead_id"])
        rows.create_foreign_key(op.f("fk_projects_lead_id"), "leads", ["lead_id"], ["id"])
        rows.create_foreign_key(op.f("fk_projects_referrer_id"), "referrers", ["referrer_id"], ["id"])
        for name, text in CHECKS.items():
            rows.create_check_constraint(op.f(f"ck_projects_{name}"), text)
    op.create_index(op.f("ix_projects_referrer_id"), "projects", ["referrer_id"])
    _create_expression_indexes()


def _added() -> list[sa.Column[Any]]:
    return [
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("occasion", sa.String(length=200), nullable=True),
        sa.Column("referrer_id", sa.Uuid(), nullable=True),
        sa.Column("estimate_from", sa.BigInteger(), nullable=True),
        sa.Column("estimate_to", sa.BigInteger(), nullable=True),
        sa.Column("plant_area", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("energy_use", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("energy_note", sa.String(length=4000), nullable=True),
    ]


def _drop_expression_indexes() -> None:
    # A batch rebuild on SQLite cannot reflect them and would lose them.
    op.drop_index("ix_projects_due", table_name="projects")
    op.drop_index("ix_projects_planned", table_name="projects")


def _create_expression_indexes() -> None:
    op.create_index("ix_projects_due", "projects", [sa.literal_column("coalesce(due_on, '2199-12-31')"), "id"])
    op.create_index("ix_projects_planned", "projects", [sa.literal_column("coalesce(planned_total, 0)"), "id"])


def _seed_clocks() -> None:
    clocks = sa.table(
        "lead_clocks",
        sa.column("id", sa.Uuid()),
        sa.column("version"),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("updated_at", sa.DateTime(timezone=True)),
        *(sa.column(name) for name in ("code", "amount", "unit", "source")),
    )
    events = sa.table(
        "events",
        sa.column("id", sa.Uuid()),
        sa.column("at", sa.DateTime(timezone=True)),
        *(sa.column(name) for name in ("type", "actor_id", "actor_name", "actor_kind", "subject_type")),
        sa.column("subject_id", sa.Uuid()),
        sa.column("subject_version"),
        sa.column("data", sa.JSON()),
    )
    for code, amount, unit, source in CLOCKS:
        clock_id = uuid.uuid5(uuid.NAMESPACE_URL, f"five-ones:lead-clock:{code}")
        told = sa.select(sa.func.max(events.c.subject_version)).where(events.c.subject_id == clock_id)
        last = op.get_bind().execute(told).scalar_one()
        row = {
            "id": clock_id,
            "version": last or 1,
            "created_at": SEEDED_AT,
            "updated_at": SEEDED_AT,
            "code": code,
            "amount": amount,
            "unit": unit,
            "source": source,
        }
        op.bulk_insert(clocks, [row])
        event = {
            "id": uuid.uuid5(uuid.NAMESPACE_URL, f"five-ones:event:lead-clock:{code}"),
            "at": SEEDED_AT,
            "type": "lead_clock.seeded",
            "actor_id": "migration",
            "actor_name": "migration",
            "actor_kind": "system",
            "subject_type": "lead_clock",
            "subject_id": clock_id,
            "subject_version": 1,
            "data": {"code": code, "amount": amount, "unit": unit},
        }
        # The log keeps its events through a way down and up.
        if last is None:
            op.bulk_insert(events, [event])


def downgrade() -> None:
    """Leads and what only a lead had are lost; follow-ups of leads that became no project go with them."""
    append_only.unfreeze("leads")
    append_only.unprotect("lead_assessments")
    append_only.unprotect("duplicate_rulings")
    op.drop_table("duplicate_rulings")
    for table in ("first_talk_rulings", "first_talk_disputes"):
        append_only.unprotect(table)
        op.drop_table(table)
    append_only.unprotect("deal_relocations")
    op.drop_table("deal_relocations")
    op.drop_index(op.f("ix_enterprises_merged_into_id"), table_name="enterprises")
    with op.batch_alter_table("enterprises", reflect_kwargs=NO_FKS) as rows:
        rows.drop_constraint(op.f("ck_enterprises_not_merged_into_itself"), type_="check")
        rows.drop_constraint(op.f("fk_enterprises_merged_into_id"), type_="foreignkey")
        rows.drop_column("merged_into_id")
    op.drop_index(op.f("ix_projects_referrer_id"), table_name="projects")
    _drop_expression_indexes()
    with op.batch_alter_table("projects", reflect_kwargs=NO_FKS) as rows:
        for name in CHECKS:
            rows.drop_constraint(op.f(f"ck_projects_{name}"), type_="check")
        rows.drop_constraint(op.f("fk_projects_referrer_id"), type_="foreignkey")
        rows.drop_constraint(op.f("fk_projects_lead_id"), type_="foreignkey")
        rows.drop_constraint(op.f("uq_projects_lead_id"), type_="unique")
        for column in _added():
            rows.drop_column(column.name)
    _create_expression_indexes()
    op.drop_index("ix_follow_ups_lead_id_on", table_name="follow_ups")
    op.drop_index(op.f("ix_follow_ups_unit_id"), table_name="follow_ups")
    op.execute("DELETE FROM follow_ups WHERE project_id IS NULL")
    with op.batch_alter_table("follow_ups", reflect_kwargs=NO_FKS) as rows:
        rows.drop_constraint(op.f("ck_follow_ups_beneath_something"), type_="check")
        rows.drop_constraint(op.f("fk_follow_ups_lead_id"), type_="foreignkey")
        rows.drop_constraint(op.f("fk_follow_ups_unit_id"), type_="foreignkey")
        rows.alter_column("project_id", existing_type=sa.Uuid(), nullable=False)
        for name in ("lead_id", "unit_id", "document"):
            rows.drop_column(name)
    op.drop_index(op.f("ix_contact_links_project_id"), table_name="contact_links")
    op.drop_index(op.f("ix_contact_links_event_id"), table_name="contact_links")
    op.drop_index(op.f("ix_contact_links_lead_id"), table_name="contact_links")
    op.drop_index(op.f("ix_contact_links_contact_id"), table_name="contact_links")
    op.drop_table("contact_links")
    op.drop_index("ix_lead_assessments_lead_id", table_name="lead_assessments")
    op.drop_index(op.f("ix_lead_assessments_event_id"), table_name="lead_assessments")
    op.drop_table("lead_assessments")
    op.drop_index("ix_leads_updated_at_id", table_name="leads")
    op.drop_index(op.f("ix_leads_unit_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_task_force_id"), table_name="leads")
    op.drop_index("ix_leads_reported_at_id", table_name="leads")
    op.drop_index(op.f("ix_leads_referrer_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_place_unit_id"), table_name="leads")
    op.drop_index("ix_leads_name_pinyin_id", table_name="leads")
    op.drop_index(op.f("ix_leads_name_normalized"), table_name="leads")
    op.drop_index(op.f("ix_leads_investor_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_industry_code"), table_name="leads")
    op.drop_index(op.f("ix_leads_handler_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_first_unit_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_due_on"), table_name="leads")
    op.drop_index("ix_leads_due", table_name="leads")
    op.drop_table("leads")
    op.drop_index("ix_referrers_name_pinyin_id", table_name="referrers")
    op.drop_table("referrers")
    op.drop_table("lead_clocks")
