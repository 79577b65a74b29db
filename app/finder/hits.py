"""What a hit of each kind shows: the columns that its part of the statement selects."""

from typing import Any

from sqlalchemy import (
    Date,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from app.deals.models import Deal
from app.enterprises.models import Enterprise
from app.finder.schemas import Kind
from app.leads.models import Lead
from app.organizations.models import Official, Post, Unit
from app.projects.models import Project, Status
from app.search.models import SearchEntry
from app.taskforces.models import TaskForce

TODAY = bindparam("today", type_=Date)

Row = Select[*tuple[Any, ...]]
_Text = Any
"""A column or an expression."""
_NONE: _Text = cast(null(), String)


def _row(
    kind: Kind,
    hits: Subquery,
    record: Any,
    *,
    name: _Text,
    code: _Text = _NONE,
    stage: _Text = _NONE,
    status: _Text = _NONE,
    place: tuple[_Text, _Text] = (_NONE, _NONE),
    besides: _Text = _NONE,
) -> Row:
    """Selects a hit. `place`: where it belongs, in both languages; `besides`: what else is said of it."""
    columns = {
        "code": code,
        "name": name,
        "stage": stage,
        "status": status,
        "place_zh": place[0],
        "place_en": place[1],
        "besides": besides,
    }
    return (
        select(
            literal_column(f"'{kind.value}'", String).label("type"),
            hits.c.id,
            hits.c.rank,
            SearchEntry.lines,
            *(type_coerce(column, String).label(label) for label, column in columns.items()),
        )
        .join_from(hits, record, record.id == hits.c.id)
        .join(SearchEntry, SearchEntry.number == hits.c.number)
    )


def _unit_names(unit: Any) -> tuple[_Text, _Text]:
    return func.coalesce(unit.short_name, unit.name), func.coalesce(unit.name_en, unit.short_name, unit.name)


def _prospect(kind: Kind, hits: Subquery, record: Any, unit_id: _Text, stage: _Text) -> Row:
    unit = aliased(Unit)
    row = _row(
        kind,
        hits,
        record,
        code=record.code,
        name=record.name,
        stage=stage,
        status=record.status,
        place=_unit_names(unit),
        besides=Enterprise.name,
    )
    row = row.outerjoin(unit, unit.id == unit_id)
    return row.outerjoin(Enterprise, Enterprise.id == record.investor_id)


def _project(hits: Subquery) -> Row:
    return _prospect(Kind.project, hits, Project, Project.unit_id, Project.stage)


def _lead(hits: Subquery) -> Row:
    return _prospect(Kind.lead, hits, Lead, func.coalesce(Lead.unit_id, Lead.first_unit_id), _NONE)


def _deal(hits: Subquery) -> Row:
    row = _row(
        Kind.deal,
        hits,
        Deal,
        code=Deal.code,
        name=Deal.title,
        status=Deal.status,
        place=(Project.name, Project.name),
        besides=Deal.agreement_no,
    )
    return row.join(Project, Project.id == Deal.project_id)


def _enterprise(hits: Subquery) -> Row:
    return _row(
        Kind.enterprise,
        hits,
        Enterprise,
        code=func.coalesce(Enterprise.credit_code, Enterprise.registration_no),
        name=Enterprise.name,
        status=case((Enterprise.merged_into_id.is_not(None), literal(Status.merged.value)), else_=_NONE),
        place=(Enterprise.registered_place, Enterprise.registered_place),
    )


def _official(hits: Subquery) -> Row:
    """With the post held today, that of the top leader first, else the latest."""
    is_held = and_(Post.started_on <= TODAY, or_(Post.ended_on.is_(None), Post.ended_on >= TODAY))
    posts = select(Post.id).where(Post.official_id == Official.id, is_held).correlate(Official)
    latest = posts.order_by(Post.is_top_leader.desc(), Post.started_on.desc(), Post.id).limit(1).scalar_subquery()
    held = aliased(Post)
    row = _row(Kind.official, hits, Official, name=Official.name, place=_unit_names(Unit), besides=held.title)
    return row.outerjoin(held, held.id == latest).outerjoin(Unit, Unit.id == held.unit_id)


def _unit(hits: Subquery) -> Row:
    return _row(Kind.unit, hits, Unit, code=Unit.code, name=Unit.name, place=(Unit.kind, Unit.kind))


def _task_force(hits: Subquery) -> Row:
    row = _row(Kind.task_force, hits, TaskForce, name=TaskForce.name, place=_unit_names(Unit))
    return row.outerjoin(Unit, Unit.id == TaskForce.lead_unit_id)


ROWS = {
    Kind.project: _project,
    Kind.enterprise: _enterprise,
    Kind.lead: _lead,
    Kind.deal: _deal,
    Kind.official: _official,
    Kind.unit: _unit,
    Kind.task_force: _task_force,
}

ADDRESSES = {
    Kind.project: "/projects",
    Kind.enterprise: "/enterprises",
    Kind.lead: "/leads",
    Kind.deal: "/deals",
    Kind.official: "/officials",
    Kind.unit: "/units",
    Kind.task_force: "/task-forces",
}
