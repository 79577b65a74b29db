"""Journeys of people in a browser, over the built client, the real service and the sample: `make e2e`."""

import os
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests.e2e import service as real
from tests.e2e.accounts import Accounts
from tests.e2e.service import ROOT, Service

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PICTURES = ROOT / "var" / "e2e"
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d)")
_NO_LINE = re.compile(r"net::ERR_INTERNET_DISCONNECTED|Error: not loaded: ")
_FAILED = pytest.StashKey[bool]()
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
DIALOGS = Path(__file__).with_name("dialogs.js")

PATIENCE = 60_000
"""In milliseconds: a busy machine is slow, and nothing here measures speed."""
expect.set_options(timeout=PATIENCE)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tries each journey as often as E2E_REPEAT says: one that fails now and then is a fault of page or journey."""
    if (count := int(os.environ.get("E2E_REPEAT", "1"))) > 1:
        metafunc.fixturenames.append("repetition")
        metafunc.parametrize("repetition", range(count))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    if (lacking := real.missing()) is not None:
        if os.environ.get("E2E_REQUIRED"):
            pytest.fail(lacking, pytrace=False)
        pytest.skip(lacking)
    with real.serving(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(scope="session")
def browser(service: Service) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = real.launch(playwright)
        yield browser
        browser.close()


class Watch:
    """What must not happen in any page of a test. `refuses` names the statuses that a journey means to be answered."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.faults: list[str] = []
        self.refusals: list[tuple[int, str]] = []
        self.expected = {(401, "/api/v1/session"), (412, "/api/v1/me/preferences")}
        """Whoever has not signed in is told so; and of two pages of one person that keep a preference at once, the
        second is told, and does so again."""
        self.is_offline = False
        self.has_ended = False

    def refuses(self, status: int, path: str) -> None:
        self.expected.add((status, path))

    def loses_line(self) -> None:
        """From now on requests may fail because the browser has no network."""
        self.is_offline = True

    def ends_session(self) -> None:
        """From now on whatever a page asks may be answered with 401."""
        self.has_ended = True

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

        # Whatever dialog a journey opens is read by axe, once it has come to rest.
        context.expose_binding("tellFaults", lambda _source, faults: self.faults.extend(faults))
        context.add_init_script(path=AXE)
        context.add_init_script(path=DIALOGS)

    def _console(self, message: ConsoleMessage) -> None:
        # Refusals are counted by their answers.
        is_expected = self.is_offline and _NO_LINE.search(message.text)
        if message.type == "error" and not is_expected and not _REFUSED.match(message.text):
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if f"{parts.scheme}://{parts.netloc}" != self.origin and parts.scheme not in ("data", "blob"):
            self.faults.append(f"outside: {request.method} {request.url}")

    def _response(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if response.status == 401 and self.has_ended:
            return
        if response.status >= 400 and (response.status, path) not in self.expected:
            self.refusals.append((response.status, f"{response.request.method} {path}"))

    def require_nothing(self) -> None:
        """Fails where something happened; a refusal may be expected after it came."""
        unexpected = [one for one in self.refusals if (one[0], one[1].partition(" ")[2]) not in self.expected]
        assert self.faults + [f"answered {status}: {what}" for status, what in unexpected] == []


@pytest.fixture
def watch(service: Service) -> Iterator[Watch]:
    watch = Watch(service.url)
    yield watch
    watch.require_nothing()


Contexts = Callable[..., BrowserContext]
SignedIn = Callable[..., Page]


@pytest.fixture
def contexts(request: pytest.FixtureRequest, browser: Browser, service: Service, watch: Watch) -> Iterator[Contexts]:
    """Opens browsers that know nothing of each other. After a failure there are pictures of their pages in var/e2e."""
    opened: list[BrowserContext] = []

    def open_one(viewport: dict[str, int] = DESKTOP, language: str = "zh-CN") -> BrowserContext:
        context = browser.new_context(
            base_url=service.url,
            viewport=viewport,  # type: ignore[arg-type]
            locale=language,
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        opened.append(context)
        return context

    yield open_one
    for number, context in enumerate(opened):
        if request.node.stash.get(_FAILED, False):
            for page in context.pages:
                PICTURES.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=PICTURES / f"{request.node.name}-{number}.png")
        context.close()


@pytest.fixture
def page(contexts: Contexts) -> Page:
    """A page of a browser in which nobody has signed in, at no address yet."""
    return contexts().new_page()


@pytest.fixture
def signed_in(contexts: Contexts, service: Service) -> SignedIn:
    """Returns a page of a browser of its own in which that account of the sample has signed in."""

    def sign_in(account: str, **options: object) -> Page:
        context = contexts(**options)
        body = {"name": account, "password": service.passwords[account]}
        answer = context.request.post("/api/v1/session", data=body)
        assert answer.status == 201, answer.text()
        return context.new_page()

    return sign_in


@pytest.fixture
def accounts(signed_in: SignedIn, service: Service) -> Accounts:
    """Makes accounts of a test's own, which its `signed_in` knows."""
    return Accounts(signed_in, service.passwords)
