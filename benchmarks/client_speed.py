"""How soon the client's pages are there in Chromium, and how long the longest task of a scroll, a sort and a filter is.

    make client && .venv/bin/python benchmarks/client_speed.py    # the processor as it is, then slowed fourfold
    .venv/bin/python benchmarks/client_speed.py --rates 4 --projects 1000

Over the built client, the real service and the sample, to which projects are added until the board has so many cards.
Prints for each page the largest paint and the blocking time (what tasks take beyond 50 ms after the first paint) in
milliseconds and the layout shift, then for table and board the longest task of each act; beside them what they may be.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.e2e import service as real
from tests.e2e.service import Service

PAGES = {
    "login": "/login",
    "cockpit": "/cockpit?period=2023Q1",
    "workbench": "/",
    "ledger": "/projects",
    "board": "/pipeline",
}
SHIFT = 0.05
LONGEST = {1: 100, 4: 200}
"""Milliseconds that a task may take, by how often slower the processor is."""
PATIENCE = 120_000

_WATCH = """
window.seen = {paint: 0, first: 0, shift: 0, tasks: []};
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) seen.paint = one.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.name === "first-contentful-paint") seen.first = one.startTime;
}).observe({type: "paint", buffered: true});
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) seen.shift += one.value;
}).observe({type: "layout-shift", buffered: true});
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) seen.tasks.push([one.startTime, one.duration]);
}).observe({type: "longtask", buffered: true});
"""
_LOADED = """() => ({
  paint: seen.paint,
  shift: seen.shift,
  blocked: seen.tasks.filter(([start]) => start >= seen.first)
    .reduce((sum, [, took]) => sum + Math.max(0, took - 50), 0),
})"""
_LONGEST = "(start) => Math.max(0, ...seen.tasks.filter((one) => one[0] >= start).map((one) => one[1]))"
_SCROLL = """async (element) => {
  for (let step = 0; step < 60; step++) {
    element.scrollTop += 120;
    await new Promise((done) => requestAnimationFrame(done));
  }
}"""


@dataclass(frozen=True)
class Row:
    what: str
    value: float
    most: float | None
    unit: str = "ms"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rates", type=int, nargs="+", default=[1, 4], help="how often slower the processor is")
    parser.add_argument("--projects", type=int, default=1000, help="cards on the board")
    options = parser.parse_args()
    if (lacking := real.missing()) is not None:
        sys.exit(lacking)
    with (
        tempfile.TemporaryDirectory() as folder,
        real.serving(Path(folder)) as service,
        sync_playwright() as playwright,
    ):
        browser = real.launch(playwright)
        context = signed_in(browser.new_context(base_url=service.url), service)
        fill(context, options.projects)
        context.close()
        for rate in options.rates:
            print(f"\nprocessor × 1/{rate}")
            for row in measured(browser, service, rate):
                verdict = "" if row.most is None else f" ≤ {row.most:g}" + ("" if row.value <= row.most else "  over")
                print(f"  {row.what:34}{row.value:10.3g} {row.unit:3}{verdict}", flush=True)
        browser.close()


def signed_in(context: BrowserContext, service: Service) -> BrowserContext:
    body = {"name": "demo-bureau", "password": service.passwords["demo-bureau"]}
    answer = context.request.post("/api/v1/session", data=body)
    assert answer.status == 201, answer.text()
    return context


def fill(context: BrowserContext, cards: int) -> None:
    """Adds projects until the board has so many cards."""
    token = context.request.get("/api/v1/session").json()["csrf_token"]
    columns = context.request.get("/api/v1/pipeline/board?cards=0").json()["columns"]
    unit = context.request.get("/api/v1/units?limit=200").json()["items"][-1]["id"]
    for number in range(cards - sum(column["count"] for column in columns)):
        body = {
            "name": f"示例测速项目第{number}号",
            "unit_id": unit,
            "place_unit_id": unit,
            "program": "promotion",
            "industry_code": "35",
            "direct_entry_reason": "示例",
            "duplicate_ruling": "示例",
        }
        answer = context.request.post("/api/v1/projects", data=body, headers={"X-CSRF-Token": token})
        assert answer.status == 201, answer.text()


def measured(browser: Any, service: Service, rate: int) -> list[Row]:
    rows = []
    for name, path in PAGES.items():
        context = browser.new_context(base_url=service.url, viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.set_default_timeout(PATIENCE)
        if name != "login":
            signed_in(context, service)
        page = opened(context, path, rate)
        found = page.evaluate(_LOADED)
        rows += [
            Row(f"{name}: largest paint", found["paint"], None),
            Row(f"{name}: blocking time", found["blocked"], None),
            Row(f"{name}: layout shift", found["shift"], SHIFT, ""),
        ]
        if name == "ledger":
            rows += acts(page, rate, "[role=table]", "[role=columnheader] button >> nth=1")
        elif name == "board":
            rows += acts(page, rate, "section [class*=cards] >> nth=0", None)
        context.close()
    return rows


def opened(context: BrowserContext, path: str, rate: int) -> Page:
    page = context.new_page()
    page.add_init_script(_WATCH)
    if rate > 1:
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
    page.goto(path)
    # A slow processor may be busy with a script for so long that the network seems idle.
    page.wait_for_function("() => seen.paint > 0 && !document.querySelector('[aria-busy=true], .ant-spin-spinning')")
    page.wait_for_load_state("networkidle")
    page.evaluate("new Promise((done) => requestIdleCallback(done))")
    return page


def acts(page: Page, rate: int, scroller: str, sorter: str | None) -> list[Row]:
    """Returns the longest task of scrolling, sorting and filtering."""
    most = LONGEST.get(rate)

    def longest(what: str, act: Callable[[], Any]) -> Row:
        start = page.evaluate("performance.now()")
        act()
        page.wait_for_load_state("networkidle")
        # Long tasks are told of after they have ended.
        page.evaluate("new Promise((done) => requestIdleCallback(done))")
        return Row(what, page.evaluate(_LONGEST, start), most)

    def scroll() -> None:
        page.locator(scroller).first.evaluate(_SCROLL)

    def answered(act: Callable[[], Any]) -> Callable[[], None]:
        def run() -> None:
            with page.expect_response(lambda response: "/api/v1/p" in response.url):
                act()

        return run

    name = "table" if sorter else "board"
    rows = [longest(f"{name}: longest task of a scroll", scroll)]
    if sorter:
        rows.append(longest(f"{name}: longest task of a sort", answered(page.locator(sorter).first.click)))
        search = page.get_by_role("searchbox").first
        rows.append(longest(f"{name}: longest task of a filter", answered(lambda: search.fill("示例"))))
    else:
        late = page.get_by_role("button", name="只看超期")
        rows.append(longest(f"{name}: longest task of a filter", answered(late.click)))
    return rows


if __name__ == "__main__":
    main()
