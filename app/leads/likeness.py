"""What of two records is compared, and in which ways they are alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from rapidfuzz import fuzz
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from app.core import refs
from app.core.actor import Actor
from app.core.localized import Say
from app.core.refs import Reference
from app.leads import service as leads
from app.leads.models import Lead, LeadStatus, Likeness, ProspectKind
from app.leads.schemas import Candidate
from app.organizations.models import Unit
from app.projects import service as projects
from app.projects.models import Project

ALIKE_PERCENT = 85


WITHIN = Decimal("0.20")


@dataclass(frozen=True, slots=True)
class Sought:
    """The record for which duplicates are sought: the values that are compared with those of others.

    `low` and `high` are the limits of its estimated amount, in yuan. `lead_id`, `project_id` and `line_id` are its own,
    so that it is not found as a duplicate of itself. `unit_id` is its unit.
    """

    name_normalized: str | None = None
    national_code: str | None = None
    upstream_key: str | None = None
    investor_id: UUID | None = None
    industry_code: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    lead_id: UUID | None = None
    project_id: UUID | None = None
    line_id: UUID | None = None
    unit_id: UUID | None = None


def of_lead(lead: Lead) -> Sought:
    return Sought(
        lead.name_normalized,
        investor_id=lead.investor_id,
        industry_code=lead.industry_code,
        low=lead.estimate_from,
        high=lead.estimate_to,
        lead_id=lead.id,
        unit_id=lead.unit_id or lead.first_unit_id,
    )


def of_project(project: Project) -> Sought:
    planned = project.planned_total
    return Sought(
        project.name_normalized,
        project.national_code,
        project.upstream_key,
        project.investor_id,
        project.industry_code,
        project.estimate_from if planned is None else planned,
        project.estimate_to if planned is None else planned,
        project.lead_id,
        project.id,
        project.line_id,
        project.unit_id,
    )


def are_near(low: Decimal, high: Decimal, other_low: Decimal, other_high: Decimal) -> bool:
    """Returns whether two ranges overlap, or their nearest ends differ by no more than 20 % of the larger."""
    below, above = sorted([(low, high), (other_low, other_high)])
    return below[1] >= above[0] or above[0] - below[1] <= WITHIN * above[0]


@dataclass(frozen=True, slots=True)
class Match:
    """A lead or project that may be like the record sought."""

    kind: ProspectKind
    row: Any
    is_in_scope: bool
    low: Decimal | None
    high: Decimal | None
    successor: Any = None
    """The row of the project it was merged into, None where it was not merged."""

    @property
    def current(self) -> Any:
        """The row shown to the user: that of the successor, else its own."""
        return self.row if self.successor is None else self.successor

    @property
    def ruling_ids(self) -> frozenset[UUID]:
        """The ids that a ruling on it may name: those of a project, of its successor, and of the lead it was."""
        ids = {self.row.id, self.current.id, self.row.lead_id if self.kind is ProspectKind.project else self.row.id}
        return frozenset(record_id for record_id in ids if record_id is not None)


_COLUMNS = (
    "id",
    "code",
    "name",
    "name_normalized",
    "unit_id",
    "status",
    "investor_id",
    "industry_code",
    "estimate_from",
    "estimate_to",
)
CODES = ("national_code", "upstream_key")
OTHER_NAMES = ("short_name", "statistical_name")
UNIT = [Reference("unit", "unit_id", Unit)]
_UNIT = aliased(Unit, name="unit")
_UNIT_NAMES = [column.label(f"unit__{name}") for name, column in UNIT[0].columns(_UNIT).items()]


def other_projects(actor: Actor, sought: Sought) -> Select[*tuple[Any, ...]]:
    """Selects what is compared of all projects but those of the record sought."""
    columns = [getattr(Project, name) for name in (*_COLUMNS, *CODES, *OTHER_NAMES, "lead_id", "planned_total")]
    query = select(*columns, projects.scope(actor).label("is_in_scope"))
    if sought.line_id is not None:
        query = query.where(Project.line_id != sought.line_id)
    if sought.lead_id is not None:
        query = query.where(or_(Project.lead_id.is_(None), Project.lead_id != sought.lead_id))
    return query


def named(query: Select[*tuple[Any, ...]], record: type[Lead] | type[Project]) -> Select[*tuple[Any, ...]]:
    """Adds the name of the unit to the rows of a query of records. It is written out, for `refs.joined` would build it
    anew at every registration, which asks several times."""
    return query.outerjoin(_UNIT, _UNIT.id == record.unit_id).add_columns(*_UNIT_NAMES)


def other_leads(actor: Actor, sought: Sought) -> Select[*tuple[Any, ...]]:
    """Selects what is compared of all leads that are not converted, but for the record sought."""
    query = select(*(getattr(Lead, name) for name in _COLUMNS), leads.scope(actor).label("is_in_scope"))
    query = query.where(Lead.status != LeadStatus.converted)
    if sought.lead_id is not None:
        query = query.where(Lead.id != sought.lead_id)
    return query


def match_of(kind: ProspectKind, row: Any) -> Match:
    low, high = row.estimate_from, row.estimate_to
    if kind is ProspectKind.project and row.planned_total is not None:
        low = high = row.planned_total
    return Match(kind, row, bool(row.is_in_scope), low, high)


def similarity(sought: Sought, match: Match) -> int:
    """Returns the likeness of the normalized names in per cent, the same in both directions."""
    return int(fuzz.ratio(sought.name_normalized or "", match.row.name_normalized))


def likenesses_of(sought: Sought, match: Match) -> list[Likeness]:
    row, likenesses = match.row, []
    if match.kind is ProspectKind.project and any(
        getattr(sought, name) is not None and getattr(row, name) == getattr(sought, name) for name in CODES
    ):
        likenesses.append(Likeness.same_code)
    same_investor = sought.investor_id is not None and row.investor_id == sought.investor_id
    if sought.name_normalized == row.name_normalized:
        likenesses.append(Likeness.same_name)
    elif same_investor and similarity(sought, match) >= ALIKE_PERCENT:
        likenesses.append(Likeness.similar_name)
    if same_investor:
        likenesses.append(Likeness.same_investor)
        if sought.industry_code is not None and row.industry_code == sought.industry_code and _is_near(sought, match):
            likenesses.append(Likeness.similar_amount)
    return likenesses


def _is_near(sought: Sought, match: Match) -> bool:
    if sought.low is None or sought.high is None or match.low is None or match.high is None:
        return False
    return are_near(sought.low, sought.high, match.low, match.high)


def candidate(sought: Sought, match: Match, likenesses: Sequence[Likeness]) -> Candidate:
    names = Say("、".join(one.say.zh for one in likenesses), ", ".join(one.say.en for one in likenesses))
    row = match.current
    return Candidate(
        is_in_scope=True,
        zh=f"{match.kind.say.zh} {row.code} {row.name}：{names.zh}",
        en=f"{match.kind.say.en} {row.code} {row.name}: {names.en}",
        likenesses=[one.label for one in likenesses],
        kind=match.kind,
        id=row.id,
        code=row.code,
        name=row.name,
        unit_id=row.unit_id,
        unit=refs.named(row, UNIT)["unit"],
        status=row.status,
        similarity=similarity(sought, match) if sought.name_normalized else None,
    )
