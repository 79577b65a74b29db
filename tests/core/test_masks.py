"""A masked phone or mail address never shows enough to use it."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.masking import masked, without_numbers
from tests.conftest import World
from tests.factories import city as make

MOST_DIGITS_IN_A_ROW = 4
MOST_DIGITS = 7


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("13800001234", "138****1234"),
        ("+8613800001234", "+86****1234"),
        ("138 0000 1234", "138****1234"),
        ("(024) 5750-1234", "024****1234"),
        ("１３８００００１２３４", "138****1234"),
        ("someone@example.com", "s***@example.com"),
        ("li.ming@zs.fushun.gov.cn", "l***@zs.fushun.gov.cn"),
        ("13800001234@139.com", "1***@139.com"),
        ("ab@example.com", "***@example.com"),
        (None, None),
    ],
)
def test_a_phone_and_a_mail_address_can_still_be_told_apart(value: str | None, shown: str | None) -> None:
    assert masked(value) == shown


@pytest.mark.parametrize(
    "value",
    [
        "a@13800001234",
        "a@13800001234.com",
        "a@138.0000.1234.com",
        "a@１３８００００１２３４.com",
        "@13800001234",
        "a@b@13800001234",
        "13800001234/13900005678",
        "13800001234 13900005678",
        "210404199001011234",
        "微信 wx13800001234",
        "wxid_13800001234",
        "57501234",
        "a@张三的手机.cn",
        "x",
    ],
)
def test_whatever_is_neither_shows_nothing(value: str) -> None:
    shown = masked(value)
    assert shown is not None
    assert set(shown) <= {"*", "@"}


@given(
    value=st.one_of(
        st.text(min_size=1, max_size=64),
        st.from_regex(r"[+]?[0-9０-９ ()./@a-z-]{1,40}", fullmatch=True),
        st.emails(),
    )
)
@example(value="a@13800001234")
@example(value="7@8.9")
def test_a_mask_never_gives_the_value_away(value: str) -> None:
    shown = masked(value)
    assert shown is not None
    plain = unicodedata.normalize("NFKC", shown)
    assert all(len(run) <= MOST_DIGITS_IN_A_ROW for run in re.findall(r"\d+", plain))
    assert sum(c.isdigit() for c in plain) <= MOST_DIGITS
    assert shown != value or set(value) <= {"*", "@"}


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("张三13800001234", "张三****"),
        ("张三 138-0000-1234（微信同号）", "张三 ****(微信同号)"),
        ("张三１３８ ００００ １２３４", "张三****"),
        ("张三 +86 13800001234", "张三 ****"),
        ("张三一三八零零零零幺二三四", "张****"),
        ("张三①③⑧⓪⓪⓪⓪①②③④", "张三****"),
        ("张三 zhang.san@example.com", "张三 ****"),
        ("张三（024）57501234", "张三(****"),
        ("张三 wxid13800001234", "张三 wxid****"),
    ],
)
def test_a_number_typed_into_a_name_is_hidden(typed: str, shown: str) -> None:
    assert without_numbers(typed) == shown


@pytest.mark.parametrize(
    "name",
    ["张三", "示例联系人1号", "欧阳一二三", "示例 2023 年 1 期负责人", "（示例）王五", "O'Neil, J."],
)
def test_a_name_stays_as_it_was_typed(name: str) -> None:
    assert without_numbers(name) == name


@pytest.mark.anyio
async def test_a_list_of_contacts_shows_no_number_typed_into_a_name(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/projects/{project['id']}/contacts"
    kept = await world.post(path, {**make.CONTACT, "name": "张三13800001234", "title": "经理 13900005678"})
    assert (kept["name"], kept["title"]) == ("张三****", "经理 ****")
    for listed in (path, f"/enterprises/{city.investor}/contacts"):
        answer = await world.client.get(f"/api/v1{listed}")
        assert "张三****" in answer.text
        assert not re.search("13800001234|13900005678", answer.text)
    seen = await world.send("POST", f"/contacts/{kept['id']}/unmasking", {"purpose": "verify"})
    assert seen.json()["name"] == "张三13800001234"
