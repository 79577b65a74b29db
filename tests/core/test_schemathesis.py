"""Schemathesis over the whole OpenAPI document, against the service on a real socket with the sample loaded.

Half of the cases are directed to existing records in their current version, so that the verbs themselves run.
"""

import re
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from app.core import logs
from app.core.config import Settings
from app.core.errors import MEDIA_TYPE
from app.main import create_app
from tests.conftest import anybody


def problem_is_declared(_context: Any, response: Any, case: Any) -> None:
    if MEDIA_TYPE in response.headers.get("content-type", []):
        assert response.json()["code"] in case.operation.definition.raw["x-problems"], response.text


CHECKS = (not_a_server_error, status_code_conformance, response_schema_conformance, problem_is_declared)
EXAMPLES = 15
PARTS = 4
"""Each takes every fourth operation, so that several processes share them."""


@pytest.fixture
def service(sample_copy: str) -> Iterator[str]:
    """The service on a port of its own, in a thread that is joined at the end."""
    configured = Settings(database_url=sample_copy, log_level="error")
    logs.configure(configured)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(configured, actor_source=anybody), host="127.0.0.1", port=0, log_level="error", access_log=False
        )
    )
    started = threading.Event()
    startup = server.startup

    async def signalled(*arguments: object, **named: object) -> None:
        await startup(*arguments, **named)  # type: ignore[arg-type]
        started.set()

    server.startup = signalled  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert started.wait(30)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


Lists = dict[str, str]


def _lists(document: dict[str, Any]) -> Lists:
    """Returns the list that supplies each id in a path: `/projects/{project_id}` is read from `/projects`."""
    named = (re.fullmatch(r"/api/v1/([a-z-]+)/{(\w+_id)}", path) for path in document["paths"])
    found = {match[2]: match[1] for match in named if match is not None}
    return {name: path for name, path in found.items() if "get" in document["paths"].get(f"/api/v1/{path}", {})}


def _ids(client: httpx.Client, lists: Lists) -> dict[str, list[str]]:
    answers = {name: client.get(f"/api/v1/{path}").json() for name, path in lists.items()}
    pages = {name: answer.get("items", []) for name, answer in answers.items() if isinstance(answer, dict)}
    return {name: [item["id"] for item in items] for name, items in pages.items() if items and "id" in items[0]}


def _send_home(case: Any, client: httpx.Client, lists: Lists, ids: dict[str, list[str]]) -> None:
    """Directs a case to an existing record in its current version."""
    for name, some in ids.items():
        if name in (case.path_parameters or {}):
            record_id = some[len(str(case.path_parameters[name])) % len(some)]
            case.path_parameters[name] = record_id
            if case.method != "GET":
                record = client.get(f"/api/v1/{lists[name]}/{record_id}")
                case.headers["If-Match"] = record.headers.get("etag", '"1"')
            return


@pytest.mark.parametrize("part", range(PARTS))
def test_no_500_and_no_undocumented_status(service: str, part: int) -> None:
    document = schemathesis.openapi.from_url(f"{service}/api/openapi.json", timeout=120)
    client = httpx.Client(base_url=service, timeout=120)
    lists = _lists(client.get("/api/openapi.json").json())
    ids = _ids(client, lists)
    tried = 0
    for result in list(document.get_all_operations())[part::PARTS]:
        assert isinstance(result, Ok)
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), at_home=st.booleans())
        def attempt(case: Any, at_home: bool) -> None:
            if at_home:
                _send_home(case, client, lists, ids)
            # A busy machine is slow, and nothing here measures speed.
            case.call_and_validate(checks=list(CHECKS), timeout=40)

        attempt()
        tried += 1
    client.close()
    assert tried > 60 / PARTS
