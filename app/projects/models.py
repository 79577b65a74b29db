"""The project, and its dated rows: placements, phase links, capacities."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.core import errors
from app.core.column_types import CODE, NAME, PINYIN, PROSE
from app.core.db import Base, Id, Versioned, choice
from app.core.localized import Say, Word
from app.core.money import Money
from app.core.name_key import number_key
from app.referrers.models import Channel
from app.search import index
from app.search.keys import Match, Style


class Program(Word):
    """What a project is entered as: for 招商引资 by the commerce caliber, 重点建设 by the planning one, or both."""

    promotion = "promotion", "招商引资", "investment promotion"
    construction = "construction", "重点建设", "key construction"
    both = "both", "两者", "both"


class Pool(Word):
    """The two pools, whose amounts are never added up. A project of both programs is in both."""

    promotion = "promotion", "招商引资", "investment promotion"
    construction = "construction", "重点建设", "key construction"

    @property
    def programs(self) -> list[Program]:
        return [Program(self.value), Program.both]


class Status(Word):
    """The status of a project, independent of its stage."""

    active = "active", "正常", "active"
    paused = "paused", "暂缓", "paused"
    terminated = "terminated", "终止", "terminated"
    merged = "merged", "并入", "merged"


class ChainRole(Word):
    extend = "extend", "延链", "extends the chain"
    complete = "complete", "补链", "completes the chain"
    strengthen = "strengthen", "强链", "strengthens the chain"


class ConstructionNature(Word):
    new = "new", "新建", "new"
    expansion = "expansion", "扩建", "expansion"
    renovation = "renovation", "改建和技术改造", "renovation"
    purchase = "purchase", "单纯购置", "purchase only"
    relocation = "relocation", "迁建", "relocation"
    restoration = "restoration", "恢复", "restoration"


class Confidentiality(Word):
    """国家秘密不得录入 / state secrets are never entered."""

    internal = "internal", "内部", "internal"
    sensitive = "sensitive", "敏感", "sensitive"


class PhaseRelation(Word):
    phase = "phase", "分期", "phase"
    subproject = "subproject", "子项目", "subproject"
    supporting = "supporting", "产业链配套", "supporting project"


class TerminationReason(Word):
    investor_withdrew = "investor_withdrew", "投资方放弃", "investor withdrew"
    market = "market", "市场变化", "market"
    factors = "factors", "要素不落实", "factors not secured"
    refused = "refused", "审批否决", "refused"
    duplicate = "duplicate", "重复", "duplicate"
    dishonest = "dishonest", "失信", "dishonest"
    other = "other", "其他", "other"


class Prospect:
    """The columns that a lead and the project it becomes have in common, under the same names in both."""

    name: Mapped[str] = mapped_column(NAME)
    name_normalized: Mapped[str] = mapped_column(NAME, index=True)
    name_pinyin: Mapped[str] = mapped_column(PINYIN)
    initials: Mapped[str] = mapped_column(NAME)
    program: Mapped[Program] = mapped_column(choice(Program, "program"))
    occasion: Mapped[str | None] = mapped_column(NAME)
    referrer_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrers.id"), index=True)
    investor_id: Mapped[UUID | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    description: Mapped[str | None] = mapped_column(PROSE)
    estimate_from: Mapped[Decimal | None] = mapped_column(Money)
    estimate_to: Mapped[Decimal | None] = mapped_column(Money)
    """拟投资额 in yuan, a range. For a single value both ends are the same."""
    industry_code: Mapped[str | None] = mapped_column(ForeignKey("industries.code"), index=True)
    place_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    land_area: Mapped[Decimal | None] = mapped_column(Money)
    """亩 with two decimals, stored as hundredths."""
    plant_area: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    """m²."""
    energy_use: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    """Tonnes of coal equivalent a year."""
    energy_note: Mapped[str | None] = mapped_column(PROSE)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    task_force_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_forces.id"), index=True)
    confidentiality: Mapped[Confidentiality] = mapped_column(choice(Confidentiality, "confidentiality"))
    source: Mapped[str | None] = mapped_column(NAME)
    is_illustrative: Mapped[bool]


def prospect_checks() -> list[CheckConstraint]:
    """Returns the CHECK constraints for a table of prospects."""
    return [
        CheckConstraint("(estimate_from IS NULL) = (estimate_to IS NULL)", name="estimate_is_a_range"),
        CheckConstraint("estimate_from >= 0 AND estimate_from <= estimate_to", name="estimate_ascends"),
        CheckConstraint("land_area IS NULL OR land_area >= 0", name="land_not_negative"),
        CheckConstraint("plant_area >= 0 AND energy_use >= 0", name="needs_not_negative"),
    ]


@dataclass(frozen=True, slots=True)
class Successor:
    """The record that replaces a merged one: the last of a chain of merges."""

    id: UUID
    code: str
    name: str


class Project(Prospect, Versioned, Base):
    """项目. `line_id` is the root of its line (the parent, or itself). On one line either the parent or its phases have
    live formal deals.

    `planned_total`, `due_on`, `landed_on`, `last_activity_on` and a parent's `stage` are derived columns, written
    without raising the version; `five-ones check` computes them anew.
    """

    __tablename__ = "projects"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("line_id = coalesce(parent_id, id)", name="line_is_root"),
        CheckConstraint("parent_id IS NULL OR is_parent = false", name="one_level_of_phases"),
        CheckConstraint("(status = 'paused') = (paused_on IS NOT NULL)", name="paused_has_day"),
        CheckConstraint("(parent_id IS NULL) = (phase_no IS NULL)", name="phase_has_number"),
        *prospect_checks(),
        Index("ix_projects_updated_at_id", "updated_at", "id"),
        Index("ix_projects_created_at_id", "created_at", "id"),
        Index("ix_projects_name_pinyin_id", "name_pinyin", "id"),
        Index("ix_projects_due", text("coalesce(due_on, '2199-12-31')"), "id"),
        Index("ix_projects_planned", text("coalesce(planned_total, 0)"), "id"),
        Index(
            "ix_projects_sums",
            "stage",
            "program",
            "status",
            "is_parent",
            postgresql_include=["planned_total", "due_on", "unit_id", "task_force_id"],
        ),
        Index(
            "ix_projects_board",
            "stage",
            text("coalesce(due_on, '2199-12-31')"),
            "id",
            sqlite_where=text("status = 'active' AND is_parent = 0"),
            postgresql_where=text("status = 'active' AND is_parent = false"),
        ),
        Index("ix_projects_stage_planned", "stage", text("coalesce(planned_total, 0)"), "id"),
        Index("ix_projects_stage_since_id", "stage_since", "id"),
        Index("ix_projects_last_activity_on_id", "last_activity_on", "id"),
        Index("uq_projects_parent_id_phase_no", "parent_id", "phase_no", unique=True),
    )

    # identity
    code: Mapped[str] = mapped_column(CODE)
    short_name: Mapped[str | None] = mapped_column(NAME)
    upstream_code: Mapped[str | None] = mapped_column(CODE)
    upstream_key: Mapped[str | None] = mapped_column(NAME, index=True)
    national_code: Mapped[str | None] = mapped_column(CODE, index=True)
    statistical_name: Mapped[str | None] = mapped_column(NAME)

    # phases
    line_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"), index=True)
    is_parent: Mapped[bool]
    relation: Mapped[PhaseRelation | None] = mapped_column(choice(PhaseRelation, "relation"))
    phase_no: Mapped[int | None]
    continues_parent: Mapped[bool]

    # where it came from
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"), unique=True)
    channel: Mapped[Channel | None] = mapped_column(choice(Channel, "channel"))

    # place and industry
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    parcel_no: Mapped[str | None] = mapped_column(NAME)
    chain: Mapped[str | None] = mapped_column(NAME)
    chain_role: Mapped[ChainRole | None] = mapped_column(choice(ChainRole, "chain_role"))

    # what is built, and what it yields
    construction_nature: Mapped[ConstructionNature | None] = mapped_column(
        choice(ConstructionNature, "construction_nature")
    )
    annual_revenue: Mapped[Decimal | None] = mapped_column(Money)
    annual_tax: Mapped[Decimal | None] = mapped_column(Money)
    jobs: Mapped[int | None]

    # progress
    progress: Mapped[str | None] = mapped_column(PROSE)
    progress_on: Mapped[date | None]
    next_steps: Mapped[str | None] = mapped_column(PROSE)

    # stage and status
    stage: Mapped[str] = mapped_column(ForeignKey("stages.code"))
    stage_since: Mapped[date]
    status: Mapped[Status] = mapped_column(choice(Status, "status"))
    paused_on: Mapped[date | None]
    resume_expected_on: Mapped[date | None]
    paused_days: Mapped[int] = mapped_column(Integer)
    """Days paused within the present stage; limits do not count them."""
    last_activity_on: Mapped[date]
    due_on: Mapped[date | None] = mapped_column(index=True)
    landed_on: Mapped[date | None]
    """The day of the entry into `landed` that is in force; the ledger compares its quarter with that of the signing."""

    @validates("upstream_code")
    def _keep_upstream_key(self, _name: str, code: str | None) -> str | None:
        self.upstream_key = number_key(code)
        return code

    planned_total: Mapped[Decimal | None] = mapped_column(Money)
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"), index=True)

    # management
    direct_entry_reason: Mapped[str | None] = mapped_column(PROSE)
    duplicate_ruling: Mapped[str | None] = mapped_column(PROSE)

    @property
    def successor(self) -> Successor | None:
        """The project it was merged into; None where the actor does not see it. Not a column: set by `service.lock`."""
        successor: Successor | None = self.__dict__.get("_successor")
        return successor

    @successor.setter
    def successor(self, successor: Successor | None) -> None:
        self.__dict__["_successor"] = successor

    @property
    def own_ids(self) -> list[UUID]:
        """The ids of the projects whose rows count as its own: itself, and the parent that it continues."""
        if self.continues_parent and self.parent_id is not None:
            return [self.id, self.parent_id]
        return [self.id]


class ProjectPlacement(Base):
    """Where a project counts from a day on. `states_…`: whether the value was stated for that day or carried over.
    Append-only."""

    __tablename__ = "project_placements"
    __table_args__ = (Index("ix_project_placements_known", "project_id", "effective_on", "recorded_at"),)

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    task_force_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_forces.id"), index=True)
    program: Mapped[Program] = mapped_column(choice(Program, "program"))
    states_unit: Mapped[bool]
    states_task_force: Mapped[bool]
    states_program: Mapped[bool]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class PhaseLink(Base):
    """Links a phase to its parent from a day on; statistics count the projects that are leaves on the day of the fact.
    Append-only."""

    __tablename__ = "phase_links"

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), unique=True)
    parent_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    effective_on: Mapped[date]
    continues_parent: Mapped[bool]
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class PhaseWithdrawal(Base):
    """Withdraws the link of a phase added by mistake. Append-only, so that earlier totals can be reproduced."""

    __tablename__ = "phase_withdrawals"

    id: Mapped[Id]
    link_id: Mapped[UUID] = mapped_column(ForeignKey("phase_links.id"), unique=True)
    reason: Mapped[str] = mapped_column(PROSE)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class ProjectCapacity(Base):
    """产能: the quantity of one product, in its unit."""

    __tablename__ = "project_capacities"
    __table_args__ = (
        UniqueConstraint("project_id", "product"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    product: Mapped[str] = mapped_column(NAME)
    quantity: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    unit: Mapped[str] = mapped_column(CODE)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


errors.on_conflict(
    errors.rule_of(Project.__table__, "uq_projects_lead_id"),
    "lead_converted",
    Say("线索已转为项目。", "The lead has become a project already."),
)
errors.on_conflict(
    errors.rule_of(Project.__table__, "uq_projects_parent_id_phase_no"),
    "phase_taken",
    Say("这一期次已存在。", "There is a phase of that number already."),
)

index.register(
    "project",
    Project,
    {
        "code": (Match.code, Style.NUMBER),
        "name": (Match.own_name, Style.NAME),
        "short_name": (Match.short_name, Style.NAME),
        "statistical_name": (Match.statistical_name, Style.NAME),
        "upstream_code": (Match.upstream_code, Style.NUMBER),
        "national_code": (Match.national_code, Style.NUMBER),
    },
    via=(("investor_id", "enterprise"),),
)
