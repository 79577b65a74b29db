"""The signing total of the article, on the cockpit and down to its rows."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, SignedIn


def test_a_leader_reads_the_total_of_the_quarter_beside_what_was_published(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/cockpit?period=2023Q1")
    expect(page.get_by_role("heading", name="2023 年一季度")).to_be_visible()
    expect(page.get_by_role("link", name="138.8 亿元")).to_be_visible()
    expect(page.get_by_role("link", name="12 项签约")).to_be_visible()
    expect(page.get_by_role("link", name="46.8 亿元").first).to_be_visible()
    expect(page.get_by_role("link", name="648.6 亿元").first).to_be_visible()
    expect(page.get_by_role("link", name="与对外发布一致").first).to_be_visible()
    # The largest project is 62.5 per cent of it, and the rest is said.
    expect(page.get_by_role("link", name="一项占 62.5%")).to_be_visible()
    expect(page.get_by_role("link", name="其余 11 项 52.0 亿元")).to_be_visible()


def test_a_figure_opens_the_rows_that_add_up_to_it(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/cockpit?period=2023Q1")
    page.get_by_role("link", name="138.8 亿元").click()
    expect(page).to_have_url(re.compile(r"/rows/signings\?"))
    expect(page.get_by_text(re.compile(r"行相加 = 12 项，138\.8\s亿元，与上面的数一致"))).to_be_visible()


def test_a_district_is_told_its_own_scope(signed_in: SignedIn) -> None:
    page = signed_in("demo-district")
    page.goto("/cockpit?period=2023Q1")
    expect(page.get_by_role("heading", name="2023 年一季度")).to_be_visible()
    expect(page.get_by_role("heading", name="签约额")).to_be_visible()
    expect(page.get_by_role("link", name="138.8 亿元")).to_have_count(0)


def test_another_period_is_of_the_address(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/cockpit?period=2023Q1")
    page.get_by_role("button", name="上一期").click()
    expect(page.get_by_role("heading", name="2022 年四季度")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["period"] == ["2022Q4"]
    page.reload()
    expect(page.get_by_role("heading", name="2022 年四季度")).to_be_visible()


def test_what_needs_attention_is_of_today_and_names_its_scope(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/cockpit?period=2023&known_at=2023-03-10")
    expect(page.get_by_text("今天的，不随所选日期变")).to_be_visible()
    expect(page.get_by_text("现有、超期只有今天的，看过去时不列")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("项签约当季即落地"))).to_be_visible()
    page.goto("/cockpit?period=2023Q1")
    expect(page.get_by_text("全市 · 今天，点开即名单")).to_be_visible()


def test_the_longest_overdue_come_first(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/cockpit?period=2023Q1")
    with page.expect_request(re.compile(r"/api/v1/projects\?.*is_overdue=true.*sort=due_on")):
        page.get_by_role("link", name=re.compile("停留或跟进超过时限")).click()
    expect(page.get_by_role("row").nth(1)).to_be_visible()


def test_a_phone_shows_the_total_and_what_needs_attention(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader", viewport=PHONE)
    page.goto("/cockpit?period=2023Q1")
    expect(page.get_by_role("link", name="138.8 亿元")).to_be_in_viewport()
    expect(page.get_by_role("navigation")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
