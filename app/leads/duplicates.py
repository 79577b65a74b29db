"""Duplicates 判重: what is already on record, among all leads and projects of the city.

Blocking: the same project code, the same name as two clerks would have typed it, or a name 85 % alike (光谷 [S]) with
the same investor. A warning: the same investor, and the more so with the same industry and amounts within 20 %.
A ruling on a pair stays on record, and the pair is not asked about again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NoReturn
from uuid import UUID

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import inquiries
from app.core import knowledge
from app.core.actor import Actor, Permission, system
from app.core.codes import one_at_a_time
from app.core.errors import Conflict
from app.core.localized import Say
from app.leads import first_talks
from app.leads import service as leads
from app.leads.first_talks import Record
from app.leads.models import DuplicateRuling, Lead, LeadStatus, Likeness, ProspectKind
from app.leads.schemas import Candidate, FirstTalkState
from app.projects import service as projects
from app.projects.models import Project, Status

ALIKE_PERCENT = 85
WITHIN = Decimal("0.20")
SHOWN = 20


_BLOCKING = frozenset({Likeness.same_code, Likeness.same_name, Likeness.similar_name})


class DuplicatesFound(Conflict):
    """Refused until somebody rules, with the candidates."""

    code = "duplicates_found"
    title = Say("疑似重复", "Perhaps a duplicate")


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for. `lead_id`, `project_id` and `line_id` are its own."""

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
    """Whether two ranges overlap, or their nearest ends differ by no more than 20 % of the larger."""
    below, above = sorted([(low, high), (other_low, other_high)])
    return below[1] >= above[0] or above[0] - below[1] <= WITHIN * above[0]


@dataclass(frozen=True, slots=True)
class _Found:
    """A lead or project that might be like what is sought, as it stands."""

    kind: ProspectKind
    row: Any
    is_in_scope: bool
    low: Decimal | None
    high: Decimal | None
    successor: Any = None
    """The row of the project it was merged into, if it was."""

    @property
    def shown(self) -> Any:
        """What is named to whoever asks."""
        return self.row if self.successor is None else self.successor

    @property
    def own(self) -> frozenset[UUID]:
        """The ids under which somebody may have ruled on it: a project's, its successor's, and the lead's it was."""
        ids = {self.row.id, self.shown.id, self.row.lead_id if self.kind is ProspectKind.project else self.row.id}
        return frozenset(found for found in ids if found is not None)


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


def _like(record: type[Lead] | type[Project], sought: Sought, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    ways = [false(), *more]
    if sought.name_normalized:
        ways.append(record.name_normalized == sought.name_normalized)
    if sought.investor_id is not None:
        ways.append(record.investor_id == sought.investor_id)
    return or_(*ways)


async def _projects(session: AsyncSession, actor: Actor, sought: Sought) -> list[_Found]:
    columns = [getattr(Project, name) for name in (*_COLUMNS, *CODES, "lead_id", "planned_total")]
    codes = [getattr(Project, name) == value for name in CODES if (value := getattr(sought, name)) is not None]
    query = select(*columns, projects.scope(actor).label("is_in_scope"))
    query = query.where(_like(Project, sought, *codes))
    if sought.line_id is not None:
        query = query.where(Project.line_id != sought.line_id)
    if sought.lead_id is not None:
        query = query.where(or_(Project.lead_id.is_(None), Project.lead_id != sought.lead_id))
    found = []
    for row in await session.execute(query.order_by(Project.code)):
        low, high = row.estimate_from, row.estimate_to
        if row.planned_total is not None:
            low = high = row.planned_total
        found.append(_Found(ProspectKind.project, row, bool(row.is_in_scope), low, high))
    return await _with_successors(session, actor, sought, found)


async def _with_successors(
    session: AsyncSession, actor: Actor, sought: Sought, found: Sequence[_Found]
) -> list[_Found]:
    """What was merged is the project it was merged into, by whatever name and code either goes."""
    merged = [one for one in found if one.row.status is Status.merged]
    if not merged:
        return list(found)
    into = {row.id: row.merged_into_id for row in await session.execute(_merged_into())}
    rows = {}
    for one in merged:
        last = one.row.id
        while last in into:
            last = into[last]
        rows[one.row.id] = last
    columns = (Project.id, Project.code, Project.name, Project.unit_id, Project.status, Project.line_id)
    query = select(*columns, projects.scope(actor).label("is_in_scope")).where(Project.id.in_(set(rows.values())))
    last_of = {row.id: row for row in await session.execute(query)}
    kept = [one for one in found if one.row.status is not Status.merged]
    for one in merged:
        last = last_of[rows[one.row.id]]
        if last.line_id != sought.line_id:
            kept.append(replace(one, successor=last, is_in_scope=bool(last.is_in_scope)))
    return kept


def _merged_into() -> Any:
    return select(Project.id, Project.merged_into_id).where(Project.merged_into_id.is_not(None))


async def _leads(session: AsyncSession, actor: Actor, sought: Sought) -> list[_Found]:
    """Leads that are no project yet: a converted one is looked for as its project."""
    query = select(*(getattr(Lead, name) for name in _COLUMNS), leads.scope(actor).label("is_in_scope"))
    query = query.where(Lead.status != LeadStatus.converted, _like(Lead, sought))
    if sought.lead_id is not None:
        query = query.where(Lead.id != sought.lead_id)
    rows = await session.execute(query.order_by(Lead.code))
    return [_Found(ProspectKind.lead, row, bool(row.is_in_scope), row.estimate_from, row.estimate_to) for row in rows]


def _similarity(sought: Sought, found: _Found) -> int:
    """Per cent, of the names as two clerks would have typed them; the same in both directions."""
    return int(fuzz.ratio(sought.name_normalized or "", found.row.name_normalized))


def _likenesses(sought: Sought, found: _Found) -> list[Likeness]:
    row, ways = found.row, []
    if found.kind is ProspectKind.project and any(
        getattr(sought, name) is not None and getattr(row, name) == getattr(sought, name) for name in CODES
    ):
        ways.append(Likeness.same_code)
    same_investor = sought.investor_id is not None and row.investor_id == sought.investor_id
    if sought.name_normalized == row.name_normalized:
        ways.append(Likeness.same_name)
    elif same_investor and _similarity(sought, found) >= ALIKE_PERCENT:
        ways.append(Likeness.similar_name)
    if same_investor:
        ways.append(Likeness.same_investor)
        if sought.industry_code is not None and row.industry_code == sought.industry_code and _is_near(sought, found):
            ways.append(Likeness.similar_amount)
    return ways


def _is_near(sought: Sought, found: _Found) -> bool:
    if sought.low is None or sought.high is None or found.low is None or found.high is None:
        return False
    return are_near(sought.low, sought.high, found.low, found.high)


async def _ruled(session: AsyncSession, sought: Sought) -> set[UUID]:
    """Ids of what it was ruled to be no duplicate of, whichever of the two was ruled on."""
    mine = [found for found in (sought.lead_id, sought.project_id) if found is not None]
    if not mine:
        return set()
    row = DuplicateRuling
    ids = (row.lead_id, row.project_id, row.other_lead_id, row.other_project_id)
    rows = await session.execute(select(*ids).where(or_(*(column.in_(mine) for column in ids))))
    return {found for ruling in rows for found in ruling if found is not None}


async def look(
    session: AsyncSession, actor: Actor, sought: Sought
) -> tuple[list[tuple[_Found, list[Likeness]]], list[tuple[_Found, list[Likeness]]]]:
    """What blocks, and what is merely said: the pairs already ruled on are."""
    every = [*await _projects(session, actor, sought), *await _leads(session, actor, sought)]
    pairs = [(found, ways) for found in every if (ways := _likenesses(sought, found))]
    grave = [pair for pair in pairs if set(pair[1]) & _BLOCKING]
    ruled = await _ruled(session, sought) if grave else set()
    blocking = _once(pair for pair in grave if not pair[0].own & ruled)
    named = {found.shown.id for found, _ in blocking}
    return blocking, _once(pair for pair in pairs if pair[0].shown.id not in named)


def _once(pairs: Iterable[tuple[_Found, list[Likeness]]]) -> list[tuple[_Found, list[Likeness]]]:
    """Each record once, though it may be found under its own name and under that of what was merged into it."""
    found: dict[UUID, tuple[_Found, list[Likeness]]] = {}
    for pair in pairs:
        found.setdefault(pair[0].shown.id, pair)
    return list(found.values())


_ELSEWHERE = Say("其他单位已报送，请由招商局裁定。", "Another unit has reported it; ask the bureau to rule.")


def _candidate(sought: Sought, found: _Found, ways: Sequence[Likeness]) -> Candidate:
    names = Say("、".join(way.say.zh for way in ways), ", ".join(way.say.en for way in ways))
    row = found.shown
    return Candidate(
        is_in_scope=True,
        zh=f"{found.kind.say.zh} {row.code} {row.name}：{names.zh}",
        en=f"{found.kind.say.en} {row.code} {row.name}: {names.en}",
        likenesses=[way.label for way in ways],
        kind=found.kind,
        id=row.id,
        code=row.code,
        name=row.name,
        unit_id=row.unit_id,
        status=row.status,
        similarity=_similarity(sought, found) if sought.name_normalized else None,
    )


def shown(sought: Sought, all_found: Iterable[tuple[_Found, list[Likeness]]]) -> list[Candidate]:
    """Those in scope, and one sentence for however many are not."""
    pairs = list(all_found)
    seen = [_candidate(sought, found, ways) for found, ways in pairs if found.is_in_scope][:SHOWN]
    if any(not found.is_in_scope for found, _ in pairs):
        seen.append(Candidate(is_in_scope=False, zh=_ELSEWHERE.zh, en=_ELSEWHERE.en))
    return seen


async def _wants_right(session: AsyncSession, actor: Actor, sought: Sought, others: Sequence[_Found]) -> bool:
    """Whether one of them is out of sight or protected by another unit's first talk: to rule on it is the office's."""
    if not all(found.is_in_scope for found in others):
        return True
    for found in others:
        if found.kind is ProspectKind.project:
            record = await first_talks.of_project(session, found.shown.id)
        else:
            record = Record("lead", found.row.id, frozenset({found.row.id}), frozenset(), is_ended=False)
        talk = await first_talks.read(session, record)
        own = {sought.unit_id} if actor.unit_ids is None else actor.unit_ids
        if talk.state is FirstTalkState.protected and talk.unit_id not in own:
            return True
    return False


async def _refuse(
    session: AsyncSession, actor: Actor, sought: Sought, blocking: Sequence[tuple[_Found, list[Likeness]]]
) -> NoReturn:
    """Raises DuplicatesFound, which advises what this actor may do: to rule, or to ask the office for a ruling."""
    candidates = shown(sought, blocking)
    may_rule = Permission.rule_duplicates in actor.permissions or not await _wants_right(
        session, actor, sought, [found for found, _ in blocking]
    )
    if may_rule:
        advice = Say("确非重复的，请在 duplicate_ruling 写明理由。", "If it is none, say why in `duplicate_ruling`.")
    else:
        advice = Say("是否重复由招商局裁定，请与其联系。", "Whether it is one is for the bureau to rule: ask there.")
    refused = DuplicatesFound(
        Say(
            "疑似重复：" + "；".join(found.zh.rstrip("。") for found in candidates) + "。" + advice.zh,
            "Perhaps a duplicate: " + "; ".join(found.en.rstrip(".") for found in candidates) + f". {advice.en}",
        ),
        candidates=[candidate.model_dump(mode="json") for candidate in candidates],
    )
    refused.tells_of_others = any(not candidate.is_in_scope for candidate in candidates)
    raise refused


async def settle(
    session: AsyncSession, actor: Actor, sought: Sought, ruling: str | None, event_id: UUID
) -> list[Candidate]:
    """Refuse a record just written that may be a duplicate, unless it is ruled to be none; answers the warnings.

    The caller holds the investor's row lock and has flushed; one transaction at a time asks what of the whole city is
    like it, so that of two clerks the second finds the first's.
    Raises DuplicatesFound with the candidates; Forbidden for ruling without the right on one that is out of sight or
    protected.
    """
    await one_at_a_time(session, "duplicates")
    await inquiries.require_within_limit(session, actor)
    blocking, warning = await look(session, actor, sought)
    if blocking and ruling is None:
        await _refuse(session, actor, sought, blocking)
    if await _wants_right(session, actor, sought, [found for found, _ in blocking]):
        actor.require(Permission.rule_duplicates)
    for found, _ in blocking:
        other = "other_project_id" if found.kind is ProspectKind.project else "other_lead_id"
        session.add(
            DuplicateRuling(
                lead_id=sought.lead_id if sought.project_id is None else None,
                project_id=sought.project_id,
                reason=ruling,
                recorded_at=await knowledge.take(session),
                event_id=event_id,
                **{other: found.shown.id},
            )
        )
    await session.flush()
    if inquiries.learns_of_others(actor) and any(not found.is_in_scope for found, _ in [*blocking, *warning]):
        data = inquiries.of_question(session, "told_beside", set(), sought.name_normalized, sought.investor_id)
        await inquiries.record(session, actor, data)
    return shown(sought, warning)


async def unruled(session: AsyncSession, project: Project) -> list[str]:
    """The codes of what a project may be a duplicate of, wherever it is, and nobody has ruled on."""
    blocking, _ = await look(session, system("duplicates"), of_project(project))
    return [found.shown.code for found, _ in blocking]
