"""The rows every office starts from: stages, limits, gates, evidence kinds, industries, calendar, clocks of leads

Revision ID: 20261129202
Revises: 20261129101
"""

import csv
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "20261129202"
down_revision = "20261129101"
branch_labels = None
depends_on = None

DATA = Path(__file__).parent.parent / "data"
EPOCH = datetime(1949, 10, 1, tzinfo=UTC)
SEEDED_AT = datetime(2026, 11, 24, tzinfo=UTC)
SEEDED_LATER = datetime(2026, 11, 26, tzinfo=UTC)
"""Of calendar years and clocks, which came two days after the stages."""

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

# code, zh, en, unit of the value, whether it may be «not needed»
EVIDENCE_KINDS = (
    ("letter_of_intent", "意向书", "letter of intent", None, False),
    ("procedure_list", "前期手续清单", "list of procedures", None, False),
    ("legality_review", "合法性审查意见", "legality review", None, False),
    ("fair_competition_review", "公平竞争审查结论", "fair competition review", None, False),
    ("local_company", "本地项目公司", "local company", None, False),
    ("project_code", "投资项目统一代码", "national project code", None, False),
    ("arrival_audited", "审核到资", "audited arrival of funds", "yuan", False),
    ("site_secured", "用地或厂房落实", "site secured", None, True),
    ("project_approval", "立项批复", "project approval", None, False),
    ("construction_permit", "施工许可证", "construction permit", None, True),
    ("commit_and_start", "承诺即开工承诺书", "commit-and-start promise", None, False),
    ("acceptance", "竣工验收", "acceptance", None, False),
    ("production", "投产证明", "production", None, False),
    ("capacity", "达产率", "share of capacity reached", "percent", False),
    ("above_threshold", "纳统升规", "above the statistical threshold", None, False),
)

JIANGMEN = "江门 2024：1 个工作日响应，3 个工作日研判"
OURS = "本系统缺省"
CLOCKS = (
    ("answer", 1, "workday", JIANGMEN),
    ("assess", 3, "workday", JIANGMEN),
    ("first_talk", 90, "day", OURS),
    ("first_talk_idle", 30, "day", OURS),
)

LEVELS = ("section", "division", "class")
STATUTORY = "全国年节及纪念日放假办法"

TYPES: dict[type, sa.types.TypeEngine[Any]] = {
    bool: sa.Boolean(),
    int: sa.Integer(),
    date: sa.Date(),
    datetime: sa.DateTime(timezone=True),
    dict: sa.JSON(),
    uuid.UUID: sa.Uuid(),
}
"""Of the values in the first row of a table; any other value is a text."""


def upgrade() -> None:
    _seed_stages()
    kinds = ("code", "name_zh", "name_en", "value_unit", "may_be_not_needed")
    _insert("evidence_kinds", _numbered(kinds, EVIDENCE_KINDS))
    _seed_industries()
    _seed_calendar()
    _seed_clocks()
    _insert("knowledge_head", [{"id": 1, "recorded_at": EPOCH}])


def _insert(table: str, rows: list[dict[str, Any]]) -> None:
    columns = [sa.column(name, TYPES.get(type(value), sa.String())) for name, value in rows[0].items()]
    op.bulk_insert(sa.table(table, *columns), rows)


def _numbered(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Returns the rows by column, each with its position."""
    return [{**dict(zip(names, row, strict=True)), "position": position} for position, row in enumerate(rows, 1)]


def _id(name: str) -> uuid.UUID:
    """Returns an id that is the same in every database, and again after a way down and up."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"five-ones:{name}")


def _record(name: str, at: datetime) -> dict[str, Any]:
    """Returns the columns that every record has which people edit."""
    return {"id": _id(name), "version": 1, "created_at": at, "updated_at": at}


def _event(name: str, type: str, record: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _id(name),
        "at": record["created_at"],
        "type": type,
        "actor_id": "migration",
        "actor_name": "migration",
        "actor_kind": "system",
        "subject_type": type.partition(".")[0],
        "subject_id": record["id"],
        "subject_version": record["version"],
        "data": data,
    }


def _seed_stages() -> None:
    names = ("code", "name_zh", "name_en", "for_promotion", "for_construction", "is_skippable")
    for row in _numbered(names, STAGES):
        code = row["code"]
        stage = {**_record(f"stage:{code}", SEEDED_AT), **row}
        _insert("stages", [stage])
        _insert("events", [_event(f"stage-seeded:{code}", "stage.created", stage, {"code": code})])
    limits = ("stage", "kind", "amount", "unit", "source")
    _insert("stage_limits", [dict(zip(limits, row, strict=True)) for row in LIMITS])
    gates = ("stage", "gate", "strictness", "for_promotion", "for_construction", "is_fixed")
    _insert("stage_gates", _numbered(gates, [(*row[:3], *row[3], row[4]) for row in GATES]))


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _seed_industries() -> None:
    """A parent comes before its children."""
    rows = sorted(_rows("industries.csv"), key=lambda row: LEVELS.index(row["level"]))
    _insert("industries", [{name: value or None for name, value in row.items()} for row in rows])


def _seed_calendar() -> None:
    """The source of a year is that of its last day."""
    published = [{**row, "is_provisional": False} for row in _rows("holidays.csv")]
    statutory = [
        {**row, "kind": "off", "source": STATUTORY, "is_provisional": True} for row in _rows("statutory_days.csv")
    ]
    days: list[dict[str, Any]] = sorted([*published, *statutory], key=lambda row: str(row["day"]))
    for row in days:
        row["day"] = date.fromisoformat(row["day"])
    _insert("holidays", [{name: row[name] for name in ("day", "kind", "name_zh")} for row in days])
    for year, last in {row["day"].year: row for row in days}.items():
        said = {"year": year, "source": last["source"], "is_provisional": last["is_provisional"]}
        record = {**_record(f"calendar-year:{year}", SEEDED_LATER), **said}
        _insert("calendar_years", [record])
        _insert("events", [_event(f"event:calendar-year:{year}", "calendar_year.seeded", record, {"year": year})])


def _seed_clocks() -> None:
    for code, amount, unit, source in CLOCKS:
        told = {"code": code, "amount": amount, "unit": unit}
        clock = {**_record(f"lead-clock:{code}", SEEDED_LATER), **told, "source": source}
        _insert("lead_clocks", [clock])
        _insert("events", [_event(f"event:lead-clock:{code}", "lead_clock.seeded", clock, told)])


SEEDED = (
    "knowledge_head",
    "lead_clocks",
    "calendar_years",
    "holidays",
    "evidence_kinds",
    "stage_gates",
    "stage_limits",
    "stages",
)


def downgrade() -> None:
    """Takes the seeded rows along, and fails where business rows stand on them."""
    append_only.unprotect("events")
    op.execute("DELETE FROM events WHERE actor_id = 'migration'")
    append_only.protect("events")
    for table in SEEDED:
        op.execute(f"DELETE FROM {table}")
    for level in reversed(LEVELS):
        op.execute(f"DELETE FROM industries WHERE level = '{level}'")
