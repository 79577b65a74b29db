"""Moving projects over the board: with the mouse, with the keyboard alone, on a phone."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PHONE, SignedIn
from tests.e2e.records import Record, Records, plain, word


def card_of(page: Page, project: Record) -> Locator:
    return page.get_by_role("article", name=re.compile(plain(project)))


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def drag_over(page: Page, card: Locator, target: Locator) -> None:
    """Drags a card over a column; the mouse is still held."""
    start, end = card.bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + start["width"] / 2 + 20, start["y"] + 30, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=8)


def tab_to(page: Page, target: Locator) -> None:
    """Presses Tab until the target has the focus."""
    expect(target).to_be_visible()
    for _ in range(60):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def test_a_card_is_refused_by_a_gate_satisfied_in_place_moved_and_taken_back(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records, own = Records(page.context), word()
    records.in_talks(f"{own}号先行项目")
    project = records.in_talks(f"{own}号后续项目", without=["contact"])
    page.goto(f"/pipeline?q={own}")
    card, before, after = card_of(page, project), column(page, "研判入库"), column(page, "在谈")
    expect(before.get_by_role("article")).to_have_count(1)

    # What a drop would meet stands on each column before it is done.
    drag_over(page, card, after)
    expect(after.get_by_text("差 1 项门槛")).to_be_visible()
    page.mouse.up()
    gate = page.get_by_role("dialog")
    expect(gate.get_by_role("heading", name="还不能进入「在谈」：差 1 项")).to_be_visible()
    move = gate.get_by_role("button", name="移动到 在谈")
    expect(move).to_be_disabled()
    expect(before.get_by_role("article")).to_have_count(1)

    gate.get_by_role("button", name="登记跟进").click()
    gate.get_by_label("跟进内容").fill("示例：到投资方总部洽谈")
    gate.get_by_role("button", name="记跟进").click()
    expect(gate.get_by_role("heading", name="可以进入「在谈」")).to_be_visible()
    move.click()
    expect(gate).to_have_count(0)
    expect(after.get_by_role("article")).to_have_count(2)
    assert records.again(project)["stage"] == "negotiating"

    page.get_by_role("status").get_by_role("button", name="撤销").click()
    expect(page.get_by_role("status").get_by_text("已撤销")).to_be_visible()
    expect(before.get_by_role("article")).to_have_count(1)
    assert records.again(project)["stage"] == "screened"


def test_a_card_with_nothing_in_its_way_moves_at_once(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records, own = Records(page.context), word()
    records.in_talks(f"{own}号先行项目")
    project = records.in_talks(f"{own}号后续项目", without=["contact"])
    records.contact(project)
    page.goto(f"/pipeline?q={own}")
    before, after = column(page, "研判入库"), column(page, "在谈")
    drag_over(page, card_of(page, project), after)
    expect(after.get_by_text("门槛已满足")).to_be_visible()
    page.mouse.up()
    expect(after.get_by_role("article")).to_have_count(2)
    # The column it came from has no card left, and is folded.
    expect(before).to_have_count(0)
    expect(page.get_by_role("status").get_by_text("已移动到 在谈")).to_be_visible()
    assert records.again(project)["stage"] == "negotiating"


def test_the_keyboard_alone_moves_a_card_and_takes_it_back(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records, own = Records(page.context), word()
    other = records.in_talks(f"{own}号先行项目")
    project = records.in_talks(f"{own}号后续项目", without=["leader"])
    page.goto(f"/pipeline?q={own}")
    card, after = card_of(page, project), column(page, "在谈")
    expect(card).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(card).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(card_of(page, other)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(card).to_be_focused()

    # M lists the stages with what each would say, the next one first; Esc leaves the card where it is, in focus.
    dialog = page.get_by_role("dialog")
    page.keyboard.press("m")
    expect(dialog.get_by_role("button", name=re.compile("^在谈.*差 1 项门槛"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(card).to_be_focused()

    page.keyboard.press("m")
    expect(dialog.get_by_role("button", name=re.compile("^在谈"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name="还不能进入「在谈」：差 1 项")).to_be_visible()
    tab_to(page, dialog.get_by_role("button", name="确定包保领导"))
    page.keyboard.press("Enter")
    leader = dialog.get_by_role("combobox", name="包保领导")
    expect(leader).to_be_focused()
    page.keyboard.type("示例干部02")
    expect(page.locator(".ant-select-item-option-active").filter(has_text="示例干部02")).to_be_visible()
    page.keyboard.press("Enter")
    tab_to(page, dialog.get_by_role("button", name="确定包保领导"))
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name="可以进入「在谈」")).to_be_visible()
    tab_to(page, dialog.get_by_role("button", name="移动到 在谈"))
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)

    # The card has the focus where it is now, and Z does what the toast offers.
    expect(after.get_by_role("article")).to_have_count(2)
    expect(card).to_be_focused()
    page.keyboard.press("z")
    expect(column(page, "研判入库").get_by_role("article")).to_have_count(1)
    expect(card).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/projects/{project['id']}"))


def test_a_card_goes_back_with_a_reason(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    records, own = Records(page.context), word()
    project = records.in_talks(f"{own}号项目")
    page.goto(f"/pipeline?q={own}")
    card_of(page, project).get_by_role("button", name="移动到…").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^研判入库.*要写理由")).click()
    gate = page.get_by_role("dialog")
    expect(gate.get_by_role("heading", name="退回到「研判入库」")).to_be_visible()
    gate.get_by_label("退回理由").fill("示例：投资方重新评估")
    gate.get_by_role("button", name="退回到 研判入库").click()
    expect(gate).to_have_count(0)
    expect(column(page, "研判入库").get_by_role("article")).to_have_count(1)
    assert records.again(project)["stage"] == "screened"


def test_a_phone_moves_a_card_by_its_menu(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau", viewport=PHONE)
    records, own = Records(page.context), word()
    project = records.in_talks(f"{own}号项目", without=["contact"])
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name="看板").click()
    expect(page.get_by_role("tab", selected=True)).to_be_visible()
    page.goto(f"/pipeline?q={own}")
    page.get_by_role("tab", name="研判入库 1").click()
    card_of(page, project).get_by_role("button", name="移动到…").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^在谈")).click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="还不能进入「在谈」：差 1 项")).to_be_visible()
    sheet.get_by_role("button", name="登记跟进").click()
    sheet.get_by_label("跟进内容").fill("示例：电话沟通")
    sheet.get_by_role("button", name="记跟进").click()
    sheet.get_by_role("button", name="移动到 在谈").click()
    expect(sheet).to_have_count(0)
    expect(page.get_by_role("tab", name="在谈 1")).to_be_visible()
    page.get_by_role("tab", name="在谈 1").click()
    expect(card_of(page, project)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
