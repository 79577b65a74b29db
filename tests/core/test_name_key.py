"""Which changes make a name another and which do not, for any text."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.name_key import LONGEST_NAME, normalized, number_key

WORDS = st.text(st.sampled_from("抚顺新材料储能电站项目一二期CATLabc0123456789"), min_size=1, max_size=12)
SIGNS = ".-+/%:、~·#*_="
BRACKETS = ["()", "（）", "[]", "【】", "〔〕", "「」", "《》", "“”", "‘’"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("示例年产1.5万吨项目", "示例年产15万吨项目"),
        ("示例C++软件园", "示例C#软件园"),
        ("示例A-1号厂房", "示例A1号厂房"),
        ("示例A、B区", "示例AB区"),
        ("示例1、2号机组", "示例12号机组"),
        ("示例1½期", "示例11/2期"),
        ("示例10²瓦", "示例102瓦"),
        ("示例10⁻²瓦", "示例10-2瓦"),
        ("示例5μm铜箔", "示例5mm铜箔"),
        ("示例乾元化工", "示例干元化工"),
        ("示例日升", "示例曰升"),
        ("示例O1车间", "示例01车间"),
        ("示例か", "示例が"),
        ("示例A+轮", "示例A轮"),
        ("示例" * 120 + "甲", "示例" * 120 + "乙"),
        ("示例3#厂房", "示例3厂房"),
        ("示例3#厂房", "示例4号厂房"),
        ("示例3#1厂房", "示例3号1厂房"),
        ("示例一期", "示例二期"),
        ("示例一期", "示例十一期"),
        ("示例5二期", "示例52期"),
        ("示例万一期", "示例万1期"),
        ("示例三一重工", "示例31重工"),
        ("示例第三代", "示例第二代"),
        ("示例Ⅱ期", "示例Ⅲ期"),
        ("示例5Ⅱ期", "示例52期"),
        ("示例1,5万吨", "示例15万吨"),
        ("示例1、200号", "示例1200号"),
        ("示例1,00吨", "示例100吨"),
        ("示例2×300MW", "示例2300MW"),
        ("示例A,B区", "示例AB区"),
        ("示例A；B区", "示例AB区"),
        ("示例±800kV", "示例+800kV"),
        ("示例≥5万吨", "示例5万吨"),
        ("示例有限公司", "示例股份有限公司"),
        ("示例①②区", "示例12区"),
        ("示例Co-Ltd", "示例Co.Ltd"),
        ("示例1,000吨", "示例1000吨"),
        ("Example Co., Ltd.", "EXAMPLE CO LTD"),
        ("示例有限责任公司", "示例有限公司"),
    ],
)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert normalized(one) != normalized(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("示例（甲）项目　一期", "示例(甲)项目一期"),
        ("示例铝、铜加工", "示例铝铜加工"),
        ("沈阳—示例", "沈阳示例"),
        ("示例·史密斯", "示例史密斯"),
        ("示例：15度", "示例15度"),
        ("示例５℃冷库", "示例5°C冷库"),
        ("示例½", "示例1/2"),
        ("示例1—2号", "示例1-2号"),
        ("示例1。5万吨", "示例1.5万吨"),
        ("示例3×5米", "示例3x5米"),
        ("Example Co., Ltd.", "EXAMPLE CO.,LTD"),
        ("示例\u0410\u0412\u0421", "示例ABC"),
        ("示例\u0430\u0432\u0441", "示例ABC"),
        ("示例\u0399\u039d\u03a7", "示例inx"),
        ("示例發電項目", "示例发电项目"),
        ("示例発電", "示例发电"),
        ("示例⺠生", "示例民生"),
        ("示例ロボット", "示例口ボット"),
        ("示\u200b例\ufe0f\u3164", "示例"),
        ("示例CAṪL", "示例CATL"),
        ("二○二三示例", "二〇二三示例"),
        ("示例3#厂房", "示例３号厂房"),
        ("示例#3机组", "示例3号机组"),
        ("示例1#、2#机组", "示例1号、2号机组"),
        ("示例一期", "示例1期"),
        ("示例第二十一批", "示例第21批"),
        ("示例十号楼", "示例10号楼"),
        ("示例第三代", "示例第３代"),
        ("示例Ⅱ期", "示例二期"),
        ("示例（Ⅳ）期", "示例IV期"),
        ("示例2*300MW", "示例2×300MW"),
        ("示例1--2号", "示例1-2号"),
        ("示例A、B区", "示例A,B区"),
        ("示例\U000e0041\ufff9（甲）\u00ad", "示例甲"),
        ("示例❤\ufe0f", "示例❤"),
    ],
)
def test_one_name_in_two_writings_has_one_key(one: str, other: str) -> None:
    assert normalized(one) == normalized(other)


@given(st.text(max_size=60))
@example("1½²3")
@example("（）")
@example("Σ\u0345ΐ<<a>>")
@example("示例.-" * 60)
@example("ﷺ" * 30)
def test_a_key_is_its_own_key_and_fits(name: str) -> None:
    key = normalized(name)
    assert normalized(key) == key
    assert len(key) <= LONGEST_NAME


@given(st.data(), WORDS)
def test_width_blanks_and_brackets_make_no_other_name(data: st.DataObject, name: str) -> None:
    place = data.draw(st.integers(0, len(name)))
    end = data.draw(st.integers(place, len(name)))
    brackets = data.draw(st.sampled_from(BRACKETS))
    blank = data.draw(st.sampled_from([" ", "\u3000", "\u00a0", "\u200b", "\ufeff"]))
    assert normalized(f"{name[:place]}{brackets[0]}{name[place:end]}{brackets[1]}{name[end:]}") == normalized(name)
    assert normalized(f"{name[:place]}{blank}{name[place:]}") == normalized(name)
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in name)
    assert unicodedata.normalize("NFKC", wide) == name
    assert normalized(wide) == normalized(name)


@given(WORDS, st.integers(0, 999), st.integers(0, 999), WORDS, st.sampled_from(SIGNS), st.sampled_from(["", *SIGNS]))
def test_a_sign_between_digits_makes_another_name(
    before: str, left: int, right: int, after: str, sign: str, other: str
) -> None:
    names = [f"{before}{left}{between}{right}{after}" for between in (sign, other)]
    assert (normalized(names[0]) == normalized(names[1])) == (sign == other)


@pytest.mark.parametrize(
    "writing",
    [
        *(f"示例协{left}2023{right}88号" for left, right in ("[]", "［］", "()", "【】", "﹝﹞", "〖〗", "<>", "{}")),
        "示例协2023-88号",
        "示例协2023年第88号",
        "示例协2023/88",
        "示例协〔2023〕—88号",
        "示例协〔2023〕０８８号",
        "示例协〔2023〕No.：088",
        "示例协〔2023〕Nº88",
        "示例协〔2023〕№ 88",
        "编号：示例协〔2023〕88号",
        "示例协〔2023〕88号文",
        "示例協202388號",
    ],
)
def test_one_number_in_two_writings_has_one_key(writing: str) -> None:
    assert number_key(writing) == number_key("示例协〔2023〕88号")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("示例协〔2023〕88号", "示例协〔2023〕880号"),
        ("示例协〔2023〕88号", "示例协〔2022〕88号"),
        ("示例协〔2023〕88号", "示例协〔2023〕8-8号"),
        ("示例协〔2023〕88号", "示例协〔2023〕88号之一"),
        ("示例协〔2023〕88号", "示例协〔2023〕88A号"),
        ("示例1-11号", "示例11-1号"),
        ("示例1.05号", "示例1.5号"),
        ("示例20230111号", "示例20231101号"),
        ("示例100号", "示例1号"),
        ("示例第号", "示例另号"),
        ("示例5第1号", "示例51号"),
        ("示例（5）1号", "示例51号"),
    ],
)
def test_different_numbers_have_different_keys(one: str, other: str) -> None:
    assert number_key(one) != number_key(other)


def test_a_leading_zero_counts_for_nothing() -> None:
    """GB/T 9704: serials of documents have no leading zeros, so a serial with one is the same serial."""
    for one, other in (
        ("SL-2023-001", "sl－2023－1"),
        ("示例验资0012345", "示例验资12345"),
        ("№ 05", "5号"),
        ("0", "00"),
    ):
        assert number_key(one) == number_key(other)


@given(st.text(max_size=40) | st.text("第号No.#〔〕2023-0年/|编<>", max_size=12))
def test_the_key_of_any_number_fits(number: str) -> None:
    key = number_key(number)
    assert key is None or 0 < len(key) <= LONGEST_NAME


@pytest.mark.parametrize(
    "number", [None, "无", "暂无编号", "N/A", "n／a", "—", "---", "0", "００", "/", "（空）", "待补"]
)
def test_what_states_no_number_has_no_key(number: str | None) -> None:
    assert number_key(number) is None


@pytest.mark.parametrize("number", ["1", "无锡协1号", "A", "示例空港1号", "00号之1", "待1", "No.7", "甲"])
def test_what_states_one_has_one(number: str) -> None:
    assert number_key(number) is not None
