"""The five strokes of a project today, as SQL: one expression each, for row, card, filter, facet, gaps and attention.

The page of a project computes the same in Python (`service.get`); a property test compares the two. The fifth stroke is
complete where no gap is open today and nothing is overdue; how continuous it was in the past is the rate on the page.

Each function takes the columns of a project: the class `Project`, or the columns of a subquery of it.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, not_, or_, select
from sqlalchemy.orm import aliased

from app.core.remembered import one_of
from app.five_ones.continuity import LEADER_LATE_DAYS
from app.five_ones.models import LeaderAssignment, Plan, Stroke, StrokeState, Team
from app.organizations import service as organizations
from app.organizations.models import Post
from app.projects import moves
from app.projects import service as projects
from app.projects.models import Program, Status
from app.projects.stages import AT_CAPACITY, NEGOTIATING, PREPARING, SCREENED, Pipeline


class Flags(NamedTuple):
    """What is wrong with the five ones of a project today, as conditions; their names are those of the columns."""

    lacks_unit: ColumnElement[bool]
    """No unit in charge; or it has phases, to which the five ones belong."""
    lacks_leader: ColumnElement[bool]
    is_leader_out_of_post: ColumnElement[bool]
    lacks_team: ColumnElement[bool]
    lacks_plan: ColumnElement[bool]
    is_gap_open: ColumnElement[bool]
    """It must be followed, is not paused, and has no leader in post or no team."""
    is_leader_late: ColumnElement[bool]
    """Before it must be followed: no leader in post from day 7."""
    is_overdue: ColumnElement[bool]

    @property
    def is_not_followed(self) -> ColumnElement[bool]:
        return or_(self.is_gap_open, self.is_leader_late, self.is_overdue)

    @property
    def is_complete(self) -> ColumnElement[bool]:
        """Returns the condition that all five strokes are complete."""
        lacks = or_(self.lacks_unit, self.lacks_leader, self.is_leader_out_of_post, self.lacks_team, self.lacks_plan)
        return not_(or_(lacks, self.is_not_followed))

    def columns(self) -> list[ColumnElement[bool]]:
        """Returns the columns that `states` reads."""
        return [flag.label(name) for name, flag in zip(self._fields, self, strict=True)]


def leader(project: Any) -> Select[Any]:
    """Selects the id of the official who leads a project now."""
    return select(LeaderAssignment.official_id).where(
        LeaderAssignment.project_id == project.id, LeaderAssignment.closed_on.is_(None)
    )


def must_be_followed(project: Any, table: Pipeline) -> ColumnElement[bool]:
    """Returns the condition that the stage is one in which the project must be followed: from `negotiating`
    (construction: `preparing`) to before `at_capacity`."""
    return or_(
        and_(project.program != Program.construction, one_of(project.stage, _stages(table, NEGOTIATING))),
        and_(project.program == Program.construction, one_of(project.stage, _stages(table, PREPARING))),
    )


def is_before(project: Any, table: Pipeline) -> ColumnElement[bool]:
    """Returns the condition that it is in the pipeline, and not yet at the stage from which it must be followed."""
    return and_(not_(must_be_followed(project, table)), one_of(project.stage, _stages(table, SCREENED)))


def _stages(table: Pipeline, first: str) -> list[str]:
    """Returns the codes of the stages from the first to before `at_capacity`."""
    low, end = table.stage(first).position, table.stage(AT_CAPACITY).position
    return [stage.code for stage in table.stages if low <= stage.position < end]


class Facts(NamedTuple):
    """What a project has today, as expressions."""

    has_leader: ColumnElement[bool]
    has_leader_in_post: ColumnElement[bool]
    has_team: ColumnElement[bool]
    has_plan: ColumnElement[bool]
    entered_on: ColumnElement[date | None]

    @classmethod
    def of(cls, project: Any, today: date) -> "Facts":
        """Returns them as subqueries of the project: for conditions."""
        posts = leader(project).join(Post, Post.official_id == LeaderAssignment.official_id)
        return cls(
            has_leader=exists(leader(project)),
            has_leader_in_post=exists(posts.where(organizations.in_post(today))),
            has_team=exists(select(Team.id).where(Team.project_id == project.id, Team.closed_on.is_(None))),
            has_plan=exists(select(Plan.id).where(Plan.project_id == project.id)),
            entered_on=moves.entered_on(project),
        )


def with_facts(page: Subquery, today: date) -> Select[*tuple[Any, ...]]:
    """Selects the rows of a page with the columns of `Facts` and the id of the leader. The open leader and team, of
    which a project has one at most, are joined: a subquery for each use would take longer to plan than to run."""
    leads = aliased(LeaderAssignment, name="leads")
    works = aliased(Team, name="works")
    posts = select(Post.id).where(Post.official_id == leads.official_id, organizations.in_post(today))
    return (
        select(
            *page.c,
            leads.official_id.label("leader_id"),
            leads.id.is_not(None).label("has_leader"),
            exists(posts).label("has_leader_in_post"),
            works.id.is_not(None).label("has_team"),
            exists(select(Plan.id).where(Plan.project_id == page.c.id)).label("has_plan"),
            moves.entered_on(page.c).label("entered_on"),
        )
        .outerjoin(leads, and_(leads.project_id == page.c.id, leads.closed_on.is_(None)))
        .outerjoin(works, and_(works.project_id == page.c.id, works.closed_on.is_(None)))
    )


def flags(project: Any, today: date, table: Pipeline, facts: Any = None) -> Flags:
    """Returns the conditions for a project on a day, which is today: they read what is open now. `facts` has the
    expressions of `Facts`, such as the columns of `with_facts`; subqueries by default."""
    known: Facts = Facts.of(project, today) if facts is None else facts
    is_covered = and_(known.has_leader_in_post, known.has_team)
    is_open = one_of(project.status, [Status.active, Status.paused])
    entered_long = known.entered_on <= today - timedelta(days=LEADER_LATE_DAYS)
    return Flags(
        lacks_unit=or_(project.unit_id.is_(None), project.is_parent),
        lacks_leader=not_(known.has_leader),
        is_leader_out_of_post=and_(known.has_leader, not_(known.has_leader_in_post)),
        lacks_team=not_(known.has_team),
        lacks_plan=not_(known.has_plan),
        is_gap_open=and_(must_be_followed(project, table), project.status == Status.active, not_(is_covered)),
        is_leader_late=and_(is_before(project, table), is_open, not_(known.has_leader_in_post), entered_long),
        is_overdue=projects.is_overdue(today, project),
    )


def judged(facts: Select[*tuple[Any, ...]], today: date, table: Pipeline) -> tuple[Subquery, Flags]:
    """Returns rows of `with_facts` as a subquery, and the conditions that read it. OFFSET 0 keeps PostgreSQL from
    working out each fact anew for every condition."""
    known = facts.offset(0).subquery("known")
    return known, flags(known.c, today, table, known.c)


def is_lacking(project: Any, flags: Flags, table: Pipeline) -> ColumnElement[bool]:
    """Returns the condition that it must be followed and lacks a leader in post, a team or a plan; or, before that, it
    has no leader in post from day 7, or its leader's post has ended."""
    lacks = or_(flags.lacks_leader, flags.is_leader_out_of_post, flags.lacks_team, flags.lacks_plan)
    return or_(
        and_(must_be_followed(project, table), lacks),
        and_(is_before(project, table), flags.is_leader_out_of_post),
        flags.is_leader_late,
    )


def states(row: Mapping[str, Any]) -> dict[Stroke, StrokeState]:
    """Returns the state of each stroke from the columns of `Flags`."""
    broken = row["is_gap_open"] or row["is_leader_late"] or row["is_overdue"]
    leader_state = StrokeState.interrupted if row["is_leader_out_of_post"] else StrokeState.complete
    return {
        Stroke.project: StrokeState.missing if row["lacks_unit"] else StrokeState.complete,
        Stroke.leader: StrokeState.missing if row["lacks_leader"] else leader_state,
        Stroke.team: StrokeState.missing if row["lacks_team"] else StrokeState.complete,
        Stroke.plan: StrokeState.missing if row["lacks_plan"] else StrokeState.complete,
        Stroke.followed_through: StrokeState.interrupted if broken else StrokeState.complete,
    }
