"""Evidence: dated documents and facts that gates examine. Append-only: a mistake is voided with a reason."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor
from app.core.body import body
from app.core.clock import Day, Moment
from app.core.errors import Invalid, NotFound
from app.core.localized import Say
from app.core.name_key import number_key
from app.core.numbers import EvidenceValue, Quantity
from app.core.text import Code, Prose, Text
from app.events import service as events
from app.projects import vouchers
from app.projects.evidence_models import Evidence, EvidenceKind, EvidenceVoid
from app.projects.models import Project

EVIDENCE = Say("依据", "piece of evidence")
_UNKNOWN_KIND = Say("没有这种依据，见 GET /api/v1/evidence-kinds。", "No such kind; see GET /api/v1/evidence-kinds.")


class EvidenceCreate(BaseModel):
    model_config = body(
        {
            "kind": "legality_review",
            "on": "2023-02-20",
            "document_no": "示例〔2023〕1号",
            "issuer": "司法局",
        }
    )

    kind: Code = Field(description="见 GET /api/v1/evidence-kinds")
    on: Day
    value: EvidenceValue | None = Field(None, description="产能为百分比，到资为元 / per cent or yuan, by kind")
    document_no: Text | None = Field(
        None, description="到资必填，全市一张凭证只用一次 / required of money, where one voucher counts once"
    )
    issuer: Text | None = None
    note: Prose | None = None
    is_not_needed: bool = Field(False, description="本项目不需要此件 / not needed here")
    reason: Prose | None = Field(None, description="不需要时必填 / required with is_not_needed")


class EvidenceVoidCreate(BaseModel):
    model_config = body({"reason": "示例：文号录错"})

    reason: Prose


class EvidenceRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    project_id: UUID
    kind: str
    on: date
    value: Quantity | None
    document_no: str | None
    issuer: str | None
    note: str | None
    is_not_needed: bool
    reason: str | None
    recorded_at: Moment
    void_reason: str | None
    voided_at: Moment | None


class EvidenceKindRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    name_zh: str
    name_en: str
    value_unit: str | None
    may_be_not_needed: bool = Field(description="可登记“不需要” / “not needed” with a reason may stand for it")


async def kinds(session: AsyncSession) -> list[EvidenceKindRead]:
    """Returns all kinds of evidence in order."""
    rows = await session.execute(
        select(*(getattr(EvidenceKind, name) for name in EvidenceKindRead.model_fields)).order_by(EvidenceKind.position)
    )
    return [EvidenceKindRead.model_validate(row) for row in rows]


async def require_kinds(session: AsyncSession, codes: Iterable[str], pointer: str) -> None:
    """Raises Invalid for the field `pointer` where one of the codes is no kind of evidence."""
    if not set(codes) <= set(await session.scalars(select(EvidenceKind.code))):
        raise Invalid.field(pointer, "unknown_kind", _UNKNOWN_KIND)


def _rows() -> Select[tuple[object, ...]]:
    columns = [getattr(Evidence, name) for name in EvidenceRead.model_fields if not name.startswith("void")]
    return select(
        *columns, EvidenceVoid.reason.label("void_reason"), EvidenceVoid.recorded_at.label("voided_at")
    ).join_from(Evidence, EvidenceVoid, EvidenceVoid.evidence_id == Evidence.id, isouter=True)


def _with_merged(project_ids: Sequence[UUID]) -> Select[UUID]:
    """Selects the ids of these projects and of all projects merged into them, whose evidence counts for them."""
    merged = select(Project.id).where(Project.id.in_(project_ids)).cte("merged", recursive=True)
    merged = merged.union(select(Project.id).join(merged, Project.merged_into_id == merged.c.id))
    return select(merged.c.id)


async def of_project(session: AsyncSession, project_id: UUID) -> list[EvidenceRead]:
    """Returns all evidence of a project and of the projects merged into it, voided rows included, latest day first."""
    rows = await session.execute(
        _rows()
        .where(Evidence.project_id.in_(_with_merged([project_id])))
        .order_by(Evidence.on.desc(), Evidence.id.desc())
    )
    return [EvidenceRead.model_validate(row) for row in rows]


async def valid(session: AsyncSession, project_ids: Sequence[UUID]) -> list[EvidenceRead]:
    """Returns the evidence that gates accept, of these projects and of the projects merged into them, earliest first.

    Leaves out: voided rows; «not needed» for a kind that cannot be waived; money of 0 yuan, or with a voucher number
    that belongs to other evidence.
    """
    rows = await session.execute(
        _rows()
        .join(EvidenceKind, EvidenceKind.code == Evidence.kind)
        .where(Evidence.project_id.in_(_with_merged(project_ids)), *_is_valid())
        .order_by(Evidence.on, Evidence.id)
    )
    return [EvidenceRead.model_validate(row) for row in rows]


def _is_valid() -> list[ColumnElement[bool]]:
    return [
        EvidenceVoid.id.is_(None),
        or_(~Evidence.is_not_needed, EvidenceKind.may_be_not_needed),
        or_(Evidence.is_not_needed, vouchers.is_money()),
    ]


def having(kind: str) -> Select[UUID]:
    """Selects the ids of the projects that have `valid` evidence of a kind, their own or of a project merged into
    them."""
    own = (
        select(Evidence.project_id.label("id"))
        .join(EvidenceKind, EvidenceKind.code == Evidence.kind)
        .join(EvidenceVoid, EvidenceVoid.evidence_id == Evidence.id, isouter=True)
        .where(Evidence.kind == kind, *_is_valid())
        .cte(recursive=True)
    )
    merged = select(Project.merged_into_id).join(own, own.c.id == Project.id).where(Project.merged_into_id.is_not(None))
    own = own.union(merged)
    return select(own.c.id)


async def _check(session: AsyncSession, body: EvidenceCreate) -> EvidenceKind:
    """Returns the kind. Raises Invalid where a field is wrong."""
    kind = await session.get(EvidenceKind, body.kind)
    if kind is None:
        raise Invalid.field("/kind", "unknown_kind", _UNKNOWN_KIND)
    await clock.refuse_future(session, body.on, "/on")
    if body.is_not_needed != (body.reason is not None):
        raise Invalid.field(
            "/reason",
            "reason_where_not_needed",
            Say("“不需要”须写明理由，其他依据不填。", "“Not needed” wants a reason, and only it does."),
        )
    if body.is_not_needed and not kind.may_be_not_needed:
        raise Invalid.field(
            "/is_not_needed",
            "cannot_be_waived",
            Say(
                f"“{kind.name_zh}”不能以“不需要”代替；确需放行请越过门槛，并写明理由。",
                f"“Not needed” cannot stand for “{kind.name_en}”; override the gate with a reason instead.",
            ),
        )
    wants_value = kind.value_unit is not None and not body.is_not_needed
    if wants_value != (body.value is not None):
        raise Invalid.field(
            "/value",
            "value_where_due",
            Say(
                "产能（百分比）和到资（元）须填数值，其他依据不填。",
                "capacity and arrival_audited need a value; others none.",
            ),
        )
    if kind.value_unit == vouchers.YUAN:
        _check_money(body)
    return kind


def _check_money(body: EvidenceCreate) -> None:
    """Raises Invalid where money is not above 0 yuan or has no voucher number."""
    if body.value is not None and body.value <= 0:
        raise Invalid.field("/value", "money_not_positive", Say("金额应大于 0。", "An amount must be above zero."))
    if number_key(body.document_no) is None:
        raise Invalid.field(
            "/document_no",
            "missing",
            Say("到资须填凭证编号（验资报告、进账单等）。", "Money that arrived wants the number of its voucher."),
        )


async def add(session: AsyncSession, actor: Actor, project: Project, body: EvidenceCreate) -> EvidenceRead:
    """Adds evidence to a project that the caller holds locked. Does not raise the project's version.

    Raises Invalid where a field is wrong, Conflict where another piece of evidence has the voucher number.
    """
    kind = await _check(session, body)
    key = number_key(body.document_no) if kind.value_unit == vouchers.YUAN else None
    if key is not None:
        await vouchers.refuse_taken(session, actor, key)
    event_id = await events.note(
        session,
        actor,
        "project.evidence_added",
        "project",
        project.id,
        body.model_dump(mode="json", exclude_none=True),
        project_id=project.id,
    )
    row = Evidence(
        project_id=project.id,
        recorded_at=await knowledge.take(session),
        event_id=event_id,
        **body.model_dump(),
    )
    session.add(row)
    await session.flush()
    if key is not None:
        await vouchers.claim_number(session, row.id, key)
    return await _get(session, project.id, row.id)


async def void(
    session: AsyncSession, actor: Actor, project: Project, evidence_id: UUID, body: EvidenceVoidCreate
) -> EvidenceRead:
    """Voids evidence. Gates no longer accept it and its voucher number is free; moves already made stay valid.

    Raises NotFound.
    """
    kind = (await _get(session, project.id, evidence_id)).kind
    data = {"evidence_id": str(evidence_id), "kind": kind, "reason": body.reason}
    event_id = await events.note(
        session, actor, "project.evidence_voided", "project", project.id, data, project_id=project.id
    )
    session.add(
        EvidenceVoid(
            evidence_id=evidence_id,
            reason=body.reason,
            recorded_at=await knowledge.take(session),
            event_id=event_id,
        )
    )
    await session.flush()
    await vouchers.release_number(session, evidence_id)
    return await _get(session, project.id, evidence_id)


async def _get(session: AsyncSession, project_id: UUID, evidence_id: UUID) -> EvidenceRead:
    row = (
        await session.execute(_rows().where(Evidence.id == evidence_id, Evidence.project_id == project_id))
    ).one_or_none()
    if row is None:
        raise NotFound.of(EVIDENCE)
    return EvidenceRead.model_validate(row)
