"""An official holds a post in one term at a time."""

import asyncio
from typing import Any

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def official_of(world: World, unit: str, **post: Any) -> str:
    return f"/officials/{await make.make_official(world, unit, **post)}"


async def test_the_same_post_twice(world: World) -> None:
    unit = await make.make_unit(world, "示例市", kind="city")
    official = await official_of(world, unit)
    post = {"unit_id": unit, "title": "示例职务", "started_on": "2020-01-01"}
    again = await world.send("POST", f"{official}/posts", post)
    assert (again.status_code, again.json()["code"]) == (409, "post_overlaps")
    assert again.json()["errors"][0]["pointer"] == "/started_on"
    # Ended once, the official holds no post any more.
    (held,) = (await world.get(official))["posts"]
    await world.post(f"{official}/posts/{held['id']}/end", {"ended_on": "2023-05-01"}, version=1, status=200)
    project = await make.make_project(await make.make_city(world))
    lead = {"official_id": official.removeprefix("/officials/")}
    await refused(world, "POST", f"/projects/{project['id']}/leaders", 422, "not_in_post", json=lead)


async def test_terms_that_overlap_and_terms_that_do_not(world: World) -> None:
    unit = await make.make_unit(world, "示例市", kind="city")
    other = await make.make_unit(world, "示例区", unit)
    path = f"{await official_of(world, unit, started_on='2020-01-01', ended_on='2021-12-31')}/posts"
    post = {"unit_id": unit, "title": "示例职务"}
    for title in ("示例职务", "示例 职务", "示例职务\u3000"):
        for term in (
            {"started_on": "2021-12-31"},
            {"started_on": "2019-01-01", "ended_on": "2020-01-01"},
            {"started_on": "2019-01-01"},
            {"started_on": "2020-06-01", "ended_on": "2020-07-01"},
        ):
            await refused(world, "POST", path, 409, "post_overlaps", json={**post, "title": title, **term})
    await world.post(path, {**post, "started_on": "2022-01-01"})  # again, from the day after
    await world.post(path, {**post, "started_on": "2018-01-01", "ended_on": "2019-12-31"})  # learnt late
    await world.post(path, {**post, "unit_id": other, "started_on": "2020-01-01"})  # of another unit at the same time
    await world.post(path, {**post, "title": "示例副职", "started_on": "2020-01-01"})  # another post


async def test_a_term_is_not_lengthened_into_the_next(world: World) -> None:
    unit = await make.make_unit(world, "示例市", kind="city")
    official = await official_of(world, unit, started_on="2020-01-01", ended_on="2021-12-31")
    later = {"unit_id": unit, "title": "示例职务", "started_on": "2022-02-01"}
    await world.post(f"{official}/posts", later)
    first = next(post for post in (await world.get(official))["posts"] if post["started_on"] == "2020-01-01")
    path = f"{official}/posts/{first['id']}/end"
    head = {"If-Match": f'"{await world.version(official)}"'}
    answer = await refused(world, "POST", path, 409, "post_overlaps", json={"ended_on": "2022-02-01"}, headers=head)
    assert answer["errors"][0]["pointer"] == "/ended_on"
    await world.act(official, f"posts/{first['id']}/end", {"ended_on": "2022-01-31"})
    await world.act(official, f"posts/{first['id']}/end", {"ended_on": "2021-06-30"})


async def test_two_terms_of_one_body_and_two_clerks_at_once(world: World) -> None:
    unit = await make.make_unit(world, "示例市", kind="city")
    post = {"unit_id": unit, "title": "示例副职", "started_on": "2020-01-01"}
    body = {"name": "示例干部", "posts": [post, {**post, "started_on": "2021-01-01"}]}
    answer = await refused(world, "POST", "/officials", 409, "post_overlaps", json=body)
    assert answer["errors"][0]["pointer"] == "/posts/1/started_on"
    assert (await world.get("/officials"))["items"] == []
    official = await official_of(world, unit)
    answers = await asyncio.gather(*(world.send("POST", f"{official}/posts", post) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
