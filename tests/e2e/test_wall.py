"""The wall: set up by an administrator's code, read from afar, and never blank while there was once a picture."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Contexts, SignedIn, Watch

SCREEN = {"width": 1920, "height": 1080}


def test_a_display_shows_the_wall_until_it_is_ended(signed_in: SignedIn, contexts: Contexts, watch: Watch) -> None:
    admin = signed_in("demo-system-admin")
    admin.goto("/admin/displays")
    admin.get_by_role("button", name="新增大屏").click()
    form = admin.get_by_role("dialog")
    form.get_by_label("名称").fill("示例大厅")
    form.get_by_role("button", name="新增大屏").click()
    link = admin.locator("code").filter(has_text="/wall#").inner_text()
    admin.get_by_role("button", name=re.compile("已.*保存|我已")).click()

    screen = contexts(viewport=SCREEN).new_page()
    watch.refuses(401, "/api/v1/totals/wall")
    screen.clock.install()
    screen.goto(link)
    expect(screen.get_by_text("138.8")).to_be_visible()
    expect(screen.get_by_text(re.compile("65万吨苯酚丙酮一体化产业链项目"))).to_be_visible()
    assert "#" not in screen.url, "the code stays in no history"
    assert screen.evaluate("document.documentElement.scrollHeight <= innerHeight")

    watch.loses_line()
    screen.context.set_offline(True)
    screen.clock.fast_forward(300_000)
    expect(screen.get_by_text(re.compile("线路中断，数据截至"))).to_be_visible()
    expect(screen.get_by_text("138.8")).to_be_visible()
    screen.context.set_offline(False)
    expect(screen.get_by_text(re.compile("线路中断"))).to_have_count(0)

    row = admin.get_by_role("row", name=re.compile("示例大厅")).first
    expect(row).to_be_visible()
    row.get_by_role("button", name="停用").click()
    admin.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(row).to_contain_text("已停用")
    screen.clock.fast_forward(300_000)
    expect(screen.get_by_text(re.compile("接入已失效，数据截至"))).to_be_visible()
    expect(screen.get_by_text("138.8")).to_be_visible()
    screen.reload()
    expect(screen.get_by_role("heading", name="请重新登录")).to_be_visible()
    screen.get_by_label("接入码").fill(link.partition("#")[2])
    watch.refuses(401, "/api/v1/display-session")
    screen.get_by_role("button", name="接入").click()
    expect(screen.get_by_role("alert")).to_contain_text("接入码不对")


def test_whoever_is_signed_in_opens_the_wall_from_the_cockpit(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/cockpit?period=2023Q1")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="大屏").click()
    expect(opened.value.get_by_text("138.8")).to_be_visible()
    expect(opened.value.get_by_text("2023 年一季度")).to_be_visible()
