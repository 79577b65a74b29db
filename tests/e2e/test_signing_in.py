"""From the first address to the first page, and out again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, SignedIn, Watch
from tests.e2e.service import Service


def test_a_leader_signs_in_and_goes_on_to_where_they_wanted(page: Page, service: Service) -> None:
    page.goto("/projects")
    expect(page).to_have_url(f"{service.url}/login?next=%2Fprojects")
    page.get_by_label("登录名").fill("demo-leader")
    page.get_by_label("口令", exact=True).fill(service.passwords["demo-leader"])
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{service.url}/projects")
    expect(page.get_by_role("navigation").first).to_be_visible()


def test_a_wrong_password_is_said_and_nothing_else(page: Page, watch: Watch) -> None:
    watch.refuses(401, "/api/v1/session")
    page.goto("/login")
    page.get_by_label("登录名").fill("demo-leader")
    page.get_by_label("口令", exact=True).fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).not_to_be_empty()
    expect(page).to_have_title("登录 · 五个一")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_whoever_is_signed_in_finds_the_first_page(
    signed_in: SignedIn, service: Service, viewport: dict[str, int]
) -> None:
    page = signed_in("demo-leader", viewport=viewport)
    page.goto("/")
    expect(page).to_have_url(f"{service.url}/cockpit")
    expect(page.get_by_role("heading", name="签约额")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="工作台").click()
    expect(page).to_have_url(f"{service.url}/workbench")
    expect(page.get_by_text("我包保、参与和经办的")).to_be_visible()
    clerk = signed_in("demo-bureau", viewport=viewport)
    clerk.goto("/?kind=answer,assess")
    expect(clerk).to_have_url(f"{service.url}/workbench?kind=answer,assess")


def test_the_keys_are_found_in_the_menu_and_by_searching(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/cockpit")
    page.get_by_role("button", name=re.compile("示例市领导")).click()
    page.get_by_role("menuitem", name="快捷键").click()
    keys = page.get_by_role("dialog", name="快捷键")
    expect(keys.get_by_text("到门槛")).to_be_visible()
    keys.get_by_role("button", name="关闭").click()
    expect(keys).to_be_hidden()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="搜索项目、企业、线索、页面").fill("快捷键")
    page.get_by_role("option", name="快捷键").click()
    expect(keys).to_be_visible()
