"""What the API document promises of every answer: names beside ids, and a word where a field may be null."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from app.core import field_descriptions
from tests.conftest import ROOT

_NAMED_AS = {"place_unit_id": "place", "industry_code": "industry", "industry_codes": "industries"}
_NO_RECORD = {
    "request_id": "a request is known by nothing else",
    "batch_id": "marks the events of one bulk request",
    "event_id": "an entry of the log",
    "external_id": "the sender's own number",
    "message_id": "a message has no name",
    "job_id": "a job has no name",
    "last_job_id": "a job has no name",
    "pending_change_id": "a request to loosen a control has no name",
    "line_id": "milestones of one line continue each other",
    "milestone_id": "stands beside its milestone in the same answer",
    "corrects_id": "an entry of the same ledger",
    "supersedes_id": "the earlier statement of the same figure",
    "evidence_id": "a piece of evidence has no name",
}
"""Ids of what has no name, and why."""
_ELSEWHERE = {
    "DealGates.deal_id": "the deal of the path",
    "DealPreview.deal_id": "the deal of the path",
    "PreviewEntry.deal_id": "`deal_code` stands beside it",
    "FiveOnesRead.project_id": "the project of the path",
    "GatesRead.project_id": "the project of the path",
    "MergePreview.into_id": "the record that the request names",
    "PostRead.official_id": "the official that holds the posts",
    "EvidenceRead.project_id": "the project of the path or its parent, which its own answer names",
    "MoveRead.project_id": "the project of the path or its parent, which its own answer names",
    "PlanListRead.project_id": "the project of the path or its parent, which its own answer names",
    "WorkResumptionRead.project_id": "the project of the path or its parent, which its own answer names",
    "ProjectRead.lead_id": "acts answer the project; GET names its lead",
    "ProjectRegistered.lead_id": "acts answer the project; GET names its lead",
    "AuditRead.subject_id": "auditors see no business, so no names of records",
    "DeliveryRead.object_id": "of any kind; who may see it reads its name in the body",
    "DeliverySummary.object_id": "of any kind; who may see it reads its name in the body",
    "EventRead.subject_id": "for programs; the activity of a record is the same with names",
}
"""Ids whose record is named by another answer, and which."""


@cache
def schemas() -> dict[str, Any]:
    document = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    found: dict[str, Any] = document["components"]["schemas"]
    return found


@cache
def answered() -> tuple[str, ...]:
    """Returns the names of the schemas that answers are made of."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    waiting = [
        name
        for methods in document["paths"].values()
        for operation in methods.values()
        for name in _named(operation["responses"])
    ]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _named(schemas()[name])
    return tuple(sorted(seen))


def _named(part: Any) -> Iterator[str]:
    """Yields the names of the schemas that a part of the document refers to."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            else:
                yield from _named(value)
    elif isinstance(part, list):
        for value in part:
            yield from _named(value)


def _names_a_record(properties: dict[str, Any], field: str) -> bool:
    """Whether the field, or the list, holds records by their names; or is the name itself."""
    if f"{field}_name" in properties:
        return True
    parts = [schemas()[name].get("properties", {}) for name in _named(properties.get(field))]
    return any({"name", "zh"} & set(part) for part in parts)


def test_every_field_of_an_answer_says_what_null_means() -> None:
    missing, used = [], set()
    for name in answered():
        for field, schema in schemas()[name].get("properties", {}).items():
            may_be_null = {"type": "null"} in schema.get("anyOf", [])
            if may_be_null and "description" not in schema:
                missing.append(f"{name}.{field}")
            said = field_descriptions.describe(name, field, may_be_null=may_be_null)
            if said is not None and said == schema.get("description"):
                used.add(field_descriptions.row_of(name, field))
    assert missing == []
    assert field_descriptions.ROWS - used == set()


def test_every_id_of_an_answer_has_a_name_beside_it() -> None:
    missing, used = set(), set()
    for name in answered():
        properties = schemas()[name].get("properties", {})
        for field in properties:
            if not re.search("_ids?$|^industry_codes?$", field) or field in _NO_RECORD:
                continue
            beside = _NAMED_AS.get(field) or re.sub("_ids$", "s", field).removesuffix("_id")
            is_told = {"zh", "en"} <= set(properties)  # a sentence, which names what the reader may know
            if is_told or _names_a_record(properties, beside):
                continue
            missing.add(f"{name}.{field}")
    used = missing & set(_ELSEWHERE)
    assert sorted(missing - used) == []
    assert used == set(_ELSEWHERE)
