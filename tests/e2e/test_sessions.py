"""Passwords that have to be changed, second factors, sessions that end in the midst of work, and who comes after."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accounts import Accounts, code, new_password
from tests.e2e.conftest import SignedIn, Watch
from tests.e2e.records import Records, word
from tests.e2e.service import Service


def sign_in(page: Page, name: str, password: str) -> None:
    """Fills in the form, which stands on the page of its own or in a dialog over another."""
    page.get_by_label("登录名").fill(name)
    page.get_by_label("口令", exact=True).fill(password)
    page.keyboard.press("Enter")


def open_user(page: Page, name: str) -> None:
    page.goto(f"/admin/users?q={name}")
    page.get_by_role("row", name=re.compile(name)).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="授予角色")).to_be_visible()


def secret_of(page: Page) -> str:
    """Returns the part of a password that is shown once, and puts it away."""
    dialog = page.get_by_role("dialog").filter(has_text="只显示这一次")
    text = dialog.get_by_role("code").inner_text()
    dialog.get_by_role("button", name="我已存好").click()
    expect(dialog).to_be_hidden()
    return text


def test_two_administrators_reset_a_password_which_has_to_be_changed(
    accounts: Accounts, signed_in: SignedIn, page: Page, service: Service
) -> None:
    name = accounts.add()
    system, security = signed_in("demo-system-admin"), signed_in("demo-security-admin")
    open_user(system, name)
    system.get_by_role("button", name="重置口令").click()
    system.get_by_role("dialog").filter(has_text="此人会立刻受影响").get_by_role("button", name="重置口令").click()
    password = secret_of(system)
    open_user(security, name)
    security.get_by_role("button", name="放行口令").click()
    password += secret_of(security)
    # Whoever could reset a password could sign in with it: the roles rest until they are granted again.
    security.get_by_role("button", name="授予角色").click()
    grant = security.get_by_role("dialog").filter(has_text="选中的就是今后的全部角色")
    expect(grant.get_by_role("checkbox", name=re.compile("^招商局"))).to_be_checked()
    grant.get_by_role("button", name="授予角色").click()
    expect(grant).to_be_hidden()

    page.goto("/deals?status=live")
    sign_in(page, name, password)
    expect(page.get_by_role("heading", name="修改口令")).to_be_visible()
    chosen = new_password()
    page.get_by_label("新口令").fill(chosen)
    page.get_by_label("再输一次").fill(chosen)
    page.get_by_role("button", name="修改口令").click()
    expect(page).to_have_url(f"{service.url}/deals?status=live")
    expect(page.get_by_role("table", name="签约")).to_be_visible()


def test_codes_of_an_app_become_the_second_step(
    accounts: Accounts, signed_in: SignedIn, service: Service, watch: Watch
) -> None:
    watch.refuses(422, "/api/v1/me/second-factor/confirmation")
    watch.refuses(401, "/api/v1/session")
    name = accounts.add()
    page = signed_in(name)
    page.goto("/me")
    page.get_by_role("button", name="启用动态口令").click()
    sheet = page.get_by_role("dialog", name="启用动态口令")
    expect(sheet.get_by_role("img", name="二维码")).to_be_visible()
    key = sheet.get_by_role("code").inner_text()
    sheet.get_by_label("六位数字").fill(code(key, later=-100))
    sheet.get_by_role("button", name="启用").click()
    expect(sheet.get_by_text("动态口令不对，请核对手机时间。")).to_be_visible()
    sheet.get_by_label("六位数字").fill(code(key))
    sheet.get_by_role("button", name="启用").click()
    expect(sheet).to_be_hidden()
    expect(page.get_by_text("已启用", exact=True)).to_be_visible()

    page.get_by_role("button", name=re.compile("账号、语言、退出|" + name)).click()
    page.get_by_role("menuitem", name="退出登录").click()
    expect(page).to_have_url(f"{service.url}/login")
    sign_in(page, name, service.passwords[name])
    expect(page.get_by_role("heading", name="动态口令")).to_be_visible()
    page.get_by_label("六位数字").fill(code(key, later=-100))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("登录名、口令或动态口令不对")
    expect(page.get_by_label("六位数字")).to_be_focused()
    page.get_by_label("六位数字").fill(code(key, later=1))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{service.url}/")


@pytest.fixture
def clerk(accounts: Accounts) -> str:
    """The name of an account of the bureau."""
    return accounts.add()


def end_others(signed_in: SignedIn, name: str) -> None:
    """Ends the sessions of a person from another of their machines."""
    other = signed_in(name).context
    records = Records(other)
    for session in records.get("/me/sessions")["items"]:
        if not session["is_this"]:
            answer = other.request.delete(
                f"/api/v1/me/sessions/{session['id']}", headers={"X-CSRF-Token": records.token}
            )
            assert answer.ok, answer.text()
    other.close()


def drafting(page: Page, title: str) -> None:
    """Begins to draft a deal."""
    page.goto("/deals?new=1")
    page.get_by_label("协议名称").fill(title)


DRAFTS = "Object.keys(sessionStorage).filter((key) => key.startsWith('five-ones.draft.')).length"


def test_what_was_typed_is_sent_after_the_session_has_ended(
    clerk: str, signed_in: SignedIn, service: Service, watch: Watch
) -> None:
    watch.ends_session()
    page = signed_in(clerk)
    project = Records(page.context).project(word())
    title = f"示例：{word()}投资协议"
    page.goto(f"/deals?new=1&project_id={project['id']}")
    page.get_by_label("协议名称").fill(title)
    end_others(signed_in, clerk)
    page.get_by_role("button", name="保存草稿").click()
    again = page.get_by_role("dialog", name="登录已失效")
    expect(again).to_be_visible()
    expect(page.get_by_label("协议名称")).to_have_value(title)
    again.get_by_label("登录名").fill(clerk)
    again.get_by_label("口令", exact=True).fill(service.passwords[clerk])
    page.keyboard.press("Enter")
    expect(again).to_be_hidden()
    expect(page.get_by_label("协议名称")).to_have_value(title)
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="送审")).to_be_visible()
    deals = Records(page.context).get("/deals", project_id=project["id"])["items"]
    assert [deal["title"] for deal in deals] == [title]
    assert page.evaluate(DRAFTS) == 0


def test_another_person_finds_nothing_of_who_was_there(
    clerk: str, accounts: Accounts, signed_in: SignedIn, service: Service, watch: Watch
) -> None:
    watch.ends_session()
    page = signed_in(clerk)
    title = f"示例：{word()}投资协议"
    drafting(page, title)
    assert page.evaluate(DRAFTS) == 1
    end_others(signed_in, clerk)
    page.get_by_role("button", name="保存草稿").click()
    another = accounts.add()
    again = page.get_by_role("dialog", name="登录已失效")
    again.get_by_label("登录名").fill(another)
    again.get_by_label("口令", exact=True).fill(service.passwords[another])
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{service.url}/")
    expect(page.get_by_role("button", name=re.compile(another))).to_be_visible()
    assert page.evaluate(DRAFTS) == 0
    page.goto("/deals?new=1")
    expect(page.get_by_label("协议名称")).to_have_value("")

    # Nor where the session had ended, and another person came by the page of sign-in.
    drafting(page, title)
    end_others(signed_in, another)
    page.reload()
    expect(page).to_have_url(re.compile("/login"))
    sign_in(page, clerk, service.passwords[clerk])
    expect(page.get_by_label("协议名称")).to_have_value("")
    expect(page.get_by_text("上次没保存的内容已经填回来了。")).to_be_hidden()
    assert page.evaluate(DRAFTS) == 0


def test_signing_out_and_in_reaches_the_other_tab(
    clerk: str, signed_in: SignedIn, service: Service, watch: Watch
) -> None:
    watch.ends_session()
    page = signed_in(clerk)
    other = page.context.new_page()
    drafting(page, "示例：第一页")
    drafting(other, "示例：第二页")
    end_others(signed_in, clerk)
    for tab in (page, other):
        tab.get_by_role("button", name="保存草稿").click()
        expect(tab.get_by_role("dialog", name="登录已失效")).to_be_visible()
    again = page.get_by_role("dialog", name="登录已失效")
    again.get_by_label("登录名").fill(clerk)
    again.get_by_label("口令", exact=True).fill(service.passwords[clerk])
    page.keyboard.press("Enter")
    for tab in (page, other):
        expect(tab.get_by_role("dialog", name="登录已失效")).to_be_hidden()
    # Only a project is missing: the second tab writes with the token of the new session.
    watch.refuses(422, "/api/v1/deals")
    other.get_by_role("button", name="保存草稿").click()
    expect(other.get_by_role("dialog").get_by_text(re.compile("项目|请填"))).not_to_have_count(0)
    expect(other.get_by_label("协议名称")).to_have_value("示例：第二页")

    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile(clerk)).click()
    page.get_by_role("menuitem", name="退出登录").click()
    sure = page.get_by_role("dialog", name="还有没保存的内容")
    sure.get_by_role("button", name="确定").click()
    for tab in (page, other):
        expect(tab).to_have_url(f"{service.url}/login")
        assert tab.evaluate(DRAFTS) == 0
