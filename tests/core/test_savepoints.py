"""After a rollback to a savepoint the session's state agrees with the database."""

from uuid import UUID

from sqlalchemy import func, select

from app.core.knowledge import KnowledgeHead
from app.events.models import Event
from app.five_ones import follow_ups
from app.pipeline import service as pipeline
from app.pipeline.schemas import MoveCreate, PauseCreate
from app.projects import service as projects
from app.projects.follow_ups import FollowUpCreate
from app.projects.moves import ProjectMove
from tests.conftest import LOCAL_PERSON, World
from tests.factories.city import give_five_ones, make_city, make_project


async def _ready(world: World) -> tuple[UUID, int]:
    """Makes a project that may move to `negotiating`. Returns it with its version."""
    city = await make_city(world)
    project = await make_project(city)
    await give_five_ones(city, project["id"])
    return UUID(project["id"]), await world.version(f"/projects/{project['id']}")


PAUSE = PauseCreate.model_validate({"reason": "示例", "happened_on": "2023-03-01", "resume_expected_on": "2023-12-01"})
MOVE = MoveCreate.model_validate({"to": "negotiating", "happened_on": "2023-02-01"})


async def test_a_verb_after_a_rolled_back_savepoint_takes_the_head_of_knowledge_anew(world: World) -> None:
    project_id, version = await _ready(world)
    async with world.database.writing() as session:
        async with session.begin_nested() as savepoint:
            await pipeline.advance(session, LOCAL_PERSON, project_id, version, MOVE)
            await savepoint.rollback()
        paused = await pipeline.pause(session, LOCAL_PERSON, project_id, version, PAUSE)
    assert (paused.version, paused.stage, paused.status.value) == (version + 1, "screened", "paused")
    async with world.database.snapshot() as session:
        head = (await session.scalars(select(KnowledgeHead.recorded_at))).one()
        kinds = (await session.scalars(select(ProjectMove.kind).order_by(ProjectMove.seq))).all()
        last = await session.scalar(select(func.max(ProjectMove.recorded_at)))
        types = set(await session.scalars(select(Event.type).where(Event.project_id == project_id)))
    assert [kind.value for kind in kinds] == ["entry", "pause"]
    assert last == head  # the known_at of a total is not before the facts it adds up
    assert "project.moved" not in types
    assert "project.paused" in types
    await world.holds()


async def test_derived_columns_of_a_locked_project_are_read_anew(world: World) -> None:
    project_id, version = await _ready(world)
    follow_up = FollowUpCreate.model_validate(
        {"kind": "visit", "with_investor": True, "on": "2023-05-20", "summary": "示例走访"}
    )
    async with world.database.writing() as session:
        before = await projects.lock(session, LOCAL_PERSON, project_id, version)
        days = before.last_activity_on, before.due_on
        async with session.begin_nested() as savepoint:
            await follow_ups.add(session, LOCAL_PERSON, project_id, follow_up)
            await savepoint.rollback()
        after = await projects.lock(session, LOCAL_PERSON, project_id, version)
        assert (after.last_activity_on, after.due_on) == days
    await world.holds()


async def test_a_savepoint_within_a_savepoint_is_restored_by_itself(world: World) -> None:
    project_id, version = await _ready(world)
    async with world.database.writing() as session:
        async with session.begin_nested():
            await pipeline.advance(session, LOCAL_PERSON, project_id, version, MOVE)
            async with session.begin_nested() as savepoint:
                await pipeline.pause(session, LOCAL_PERSON, project_id, version + 1, PAUSE)
                await savepoint.rollback()
        read = await pipeline.pause(session, LOCAL_PERSON, project_id, version + 1, PAUSE)
    assert (read.version, read.stage, read.status.value) == (version + 2, "negotiating", "paused")
    await world.holds()
