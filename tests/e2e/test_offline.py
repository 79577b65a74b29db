"""A line that is lost and comes back, and an office that serves by plain http under a name of its intranet."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.e2e.conftest import Contexts, SignedIn, Watch
from tests.e2e.records import Records, word
from tests.e2e.service import INTRANET, Service

OFFLINE = re.compile("网络断开，看到的是 ..:.. 的内容")


def test_without_a_line_what_was_read_and_what_was_typed_stay(signed_in: SignedIn, watch: Watch) -> None:
    watch.loses_line()
    page = signed_in("demo-bureau")
    project = Records(page.context).project(word())
    title = f"示例：{word()}投资协议"
    page.goto(f"/deals?new=1&project_id={project['id']}")
    form = page.get_by_role("dialog", name="起草签约")
    form.get_by_label("协议名称").fill(title)
    page.context.set_offline(True)
    bar = page.get_by_role("status").filter(has_text=OFFLINE)
    expect(bar).to_be_visible()
    form.get_by_role("button", name="保存草稿").click()
    expect(form.get_by_role("button", name="保存草稿")).to_be_enabled()
    expect(form.get_by_label("协议名称")).to_have_value(title)
    form.get_by_role("button", name="取消").click()
    # The draft is there again without the service, too.
    page.get_by_role("button", name="起草签约").click()
    form.get_by_role("button", name="取消").click()
    expect(page.get_by_role("table", name="签约")).to_be_visible()
    expect(bar).to_be_visible()

    page.context.set_offline(False)
    expect(bar).to_be_hidden()
    page.goto(f"/deals?new=1&project_id={project['id']}")
    expect(form.get_by_text("上次没保存的内容已经填回来了。")).to_be_visible()
    expect(form.get_by_label("协议名称")).to_have_value(title)
    form.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="送审")).to_be_visible()


def test_a_page_that_was_never_loaded_waits_for_the_line(signed_in: SignedIn, service: Service, watch: Watch) -> None:
    watch.loses_line()
    page = signed_in("demo-bureau")
    page.goto("/cockpit?period=2023Q1")
    expect(page.get_by_role("link", name="138.8 亿元")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_role("status").filter(has_text=OFFLINE)).to_be_visible()
    expect(page.get_by_role("link", name="138.8 亿元")).to_be_visible()
    page.get_by_role("link", name="企业", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("这一块没能载入：网络断开")
    page.get_by_role("button", name="重新载入").click()
    expect(page.get_by_role("alert")).to_contain_text("这一块没能载入：网络断开")
    page.context.set_offline(False)
    expect(page.get_by_role("table", name="企业")).to_be_visible()
    expect(page).to_have_url(f"{service.url}/enterprises")


def test_nobody_is_signed_out_without_a_line(signed_in: SignedIn, service: Service, watch: Watch) -> None:
    watch.loses_line()
    page = signed_in("demo-leader")
    page.goto("/cockpit")
    page.get_by_role("button", name=re.compile("示例市领导")).click()
    page.context.set_offline(True)
    page.get_by_role("menuitem", name="退出登录").click()
    expect(page.get_by_text("没能退出：你还是登录状态")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("status").filter(has_text=OFFLINE)).to_be_hidden()
    watch.ends_session()
    page.get_by_role("button", name=re.compile("示例市领导")).click()
    page.get_by_role("menuitem", name="退出登录").click()
    expect(page).to_have_url(f"{service.url}/login")
    page.goto("/cockpit")
    expect(page).to_have_url(re.compile("/login"))


def test_plain_http_under_a_name_of_the_intranet(
    contexts: Contexts, signed_in: SignedIn, service: Service, watch: Watch
) -> None:
    project = Records(signed_in("demo-bureau").context).project(word())
    home = f"http://{INTRANET}:{urlsplit(service.url).port}"
    watch.origin = home
    page = contexts().new_page()
    page.goto(f"{home}/deals?new=1&project_id={project['id']}")
    page.get_by_label("登录名").fill("demo-bureau")
    page.get_by_label("口令", exact=True).fill(service.passwords["demo-bureau"])
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="起草签约")
    expect(form).to_be_visible()
    missing = "[isSecureContext, typeof crypto.randomUUID, typeof navigator.clipboard]"
    assert page.evaluate(missing) == [False, "undefined", "undefined"]
    form.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="送审")).to_be_visible()

    page.goto(f"{home}/rows/signings?period=2023Q1")
    expect(page.get_by_text(re.compile(r"行相加 = 12 项，138\.8\s亿元"))).to_be_visible()
    page.get_by_role("button", name="复制链接").click()
    expect(page.get_by_role("status").filter(has_text="已复制")).to_be_visible()
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="搜索项目、企业、线索、页面")
    expect(field).to_be_focused()
    page.keyboard.press("Control+v")
    expect(field).to_have_value(re.compile(rf"^{home}/rows/signings\?period=2023Q1&known_at="))
