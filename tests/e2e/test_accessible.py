"""Every page for everybody: by axe in both languages, on a desk and on a phone; in English alone; and on paper."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, SignedIn
from tests.e2e.records import Records, plain
from tests.e2e.service import ROOT

FRONTEND = ROOT / "frontend"
LISTS = {
    "projectId": "projects",
    "leadId": "leads",
    "enterpriseId": "enterprises",
    "officialId": "officials",
    "taskForceId": "task-forces",
    "referrerId": "referrers",
}
ADMINISTRATORS = ("demo-bureau", "demo-system-admin", "demo-auditor")
"""Between them all sections of administration are open."""
SIZES = {"desk": DESKTOP, "phone": PHONE}


def addresses(records: Records) -> Iterator[str]:
    """Yields the addresses of all pages but those of administration, each with the first record of its list."""
    yield "/wall"
    source = (FRONTEND / "src" / "router.tsx").read_text("utf-8")
    for path in re.findall(r'\bpage\("(/[^"]*)"', source):
        if path.startswith("/admin"):
            continue
        if path == "/rows/$figure":
            yield from ("/rows/signings?period=2023Q1", "/rows/planned-year?period=2023")
            continue
        parameter = re.search(r"\$(\w+)", path)
        if parameter is None:
            yield path
        elif rows := records.get(f"/{LISTS[parameter[1]]}", limit=1)["items"]:
            yield path.replace(parameter[0], rows[0]["id"])


def sections(pages: Iterable[Page]) -> Iterator[tuple[Page, str]]:
    """Yields each section of administration once, with a page of somebody to whom it is open."""
    seen: set[str] = set()
    for page in pages:
        page.goto("/admin")
        settle(page)
        links = page.get_by_role("navigation").last.get_by_role("link").all()
        found = [str(link.get_attribute("href")) for link in links]
        assert set(found) - seen
        yield from ((page, address) for address in found if address not in seen)
        seen.update(found)


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    expect(page.locator("[aria-busy=true], .ant-spin-spinning")).to_have_count(0)
    expect(page.get_by_role("main")).not_to_be_empty()


def speak(page: Page, language: str) -> None:
    page.context.add_init_script(f"localStorage.setItem('five-ones.language', '{language}')")


def grave(page: Page) -> list[str]:
    """Returns what axe finds serious or critical on the page as it is."""
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {node['html'][:160]} {[check['message'] for check in node['any']]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


TARGETS = """() => [...document.querySelectorAll("main a[href], main .ant-segmented-item")].flatMap((element) => {
  const { width, height } = element.getBoundingClientRect();
  const around = ["::before", "::after"].map((part) => getComputedStyle(element, part))
    .filter((style) => style.content !== "none" && style.position === "absolute")
    .map((style) => parseFloat(style.height) || 0);
  const most = Math.max(height, ...around);
  return width && height && most < 43.5 ? [`${Math.round(most)} px: ${element.outerHTML.slice(0, 120)}`] : [];
})"""
"""What a thumb would miss: links and choices less than 44 pixels high, with what is drawn around them to be hit."""


def everywhere(page: Page, address: str) -> dict[str, list[str]]:
    """Returns the grave faults of a page by its address and size."""
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.goto(address)
    faults: dict[str, list[str]] = {}
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        settle(page)
        if found := grave(page):
            faults[f"{address} {size}"] = found
    return faults


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_axe_finds_nothing_serious_on_any_page(signed_in: SignedIn, language: str) -> None:
    page = signed_in("demo-bureau", language=language)
    speak(page, language)
    faults: dict[str, list[str]] = {}
    for address in addresses(Records(page.context)):
        faults |= everywhere(page, address)
        if missed := page.evaluate(TARGETS):
            faults[f"{address} thumb"] = missed
    page.context.clear_cookies()
    faults |= everywhere(page, "/login")
    assert json.dumps(faults, ensure_ascii=False, indent=1) == "{}"


def test_axe_finds_nothing_serious_in_administration(signed_in: SignedIn) -> None:
    pages = [signed_in(account) for account in ADMINISTRATORS]
    faults: dict[str, list[str]] = {}
    for page, address in sections(pages):
        faults |= everywhere(page, address)
    assert json.dumps(faults, ensure_ascii=False, indent=1) == "{}"


def test_sections_of_administration_are_left_as_they_were_entered(signed_in: SignedIn) -> None:
    """By their links, without a reload in between: what breaks when a page is left is seen on the next one."""
    for account in ADMINISTRATORS:
        page = signed_in(account)
        page.goto("/admin")
        settle(page)
        within = page.get_by_role("navigation", name="管理的各部分")
        for address in [str(link.get_attribute("href")) for link in within.get_by_role("link").all()]:
            within.locator(f'[href="{address}"]').click()
            expect(page).to_have_url(re.compile(re.escape(address)))
            settle(page)
            expect(page.get_by_role("button", name="重新载入")).to_have_count(0)
            if not address.startswith("/admin"):
                page.go_back()
                settle(page)
        page.get_by_role("navigation").first.get_by_role("link").first.click()
        settle(page)
        expect(page.get_by_role("button", name="重新载入")).to_have_count(0)


def test_axe_reads_the_dialog_of_every_act_on_a_project(signed_in: SignedIn) -> None:
    """Of all other dialogs it reads those that the journeys open, see `Watch`."""
    page = signed_in("demo-bureau")
    project = Records(page.context).project("示例读屏号项目")
    page.goto(f"/projects/{project['id']}")
    settle(page)
    more = page.get_by_role("button", name="更多", exact=True)
    acts = page.locator(".ant-dropdown-menu-item:not(.ant-dropdown-menu-item-disabled)")
    more.click()
    expect(acts.first).to_be_visible()
    count = acts.count()
    assert count > 8
    for number in range(count):
        acts.nth(number).click()
        expect(page.get_by_role("dialog")).to_have_attribute("data-read", "")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        more.click()
        expect(acts.first).to_be_visible()


HAN = re.compile(r"[\u4e00-\u9fff]+")
TEXTS = """() => {
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode())
    if (!node.parentElement.closest("style, script, [lang=zh-CN]")) found.add(node.textContent.trim());
  for (const element of document.querySelectorAll("body *"))
    for (const name of ["aria-label", "aria-description", "aria-roledescription", "placeholder", "title", "alt"])
      if (element.hasAttribute(name)) found.add(element.getAttribute(name));
  found.add(document.title);
  return [...found].filter((text) => /[\\u4e00-\\u9fff]/.test(text));
}"""


KEEP_ANSWERS = """
const asked = window.fetch;
window.answers = [];
window.fetch = async (...request) => {
  const answer = await asked(...request);
  window.answers.push(answer.clone().json().catch(() => null));
  return answer;
};
"""


def told(page: Page) -> set[str]:
    """Returns the texts that the service told the page as data, in one language: names of records and what people wrote
    stay as they are."""

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                if re.sub("zh$", "en", name) == name or re.sub("zh$", "en", name) not in value:
                    yield from texts(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from texts(inner)
        elif isinstance(value, str):
            yield value

    return set(texts(page.evaluate("Promise.all(window.answers)")))


def interface(folder: Path = FRONTEND / "src" / "i18n" / "zh-CN") -> set[str]:
    """Returns the Chinese texts of the client that hold no value."""

    def leaves(value: Any) -> Iterator[str]:
        for inner in value.values():
            if isinstance(inner, dict):
                yield from leaves(inner)
            elif "{{" not in inner:
                yield inner

    return {text for file in folder.glob("*.json") for text in leaves(json.loads(file.read_text("utf-8")))}


def chinese(page: Page) -> list[str]:
    """Returns the texts of a page that hold Chinese of the client itself, or any that is not of the data told to it."""
    data, own = told(page), interface()
    whole = "\n".join(data)
    return [
        text
        for text in page.evaluate(TEXTS)
        if any(run not in whole for run in HAN.findall(text)) or (text in own and text not in data)
    ]


def test_whoever_reads_english_meets_no_chinese_but_names(signed_in: SignedIn, page: Page) -> None:
    pages = [signed_in(account, language="en") for account in ADMINISTRATORS]
    for one in (*pages, page):
        one.context.add_init_script(KEEP_ANSWERS)
        speak(one, "en")
    bureau = pages[0]
    todo = [*((bureau, address) for address in addresses(Records(bureau.context))), (page, "/login")]
    faults: dict[str, list[str]] = {}
    for page, address in chain(todo, sections(pages)):
        page.goto(address)
        settle(page)
        if found := chinese(page):
            faults[address] = found
    assert json.dumps(faults, ensure_ascii=False, indent=1) == "{}"


def printed(page: Page) -> str:
    """Returns the text of the page as it would be printed."""
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("banner")).to_have_count(0)
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("radio", checked=False)).to_have_count(0)
    assert page.pdf(format="A4").startswith(b"%PDF")
    return page.locator("body").inner_text()


def test_the_cockpit_on_paper_says_its_caliber(signed_in: SignedIn) -> None:
    page = signed_in("demo-leader")
    page.goto("/cockpit?period=2023Q1")
    settle(page)
    text = printed(page)
    assert re.search("全市 · 2023 年一季度 · 按 .* 所知", text)
    assert "工作调度口径，非统计数据" in text
    for figure in ("138.8", "46.8", "648.6"):
        assert figure in text


def test_a_project_on_paper_is_its_brief(signed_in: SignedIn) -> None:
    page = signed_in("demo-bureau")
    project = Records(page.context).get("/projects", q="苯酚丙酮", limit=1)["items"][0]
    page.goto(f"/projects/{project['id']}")
    settle(page)
    text = printed(page)
    assert plain(project) in text
    for part in ("五个一", "协议额", "最近五条", "工作调度口径，非统计数据"):
        assert part in text
