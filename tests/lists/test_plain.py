"""Answers written from rows are those that the models of their document would write."""

import pytest
from pydantic import BaseModel

from app.core.paging import Page
from app.lists.schemas import Board, Card, ProjectList, ProjectRow
from tests.conftest import running

pytestmark = pytest.mark.anyio

ANSWERS: tuple[tuple[type[BaseModel], str, dict[str, str]], ...] = (
    (ProjectList, "/projects", {"limit": "200", "with": "count,sum"}),
    (Board, "/pipeline/board", {"cards": "50", "status": "active,paused"}),
    (Page[Card], "/pipeline/board/cards", {"stage": "building", "with": "count", "limit": "2"}),
)


async def test_rows_are_written_as_their_model_writes_them(sample_copy: str) -> None:
    async with running(sample_copy) as city:
        for model, path, query in ANSWERS:
            answer = await city.client.get(f"/api/v1{path}", params=query)
            assert answer.status_code == 200
            written = model.model_validate_json(answer.content).model_dump_json(by_alias=True)
            assert answer.content.decode() == written, path
        rows = (await city.get("/projects", limit="200"))["items"]
    assert set(ProjectRow.model_fields) == {name for row in rows for name, value in row.items() if value is not None}
