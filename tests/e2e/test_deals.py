"""An agreement from its draft to its end, what each step changes of the totals, and who sees it.

The agreements made here are signed, and ended, in the fourth quarter of 2022: the figures of the article stay.
"""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import SignedIn, Watch
from tests.e2e.records import Record, Records, pick_day, plain, word

QUARTER = "2022 年四季度"


def ready_project(records: Records) -> Record:
    """A project that has all an approval asks for but the agreement."""
    investor = records.get("/enterprises", q="投资企业01", limit=1)["items"][0]
    project = records.project(f"{word()}项目", investor_id=investor["id"], entered_on="2022-10-10")
    for kind in ("legality_review", "fair_competition_review"):
        records.post(f"/projects/{project['id']}/evidence", {"kind": kind, "on": "2022-12-01", "note": "示例"})
    return project


def change_of(preview: Locator) -> tuple[int, int]:
    """Returns how many signings the quarter has now and would have, as a preview says it."""
    expect(preview).to_contain_text(f"{QUARTER}签约数")
    found = re.search(rf"{QUARTER}签约数\s+(\d+)\s+(\d+)\s+项", preview.inner_text())
    assert found is not None, preview.inner_text()
    return int(found[1]), int(found[2])


def drawer(page: Page) -> Locator:
    return page.get_by_role("dialog").first


def test_an_agreement_is_drafted_returned_approved_and_terminated(signed_in: SignedIn) -> None:
    drafter, approver = signed_in("demo-bureau"), signed_in("demo-bureau-2")
    records = Records(drafter.context)
    project = ready_project(records)
    number = word()

    drafter.goto(f"/deals?new=1&project_id={project['id']}")
    form = drafter.get_by_role("dialog", name="起草签约")
    expect(form.get_by_label("协议名称")).to_have_value(f"{plain(project)}投资协议")
    pick_day(form.get_by_label("签约日"), "2022-12-15")
    form.get_by_label("协议编号").fill(number)
    form.get_by_label(re.compile("^协议额")).fill("8.5")
    form.get_by_role("button", name="保存草稿").click()
    expect(form).to_be_hidden()
    drawer(drafter).get_by_role("button", name="送审").click()
    expect(drawer(drafter)).to_contain_text("待审核")
    deal = records.get("/deals", project_id=project["id"])["items"][0]

    # Whoever drafted it is not offered to approve it, and reads why.
    expect(drawer(drafter).get_by_role("button", name="审核通过")).to_have_count(0)
    expect(drawer(drafter)).to_contain_text("须由其他人审核")
    expect(drawer(drafter)).not_to_contain_text("审核投资协议")

    # On the workbench the unit stands by its number.
    approver.goto("/")
    approver.get_by_role("button", name=re.compile("^协议待审核")).click()
    box = approver.get_by_title("850,000,000 元").first.bounding_box()
    assert box is not None
    assert box["height"] < 30
    approver.goto("/deals")
    approver.get_by_role("button", name=re.compile("^待审核")).click()
    approver.get_by_role("searchbox", name="在列表中搜索").fill(number)
    approver.get_by_role("row", name=re.compile(number)).click()
    before, after = change_of(drawer(approver))
    assert after == before + 1
    drawer(approver).get_by_role("button", name="退回").click()
    why = approver.get_by_role("dialog", name="退回起草人")
    expect(why.get_by_role("button", name="退回")).to_be_disabled()
    why.get_by_label("理由").fill("示例：协议额与文本不符")
    why.get_by_role("button", name="退回").click()
    expect(why).to_be_hidden()
    expect(drawer(approver)).to_contain_text("已退回：示例：协议额与文本不符")

    drafter.goto(f"/deals?returned=true&open={deal['id']}")
    expect(drawer(drafter)).to_contain_text("已退回：示例：协议额与文本不符")
    drawer(drafter).get_by_role("button", name="修改草稿").click()
    form = drafter.get_by_role("dialog", name="修改草稿")
    form.get_by_label(re.compile("^协议额")).fill("8.6")
    form.get_by_role("button", name="保存").click()
    expect(form).to_be_hidden()
    expect(drawer(drafter)).to_contain_text("8.60")
    drawer(drafter).get_by_role("button", name="送审").click()
    expect(drawer(drafter)).to_contain_text("待审核")

    approver.goto(f"/deals?open={deal['id']}")
    before, after = change_of(drawer(approver))
    assert after == before + 1
    drawer(approver).get_by_role("button", name="审核通过").click()
    expect(drawer(approver).get_by_text("有效", exact=True)).to_be_visible()
    expect(drawer(approver)).to_contain_text("1 行相加 = 1 项")

    approver.goto("/cockpit?period=2022Q4")
    approver.get_by_role("link", name=f"{after} 项签约").click()
    expect(approver).to_have_url(re.compile(r"/rows/signings\?"))
    expect(approver.get_by_text(re.compile(rf"行相加 = {after} 项，.*与上面的数一致"))).to_be_visible()
    row = approver.get_by_role("row", name=re.compile(plain(project)))
    expect(row).to_contain_text("8.60")
    row.get_by_role("link", name=deal["code"]).click()
    approver.get_by_role("row", name=re.compile(number)).click()
    expect(drawer(approver)).to_contain_text(number)

    drawer(approver).get_by_role("button", name="终止").click()
    ending = approver.get_by_role("dialog", name="终止", exact=True)
    pick_day(ending.get_by_label("终止之日"), "2022-12-20")
    ending.get_by_label("理由").fill("示例：投资方放弃")
    assert change_of(ending) == (after, before)
    ending.get_by_role("button", name="终止").click()
    expect(ending).to_be_hidden()
    expect(drawer(approver)).to_contain_text("终止：示例：投资方放弃")
    expect(drawer(approver)).to_contain_text("2 行相加 = 0 项")


def test_a_district_sees_its_own_agreements_and_totals(signed_in: SignedIn, watch: Watch) -> None:
    page = signed_in("demo-district")
    own = {unit["id"] for unit in Records(page.context).get("/units", q="210404", limit=5)["items"]}
    everybody = Records(signed_in("demo-bureau").context)
    foreign = next(
        deal for deal in everybody.get("/deals", status="live", limit=50)["items"] if deal["unit"]["id"] not in own
    )
    page.goto("/deals")
    table = page.get_by_role("table", name="签约")
    expect(table.get_by_role("row", name=re.compile("望花区")).first).to_be_visible()
    expect(table.get_by_role("row", name=re.compile(foreign["code"]))).to_have_count(0)
    watch.refuses(404, f"/api/v1/deals/{foreign['id']}")
    page.goto(f"/deals?open={foreign['id']}")
    expect(page.get_by_role("dialog")).to_contain_text("没有这条记录，或不在你的范围内")

    page.goto("/cockpit?period=2023Q1")
    scope = page.get_by_label("范围", exact=True)
    expect(page.get_by_role("heading", name="签约额")).to_be_visible()
    expect(page.get_by_text("望花区").first).to_be_visible()
    total = Records(page.context).get("/totals/overview", period="2023Q1")["signings"]
    assert total["count"] < 12
    expect(page.get_by_role("link", name=f"{total['count']} 项签约")).to_be_visible()
    expect(scope).to_be_visible()
    page.get_by_role("link", name=f"{total['count']} 项签约").click()
    expect(page.get_by_text(re.compile(rf"行相加 = {total['count']} 项，.*与上面的数一致"))).to_be_visible()
    expect(page.get_by_text(re.compile("望花区.*工作调度口径"))).to_be_visible()


def test_what_was_known_then_is_another_total_and_another_colour(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/cockpit?period=2023Q1")
    expect(page.get_by_role("link", name="138.8 亿元")).to_be_visible()
    controls = page.get_by_role("button", name="上一期").locator("xpath=ancestor::div[2]")
    ground = "(controls) => getComputedStyle(controls).backgroundColor"
    plain_ground = controls.evaluate(ground)
    page.get_by_label("按何时所知").click()
    page.locator(".ant-picker-header-prev-btn:visible").click()
    page.get_by_title("2023-02-28").click()
    expect(page).to_have_url(re.compile("known_at=2023-02-28"))
    # The day after the largest was signed.
    expect(page.get_by_role("link", name="101.8 亿元")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="按 2023-02-28 所知")).to_be_visible()
    assert controls.evaluate(ground) != plain_ground
    page.reload()
    expect(page.get_by_role("link", name="101.8 亿元")).to_be_visible()
    page.get_by_role("button", name="回到最新").click()
    expect(page.get_by_role("link", name="138.8 亿元")).to_be_visible()
    expect(page.get_by_text("按 2023-02-28 所知")).to_have_count(0)
    assert controls.evaluate(ground) == plain_ground


def test_a_gate_drafts_for_the_investor_of_its_project_and_asks_for_either_number(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records = Records(page.context)
    own = word()
    investor = records.post("/enterprises", {"name": f"示例：{own}有限公司"})
    project = records.project(f"{own}号项目", investor_id=investor["id"])
    for one in (records.contact, records.leader, records.team, records.plan):
        one(project)
    records.move(project, "negotiating")
    page.goto(f"/projects/{project['id']}")
    gate = page.get_by_role("listitem").filter(has_text="有效投资协议").last
    gate.get_by_role("button", name="起草投资协议").click()
    expect(gate.get_by_title(re.compile(f"{own}有限公司"))).to_be_visible()
    gate.get_by_label("标题").fill("示例投资协议")
    gate.get_by_label("协议编号").fill(own)
    gate.get_by_role("textbox", name=re.compile("^协议额")).fill("1.5")
    gate.get_by_role("button", name="起草投资协议，再审核").click()
    draft = gate.get_by_role("link", name="打开草稿")
    expect(draft).to_be_visible()
    deal = records.get("/deals", project_id=project["id"])["items"][0]
    assert deal["investor_id"] == investor["id"]

    draft.click()
    number = drawer(page).get_by_role("listitem").filter(has_text="投资方信用代码")
    number.get_by_role("button", name="修改投资方").click()
    expect(number.get_by_role("radio", name="统一社会信用代码")).to_be_checked()
    number.locator("label").filter(has_text="境外注册号").first.click()
    number.get_by_role("textbox", name="境外注册号").fill(own)
    number.get_by_role("button", name="保存").click()
    lacking = number.get_by_text("请填写")
    expect(lacking).to_be_visible()
    number.get_by_role("textbox", name="国别").fill("KR")
    expect(lacking).to_have_count(0)
    number.get_by_role("button", name="保存").click()
    expect(number).to_contain_text(own)
