"""Schemathesis over the whole OpenAPI document, against the service on a real socket with the sample loaded.

Half of the cases go to records that exist, with the version they have, so that the verbs themselves are reached.
"""

import asyncio
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

from app.core import clock, logs
from app.core.config import Settings
from app.core.db import Database
from app.main import create_app
from app.sample import load
from tests.conftest import BACKENDS, anybody

CHECKS = (not_a_server_error, status_code_conformance, response_schema_conformance)
EXAMPLES = 15


async def _load_sample(settings: Settings) -> None:
    database = Database(settings, clock.system_now)
    async with database.writing() as session:
        await load.load(session)
    await database.close()


@pytest.fixture(params=BACKENDS)
def service(request: pytest.FixtureRequest) -> Iterator[str]:
    """The service on a port of its own, on a thread that is joined at the end."""
    if request.param == "sqlite":
        url = request.getfixturevalue("copy_of")(request.getfixturevalue("sqlite_sample"))
    else:
        url = request.getfixturevalue("migrated_database_url")(request.param)
    configured = Settings(database_url=url, log_level="error")
    logs.configure(configured)
    if request.param != "sqlite":
        asyncio.run(_load_sample(configured))
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


_LISTS = {
    "project_id": "projects",
    "deal_id": "deals",
    "enterprise_id": "enterprises",
    "unit_id": "units",
    "official_id": "officials",
    "task_force_id": "task-forces",
}


def _ids(client: httpx.Client) -> dict[str, list[str]]:
    return {
        name: [item["id"] for item in client.get(f"/api/v1/{path}").json()["items"]] for name, path in _LISTS.items()
    }


def _send_home(case: Any, client: httpx.Client, ids: dict[str, list[str]]) -> None:
    """Point a case at a record that exists, in its present version."""
    for name, path in _LISTS.items():
        if name in (case.path_parameters or {}):
            found = ids[name][len(str(case.path_parameters[name])) % len(ids[name])]
            case.path_parameters[name] = found
            if case.method != "GET":
                case.headers["If-Match"] = client.get(f"/api/v1/{path}/{found}").headers["etag"]
            return


def test_no_500_and_no_undocumented_status(service: str) -> None:
    document = schemathesis.openapi.from_url(f"{service}/api/openapi.json")
    client = httpx.Client(base_url=service)
    ids = _ids(client)
    tried = 0
    for result in document.get_all_operations():
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
                _send_home(case, client, ids)
            case.call_and_validate(checks=list(CHECKS))

        attempt()
        tried += 1
    client.close()
    assert tried > 60
