"""Take a picture of every page of the client, on a desk and on a phone, with the sample: var/screenshots.

    make screenshots                                       # all of them
    make screenshots ARGS="/cockpit /projects --en"        # some, in English
    make screenshots ARGS="--account demo-district"        # as somebody else sees them
    make screenshots ARGS=--readme                         # the six of the READMEs, into docs/pictures

The pages are those of frontend/src/router.tsx. Prints what each of them says in the console of the browser.
"""

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, expect, sync_playwright

from tests.e2e import service as real
from tests.e2e.service import Service

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "var" / "screenshots"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
WALL = {"wall": (1920, 1080)}
README = {
    "workbench": ("/workbench", "desk"),
    "cockpit": ("/cockpit", "desk"),
    "board": ("/pipeline?pool=promotion", "desk"),
    "project": ("/projects/$projectId", "desk"),
    "phone": ("/cockpit", "phone"),
    "wall": ("/wall", "wall"),
}
"""The pictures of the READMEs by their names in docs/pictures: address and size."""
ACCOUNTS = {"/cockpit": "demo-leader", "/wall": "demo-leader", "/admin": "demo-system-admin"}
"""Who opens pages that not everybody has, by the beginning of the address. All others are the bureau's."""
LISTS = {  # a project with deals and a plan says more than the latest one
    "projectId": "projects?stage=landed&limit=1",
    "leadId": "leads?limit=1",
    "enterpriseId": "enterprises?limit=1",
    "officialId": "officials?limit=1",
    "taskForceId": "task-forces?limit=1",
    "referrerId": "referrers?limit=1",
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("paths", nargs="*", help="all pages, unless some are named")
    parser.add_argument("--account")
    parser.add_argument("--en", action="store_true", help="in English")
    parser.add_argument("--readme", action="store_true", help="the pictures of the READMEs, and no others")
    options = parser.parse_args()
    if (lacking := real.missing()) is not None:
        sys.exit(lacking)
    paths = options.paths or ["/login", "/wall", *declared()]
    folder = Path(tempfile.mkdtemp(prefix="five-ones-"))
    try:
        with real.serving(folder) as service, sync_playwright() as playwright:
            browser = real.launch(playwright)

            def taken(path: str, size: str, target: Path) -> None:
                context = opened(browser, service, path, size, options.account, is_english=options.en)
                take(context, path, target)
                context.close()

            if options.readme:
                for name, (path, size) in README.items():
                    taken(path, size, ROOT / "docs" / "pictures" / f"{name}.jpg")
            else:
                for path in paths:
                    for size in WALL if path == "/wall" else SIZES:
                        taken(path, size, PICTURES / size / f"{named(path)}.png")
            browser.close()
    finally:
        shutil.rmtree(folder)


def opened(
    browser: Browser, service: Service, path: str, size: str, account: str | None, *, is_english: bool
) -> BrowserContext:
    """Returns a browser of that size in which whoever opens the page has signed in."""
    width, height = {**SIZES, **WALL}[size]
    context = browser.new_context(
        base_url=service.url,
        viewport={"width": width, "height": height},
        locale="en" if is_english else "zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    if is_english:
        context.add_init_script("localStorage.setItem('five-ones.language', 'en')")
    if path != "/login":
        name = account or next((name for start, name in ACCOUNTS.items() if path.startswith(start)), "demo-bureau")
        context.request.post("/api/v1/session", data={"name": name, "password": service.passwords[name]})
    return context


def declared() -> Iterator[str]:
    """Yields the addresses of the client's pages."""
    source = (ROOT / "frontend" / "src" / "router.tsx").read_text("utf-8")
    yield from re.findall(r'(?:\bpage\(|\bpath: )"(/[^"]*)"', source)


def named(path: str) -> str:
    return path.strip("/").replace("/", "-").replace("$", "") or "workbench"


def take(context: BrowserContext, path: str, target: Path) -> None:
    address = filled(context, path)
    if address is None:
        print(f"{path}: 没有可打开的记录 / there is nothing to open")
        return
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    settle(page)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix == ".jpg":
        page.screenshot(path=target, type="jpeg", quality=82)
    else:
        page.screenshot(path=target)
    print(target.relative_to(ROOT), address, *said, sep="\n    " if said else "  ")


def filled(context: BrowserContext, path: str) -> str | None:
    """Returns the address with the first record of the list for its parameter, or None where there is none."""
    parameter = re.search(r"\$(\w+)", path)
    if parameter is None:
        return path
    if (listed := LISTS.get(parameter[1])) is not None:
        rows = context.request.get(f"/api/v1/{listed}").json().get("items", [])
        return path.replace(parameter[0], rows[0]["id"]) if rows else None
    # A part of the client itself, such as a figure or a section: the first link to one, from the page above or beside.
    page = context.new_page()
    for start in (path.split("/$")[0], "/cockpit", "/"):
        page.goto(start)
        settle(page)
        link = page.locator(f'a[href^="{path.split("$")[0]}"]').first
        if link.count():
            return link.get_attribute("href")
    return None


def settle(page: Page) -> None:
    """Returns when nothing is being loaded any more, or after a while."""
    try:
        for _ in range(2):  # what came first may ask for more
            page.wait_for_load_state("networkidle", timeout=20_000)
            expect(page.locator(".ant-spin-spinning, .ant-skeleton, [aria-busy=true]")).to_have_count(0, timeout=20_000)
    except (AssertionError, TimeoutError):
        print("  未能安静下来 / it did not settle")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)


if __name__ == "__main__":
    main()
