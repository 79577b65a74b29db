"""The result of a gate, and when it lets pass: it is met, only warns, or was overridden on record."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from app.core.actor import Actor, Permission
from app.core.errors import Invalid, Problem
from app.core.localized import Say
from app.core.text import Code, Prose
from app.projects.stages import Strictness


class GateRead(BaseModel):
    """The result of one gate. `satisfied_by` names the field or the request that would meet it."""

    stage: str | None = Field(description="门槛所属阶段；签约审核时为空 / none for the approval of a deal")
    code: str
    zh: str
    en: str
    strictness: Strictness
    is_fixed: bool = Field(description="不可越过 / cannot be overridden")
    is_met: bool
    missing_zh: str | None
    missing_en: str | None
    satisfied_by: str | None


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
