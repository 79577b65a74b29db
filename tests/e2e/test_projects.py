"""A project's page and the ledger: five ones, inline edit, saved views, bulk acts, endings, merging, and a phone."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PHONE, SignedIn, Watch
from tests.e2e.records import Record, Records, choose, pick_day, plain, word


def heading(page: Page, project: Record) -> Locator:
    return page.get_by_role("heading", level=1, name=re.compile(plain(project)))


def open_more(page: Page, act: str) -> Locator:
    """Opens an act of «更多»; returns its sheet."""
    page.get_by_role("button", name="更多", exact=True).click()
    page.get_by_role("menuitem", name=re.compile(f"^{act} ")).click()
    return page.get_by_role("dialog")


def row_of(page: Page, project: Record) -> Locator:
    return page.get_by_role("table", name="项目台账").get_by_role("row", name=re.compile(plain(project)))


# The page of a project


def test_the_five_ones_are_filled_in_on_the_page_of_a_project(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records = Records(page.context)
    district = str(records.unit()["name"])
    project = records.project(f"{word()}号项目")
    page.goto(f"/projects/{project['id']}")
    expect(heading(page, project)).to_be_visible()
    strokes = page.get_by_role("img", name=re.compile("^五个一："))
    expect(strokes).to_have_accessible_name("五个一：一名领导 缺、一套班子 缺、一个方案 缺")
    ones = page.get_by_role("list").filter(has=page.get_by_role("heading", name="一抓到底"))

    ones.get_by_role("button", name="确定包保领导").click()
    sheet = page.get_by_role("dialog", name="确定包保领导")
    choose(page, sheet.get_by_label("包保领导"), "示例干部03", "示例干部03")
    sheet.get_by_role("button", name="确定包保领导").click()
    expect(sheet).to_have_count(0)
    expect(ones.get_by_role("link", name="干部03")).to_be_visible()
    expect(strokes).to_have_accessible_name("五个一：一套班子 缺、一个方案 缺")

    ones.get_by_role("button", name="确定班子").click()
    sheet = page.get_by_role("dialog", name="确定班子")
    # It starts from the unit in charge, and says which members it lacks.
    expect(sheet.get_by_title(district, exact=True)).to_be_visible()
    choose(page, sheet.get_by_label("组长"), "示例干部09", "示例干部09")
    choose(page, sheet.get_by_label("成员 1", exact=True), "示例干部10", "示例干部10")
    choose(page, sheet.get_by_label("联系人"), "示例干部10")
    sheet.get_by_role("button", name="确定班子").click()
    expect(sheet.get_by_text("成员至少 2 人，请补上")).to_be_visible()
    choose(page, sheet.get_by_label("成员 2", exact=True), "示例干部11", "示例干部11")
    expect(sheet.get_by_text("成员至少 2 人，请补上")).to_have_count(0)
    sheet.get_by_role("button", name="确定班子").click()
    expect(sheet).to_have_count(0)
    expect(ones.get_by_text("组长 干部09，成员 2 人")).to_be_visible()
    expect(strokes).to_have_accessible_name("五个一：一个方案 缺")

    ones.get_by_role("button", name="发布方案").click()
    sheet = page.get_by_role("dialog", name="发布方案")
    sheet.get_by_label("方案名称").fill("示例推进方案")
    for number, (stage, day) in enumerate([("签约", "2024-03-29"), ("落地", "2024-09-30")], start=1):
        sheet.get_by_role("button", name=stage, exact=True).click()
        pick_day(sheet.get_by_label(f"第 {number} 个里程碑的计划日"), day)
    sheet.get_by_role("button", name="发布方案").click()
    expect(sheet).to_have_count(0)
    expect(ones.get_by_text("2 个里程碑，无延期")).to_be_visible()
    expect(strokes).to_have_accessible_name("五个一：齐全")

    # The milestone is expected later than planned, and shown so.
    page.get_by_role("button", name="报进度：签约").click()
    sheet = page.get_by_role("dialog", name="报进度：签约")
    pick_day(sheet.get_by_label("预计日"), "2024-04-30")
    sheet.get_by_role("button", name="报进度").click()
    expect(sheet).to_have_count(0)
    expect(page.get_by_role("listitem").filter(has_text="延 32 天").last).to_be_visible()
    expect(ones.get_by_text("1 个延期")).to_be_visible()


def test_a_chooser_offers_whom_one_has_seen_and_the_first_before_anything_is_typed(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records = Records(page.context)
    project, official = records.project(f"{word()}号项目"), records.officials()[23]
    page.goto(f"/officials/{official['id']}")
    expect(page.get_by_role("heading", level=1, name=re.compile("干部24"))).to_be_visible()
    page.goto(f"/projects/{project['id']}")
    page.get_by_role("button", name="确定包保领导").first.click()
    sheet = page.get_by_role("dialog", name="确定包保领导")
    sheet.get_by_label("包保领导").click()
    offered = page.locator(".ant-select-dropdown:visible")
    groups = offered.locator(".ant-select-item-group")
    expect(groups).to_have_text(["最近看过", "前 20 条，输入名称、拼音或首字母查找全部"])
    # Nothing is chosen by a key that was meant to leave the field.
    page.keyboard.press("Enter")
    expect(sheet.get_by_text("示例干部24")).to_have_count(0)
    sheet.get_by_label("包保领导").click()
    offered.locator(".ant-select-item-option").filter(has_text=str(official["name"])).first.click()
    sheet.get_by_role("button", name="确定包保领导").click()
    expect(sheet).to_have_count(0)
    expect(page.get_by_role("link", name="干部24", exact=True)).to_be_visible()
    assert records.get(f"/projects/{project['id']}/leaders")[0]["official_id"] == official["id"]


def test_whoever_may_only_read_a_project_is_told_so_once(signed_in: SignedIn) -> None:
    project = Records(signed_in("demo-bureau").context).project(f"{word()}号项目")
    page = signed_in("demo-leader")
    page.goto(f"/projects/{project['id']}")
    expect(page.get_by_role("heading", name="一抓到底")).to_be_visible()
    expect(page.get_by_text("你没有“登记和办理业务”的权限。")).to_have_count(1)


def test_a_project_is_paused_resumed_and_given_up_each_saying_what_it_does(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records = Records(page.context)
    project = records.project(f"{word()}号项目")
    page.goto(f"/projects/{project['id']}")

    sheet = open_more(page, "暂缓")
    expect(sheet.get_by_text(f"「{plain(project)}」从这天起停计时限，看板不再显示")).to_be_visible()
    pick_day(sheet.get_by_label("预计恢复之日"), "2023-06-30")
    sheet.get_by_label("理由").fill("示例：等待厂房权属确认")
    sheet.get_by_role("button", name="暂缓").click()
    expect(page.get_by_text("预计 2023-06-30 恢复。暂缓期间不计时限。 示例：等待厂房权属确认")).to_be_visible()

    sheet = open_more(page, "恢复")
    expect(sheet.get_by_text("回到暂缓前的阶段，时限接着计算。")).to_be_visible()
    sheet.get_by_role("button", name="恢复").click()
    expect(page.get_by_text("暂缓期间不计时限")).to_have_count(0)
    assert records.again(project)["status"] == "active"

    # One's own act is taken back within a quarter of an hour.
    page.get_by_role("button", name="更多", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^撤销刚才的移动")).click()
    expect(page.get_by_text("暂缓期间不计时限")).to_be_visible()
    open_more(page, "恢复").get_by_role("button", name="恢复").click()
    expect(page.get_by_text("暂缓期间不计时限")).to_have_count(0)

    sheet = open_more(page, "终止")
    expect(sheet.get_by_text("名下有效签约同日终止，已计入的签约额冲减。历史留存。")).to_be_visible()
    sheet.get_by_role("button", name="终止项目").click()
    expect(sheet.get_by_text("请填写").first).to_be_visible()
    choose(page, sheet.get_by_label("终止原因"), "投资方放弃")
    sheet.get_by_label("理由").fill("示例：投资方转投他处")
    sheet.get_by_role("button", name="终止项目").click()
    expect(page.get_by_text("终止。 示例：投资方转投他处")).to_be_visible()
    assert records.again(project)["status"] == "terminated"


def test_two_records_of_one_project_are_merged_once_the_dry_run_allows_it(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records, own = Records(page.context), word()
    further, behind = records.in_talks(f"{own}号甲项目"), records.project(f"{own}号乙项目")
    records.contact(behind)
    reason = "示例：同一项目登记了两次"

    # The one that has come further is not merged into the other, and it is said before anything is done.
    page.goto(f"/projects/{further['id']}")
    sheet = open_more(page, "合并重复记录")
    choose(page, sheet.get_by_label("并入哪条记录"), plain(behind), f"{own}号乙")
    expect(sheet.get_by_text(f"{further['code']} 走得更远，请反过来")).to_be_visible()
    expect(sheet.get_by_text("现在不能合并。")).to_be_visible()
    sheet.get_by_label("理由").fill(reason)
    expect(sheet.get_by_role("button", name="合并")).to_be_disabled()
    sheet.get_by_role("button", name="取消").click()

    page.goto(f"/projects/{behind['id']}")
    sheet = open_more(page, "合并重复记录")
    choose(page, sheet.get_by_label("并入哪条记录"), plain(further), f"{own}号甲")
    expect(sheet.get_by_role("heading", name="会转过去")).to_be_visible()
    expect(sheet.get_by_text("可以合并。")).to_be_visible()
    sheet.get_by_label("理由").fill(reason)
    sheet.get_by_role("button", name="合并").click()
    expect(page).to_have_url(re.compile(f"/projects/{further['id']}"))
    expect(heading(page, further)).to_be_visible()
    assert records.again(behind)["status"] == "merged"
    page.goto(f"/projects/{behind['id']}")
    expect(page.get_by_text("已并入").first).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name=plain(further)).first).to_be_visible()


# The ledger


def test_a_cell_is_edited_in_place_and_tab_goes_on_along_the_row(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records, own = Records(page.context), word()
    project = records.project(f"{own}号项目")
    page.goto(f"/projects?q={own}")
    row = row_of(page, project)
    cells = row.get_by_role("cell")
    expect(cells.nth(2)).to_have_attribute("title", re.compile("^双击修改"))
    assert cells.nth(1).get_attribute("title") is None
    row.get_by_role("cell", name=project["code"]).click()
    page.keyboard.press("e")
    name = row.get_by_role("textbox")
    expect(name).to_be_focused()
    name.fill(f"示例：{own}号改名项目")
    page.keyboard.press("Tab")
    # The next field is the leader's, then the investor's: what oneself saved a moment ago is in nobody's way.
    row = row_of(page, {"name": f"{own}号改名项目"})
    field = row.get_by_role("combobox")
    expect(field).to_be_focused()
    page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.keyboard.type("示例：投资企业01有限公司")
    expect(page.locator(".ant-select-item-option-active").filter(has_text="投资企业01")).to_be_visible()
    page.keyboard.press("Enter")
    expect(row.get_by_role("cell", name="投资企业01有限公司")).to_be_visible()
    expect(row.get_by_label("正在保存")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    now = records.again(project)
    assert (now["name"], now["investor"]["name"]) == (f"示例：{own}号改名项目", "示例：投资企业01有限公司")

    # Esc leaves a cell as it was, and so does a press elsewhere, which keeps the focus where it went.
    row.get_by_role("cell", name="投资企业01有限公司").dblclick()
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    row.get_by_role("cell", name="投资企业01有限公司").dblclick()
    expect(field).to_be_focused()
    search = page.get_by_role("searchbox", name="在列表中搜索")
    search.click()
    expect(field).to_have_count(0)
    expect(search).to_be_focused()


def test_a_leader_is_handed_over_in_the_cell_with_what_is_handed_over(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records, own = Records(page.context), word()
    project = records.project(f"{own}号项目")
    records.leader(project)
    page.goto(f"/projects?q={own}")
    row = row_of(page, project)
    row.get_by_role("cell", name="干部01").dblclick()
    expect(row.get_by_role("combobox")).to_be_focused()
    # What is typed finds another, and Enter takes that one, not the one in post.
    page.keyboard.type("示例干部06")
    expect(page.locator(".ant-select-item-option-active").filter(has_text="示例干部06")).to_be_visible()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=f"交接包保领导：{plain(project)}")
    expect(dialog.get_by_text("由干部01交接给干部06")).to_be_visible()
    dialog.get_by_role("button", name="交接").click()
    expect(dialog.get_by_text("请填写")).to_be_visible()
    dialog.get_by_label("交接说明").fill("示例：联系人和待办已交接")
    dialog.get_by_role("button", name="交接").click()
    expect(row.get_by_role("cell", name="干部06")).to_be_visible()
    expect(row.get_by_label("正在保存")).to_have_count(0)
    posts = records.get(f"/projects/{project['id']}/leaders")
    assert [one["handover_note"] for one in posts if one["closed_on"]] == ["示例：联系人和待办已交接"]


def test_a_stale_edit_shows_both_values_and_the_reader_chooses(signed_in: SignedIn, watch: Watch) -> None:
    first, second = signed_in("demo-bureau"), signed_in("demo-bureau-2")
    records, own = Records(first.context), word()
    project = records.project(f"{own}号项目")
    watch.refuses(412, f"/api/v1/projects/{project['id']}")

    def rename(page: Page, before: str, to: str) -> None:
        row_of(page, {"name": before}).get_by_role("cell", name=project["code"]).click()
        page.keyboard.press("e")
        page.get_by_role("table").get_by_role("textbox").fill(f"示例：{to}")
        page.keyboard.press("Enter")

    for page in (first, second):
        page.goto(f"/projects?q={own}")
        expect(row_of(page, project)).to_be_visible()
    rename(first, f"{own}号项目", f"{own}号甲")
    expect(row_of(first, {"name": f"{own}号甲"}).get_by_label("正在保存")).to_have_count(0)
    rename(second, f"{own}号项目", f"{own}号乙")
    stale = second.get_by_role("dialog", name=re.compile("^你读到之后，示例招商局 在 .* 改过"))
    line = stale.get_by_role("row", name=re.compile("^名称"))
    expect(line.get_by_role("cell")).to_have_text([f"示例：{own}号项目", f"示例：{own}号甲", f"示例：{own}号乙"])
    with second.context.expect_page() as opened:
        stale.get_by_role("link", name="两个都看看").click()
    with opened.value as page:
        expect(page).to_have_url(re.compile(f"/projects/{project['id']}$"))
        expect(page.get_by_role("listitem").filter(has_text=f"{own}号甲").first).to_be_visible()
    stale.get_by_role("button", name="保留现在的").click()
    expect(row_of(second, {"name": f"{own}号甲"})).to_be_visible()
    assert records.again(project)["name"] == f"示例：{own}号甲"

    rename(second, f"{own}号甲", f"{own}号丙")
    expect(row_of(second, {"name": f"{own}号丙"}).get_by_label("正在保存")).to_have_count(0)
    rename(first, f"{own}号甲", f"{own}号丁")
    first.get_by_role("dialog").get_by_role("button", name="用我的覆盖").click()
    expect(row_of(first, {"name": f"{own}号丁"})).to_be_visible()
    expect(row_of(first, {"name": f"{own}号丁"}).get_by_label("正在保存")).to_have_count(0)
    assert records.again(project)["name"] == f"示例：{own}号丁"


def test_a_form_takes_back_nothing_that_others_wrote_meanwhile(signed_in: SignedIn, watch: Watch) -> None:
    page = signed_in("demo-bureau")
    records = Records(page.context)
    project = records.project(f"{word()}号项目")
    path = f"/projects/{project['id']}"
    page.goto(path)
    page.get_by_role("button", name="编辑", exact=True).click()
    sheet = page.get_by_role("dialog", name="编辑基本情况")
    sheet.get_by_label("当前进展").fill("示例：可研初稿已送审")
    records.write("PATCH", path, {"next_steps": "示例：约评审", "land_area": "120"}, records.again(project)["version"])

    watch.refuses(412, f"/api/v1{path}")
    sheet.get_by_role("button", name="保存").click()
    stale = page.get_by_role("dialog", name=re.compile("^你读到之后"))
    expect(stale.get_by_role("row", name=re.compile("^下步计划 未填 示例：约评审 没有改"))).to_be_visible()
    stale.get_by_role("button", name="保留现在的").click()
    expect(page.get_by_role("definition").filter(has_text="120").first).to_be_visible()
    sheet.get_by_role("button", name="保存").click()
    expect(sheet).to_have_count(0)
    now = records.again(project)
    assert (now["progress"], now["next_steps"]) == ("示例：可研初稿已送审", "示例：约评审")
    assert now["land_area"].startswith("120")


def test_what_was_chosen_in_a_form_is_named_after_a_reload_and_sent(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records = Records(page.context)
    project = records.project(f"{word()}号项目")
    page.goto(f"/projects/{project['id']}")
    sheet = page.get_by_role("dialog", name="编辑基本情况")
    page.get_by_role("button", name="编辑", exact=True).click()
    choose(page, sheet.get_by_label("投资方"), "投资企业03", "投资企业03有限公司")
    sheet.get_by_label("当前进展").fill("示例：现场踏勘")
    page.reload()
    page.get_by_role("button", name="编辑", exact=True).click()
    expect(sheet.get_by_label("当前进展")).to_have_value("示例：现场踏勘")
    expect(sheet.get_by_text("投资企业03有限公司")).to_be_visible()
    sheet.get_by_role("button", name="保存").click()
    expect(sheet).to_have_count(0)
    now = records.again(project)
    assert (now["investor"]["name"], now["progress"]) == ("示例：投资企业03有限公司", "示例：现场踏勘")


def test_a_view_is_saved_shared_opened_by_another_renamed_and_exported(signed_in: SignedIn, tmp_path: Path) -> None:
    page, reader = signed_in("demo-bureau"), signed_in("demo-leader")
    records, own = Records(page.context), word()
    projects = [records.project(f"{own}号{number}项目") for number in "甲乙"]
    page.goto(f"/projects?q={own}&stage=screened")
    expect(row_of(page, projects[0])).to_be_visible()
    page.get_by_role("button", name="存为视图").click()
    form = page.get_by_role("dialog", name="存为视图")
    form.get_by_label("名称").fill(f"{own}视图")
    form.get_by_role("radio", name="所有人").check()
    form.get_by_role("button", name="保存").click()
    tabs = page.get_by_role("navigation", name="视图")
    expect(tabs.get_by_role("button", name=re.compile(f"^{own}视图 ?2$"))).to_have_attribute("aria-current", "page")

    # Another account finds it among its tabs; its conditions are chips, and may be dropped one by one.
    reader.goto("/projects")
    reader.get_by_role("navigation", name="视图").get_by_role("button", name=re.compile(f"^{own}视图")).click()
    expect(row_of(reader, projects[1])).to_be_visible()
    query = parse_qs(urlsplit(reader.url).query)
    assert (query["q"], query["stage"], "view" in query) == ([own], ["screened"], True)
    expect(reader.get_by_role("listitem").filter(has_text="阶段 研判入库")).to_be_visible()
    reader.get_by_role("button", name="去掉条件：阶段").click()
    expect(reader.get_by_role("listitem").filter(has_text="阶段 研判入库")).to_have_count(0)
    expect(reader.get_by_role("img", name="与保存的不同")).to_be_visible()

    menu = page.get_by_role("button", name=re.compile(f"^视图「{own}视图」"))
    menu.click()
    page.get_by_role("menuitem", name="改名和共享").click()
    form = page.get_by_role("dialog", name="改名和共享")
    form.get_by_label("名称").fill(f"{own}新名")
    form.get_by_role("button", name="保存").click()
    expect(tabs.get_by_role("button", name=re.compile(f"^{own}新名"))).to_be_visible()

    page.get_by_role("button", name="导出").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="导出所显示的列").click()
    saved = tmp_path / "export.csv"
    download.value.save_as(saved)
    text = saved.read_text("utf-8-sig")
    assert download.value.suggested_filename.endswith(".csv")
    assert all(str(project["name"]) in text for project in projects)

    page.get_by_role("button", name=re.compile(f"^视图「{own}新名」")).click()
    page.get_by_role("menuitem", name="删除视图").click()
    page.get_by_role("dialog").get_by_role("button", name="删除视图").click()
    expect(tabs.get_by_role("button", name=re.compile(f"^{own}新名"))).to_have_count(0)
    # The rows stay as they were.
    expect(row_of(page, projects[0])).to_be_visible()


def test_three_projects_get_a_leader_at_once_and_the_one_refused_is_named(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records, own = Records(page.context), word()
    projects = [records.project(f"{own}号{number}项目") for number in "甲乙丙"]
    records.leader(projects[1])
    page.goto(f"/projects?q={own}")
    for project in projects:
        row_of(page, project).get_by_role("checkbox").check()
    bar = page.get_by_role("toolbar", name="批量办理")
    expect(bar.get_by_text("已选 3 项")).to_be_visible()
    bar.get_by_role("button", name="指派领导").click()
    dialog = page.get_by_role("dialog", name="指派领导：3 项")
    choose(page, dialog.get_by_label("包保领导"), "示例干部05", "示例干部05")
    dialog.get_by_role("button", name="看看会怎样").click()
    expect(dialog.get_by_text("2 项可以办")).to_be_visible()
    expect(dialog.get_by_text("1 项办不了，会跳过")).to_be_visible()
    refused = dialog.get_by_role("listitem")
    expect(refused).to_have_count(1)
    expect(refused.get_by_role("link", name=plain(projects[1]))).to_be_visible()
    dialog.get_by_role("button", name="办理其中 2 项").click()
    expect(dialog).to_have_count(0)
    expect(bar).to_have_count(0)
    for project, leader in zip(projects, ("干部05", "干部01", "干部05"), strict=True):
        expect(row_of(page, project).get_by_role("cell", name=leader)).to_be_visible()


@pytest.mark.parametrize("address", ["projects", "leads", "enterprises", "officials", "task-forces", "referrers"])
def test_a_record_that_is_not_there_leads_back_to_its_list(signed_in: SignedIn, watch: Watch, address: str) -> None:
    page, unknown = signed_in("demo-bureau"), f"/{address}/{uuid4()}"
    watch.refuses(404, f"/api/v1{unknown}")
    page.goto(unknown)
    page.get_by_role("main").get_by_role("link", name=re.compile("^回到")).click()
    expect(page).to_have_url(re.compile(f"/{address}$"))


# A phone, and the workbench


def test_a_follow_up_takes_few_taps_on_a_phone(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau", viewport=PHONE)
    records = Records(page.context)
    project = records.project(f"{word()}号项目")
    page.goto(f"/projects/{project['id']}")
    expect(heading(page, project)).to_be_visible()
    # The acts of a project stand at the foot in place of the tabs.
    expect(page.get_by_role("link", name="驾驶舱")).to_have_count(0)
    page.get_by_role("navigation").get_by_role("link", name="项目台账").click()
    page.get_by_role("navigation").get_by_role("link", name="驾驶舱").click()
    expect(page).to_have_url(re.compile("/cockpit"))
    expect(page.get_by_role("heading", name="签约额")).to_be_visible()

    page.get_by_role("button", name="记一笔").click()
    sheet = page.get_by_role("dialog", name="记跟进")
    # No project is taken for granted: the ones seen last are offered.
    expect(sheet.get_by_label("跟进内容")).to_have_count(0)
    sheet.get_by_role("button", name=plain(project)).click()
    expect(sheet.get_by_text(plain(project))).to_be_visible()
    # The field has the focus from the beginning, and keeps it while the kind is chosen: the keyboard stays open.
    text = sheet.get_by_label("跟进内容")
    expect(text).to_be_focused()
    sheet.get_by_role("radio", name="协调会").click()
    expect(sheet.get_by_role("switch", name="与投资方")).not_to_be_checked()
    sheet.get_by_role("radio", name="电话").click()
    expect(sheet.get_by_role("switch", name="与投资方")).to_be_checked()
    expect(text).to_be_focused()
    page.keyboard.type("示例：约定下周来访")
    sheet.get_by_role("button", name="保存").click()
    expect(sheet).to_have_count(0)
    expect(page.get_by_role("status").get_by_text(f"{plain(project)} 已记跟进")).to_be_visible()
    page.get_by_role("status").get_by_role("button", name="查看").click()
    expect(heading(page, project)).to_be_visible()
    expect(page.get_by_text("示例：约定下周来访").first).to_be_visible()


def test_a_next_step_without_a_day_says_that_nobody_will_be_reminded(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records = Records(page.context)
    project = records.project(f"{word()}号项目")
    page.goto(f"/projects/{project['id']}")
    page.get_by_label("跟进内容").fill("示例：约定下周来访")
    page.get_by_role("button", name="下一步", exact=True).click()
    page.get_by_role("textbox", name="下一步").fill("示例：看厂房")
    undated = page.get_by_text("没有到期日的下一步只记在动态里，不会进待办。")
    expect(undated).to_be_visible()
    due = page.get_by_label("到期日")
    for typed, read in (("2023-4-28", "2023-04-28"), ("0412", "2023-04-12"), ("2023/12/1", "2023-12-01")):
        pick_day(due, typed)
        expect(due).to_have_value(read)
    due.fill("")
    due.press_sequentially("月底")
    due.press("Tab")
    expect(page.get_by_role("alert").filter(has_text="看不懂“月底”，未改动")).to_be_visible()
    expect(due).to_have_value("2023-12-01")
    pick_day(due, "4-6")
    expect(undated).to_have_count(0)
    page.get_by_role("button", name="记跟进", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text="看厂房").first).to_be_visible()
    assert records.get(f"/projects/{project['id']}/follow-ups")["items"][0]["next_step_on"] == "2023-04-06"


def test_acts_of_the_workbench_take_their_lines_away(signed_in: SignedIn) -> None:
    page = signed_in("demo-district")
    records = Records(page.context)
    made = {"name": f"示例：{word()}阀门项目", "channel": "online", "first_unit_id": records.unit()["id"]}
    lead, handler = records.post("/leads", made), records.officials()[4]
    page.goto("/")
    page.get_by_role("button", name=re.compile("^线索待办")).click()
    lines = page.get_by_role("listitem").filter(has_text=plain(lead))

    # Answered, the lead waits to be assessed; assessed, for nothing more.
    for act, note in (("响应", "示例：已电话答复"), ("研判", "示例：与主导产业不符")):
        line = lines.filter(has=page.get_by_role("button", name=act))
        line.get_by_role("button", name=act).click()
        sheet = page.get_by_role("dialog")
        if act == "研判":
            sheet.get_by_text("不跟进", exact=True).click()
        else:
            choose(page, sheet.get_by_label("经办人"), str(handler["name"]), str(handler["name"]))
        sheet.get_by_role("textbox").first.fill(note)
        sheet.get_by_role("button", name=act).click()
        expect(sheet).to_have_count(0)
        expect(line).to_have_count(0)
    expect(lines).to_have_count(0)
    now = records.get(f"/leads/{lead['id']}")
    assert (now["status"], now["handler"]["name"]) == ("decline", handler["name"])
