"""A cell that a spreadsheet would run as a formula is written as text."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import spreadsheet

STARTS = "=+-@＝＋－＠﹦﹢﹣﹫⁺₌"
UNSEEN = " \t\r\n\u00a0\u3000\u200b\u200e\u202e\u2060\ufeff\u00ad\u3164\u2800\u180e\ufe0f\x0b\x1f"


def read_back(cells: list[object]) -> list[str]:
    (row,) = csv.reader(io.StringIO(spreadsheet.line(cells), newline=""))
    return row


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "＝1+1",
        "＋1",
        "－1+1",
        "＠SUM(A1)",
        "\t=1",
        "\r\n=1",
        " =1",
        "\u3000＝1",
        "\u200b=1",
        "\ufeff=HYPERLINK(1)",
        "−1+1",
        "+8613800001234",
        "-2+3",
        "\tx",
        "\rx",
        "\nx",
    ],
)
def test_what_would_be_run_gets_an_apostrophe(text: str) -> None:
    assert read_back([text, "示例"]) == [f"'{text}", "示例"]


@pytest.mark.parametrize(
    "value", ["示例：1+1=2", "a=1", "13.5", "-5.00", "-1", " 示例", "", "'=1", "#1", "1-2号", None, 5, -5, "“=1”"]
)
def test_what_is_no_formula_is_left_as_it_is(value: object) -> None:
    assert read_back([value, "示例"]) == ["" if value is None else str(value), "示例"]


@given(
    cells=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20), min_size=1
    )
)
def test_every_cell_comes_back(cells: list[str]) -> None:
    for before, after in zip(cells, read_back(["示例", *cells])[1:], strict=True):
        assert after in (before, f"'{before}")


@given(
    before=st.text(st.sampled_from(UNSEEN), max_size=4), start=st.sampled_from(STARTS), rest=st.text("A1(+", max_size=5)
)
def test_nothing_that_is_not_seen_hides_a_formula(before: str, start: str, rest: str) -> None:
    assert spreadsheet.cell(f"{before}{start}{rest}A").startswith("'")
