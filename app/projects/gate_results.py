"""The result of a gate, and when it lets pass: it is met, only warns, or was overridden on record."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.accounts.acts import Act, Reason, reason
from app.core.actor import Actor, Permission
from app.core.errors import Invalid, Problem
from app.core.localized import Say
from app.core.text import Code, Prose
from app.projects.evidence import EvidenceRead
from app.projects.stages import Strictness


class GateAct(BaseModel):
    """A request that would supply what a gate lacks: `body` as it stands, and `fields` for the caller to fill in."""

    operation: str = Field(description="接口名 / the operationId")
    zh: str
    en: str
    method: str
    path: str = Field(description="已填好编号 / with the ids filled in")
    body: dict[str, Any] = Field(description="已定的内容 / what is given already")
    fields: list[str] = Field(description="由办理人填写，可有选填项 / to be filled in; some are optional")
    required: list[str] = Field(description="其中必填的 / those of them that must be filled in to meet the gate")
    may: Reason | None = Field(description="不能办的原因，可办为空 / why it is not open; null where it is")

    @classmethod
    def of(
        cls,
        actor: Actor,
        act: Act,
        case: object,
        say: Say,
        method: str,
        path: str,
        body: Mapping[str, Any],
        required: Sequence[str],
        optional: Sequence[str] = (),
    ) -> Self:
        """Returns the request, with why the act is not open to the actor. `path` is below /api/v1."""
        return cls(
            operation=act.operation,
            zh=say.zh,
            en=say.en,
            method=method,
            path=f"/api/v1{path}",
            body=dict(body),
            fields=[*required, *optional],
            required=list(required),
            may=reason(act.refusal(actor, case)),
        )


class MetBy(BaseModel):
    """The record that meets a gate."""

    type: str
    id: UUID | None
    on: date | None
    zh: str
    en: str
    document_no: str | None = Field(None, description="依据的文号 / of evidence: the number of its document")
    issuer: str | None = Field(None, description="依据的出具单位 / of evidence: who issued it")

    @classmethod
    def evidence(cls, row: EvidenceRead, zh: str, en: str) -> Self:
        return cls(type="evidence", id=row.id, on=row.on, zh=zh, en=en, document_no=row.document_no, issuer=row.issuer)


class GateRead(BaseModel):
    """The result of one gate. `acts`: each of them, or any of several, would meet it."""

    stage: str | None = Field(description="门槛所属阶段；签约审核时为空 / none for the approval of a deal")
    code: str
    zh: str
    en: str
    strictness: Strictness
    is_fixed: bool = Field(description="不可越过 / cannot be overridden")
    is_met: bool
    missing_zh: str | None
    missing_en: str | None
    acts: list[GateAct] = Field(description="补齐的各种办法，已满足为空 / every way to meet it, none where it is met")
    met_by: MetBy | None = Field(description="凭哪条记录满足，没有为空 / the record that met it, if any")


class Override(BaseModel):
    """Pass the named gates although they are not met. Needs the right to override gates; stays on record for ever."""

    model_config = ConfigDict(extra="forbid")

    gates: list[Code] = Field(min_length=1, max_length=40)
    reason: Prose


class GatesUnmet(Problem):
    """The refusal of an act, with the list of gates that are not met."""

    status: ClassVar[int] = 409
    code = "gates_unmet"
    title = Say("门槛未满足", "Gates not met")


def pass_gates(actor: Actor, gates: Sequence[GateRead], override: Override | None) -> list[str]:
    """Returns the codes of the overridden gates, sorted.

    Raises GatesUnmet where a blocking gate is neither met nor overridden, Forbidden without the right to override,
    Invalid where the override names a gate that needs none.
    """
    closed = [gate for gate in gates if not gate.is_met and gate.strictness is Strictness.block]
    asked = set(override.gates) if override else set()
    if asked:
        actor.require(Permission.override_gates)
        if needless := sorted(asked - {gate.code for gate in closed}):
            listed = ", ".join(needless)
            raise Invalid.field(
                "/override/gates",
                "needless_override",
                Say(
                    f"{listed} 已满足或不在此列，无须越过。",
                    f"{listed}: met already or not asked here; leave it out.",
                ),
            )
    refusing = [gate for gate in closed if gate.is_fixed or gate.code not in asked]
    if refusing:
        raise unmet(refusing)
    return sorted(asked)


def unmet(gates: Sequence[GateRead]) -> GatesUnmet:
    """Returns the refusal that lists these gates."""
    return GatesUnmet(
        Say(
            "门槛未满足：" + "；".join(gate.missing_zh or gate.zh for gate in gates),
            "Not met: " + "; ".join(gate.missing_en or gate.en for gate in gates),
        ),
        gates=[gate.model_dump(mode="json") for gate in gates],
    )
