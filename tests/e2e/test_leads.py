"""A lead from the first word of it to the project it becomes."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import SignedIn, Watch
from tests.e2e.records import DISTRICT, Records, choose, word


def test_a_lead_is_registered_beside_what_it_is_like_and_becomes_a_project(signed_in: SignedIn, watch: Watch) -> None:
    page = signed_in("demo-bureau")
    own = word()
    records = Records(page.context)
    district = records.unit()
    earlier = {
        "name": f"示例：{own}号石墨负极项目",
        "channel": "chamber",
        "first_unit_id": records.unit("210400")["id"],
    }
    records.post("/leads", earlier)

    page.goto("/pipeline")
    page.get_by_role("button", name="登记线索").click()
    sheet = page.get_by_role("dialog", name="登记线索")
    sheet.get_by_label("名称").fill(f"示例：{own}号石墨电极项目")
    expect(sheet.get_by_role("heading", name="名称相近的有")).to_be_visible()
    expect(sheet.get_by_role("link", name=f"{own}号石墨负极项目")).to_be_visible()
    expect(sheet.get_by_text("来电的联系人登记后在线索页「联系人」里记")).to_be_visible()
    choose(page, sheet.get_by_label("投资方"), "登记新企业", f"示例：{own}石墨有限公司")
    field = sheet.get_by_label("行业")
    field.click()
    field.fill("新能源")
    found = page.locator(".ant-select-tree-title").filter(has_text=re.compile("^38 "))
    expect(found).to_have_text("38 制造业 › 电气机械和器材制造业新能源")
    found.click()
    sheet.get_by_label("拟投资额上限").fill("1.5")
    sheet.get_by_label("拟投资额下限").fill("1.6")
    # A refusal stands at its field until that is changed, and goes with either field of a range.
    watch.refuses(422, "/api/v1/leads")
    sheet.get_by_role("button", name="登记", exact=True).click()
    lacking, descends = sheet.get_by_text("必填，请补上。"), sheet.get_by_text("上限不能小于下限。")
    expect(lacking).to_be_visible()
    choose(page, sheet.get_by_label("来源渠道"), "商协会")
    expect(lacking).to_have_count(0)
    sheet.get_by_role("button", name="登记", exact=True).click()
    expect(descends).to_be_visible()
    sheet.get_by_label("拟投资额下限").fill("1.5")
    expect(descends).to_have_count(0)
    # Whoever says one amount means that amount.
    sheet.get_by_label("拟投资额上限").fill("")
    sheet.get_by_role("button", name="登记", exact=True).click()

    # The enterprise of that name was not on record, and is told of.
    expect(sheet.get_by_text(f"新登记了企业「{own}石墨有限公司」")).to_be_visible()
    sheet.get_by_role("button", name="打开线索").click()
    expect(page).to_have_url(re.compile(r"/leads/[0-9a-f-]{36}$"))
    lead = page.url.rpartition("/")[2]
    assert records.get(f"/leads/{lead}")["estimate_to"] == "150000000.00"
    # The address is the lead's before its page is there.
    expect(page.get_by_role("heading", name="办到哪一步")).to_be_visible()
    expect(page.get_by_role("button", name="登记联系人")).to_be_visible()

    page.get_by_role("button", name="响应").click()
    sheet = page.get_by_role("dialog", name=re.compile("^响应"))
    sheet.get_by_label("怎么响应的").fill("示例：约投资方下周来看厂房")
    sheet.get_by_role("button", name="响应").click()
    page.get_by_role("button", name="研判").click()
    sheet = page.get_by_role("dialog", name=re.compile("^研判"))
    sheet.get_by_label("理由").fill("示例：符合主导产业")
    sheet.get_by_role("button", name="研判").click()
    expect(page.get_by_role("listitem").filter(has_text="跟进：示例：符合主导产业")).to_be_visible()

    # It is asked for what a project must have; what is still lacking stands at its line, with its form.
    watch.refuses(409, f"/api/v1/leads/{lead}/conversion")
    page.get_by_role("button", name="转为项目").click()
    sheet = page.get_by_role("dialog", name=re.compile("^转为项目"))
    expect(sheet.get_by_label("承接单位")).to_be_visible()
    choose(page, sheet.get_by_label("落地"), str(district["name"]), str(district["name"]))
    sheet.get_by_role("button", name="转为项目").click()
    expect(sheet.get_by_role("heading", name="还不能转为项目：差 1 项")).to_be_visible()
    sheet.get_by_role("button", name="填写承接单位").click()
    choose(page, sheet.get_by_label("承接单位"), str(district["name"]), str(district["name"]))
    sheet.get_by_role("button", name="保存").click()
    sheet.get_by_role("button", name="转为项目").click()

    expect(page).to_have_url(re.compile(r"/projects/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", level=1, name=re.compile(f"{own}号石墨电极项目"))).to_be_visible()
    expect(page.get_by_role("link", name=f"{own}石墨有限公司").first).to_be_visible()
    # No planned total is on record yet: beside it stands what the lead said.
    expect(page.get_by_role("link", name="线索时拟投资 1.5 亿元")).to_have_attribute("href", f"/leads/{lead}")
    project = records.get(f"/projects/{page.url.rpartition('/')[2]}")
    assert (project["lead_id"], project["industry_code"], project["channel"]) == (lead, "38", "chamber")
    assert (project["estimate_to"], project["unit"]["code"]) == ("150000000.00", DISTRICT)


def test_a_lead_half_typed_is_offered_again_after_a_reload(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    own = word()
    page.goto("/leads?new=1")
    sheet = page.get_by_role("dialog", name="登记线索")
    sheet.get_by_label("名称").fill(f"示例：{own}")
    page.reload()
    expect(sheet.get_by_text("接着上次没登记完的填")).to_be_visible()
    expect(sheet.get_by_label("名称")).to_have_value(f"示例：{own}")
    sheet.get_by_role("button", name="丢弃重填").click()
    expect(sheet.get_by_label("名称")).to_have_value("")
    page.reload()
    expect(sheet.get_by_label("名称")).to_have_value("")
    expect(sheet.get_by_text("接着上次没登记完的填")).to_have_count(0)


def test_a_lead_may_be_edited_while_another_edits_it(signed_in: SignedIn, watch: Watch) -> None:
    page = signed_in("demo-bureau")
    records = Records(page.context)
    made = {"name": f"示例：{word()}电解液项目", "channel": "event", "first_unit_id": records.unit("210400")["id"]}
    lead = records.post("/leads", made)
    path = f"/api/v1/leads/{lead['id']}"
    page.goto(f"/leads/{lead['id']}")
    page.get_by_role("button", name="修改").click()
    sheet = page.get_by_role("dialog", name="修改")
    sheet.get_by_label("建设内容及规模").fill("示例：年产三万吨")

    records.write("PATCH", f"/leads/{lead['id']}", {"occasion": "示例：春季推介会"}, lead["version"])
    watch.refuses(412, path)
    sheet.get_by_role("button", name="保存").click()
    stale = page.get_by_role("dialog").filter(has_text="你读到之后")
    expect(stale.get_by_role("row", name=re.compile("来源活动.*示例：春季推介会.*没有改"))).to_be_visible()
    stale.get_by_role("button", name="保留现在的").click()
    expect(page.get_by_role("definition").filter(has_text="示例：春季推介会").first).to_be_visible()

    # What was typed is still there; saved now, it takes nothing back of what the other has written.
    sheet.get_by_role("button", name="保存").click()
    expect(sheet).to_have_count(0)
    now = records.get(f"/leads/{lead['id']}")
    assert (now["occasion"], now["description"]) == ("示例：春季推介会", "示例：年产三万吨")
