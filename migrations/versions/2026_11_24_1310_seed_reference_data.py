"""The rows every office starts from: stages, limits, gates, evidence kinds, industries, holidays

Revision ID: 2026112402
Revises: 2026112401
"""

import csv
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026112402"
down_revision = "2026112401"
branch_labels = None
depends_on = None

DATA = Path(__file__).parent.parent / "data"
EPOCH = datetime(1949, 10, 1, tzinfo=UTC)
SEEDED_AT = datetime(2026, 11, 24, tzinfo=UTC)

# code, zh, en, walked by promotion, walked by construction, may be skipped
STAGES = (
    ("screened", "研判入库", "screened", True, True, False),
    ("negotiating", "在谈", "negotiating", True, False, False),
    ("framework", "意向·框架", "letter of intent or framework", True, False, True),
    ("signed", "签约", "signed", True, False, False),
    ("landed", "落地", "landed", True, False, False),
    ("preparing", "前期", "preparing", True, True, False),
    ("started", "开工", "started", True, True, False),
    ("building", "在建", "building", True, True, False),
    ("completed", "竣工", "completed", True, True, False),
    ("operating", "投产", "operating", True, True, False),
    ("at_capacity", "达产", "at capacity", True, True, False),
)

# stage, kind, amount, unit, source: S another city's practice, R our default
LIMITS = (
    ("screened", "idle", 45, "day", "S"),
    ("negotiating", "idle", 30, "day", "S"),
    ("framework", "in_stage", 90, "day", "R"),
    ("signed", "in_stage", 90, "day", "R"),
    ("landed", "in_stage", 180, "day", "R"),
    ("preparing", "in_stage", 90, "workday", "S"),
    ("building", "idle", 7, "day", "S"),
    ("building", "plan_date", None, None, "S"),
    ("completed", "in_stage", 60, "day", "R"),
    ("operating", "in_stage", 12, "month", "R"),
)

BOTH, PROMOTION, CONSTRUCTION = (True, True), (True, False), (False, True)

# stage, gate, strictness, programs, fixed
GATES = (
    ("screened", "assessed", "block", BOTH, False),
    ("screened", "industry", "block", BOTH, False),
    ("screened", "place", "block", BOTH, False),
    ("screened", "unit_in_charge", "block", BOTH, False),
    ("screened", "duplicates_ruled", "block", BOTH, False),
    ("negotiating", "investor_contact", "block", PROMOTION, False),
    ("negotiating", "leader", "block", PROMOTION, False),
    ("negotiating", "team", "block", PROMOTION, False),
    ("negotiating", "plan", "block", PROMOTION, False),
    ("framework", "intent", "block", PROMOTION, False),
    ("signed", "formal_deal", "block", PROMOTION, True),
    ("signed", "milestones_planned", "block", PROMOTION, False),
    ("signed", "follow_up_in_time", "warn", PROMOTION, False),
    ("landed", "local_company", "block", PROMOTION, False),
    ("landed", "code_or_arrival", "block", PROMOTION, False),
    ("landed", "site_secured", "block", PROMOTION, False),
    ("preparing", "procedure_list", "warn", PROMOTION, False),
    ("preparing", "project_approved", "block", CONSTRUCTION, False),
    ("preparing", "leader", "block", CONSTRUCTION, False),
    ("preparing", "team", "block", CONSTRUCTION, False),
    ("preparing", "plan", "block", CONSTRUCTION, False),
    ("started", "permit", "block", BOTH, False),
    ("started", "forecasts", "warn", BOTH, False),
    ("building", "reported_since_start", "warn", BOTH, False),
    ("completed", "acceptance", "block", BOTH, False),
    ("operating", "production", "block", BOTH, False),
    ("at_capacity", "capacity", "block", BOTH, False),
)

EVIDENCE_KINDS = (
    ("letter_of_intent", "意向书", "letter of intent", None),
    ("procedure_list", "前期手续清单", "list of procedures", None),
    ("legality_review", "合法性审查意见", "legality review", None),
    ("fair_competition_review", "公平竞争审查结论", "fair competition review", None),
    ("local_company", "本地项目公司", "local company", None),
    ("project_code", "投资项目统一代码", "national project code", None),
    ("arrival_audited", "审核到资", "audited arrival of funds", "yuan"),
    ("site_secured", "用地或厂房落实", "site secured", None),
    ("project_approval", "立项批复", "project approval", None),
    ("construction_permit", "施工许可证", "construction permit", None),
    ("commit_and_start", "承诺即开工承诺书", "commit-and-start promise", None),
    ("acceptance", "竣工验收", "acceptance", None),
    ("production", "投产证明", "production", None),
    ("capacity", "达产率", "share of capacity reached", "percent"),
    ("above_threshold", "纳统升规", "above the statistical threshold", None),
)


def _table(name: str, *columns: str) -> Any:
    kinds: dict[str, Any] = {
        "id": sa.Uuid(),
        "event_id": sa.Uuid(),
        "subject_id": sa.Uuid(),
        "at": sa.DateTime(timezone=True),
        "recorded_at": sa.DateTime(timezone=True),
        "created_at": sa.DateTime(timezone=True),
        "updated_at": sa.DateTime(timezone=True),
        "day": sa.Date(),
        "data": sa.JSON(),
    }
    booleans = {"for_promotion", "for_construction", "is_skippable", "is_fixed", "is_provisional"}
    integers = {"position", "amount", "version", "subject_version"}
    for column in columns:
        kinds.setdefault(column, sa.Boolean() if column in booleans else None)
        kinds[column] = kinds[column] or (sa.Integer() if column in integers else sa.String())
    return sa.table(name, *(sa.column(column, kinds[column]) for column in columns))


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _seed_stages() -> None:
    ids = {code: uuid.uuid5(uuid.NAMESPACE_URL, f"five-ones:stage:{code}") for code, *_ in STAGES}
    stages = _table(
        "stages",
        "id",
        "version",
        "created_at",
        "updated_at",
        "code",
        "position",
        "name_zh",
        "name_en",
        "for_promotion",
        "for_construction",
        "is_skippable",
    )
    op.bulk_insert(
        stages,
        [
            {
                "id": ids[code],
                "version": 1,
                "created_at": SEEDED_AT,
                "updated_at": SEEDED_AT,
                "code": code,
                "position": position,
                "name_zh": zh,
                "name_en": en,
                "for_promotion": promotion,
                "for_construction": construction,
                "is_skippable": skippable,
            }
            for position, (code, zh, en, promotion, construction, skippable) in enumerate(STAGES, 1)
        ],
    )
    events = _table(
        "events",
        "id",
        "at",
        "type",
        "actor_id",
        "actor_name",
        "actor_kind",
        "subject_type",
        "subject_id",
        "subject_version",
        "data",
    )
    op.bulk_insert(
        events,
        [
            {
                "id": uuid.uuid5(uuid.NAMESPACE_URL, f"five-ones:stage-seeded:{code}"),
                "at": SEEDED_AT,
                "type": "stage.created",
                "actor_id": "migration",
                "actor_name": "migration",
                "actor_kind": "system",
                "subject_type": "stage",
                "subject_id": ids[code],
                "subject_version": 1,
                "data": {"code": code},
            }
            for code, *_ in STAGES
        ],
    )


def upgrade() -> None:
    _seed_stages()
    limits = _table("stage_limits", "stage", "kind", "amount", "unit", "source")
    op.bulk_insert(
        limits, [dict(zip(("stage", "kind", "amount", "unit", "source"), row, strict=True)) for row in LIMITS]
    )
    gates = _table(
        "stage_gates",
        "stage",
        "gate",
        "position",
        "strictness",
        "for_promotion",
        "for_construction",
        "is_fixed",
    )
    op.bulk_insert(
        gates,
        [
            {
                "stage": stage,
                "gate": gate,
                "position": position,
                "strictness": strictness,
                "for_promotion": programs[0],
                "for_construction": programs[1],
                "is_fixed": fixed,
            }
            for position, (stage, gate, strictness, programs, fixed) in enumerate(GATES, 1)
        ],
    )
    kinds = _table("evidence_kinds", "code", "position", "name_zh", "name_en", "value_unit")
    op.bulk_insert(
        kinds,
        [
            {"code": code, "position": position, "name_zh": zh, "name_en": en, "value_unit": unit}
            for position, (code, zh, en, unit) in enumerate(EVIDENCE_KINDS, 1)
        ],
    )
    industries = _table("industries", "code", "name_zh", "name_en", "level", "parent_code", "sector")
    order = {"section": 0, "division": 1, "class": 2}
    op.bulk_insert(
        industries,
        [
            {name: value or None for name, value in row.items()}
            for row in sorted(_rows("industries.csv"), key=lambda row: order[row["level"]])
        ],
    )
    holidays = _table("holidays", "day", "kind", "name_zh", "source", "is_provisional")
    published = [
        {**row, "day": date.fromisoformat(row["day"]), "is_provisional": False} for row in _rows("holidays.csv")
    ]
    statutory = [
        {
            "day": date.fromisoformat(row["day"]),
            "kind": "off",
            "name_zh": row["name_zh"],
            "source": "全国年节及纪念日放假办法",
            "is_provisional": True,
        }
        for row in _rows("statutory_days.csv")
    ]
    op.bulk_insert(holidays, published + statutory)
    op.bulk_insert(
        sa.table(
            "knowledge_head",
            sa.column("id", sa.Integer()),
            sa.column("recorded_at", sa.DateTime(timezone=True)),
        ),
        [{"id": 1, "recorded_at": EPOCH}],
    )


def downgrade() -> None:
    """Takes the seeded rows along, and fails where business rows stand on them."""
    append_only.unprotect("events")
    op.execute(sa.text("DELETE FROM events WHERE actor_id = 'migration'"))
    append_only.protect("events")
    for table in ("knowledge_head", "holidays", "evidence_kinds", "stage_gates", "stage_limits", "stages"):
        op.execute(sa.text(f"DELETE FROM {table}"))
    for level in ("class", "division", "section"):
        op.execute(sa.text("DELETE FROM industries WHERE level = :level").bindparams(level=level))
