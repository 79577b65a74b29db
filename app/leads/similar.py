"""What a name being typed is like: leads and projects that the caller sees, best first. They block nothing.

A record is similar where the names have three characters in a row in common, where one name contains the other, or
where the investor is the same. Its short name, its statistical name and the name of its investor are looked at too.
Words that nearly all names have (项目, 生产基地) and numbers alone count only within a whole name. The grams of the
search index find the names, so that no table is read through.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, literal, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.name_key import normalized
from app.leads import likeness
from app.leads import service as leads
from app.leads.likeness import Match, Sought
from app.leads.models import Lead, Likeness, ProspectKind
from app.leads.schemas import Candidate
from app.projects import service as projects
from app.projects.models import Project, Status
from app.search import index, keys
from app.search.models import SearchEntry

MOST = 8
_COMPARED = 4 * MOST
"""So many of each kind with the most pairs of characters in common are compared as a whole."""
_LONGEST = 60
"""Characters of a name that are looked at."""
_SHORTEST = 3
"""Characters of a name that is looked for within the name asked about."""
COMMON = """
示例 年产 项目 建设 生产线 生产 制造 深加工 加工 基地 工程 有限 责任 股份 公司 集团 产业园 产业 一体化 综合利用
技术 改造 扩建 新建 研发 中心
"""
"""Words that nearly all names have; longer ones before their parts."""
_COMMON = re.compile("|".join(COMMON.split()) + "|[0-9]期")


def _marks(name: str) -> Iterator[str]:
    """Yields the texts of which a similar name has one: three characters in a row without common words, both where
    there are but two between such words, and the whole name."""
    for part in _COMMON.split(name):
        texts = [part] if len(part) == 2 else [part[at : at + 3] for at in range(len(part) - 2)]
        yield from (text for text in texts if not text.isdecimal())
    if len(name) > _SHORTEST:  # a shorter one is a mark already, or a word that too many names have
        yield name


def _parts(name: str) -> list[str]:
    """Returns the texts that are part of the name, the whole of it included."""
    size = len(name)
    return sorted({name[start:end] for start in range(size) for end in range(start + _SHORTEST, size + 1)})


def _marked(record: type[Lead] | type[Project], kind: ProspectKind, marks: Sequence[str]) -> Iterator[Select[Any]]:
    """Yields statements for the ids of the records that have a mark in a name of their own, or in their investor's.

    The lines of the index hold all names, and codes and initials too: letters and digits count in the name alone.
    """
    lines = SearchEntry.lines
    has_own = (index.place_of(record.name_normalized if one.isascii() else lines, literal(one)) > 0 for one in marks)
    own = select(record.id).join(SearchEntry, SearchEntry.record_id == record.id)
    yield own.where(index.holding(kind.value, marks), or_(*has_own))
    if wide := [one for one in marks if not one.isascii()]:
        of_investor = select(record.id).join(SearchEntry, SearchEntry.record_id == record.investor_id)
        has_one = (index.place_of(lines, literal(one)) > 0 for one in wide)
        yield of_investor.where(index.holding("enterprise", wide), or_(*has_one))


def _is_similar(
    record: type[Lead] | type[Project], kind: ProspectKind, sought: Sought, name: str
) -> ColumnElement[bool]:
    """Returns the condition that a record is similar, each way of which an index finds, whoever sees the record."""
    ids: list[Select[Any]] = []
    if sought.investor_id is not None:
        ids.append(select(record.id).where(record.investor_id == sought.investor_id))
    if parts := _parts(name):
        ids.append(select(record.id).where(record.name_normalized.in_(parts)))
    if marks := list(dict.fromkeys(_marks(name))):
        ids += _marked(record, kind, marks)
    return record.id.in_(union(*ids) if len(ids) > 1 else ids[0]) if ids else false()


def _in_common(record: type[Lead] | type[Project], name: str) -> ColumnElement[int]:
    """Returns how many of the pairs of characters of both names they have in common, in per cent."""
    pairs = list(dict.fromkeys(keys.pairs(name)))
    if not pairs:
        return literal(0)
    column = record.name_normalized
    shared = sum((case((index.place_of(column, literal(pair)) > 0, 1), else_=0) for pair in pairs), literal(0))
    return shared * 200 // (len(pairs) + func.length(column))


def _likenesses(sought: Sought, match: Match) -> list[Likeness]:
    own, other = sought.name_normalized or "", match.row.name_normalized
    likenesses = likeness.likenesses_of(sought, match)
    if not own or {Likeness.same_name, Likeness.similar_name} & {*likenesses}:
        return likenesses
    if own in other or other in own:
        return [Likeness.contained, *likenesses]
    return likenesses or [_shared(list(_marks(own[:_LONGEST])), match.row)]


def _shared(marks: Sequence[str], row: Any) -> Likeness:
    """Returns in which of its names the record has a mark."""
    others = [normalized(getattr(row, name, None) or "") for name in likeness.OTHER_NAMES]
    if any(mark in row.name_normalized for mark in marks):
        return Likeness.shared_part
    if any(mark in other for mark in marks for other in others):
        return Likeness.short_name
    return Likeness.investor_name


def _best(query: Any, record: type[Lead] | type[Project], kind: ProspectKind, sought: Sought, name: str) -> Any:
    query = likeness.named(query, record).where(_is_similar(record, kind, sought, name))
    return query.order_by(_in_common(record, name).desc(), record.id.desc()).limit(_COMPARED)


async def find(session: AsyncSession, actor: Actor, sought: Sought) -> list[Candidate]:
    """Returns the most similar records that the actor sees: leads that are not converted and projects that are not
    merged, in two statements."""
    name = (sought.name_normalized or "")[:_LONGEST]
    if len(name) < 2 and sought.investor_id is None:
        return []
    of_projects = likeness.other_projects(actor, sought).where(projects.scope(actor), Project.status != Status.merged)
    of_leads = likeness.other_leads(actor, sought).where(leads.scope(actor))
    matches = []
    for query, record, kind in ((of_projects, Project, ProspectKind.project), (of_leads, Lead, ProspectKind.lead)):
        matches += [
            likeness.match_of(kind, row) for row in await session.execute(_best(query, record, kind, sought, name))
        ]
    matches.sort(key=lambda match: (-likeness.similarity(sought, match), -match.row.id.int))
    return [likeness.candidate(sought, match, _likenesses(sought, match)) for match in matches[:MOST]]
