"""Dictionaries may be kept by clients, business never; long answers are compressed, secrets never."""

import brotli
import pytest

from app.accounts.roles import Role
from app.audit.models import OfficeEventType, SecurityEventType
from app.core import compression
from app.core.localized import Word
from app.dossiers.sentences import SENTENCES
from app.main import ROOMS
from app.reference.everyday_words import EVERYDAY_WORDS
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

DICTIONARIES = ("/meta", "/labels", "/pipeline/stages", "/industries", "/evidence-kinds")


@pytest.mark.parametrize("path", DICTIONARIES)
async def test_a_dictionary_is_asked_for_again_only_where_it_changed(world: World, path: str) -> None:
    first = await world.client.get(f"/api/v1{path}")
    assert (first.status_code, first.headers["cache-control"]) == (200, "private, no-cache")
    for tag in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = await world.client.get(f"/api/v1{path}", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    other = await world.client.get(f"/api/v1{path}", headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


async def test_an_edited_stage_changes_the_dictionary(world: World) -> None:
    before = await world.client.get("/api/v1/meta")
    stage = before.json()["stages"][1]
    names = {"name_zh": "示例阶段", "name_en": stage["name_en"], "reason": "示例"}
    body = {**names, "limits": [{key: limit[key] for key in ("kind", "amount", "unit")} for limit in stage["limits"]]}
    answer = await world.send("PUT", f"/pipeline/stages/{stage['code']}", body, version=stage["version"])
    assert answer.status_code == 200, answer.text
    after = await world.client.get("/api/v1/meta", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["stages"][1]["name_zh"] == "示例阶段"


def _words(kind: type[Word]) -> list[str]:
    return [name for one in kind.__subclasses__() for name in (one.__name__, *_words(one))]


def test_no_two_enumerations_share_a_name() -> None:
    """Labels are asked for by it: those of the other one could not be had."""
    names = _words(Word)
    assert sorted(set(names)) == sorted(names)


async def test_meta_holds_every_dictionary(world: World) -> None:
    meta = await world.get("/meta")
    assert meta["labels"] == await world.get("/labels")
    assert meta["stages"] == await world.get("/pipeline/stages")
    assert meta["industries"] == await world.get("/industries")
    assert meta["evidence_kinds"] == await world.get("/evidence-kinds")
    assert meta["lead_clocks"] == await world.get("/lead-clocks")
    assert {"code": "land_area", "zh": "用地", "en": "land area"}.keys() == meta["fields"]["project"][0].keys()
    assert {field["code"] for field in meta["fields"]["project"]} > {"leader", "planned_total", "five_ones"}
    assert all(field["zh"] != field["code"] for fields in meta["fields"].values() for field in fields)
    assert {"unit", "official", "task_force", "referrer", "user", "entry", "milestone", "gap"} < meta["fields"].keys()
    assert {event["code"] for event in meta["event_types"]} == SENTENCES.keys()
    asked = {gate["code"] for stage in meta["stages"] for gate in stage["gates"]}
    assert asked == {gate["code"] for gate in meta["gates"]}


def test_an_action_has_one_name() -> None:
    others = [*(one.value for one in OfficeEventType), *(one.value for one in SecurityEventType)]
    assert len(set(others)) == len(others)
    assert not SENTENCES.keys() & set(others)


async def test_an_industry_is_found_by_its_pinyin_and_by_everyday_words(world: World) -> None:
    industries = {one["code"]: one for one in await world.get("/industries")}
    assert industries["15"]["pinyin"] == "jiu yin liao he jing zhi cha zhi zao ye"
    assert {"zh": "白酒", "en": "baijiu liquor", "pinyin": "bai jiu"} in industries["15"]["words"]
    assert {"38", "4415", "4416"} < {
        code for code, one in industries.items() if "新能源" in [word["zh"] for word in one["words"]]
    }
    assert all(one["pinyin"].isascii() for one in industries.values())


async def test_everyday_words_stand_once_and_lead_to_industries_that_there_are(world: World) -> None:
    codes = {one["code"] for one in await world.get("/industries")}
    words = [word.zh for word in EVERYDAY_WORDS]
    assert len(set(words)) == len(words)
    assert {code for word in EVERYDAY_WORDS for code in word.codes} <= codes


async def test_business_is_never_kept(world: World) -> None:
    await make.make_city(world)
    for path in ("/projects", "/units", "/me", "/pipeline/board", "/totals/overview?period=2023"):
        answer = await world.client.get(f"/api/v1{path}")
        assert answer.headers["cache-control"] == "no-store", path


async def test_long_answers_are_compressed_as_the_client_accepts(world: World) -> None:
    plain = await world.client.get("/api/v1/meta", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for accepted, encoding in (("br", "br"), ("gzip", "gzip"), ("gzip, br;q=0.9", "br"), ("br;q=0, gzip", "gzip")):
        async with world.client.stream("GET", "/api/v1/meta", headers={"Accept-Encoding": accepted}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert (answer.headers["content-encoding"], answer.headers["vary"]) == (encoding, "Accept-Encoding")
        assert len(raw) < len(plain.content) / 3
        if encoding == "br":
            assert brotli.decompress(raw) == plain.content
    short = await world.client.get("/api/v1/me", headers={"Accept-Encoding": "br"})
    assert len(short.content) > compression.MINIMUM or "content-encoding" not in short.headers


async def test_an_answer_with_a_secret_is_never_compressed(world: World) -> None:
    secrets = compression.secret_addresses(ROOMS, "/api/v1")
    assert any(pattern.match("/api/v1/session") for pattern in secrets)
    document = (await world.client.get("/api/openapi.json")).json()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if operation.get("x-shown-once") or operation.get("x-secret"):
                assert any(pattern.match(path.replace("{", "").replace("}", "")) for pattern in secrets), path
    await user(world, "clerk", Role.bureau)
    headers = await session_of(world, "clerk")
    async with sign_in_required(world):
        answer = await world.client.get("/api/v1/session", headers={**headers, "Accept-Encoding": "br, gzip"})
    assert answer.json()["csrf_token"]
    assert "content-encoding" not in answer.headers
