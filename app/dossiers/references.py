"""The records that a page of events names, under the scope of whoever reads: all in one statement."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, Uuid, cast, literal_column, null, or_, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.localized import Say
from app.deals import service as deals
from app.deals.models import Deal
from app.dossiers.schemas import ActivityRef
from app.enterprises.models import Enterprise
from app.leads import service as leads
from app.leads.models import Lead
from app.organizations.models import Official, Unit
from app.projects import service as projects
from app.projects.evidence_models import EvidenceKind
from app.projects.models import Project
from app.projects.stages import Stage
from app.reference.models import Industry
from app.referrers import service as referrers
from app.referrers.models import Referrer
from app.taskforces.models import TaskForce


def _everything(_actor: Actor) -> ColumnElement[bool]:
    return true()


_GONE = Say("已不存在的记录", "a record that is gone")


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of record with scope, and what stands for one out of it; `name` is the column of its name."""

    model: Any
    scope: Callable[[Actor], ColumnElement[bool]] = _everything
    other: Say = _GONE
    name: Any = None


RECORDS: dict[str, _Kind] = {
    "project": _Kind(Project, projects.scope, Say("另一项目", "another project")),
    "lead": _Kind(Lead, leads.scope, Say("另一线索", "another lead")),
    "deal": _Kind(Deal, deals.scope, Say("另一签约", "another deal"), Deal.title),
    "enterprise": _Kind(Enterprise),
    "unit": _Kind(Unit),
    "official": _Kind(Official),
    "task_force": _Kind(TaskForce),
    "referrer": _Kind(Referrer, name=referrers.current_name(Referrer)),
}
_SCOPED = ("project", "lead", "deal")
WORD_TABLES: dict[str, Any] = {"industry": Industry, "stage": Stage, "evidence_kind": EvidenceKind}
"""Records that are words: named in both languages by their code."""

_CODE = re.compile(r"(?<![A-Z0-9])[PLD][0-9]{4}-[0-9]{5,}(?![0-9])")
_BEGINS_WITH = {"P": "project", "L": "lead", "D": "deal"}
Key = tuple[str, str]
"""Kind and id, or kind and code."""


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


@dataclass
class References:
    """Takes the ids and codes that a page mentions, then reads the names of those that the actor sees."""

    wanted: dict[str, set[str]] = field(default_factory=dict)
    found: dict[Key, ActivityRef] = field(default_factory=dict)
    words: dict[Key, Say] = field(default_factory=dict)

    def want(self, kind: str, value: Any) -> None:
        if isinstance(value, str) and (kind in WORD_TABLES or _is_id(value)):
            self.wanted.setdefault(kind, set()).add(value)

    def want_in(self, value: Any) -> None:
        """Takes the codes of projects, leads and deals that stand in a text, or in the texts of a list or record."""
        for code in _CODE.findall(value if isinstance(value, str) else str(value)):
            self.wanted.setdefault(_BEGINS_WITH[code[0]], set()).add(code)

    async def read(self, session: AsyncSession, actor: Actor) -> None:
        """Reads all that was taken, in at most one statement."""
        statements = [_select(kind, values, actor) for kind, values in sorted(self.wanted.items())]
        if not statements:
            return
        for row in await session.execute(union_all(*statements)):
            if row.kind in WORD_TABLES:
                self.words[row.kind, row.code] = Say(row.name, row.name_en)
                continue
            found = ActivityRef(
                type=row.kind,
                id=row.id,
                code=row.code,
                name=row.name,
                name_en=row.name_en,
                short_name=row.short_name,
            )
            self.found[row.kind, str(row.id)] = found
            if row.kind in _SCOPED:
                self.found[row.kind, row.code] = found

    def ref(self, kind: str, value: Any) -> ActivityRef | None:
        """Returns the record of that id or code, None where the actor does not see it."""
        return self.found.get((kind, str(value)))

    def is_withheld(self, kind: str, value: Any) -> bool:
        """Returns whether a value is the id of a record that the actor does not see."""
        return kind in RECORDS and value is not None and self.ref(kind, value) is None

    def say(self, kind: str, value: Any) -> Say:
        """Returns the name of a record in quotes, or what stands for one that the actor does not see."""
        if kind in WORD_TABLES:
            return self.words.get((kind, str(value)), Say(str(value), str(value)))
        ref = self.ref(kind, value)
        if ref is None:
            return RECORDS[kind].other
        code = f"{ref.code} " if kind in _SCOPED else ""
        return Say(f"{code}{ref.name}", f"{code}{ref.name_en or ref.name}")

    def masked(self, text: str) -> Say:
        """Returns a text in which no code stands of a record that the actor does not see."""

        def shown(code: str, language: int) -> str:
            kind = _BEGINS_WITH[code[0]]
            return code if self.ref(kind, code) is not None else RECORDS[kind].other[language]

        return Say(_CODE.sub(lambda match: shown(match[0], 0), text), _CODE.sub(lambda match: shown(match[0], 1), text))


def _select(kind: str, values: Iterable[str], actor: Actor) -> Select[*tuple[Any, ...]]:
    if kind in WORD_TABLES:
        model = WORD_TABLES[kind]
        columns = (_no_id(), model.code, model.name_zh, model.name_en, _no_text())
        return _labelled(kind, columns).where(model.code.in_(sorted(values)))
    record = RECORDS[kind]
    model = record.model
    ids = [UUID(value) for value in sorted(values) if _is_id(value)]
    is_meant: ColumnElement[bool] = model.id.in_(ids)
    if kind in _SCOPED:
        is_meant = or_(is_meant, model.code.in_(sorted(value for value in values if not _is_id(value))))
    name = model.name if record.name is None else record.name
    columns = (model.id, _column(model, "code"), name, _column(model, "name_en"), _column(model, "short_name"))
    return _labelled(kind, columns).where(is_meant, record.scope(actor))


_COLUMNS = ("id", "code", "name", "name_en", "short_name")


def _labelled(kind: str, columns: tuple[Any, ...]) -> Select[*tuple[Any, ...]]:
    named = [column.label(name) for name, column in zip(_COLUMNS, columns, strict=True)]
    return select(literal_column(f"'{kind}'", String).label("kind"), *named)


def _column(model: Any, name: str) -> Any:
    return getattr(model, name) if hasattr(model, name) else _no_text()


def _no_text() -> ColumnElement[Any]:
    return cast(null(), String)


def _no_id() -> ColumnElement[Any]:
    return cast(null(), Uuid)
