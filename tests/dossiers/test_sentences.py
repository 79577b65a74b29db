"""Every event type has its sentence, every field its name, whatever the data of an event holds."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

import app.main
from app.core import field_names
from app.core.body import ID
from app.dossiers import columns, texts
from app.dossiers.references import RECORDS, WORD_TABLES, References
from app.dossiers.sentences import SENTENCES, WORDS, values
from app.dossiers.telling import Told
from app.webhooks.inbound.types import TYPES as RECEIVED
from app.webhooks.outbound.types import PING, TYPES, WITHHELD

_SUBJECTS = "project|five_ones|first_talk|deal|lead|enterprise|unit|official|task_force|start_batch|referrer"


def test_every_event_type_has_a_sentence() -> None:
    assert (TYPES.keys() | WITHHELD) - {PING} <= SENTENCES.keys()


def test_every_event_type_named_in_the_source_has_a_sentence() -> None:
    root = Path(app.main.__file__).parent
    files = [path for path in root.rglob("*.py") if path.parent.name != "inbound" and "export" not in path.name]
    source = "".join(path.read_text() for path in files)
    named = set(re.findall(rf'"((?:{_SUBJECTS})\.[a-z_]+)"', source))
    assert len(named) > 60
    assert named - RECEIVED.keys() <= SENTENCES.keys()


@pytest.mark.parametrize("type", SENTENCES)
def test_both_languages_name_the_same_values(type: str) -> None:
    sentence = SENTENCES[type]
    zh, en = (sorted(map(str, values(say))) for say in (sentence.say, sentence.say._replace(zh=sentence.say.en)))
    assert zh == en
    kinds = {kind for _, kind in values(sentence.say) if kind is not None}
    assert kinds <= RECORDS.keys() | WORD_TABLES.keys() | WORDS.keys() | {"yuan", "count", "flag"}


_ODD: list[Any] = [None, "", "x{y}[z]", 7, True, [], [1, 2, 3], ["a"], {"b": []}, {"gates": "c"}, ID]


@pytest.mark.parametrize("type", [*SENTENCES, "project.of_tomorrow"])
def test_no_data_keeps_an_event_from_being_told(type: str) -> None:
    sentence = SENTENCES.get(type, SENTENCES["project.updated"])
    names = {name.partition(".")[0] for name, _ in values(sentence.say)} | {"changes", "status", "fields", "reason"}
    for odd in _ODD:
        changes = {"stage": odd, "unit_id": [odd, 1], "name": [1, odd], "status": [odd, {"a": odd}]}
        for data in ({}, dict.fromkeys(names, odd), {"changes": changes}):
            row: Any = SimpleNamespace(
                id=UUID(ID),
                type=type,
                at="2023-03-01T08:00:00Z",
                actor_name="示例",
                actor_kind="person",
                subject_type="project",
                subject_id=UUID(ID),
                data=data,
                summary=None,
                next_step=None,
                next_step_on=None,
            )
            told, references = Told(row, UUID(ID)), References()
            told.want(references)
            item = told.item(references, shows_actor=True)
            assert item.zh
            assert item.en


def _schemas(base: type[BaseModel]) -> set[type[BaseModel]]:
    return {base, *(schema for child in base.__subclasses__() for schema in _schemas(child))}


_NAMED = ("Update", "ProjectRow", "LeadRow", "DealRow", "ProjectRead", "LeadRead", "DealRead", "EnterpriseRead")


def test_every_field_of_an_edit_and_of_a_list_has_a_name() -> None:
    schemas = [
        schema
        for schema in _schemas(BaseModel)
        if schema.__name__.endswith(_NAMED) and schema.__module__.startswith("app.")
    ]
    assert len(schemas) > 15
    unnamed = {
        f"{one.__name__}.{name}" for one in schemas for name in one.model_fields if not field_names.name_of(name)
    }
    assert unnamed == set()


def test_what_the_values_of_fields_are() -> None:
    assert columns.referred("project", "unit_id") == "unit"
    assert columns.referred("project", "parent_id") == "project"
    assert columns.referred("enterprise", "parent_id") == "enterprise"
    assert columns.referred("deal", "industry_code") == "industry"
    assert columns.referred("project", "name") is None
    assert columns.is_money("deal", "agreed_amount")
    assert columns.word("lead", "status") is not None


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        ("8680000000.00", "86.8亿元", "8.68 billion yuan"),
        ("48000000", "4,800万元", "48 million yuan"),
        ("123456789.12", "1.2346亿元", "123.4568 million yuan"),
        ("9999.5", "9,999.5元", "9,999.5 yuan"),
        ("-20000", "-2万元", "-20,000 yuan"),
    ],
)
def test_amounts_are_read_in_the_unit_people_use(value: str, zh: str, en: str) -> None:
    assert texts.yuan(value) == (zh, en)
