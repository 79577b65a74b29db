"""The ETag of an answer is the version in its body: the route class sets it for the record at the top level only."""

from tests.conftest import World
from tests.factories.city import give_five_ones, make_city, make_project


async def test_an_act_beneath_a_project_answers_the_version_the_project_now_has(world: World) -> None:
    city = await make_city(world)
    project = await make_project(city)
    path = f"/projects/{project['id']}"
    await give_five_ones(city, project["id"])
    version = await world.version(path)
    team = {
        "lead_unit_id": city.districts[0],
        "leader_id": city.officials[3],
        "contact_id": city.officials[2],
        "members": [{"official_id": city.officials[2]}, {"official_id": city.officials[4]}],
    }
    plan = {"title": "示例", "reason": "示例", "milestones": [{"name": "示例", "planned_on": "2024-06-30"}]}
    for verb, body in (
        ("leader-handovers", {"official_id": city.officials[4], "note": "示例"}),
        ("team-replacements", team),
        ("plans", plan),
    ):
        answer = await world.send("POST", f"{path}/{verb}", body, version=version)
        assert answer.status_code == 201, answer.text
        version += 1
        assert (answer.json()["project_version"], answer.headers["etag"]) == (version, f'"{version}"')
    assert await world.version(path) == version


async def test_a_version_in_a_list_or_beneath_a_record_is_no_etag(world: World) -> None:
    city = await make_city(world)
    await make_project(city)
    for path in ("/projects", "/enterprises", "/units"):
        answer = await world.client.get(f"/api/v1{path}")
        assert answer.status_code == 200
        assert '"version":' in answer.text
        assert "etag" not in answer.headers, path


async def test_a_kept_answer_bears_the_etag_of_the_first(world: World) -> None:
    city = await make_city(world)
    project = await make_project(city)
    path = f"/projects/{project['id']}"
    body = {"reason": "示例", "happened_on": "2023-03-01", "resume_expected_on": "2023-12-01"}
    first, again = [
        await world.send("POST", f"{path}/pause", body, version=1, Idempotency_Key="示例".encode().hex())
        for _ in range(2)
    ]
    assert (first.status_code, first.headers["etag"]) == (201, '"2"')
    assert (again.status_code, again.headers["etag"], again.content) == (201, '"2"', first.content)
    assert again.headers["idempotent-replayed"] == "true"


async def test_every_record_that_can_be_read_by_its_id_has_its_version_as_etag(world: World) -> None:
    city = await make_city(world)
    project = await make_project(city)
    into = await make_project(city)
    for path in (
        f"/projects/{project['id']}",
        f"/projects/{project['id']}/gates",
        f"/projects/{project['id']}/five-ones",
        f"/projects/{project['id']}/merge?into_id={into['id']}",
        f"/enterprises/{city.investor}",
        f"/units/{city.city}",
        f"/officials/{city.officials[0]}",
        f"/task-forces/{city.task_forces[0]}",
        "/calendars/2023",
    ):
        answer = await world.client.get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["etag"] == f'"{answer.json()["version"]}"', path
