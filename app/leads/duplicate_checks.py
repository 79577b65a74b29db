"""Checks a form for duplicates before anything is registered."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import inquiries
from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.localized import Say
from app.core.name_key import normalized, number_key
from app.enterprises import service as enterprises
from app.leads import duplicates, likeness, similar
from app.leads import service as leads
from app.leads.likeness import Sought
from app.leads.schemas import Candidate, DuplicateCheck, DuplicatesRead, SimilarQuery
from app.projects import service as projects
from app.projects.models import Project


async def check(session: AsyncSession, actor: Actor, asked: DuplicateCheck) -> DuplicatesRead:
    """Returns the possible duplicates of a form. Raises Invalid, NotFound where the lead or project it edits is out of
    scope, TooMany."""
    if asked.investor_id is not None and asked.credit_code is not None:
        say = Say("已填 investor_id，不再填信用代码。", "Leave it out beside `investor_id`.")
        raise Invalid.field("/credit_code", "either_or", say)
    investor_id = asked.investor_id
    if asked.credit_code is not None:
        investor_id = await enterprises.by_credit_code(session, asked.credit_code)
    if asked.lead_id is not None and asked.project_id is not None:
        say = Say("已填 lead_id，不再填 project_id。", "Leave it out beside `lead_id`.")
        raise Invalid.field("/project_id", "either_or", say)
    edited = Sought()
    if asked.lead_id is not None:
        edited = likeness.of_lead(await leads.fetch(session, actor, asked.lead_id))
    elif asked.project_id is not None:
        edited = likeness.of_project(await projects.fetch(session, actor, asked.project_id))
    sent_fields, sent_values = asked.model_fields_set, _of_form(asked)
    if sent_fields & {"investor_id", "credit_code"}:
        sent_values["investor_id"] = await enterprises.successor(session, investor_id)
    sought = replace(edited, **sent_values)
    if not actor.sees_all:
        _require_form(sought, asked)
    question = inquiries.of_question(
        session, "check_duplicates", sent_fields, sought.name_normalized, sought.investor_id
    )
    await inquiries.record(session, actor, question)
    blocking, warning = await duplicates.search(session, actor, sought)
    # Candidates out of scope are warnings whatever their likeness: else a name could be guessed letter by letter.
    hidden = [pair for pair in blocking if not pair[0].is_in_scope]
    open_to_actor = [pair for pair in blocking if pair[0].is_in_scope]
    return DuplicatesRead(
        candidates=duplicates.shown(sought, open_to_actor),
        warnings=duplicates.shown(sought, [*warning, *hidden]),
    )


async def similar_to(session: AsyncSession, actor: Actor, asked: SimilarQuery) -> list[Candidate]:
    """Returns what a name being typed is like, of the records that the actor sees: nothing is told of others, so that
    no question is on record and none is too many."""
    line_id = None
    if asked.project_id is not None:
        own_line = select(Project.line_id).where(Project.id == asked.project_id, projects.scope(actor))
        line_id = await session.scalar(own_line)
    name = normalized(asked.name) if asked.name else None
    investor_id = await enterprises.successor(session, asked.investor_id)
    sought = Sought(name, investor_id=investor_id, lead_id=asked.lead_id, line_id=line_id)
    return await similar.find(session, actor, sought)


def _of_form(asked: DuplicateCheck) -> dict[str, Any]:
    """Returns the values sent in the form, normalized for comparison."""
    sent_fields = asked.model_fields_set
    values: dict[str, Any] = {
        name: getattr(asked, name) for name in ("national_code", "industry_code") if name in sent_fields
    }
    if "upstream_code" in sent_fields:
        values["upstream_key"] = number_key(asked.upstream_code)
    if "name" in sent_fields:
        values["name_normalized"] = normalized(asked.name) if asked.name else None
    if sent_fields & {"estimate_from", "estimate_to"}:
        ends = [end for end in (asked.estimate_from, asked.estimate_to) if end is not None]
        values["low"], values["high"] = min(ends, default=None), max(ends, default=None)
    return values


def _require_form(sought: Sought, asked: DuplicateCheck) -> None:
    """Raises Invalid unless name and investor are given: a clerk who fills in a form has at least these."""
    if sought.name_normalized is None:
        raise Invalid.field("/name", "missing", Say("查重须填项目名称。", "A check wants the name of the project."))
    if sought.investor_id is None and asked.credit_code is None:
        say = Say("查重须填投资方或其信用代码。", "A check wants the investor, or its credit code.")
        raise Invalid.field("/investor_id", "missing", say)
