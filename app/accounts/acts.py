"""Acts on a record, and what refuses them: asked by the act itself and by the hint `may` (ADR 41)."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from app.accounts import policy
from app.core.actor import Actor
from app.core.errors import Problem

Name = TypeVar("Name", bound=str)


class Reason(BaseModel):
    """Why an act is not open: the code and the sentence of the refusal."""

    code: str
    zh: str
    en: str


def nothing(_case: object) -> None:
    """Refuses nothing: no status of the record prevents the act, its right alone counts."""


class Act(NamedTuple):
    """The operation that carries out an act, and what refuses it besides the right of that operation."""

    operation: str
    refused: Callable[..., Problem | None]

    def refusal(self, actor: Actor, case: object) -> Problem | None:
        """Returns what the operation would be refused with; None where it is open to the actor."""
        operation = self.operation
        return policy.not_in_person(actor, operation) or policy.lacking(actor, operation) or self.refused(case)


def reason(refusal: Problem | None) -> Reason | None:
    return None if refusal is None else Reason(code=refusal.code, zh=refusal.detail.zh, en=refusal.detail.en)


def reasons(actor: Actor, acts: Mapping[Name, Act], case: object) -> dict[Name, Reason | None]:
    """Returns for each act why it is not open; None where it is."""
    return {name: reason(act.refusal(actor, case)) for name, act in acts.items()}


def permitted(actor: Actor, acts: Mapping[Name, Act]) -> Mapping[Name, Act]:
    """Returns the acts whose operations are open to the actor: judged once for all rows of a page."""
    return {
        name: act
        for name, act in acts.items()
        if policy.not_in_person(actor, act.operation) is None and policy.lacking(actor, act.operation) is None
    }


def allowed(permitted_acts: Mapping[Name, Act], case: object) -> list[Name]:
    """Returns which of the acts that are permitted the record is open to."""
    return [name for name, act in permitted_acts.items() if act.refused(case) is None]
