"""The daily work of a clerk: the ledger, the board, leads."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import SignedIn
from tests.e2e.records import Records


def test_the_ledger_keeps_its_filter_in_the_address_and_sums_by_pool(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    page.goto("/projects?stage=signed")
    table = page.get_by_role("table", name="项目台账")
    expect(table.get_by_role("row", name=re.compile("65万吨苯酚丙酮一体化产业链项目"))).to_be_visible()
    expect(page.get_by_text("按当前筛选的全部行求和", exact=False)).to_be_visible()
    page.get_by_role("searchbox", name="在列表中搜索").fill("三木")
    expect(page).to_have_url(re.compile("q=(三木|%E4%B8%89%E6%9C%A8)"))
    expect(table.get_by_role("row", name=re.compile("65万吨苯酚丙酮一体化产业链项目"))).to_be_visible()
    expect(table.get_by_role("row", name=re.compile("煤化工项目07"))).to_have_count(0)


def test_the_ledger_says_of_which_limit_a_project_is_over(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    page.goto("/projects?is_overdue=true&stage=building")
    table = page.get_by_role("table", name="项目台账")
    over = table.get_by_text(re.compile("^未跟进超 [0-9]+ 天$")).first
    expect(over).to_have_attribute("title", re.compile("^7 天未跟进即超期，自 [0-9-]{10} 起算，[0-9-]{10} 到期$"))


def test_a_district_finds_no_project_of_another(signed_in: SignedIn) -> None:
    page = signed_in("demo-district")
    page.goto("/projects?stage=signed")
    expect(page.get_by_role("table", name="项目台账")).to_be_visible()
    expect(page.get_by_text("65万吨苯酚丙酮一体化产业链项目")).to_have_count(0)


def test_anything_is_found_by_name(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    page.goto("/projects")
    expect(page.get_by_role("table", name="项目台账")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="搜索项目、企业、线索、页面").fill("苯酚")
    page.get_by_role("option", name=re.compile("65万吨苯酚丙酮一体化产业链项目")).first.click()
    expect(page).to_have_url(re.compile(r"/projects/[0-9a-f-]{36}"))
    expect(page.get_by_role("heading", name=re.compile("65万吨苯酚丙酮一体化产业链项目")).first).to_be_visible()


def test_the_workbench_counts_what_is_overdue_or_for_today_and_says_so(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    counts = Records(page.context).get("/me/counts")
    past, today, soon = counts["past_due"], counts["today"], counts["soon"]
    assert min(past, today, soon) > 0
    page.goto("/projects")
    link = page.get_by_role("navigation").get_by_role("link", name=f"我的工作台 已超期 {past} 件，今天 {today} 件")
    expect(link).to_contain_text(str(past + today))
    link.click()
    parts = f"超期 {past} · 今天 {today} · 两周内 {soon}"
    expect(page.get_by_role("button", name=re.compile("^全部待办"))).to_have_text(f"全部待办{parts}{past + today}")


def test_every_page_speaks_english(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    page.goto("/projects")
    page.evaluate("localStorage.setItem('five-ones.language', 'en')")
    for path, name in (("/cockpit", "Cockpit"), ("/pipeline", "Board"), ("/projects", "Projects"), ("/leads", "Leads")):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
