"""Duplicates 判重: compares a record with all leads and projects of the city.

Blocking: the same project code, the same name after normalization, or a name 85 % alike (光谷 [S]) with the same
investor. A warning: the same investor, and a stronger one with the same industry and amounts within 20 %. A ruling on a
pair stays on record, and the pair is not asked about again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import inquiries
from app.core import knowledge
from app.core.actor import Actor, Permission, system
from app.core.codes import one_at_a_time
from app.core.errors import Conflict
from app.core.localized import Say
from app.leads import first_talks, likeness
from app.leads.first_talks import Record
from app.leads.likeness import Match, Sought
from app.leads.models import DuplicateRuling, Lead, Likeness, ProspectKind
from app.leads.schemas import Candidate, FirstTalkState
from app.projects import service as projects
from app.projects.models import Project, Status

SHOWN = 20

PROBLEMS = "duplicates_asked_too_often duplicates_found"
"""The codes of the problems that any act which is compared with the records of others may meet."""

_BLOCKING = frozenset({Likeness.same_code, Likeness.same_name, Likeness.similar_name})


class DuplicatesFound(Conflict):
    """Refused until somebody rules on the candidates, which the error lists."""

    code = "duplicates_found"
    title = Say("疑似重复", "Perhaps a duplicate")


def _like(record: type[Lead] | type[Project], sought: Sought, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    conditions = [false(), *more]
    if sought.name_normalized:
        conditions.append(record.name_normalized == sought.name_normalized)
    if sought.investor_id is not None:
        conditions.append(record.investor_id == sought.investor_id)
    return or_(*conditions)


async def _projects(session: AsyncSession, actor: Actor, sought: Sought) -> list[Match]:
    codes = [getattr(Project, name) == value for name in likeness.CODES if (value := getattr(sought, name)) is not None]
    query = likeness.named(likeness.other_projects(actor, sought), Project).where(_like(Project, sought, *codes))
    query = query.order_by(Project.code)
    matches = [likeness.match_of(ProspectKind.project, row) for row in await session.execute(query)]
    return await _with_successors(session, actor, sought, matches)


async def _with_successors(
    session: AsyncSession, actor: Actor, sought: Sought, matches: Sequence[Match]
) -> list[Match]:
    """Returns the matches, each merged project with the project it was finally merged into as its successor."""
    merged = [match for match in matches if match.row.status is Status.merged]
    if not merged:
        return list(matches)
    merged_into = {row.id: row.merged_into_id for row in await session.execute(_merged_into())}
    successor_ids = {}
    for match in merged:
        last_id = match.row.id
        while last_id in merged_into:
            last_id = merged_into[last_id]
        successor_ids[match.row.id] = last_id
    columns = (Project.id, Project.code, Project.name, Project.unit_id, Project.status, Project.line_id)
    query = select(*columns, projects.scope(actor).label("is_in_scope"))
    query = likeness.named(query.where(Project.id.in_(set(successor_ids.values()))), Project)
    successors = {row.id: row for row in await session.execute(query)}
    current = [match for match in matches if match.row.status is not Status.merged]
    for match in merged:
        successor = successors[successor_ids[match.row.id]]
        if successor.line_id != sought.line_id:
            current.append(replace(match, successor=successor, is_in_scope=bool(successor.is_in_scope)))
    return current


def _merged_into() -> Any:
    return select(Project.id, Project.merged_into_id).where(Project.merged_into_id.is_not(None))


async def _leads(session: AsyncSession, actor: Actor, sought: Sought) -> list[Match]:
    """Returns the matching leads that are not converted: a converted lead is matched as its project."""
    query = likeness.named(likeness.other_leads(actor, sought), Lead).where(_like(Lead, sought)).order_by(Lead.code)
    return [likeness.match_of(ProspectKind.lead, row) for row in await session.execute(query)]


async def _ruled(session: AsyncSession, sought: Sought) -> set[UUID]:
    """Returns the ids in all rulings about this record, whichever of the two the ruling was made on."""
    own_ids = [record_id for record_id in (sought.lead_id, sought.project_id) if record_id is not None]
    if not own_ids:
        return set()
    row = DuplicateRuling
    ids = (row.lead_id, row.project_id, row.other_lead_id, row.other_project_id)
    rows = await session.execute(select(*ids).where(or_(*(column.in_(own_ids) for column in ids))))
    return {record_id for ruling in rows for record_id in ruling if record_id is not None}


async def search(
    session: AsyncSession, actor: Actor, sought: Sought
) -> tuple[list[tuple[Match, list[Likeness]]], list[tuple[Match, list[Likeness]]]]:
    """Returns (blocking, warnings), pairs of a match and its likenesses; pairs already ruled on are only warnings."""
    matches = [*await _projects(session, actor, sought), *await _leads(session, actor, sought)]
    pairs = [(match, likenesses) for match in matches if (likenesses := likeness.likenesses_of(sought, match))]
    serious = [pair for pair in pairs if set(pair[1]) & _BLOCKING]
    ruled = await _ruled(session, sought) if serious else set()
    blocking = _once(pair for pair in serious if not pair[0].ruling_ids & ruled)
    blocking_ids = {match.current.id for match, _ in blocking}
    return blocking, _once(pair for pair in pairs if pair[0].current.id not in blocking_ids)


def _once(pairs: Iterable[tuple[Match, list[Likeness]]]) -> list[tuple[Match, list[Likeness]]]:
    """Returns each record once: it may match by its own name and by the name of a record merged into it."""
    first_of: dict[UUID, tuple[Match, list[Likeness]]] = {}
    for pair in pairs:
        first_of.setdefault(pair[0].current.id, pair)
    return list(first_of.values())


_ELSEWHERE = Say("其他单位已报送，请由招商局裁定。", "Another unit has reported it; ask the bureau to rule.")


def shown(sought: Sought, pairs: Sequence[tuple[Match, list[Likeness]]]) -> list[Candidate]:
    """Returns the candidates in scope, and one sentence for all that are out of scope."""
    in_scope = [pair for pair in pairs if pair[0].is_in_scope][:SHOWN]
    candidates = [likeness.candidate(sought, *pair) for pair in in_scope]
    if any(not match.is_in_scope for match, _ in pairs):
        candidates.append(Candidate(is_in_scope=False, zh=_ELSEWHERE.zh, en=_ELSEWHERE.en))
    return candidates


async def _needs_right(session: AsyncSession, actor: Actor, sought: Sought, matches: Sequence[Match]) -> bool:
    """Whether only the office may rule: a match is out of scope, or protected by another unit's first talk."""
    if not all(match.is_in_scope for match in matches):
        return True
    for match in matches:
        if match.kind is ProspectKind.project:
            record = await first_talks.of_project(session, match.current.id)
        else:
            record = Record("lead", match.row.id, frozenset({match.row.id}), frozenset())
        talk = await first_talks.read(session, record)
        own_unit_ids = {sought.unit_id} if actor.unit_ids is None else actor.unit_ids
        if talk.state is FirstTalkState.protected and talk.unit_id not in own_unit_ids:
            return True
    return False


async def _refuse(
    session: AsyncSession, actor: Actor, sought: Sought, blocking: Sequence[tuple[Match, list[Likeness]]]
) -> NoReturn:
    """Raises DuplicatesFound with advice for this actor: to rule, or to ask the office for a ruling."""
    candidates = shown(sought, blocking)
    may_rule = Permission.rule_duplicates in actor.permissions or not await _needs_right(
        session, actor, sought, [match for match, _ in blocking]
    )
    if may_rule:
        advice = Say("确非重复的，请在 duplicate_ruling 写明理由。", "If it is none, say why in `duplicate_ruling`.")
    else:
        advice = Say("是否重复由招商局裁定，请与其联系。", "Whether it is one is for the bureau to rule: ask there.")
    refused = DuplicatesFound(
        Say(
            "疑似重复：" + "；".join(candidate.zh.rstrip("。") for candidate in candidates) + "。" + advice.zh,
            "Perhaps a duplicate: "
            + "; ".join(candidate.en.rstrip(".") for candidate in candidates)
            + f". {advice.en}",
        ),
        candidates=[candidate.model_dump(mode="json") for candidate in candidates],
    )
    refused.tells_of_others = any(not candidate.is_in_scope for candidate in candidates)
    raise refused


Pairs = Sequence[tuple[Match, list[Likeness]]]


async def judge(session: AsyncSession, actor: Actor, sought: Sought, ruling: str | None) -> tuple[Pairs, Pairs]:
    """Returns the blocking and the warning matches. Raises as `settle`."""
    await inquiries.require_within_limit(session, actor)
    blocking, warning = await search(session, actor, sought)
    if blocking and ruling is None:
        await _refuse(session, actor, sought, blocking)
    if await _needs_right(session, actor, sought, [match for match, _ in blocking]):
        actor.require(Permission.rule_duplicates)
    return blocking, warning


async def settle(
    session: AsyncSession, actor: Actor, sought: Sought, ruling: str | None, event_id: UUID
) -> list[Candidate]:
    """Refuses a record just written that may be a duplicate, unless it is ruled to be none. Returns the warnings.

    The caller holds the investor's row lock and has flushed. The search runs in one transaction at a time, so that of
    two clerks the second finds the first's record. Raises DuplicatesFound with the candidates; Forbidden for a ruling
    without the right on a match that is out of scope or protected.
    """
    await one_at_a_time(session, "duplicates")
    blocking, warning = await judge(session, actor, sought, ruling)
    for match, _ in blocking:
        other = "other_project_id" if match.kind is ProspectKind.project else "other_lead_id"
        session.add(
            DuplicateRuling(
                lead_id=sought.lead_id if sought.project_id is None else None,
                project_id=sought.project_id,
                reason=ruling,
                recorded_at=await knowledge.take(session),
                event_id=event_id,
                **{other: match.current.id},
            )
        )
    await session.flush()
    if inquiries.learns_of_others(actor) and any(not match.is_in_scope for match, _ in [*blocking, *warning]):
        data = inquiries.of_question(session, "told_beside", set(), sought.name_normalized, sought.investor_id)
        await inquiries.record(session, actor, data)
    return shown(sought, warning)


async def unruled(session: AsyncSession, project: Project) -> list[str]:
    """Returns the codes of the records, in or out of scope, that a project may be a duplicate of and nobody has ruled
    on."""
    blocking, _ = await search(session, system("duplicates"), likeness.of_project(project))
    return [match.current.code for match, _ in blocking]
