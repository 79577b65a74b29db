"""From the first address to the first page, and out again."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignedIn, Watch
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


def test_whoever_is_signed_in_finds_the_first_page(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/")
    expect(page.get_by_role("navigation").first).to_be_visible()
    expect(page.get_by_text("五个一").first).to_be_visible()
