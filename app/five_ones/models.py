from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import errors
from app.core.column_types import NAME, PROSE
from app.core.db import Base, Id
from app.core.localized import Say, Word


class Capacity(Word):
    """The leader's capacities 指挥员、协调员、服务员 [A]."""

    commander = "commander", "指挥员", "commander"
    coordinator = "coordinator", "协调员", "coordinator"
    servant = "servant", "服务员", "servant"


_OPEN = text("closed_on IS NULL")


class StrokeState(Word):
    """The state of one of the five: drawn filled, outlined, or amber."""

    complete = "complete", "已落实", "complete"
    missing = "missing", "缺", "missing"
    interrupted = "interrupted", "中断或超期", "interrupted or late"


class Stroke(Word):
    project = "project", "一个项目", "one project"
    leader = "leader", "一名领导", "one leader"
    team = "team", "一套班子", "one team"
    plan = "plan", "一个方案", "one plan"
    followed_through = "followed_through", "一抓到底", "followed through"


class LeaderAssignment(Base):
    """包保领导: at most one open per project, by constraint. Closed by a handover, with its note."""

    __tablename__ = "leader_assignments"
    __table_args__ = (
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="closed_after_opened"),
        Index(
            "uq_leader_assignments_open",
            "project_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_leader_assignments_project_id", "project_id", "opened_on"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    official_id: Mapped[UUID] = mapped_column(ForeignKey("officials.id"), index=True)
    capacities: Mapped[list[Any]] = mapped_column(JSON)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    """The last day in charge. The next leader opens the day after, or on this day if it is also `opened_on`."""
    handover_note: Mapped[str | None] = mapped_column(PROSE)
    is_illustrative: Mapped[bool]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class Team(Base):
    """一套班子: lead unit, team leader, at least two members; the contact is one of them or the leader."""

    __tablename__ = "teams"
    __table_args__ = (
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="closed_after_opened"),
        Index("uq_teams_open", "project_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_teams_project_id", "project_id", "opened_on"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    lead_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    leader_id: Mapped[UUID] = mapped_column(ForeignKey("officials.id"), index=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("officials.id"), index=True)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(PROSE)
    is_illustrative: Mapped[bool]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class TeamMember(Base):
    __tablename__ = "team_members"

    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    official_id: Mapped[UUID] = mapped_column(ForeignKey("officials.id"), primary_key=True, index=True)
    duty: Mapped[str | None] = mapped_column(NAME)


class Plan(Base):
    """一个方案. The highest number is current; earlier versions stay."""

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(NAME)
    reason: Mapped[str | None] = mapped_column(PROSE)
    published_on: Mapped[date]
    is_illustrative: Mapped[bool]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class Milestone(Base):
    """A milestone in one version of a plan. It has the same `line_id` in every version, so that what was reported on it
    stays valid in later versions. (Not the line of a project.)"""

    __tablename__ = "milestones"
    __table_args__ = (
        UniqueConstraint("plan_id", "line_id"),
        Index("ix_milestones_line_id", "line_id"),
    )

    id: Mapped[Id]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))
    line_id: Mapped[UUID]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(NAME)
    leads_to: Mapped[str | None] = mapped_column(ForeignKey("stages.code"), index=True)
    planned_on: Mapped[date]


class MilestoneReport(Base):
    """A forecast, or the actual day with what proves it. The latest row of each kind is in force."""

    __tablename__ = "milestone_reports"
    __table_args__ = (
        CheckConstraint("(forecast_on IS NULL) <> (actual_on IS NULL)", name="forecast_or_actual"),
        Index("ix_milestone_reports_line_id", "line_id", "recorded_at"),
        Index("ix_milestone_reports_project_id", "project_id", "on"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("milestones.id"), index=True)
    line_id: Mapped[UUID]
    on: Mapped[date]
    forecast_on: Mapped[date | None]
    actual_on: Mapped[date | None]
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence.id"), index=True)
    note: Mapped[str | None] = mapped_column(PROSE)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


LEADER_OPEN = Say("项目已有包保领导；换人请办理交接。", "The project has a leader; hand over instead.")
TEAM_OPEN = Say("项目已有班子；调整请整体更换。", "The project has a team; replace it instead.")
errors.on_conflict(
    errors.rule_of(LeaderAssignment.__table__, "uq_leader_assignments_open"), "leader_already_open", LEADER_OPEN
)
errors.on_conflict(errors.rule_of(Team.__table__, "uq_teams_open"), "team_already_open", TEAM_OPEN)
