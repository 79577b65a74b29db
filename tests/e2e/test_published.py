"""What was published beside what the rows give, entered and published anew; and a total by its groups."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import SignedIn, Watch


def choose(page: Page, within: Locator, label: str, option: str) -> None:
    """Chooses from a list that opens over the page."""
    within.get_by_label(label).click()
    page.locator(".ant-select-item-option-content").get_by_text(option, exact=True).click()


def line(page: Page, what: str, source: str) -> Locator:
    """Returns the figures of one kind from one source."""
    return page.get_by_role("listitem").filter(has_text=what).filter(has_text=source)


def test_what_was_published_stands_beside_ours_and_is_published_anew(
    signed_in: SignedIn, watch: Watch, request: pytest.FixtureRequest
) -> None:
    # A source of its own: nothing that was published is ever taken away again.
    source = f"示例：{request.node.name[-12:]} {id(request):x}"
    page = signed_in("demo-bureau")
    page.goto("/published?period=2023Q1")
    said = page.get_by_role("listitem").filter(has_text="签约项目").first
    expect(said.get_by_text("一致", exact=True)).to_be_visible()
    expect(said.get_by_role("link", name=re.compile("138.8"))).to_be_visible()
    # The contradiction of the article is drawn: 243 − 77 = 166, of 1.79 亿元 each.
    steps = page.get_by_role("list", name="发布的两组数相减").get_by_role("listitem")
    expect(steps.filter(has_text="余下，应都低于")).to_contain_text("166 项 296.9 亿元")
    expect(steps.filter(has_text="余下平均每项")).to_contain_text("1.79 亿元")

    page.get_by_role("button", name="登记发布数").click()
    form = page.get_by_role("dialog")
    choose(page, form, "指标", "集中开工")
    form.get_by_label("来源").fill(source)
    form.get_by_role("button", name=re.compile("^登 ?记$")).click()
    # Without a number it says nothing, and the form says so at the field.
    watch.refuses(422, "/api/v1/published-figures")
    expect(form.get_by_text("至少填写个数或金额")).to_be_visible()
    form.get_by_label("个数").fill("40")
    form.get_by_role("button", name=re.compile("^登 ?记$")).click()
    expect(form).to_be_hidden()
    entered = line(page, "集中开工", source)
    expect(entered).to_contain_text("40 项")
    expect(entered.get_by_text("系统少 4 项")).to_be_visible()

    entered.get_by_role("button", name="更正发布").click()
    form = page.get_by_role("dialog")
    expect(form.get_by_label("来源")).to_have_value(source)
    form.get_by_label("个数").fill("36")
    form.get_by_role("button", name=re.compile("^更 ?正$")).click()
    expect(form).to_be_hidden()
    expect(line(page, "集中开工", source)).to_have_count(1)
    expect(line(page, "集中开工", source)).to_contain_text("36 项")
    expect(line(page, "集中开工", source).get_by_text("一致", exact=True)).to_be_visible()


def test_a_reader_enters_nothing_that_was_published(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/published?period=2023Q1")
    expect(page.get_by_role("listitem").filter(has_text="签约项目").first).to_be_visible()
    expect(page.get_by_role("button", name="登记发布数")).to_have_count(0)
    expect(page.get_by_role("button", name="更正发布")).to_have_count(0)


def test_the_total_by_district_sums_to_it_and_each_opens_its_rows(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/cockpit?period=2023Q1")
    page.get_by_role("link", name="全部维度").click()
    expect(page).to_have_url(re.compile(r"/rows/signings\?.*by=unit"))
    expect(page.get_by_text(re.compile(r"组相加 = 12 项，138\.8\s亿元，与上面的数一致"))).to_be_visible()
    page.get_by_role("link", name=re.compile("高新区")).click()
    expect(page.get_by_text(re.compile(r"行相加 = 2 项，92\.8\s亿元，与上面的数一致"))).to_be_visible()
    page.go_back()
    page.get_by_text("按专班", exact=True).click()
    expect(page).to_have_url(re.compile(r"by=task_force"))
    expect(page.get_by_text(re.compile(r"组相加 = 12 项，138\.8\s亿元，与上面的数一致"))).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name=re.compile("未归属"))).to_be_visible()


def test_a_figure_outside_the_ledger_is_grouped_under_its_filter(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/rows/started-or-resumed?period=2023Q1&kind=started&by=unit")
    verdict = page.get_by_text(re.compile(r"组相加 = \d+ 项"))
    expect(verdict).to_contain_text("与上面的数一致")
    whole = verdict.inner_text()
    page.get_by_text("按类别", exact=True).click()
    expect(page).to_have_url(re.compile(r"by=program"))
    # Other groups of the same rows add up to the same.
    expect(page.get_by_text(whole.partition(" = ")[2])).to_be_visible()


def test_a_print_shows_every_row_of_a_table(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/rows/started-or-resumed?period=2023Q1")
    expect(page.get_by_text(re.compile("行相加 = 243 项"))).to_be_visible()
    rows = page.get_by_role("rowgroup").get_by_role("row")
    expect(rows).not_to_have_count(243)
    page.emulate_media(media="print")
    expect(rows).to_have_count(243)
    expect(rows.last).to_be_visible()
    page.emulate_media(media="screen")
    expect(rows.first).to_be_visible()
    expect(rows).not_to_have_count(243)
