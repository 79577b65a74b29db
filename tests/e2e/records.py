"""What journeys make for themselves through the API, so that none leans on another: records under names that nothing
else has, written by whoever has signed in in that browser."""

import secrets
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page

TODAY = "2023-03-31"
"""The business day of the sample."""

DISTRICT = "210404"
"""The code of 望花区, the unit in charge of the projects made here."""

Record = dict[str, Any]


def word() -> str:
    """Returns a word that no other name has: journeys are repeated on one database."""
    return f"E{secrets.token_hex(4).upper()}"


_RETRIES = 3
"""Of a connection that the server closed, having waited for a request too long, while the request was on its way."""


class Records:
    def __init__(self, context: BrowserContext) -> None:
        self._request = context.request
        self.token = self.get("/session")["csrf_token"]
        self._officials: list[Record] = []

    def get(self, path: str, **query: str | int) -> Any:
        answer = self._request.get(f"/api/v1{path}", params=dict(query), max_retries=_RETRIES)
        assert answer.ok, answer.text()
        return answer.json()

    def write(self, method: str, path: str, body: object, version: int | None = None) -> Any:
        headers = {"X-CSRF-Token": self.token}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = self._request.fetch(f"/api/v1{path}", method=method, headers=headers, data=body, max_retries=_RETRIES)
        assert answer.ok, answer.text()
        return answer.json()

    def post(self, path: str, body: object, version: int | None = None) -> Any:
        return self.write("POST", path, body, version)

    def unit(self, code: str = DISTRICT) -> Record:
        units: list[Record] = self.get("/units", q=code, limit=20)["items"]
        return next(unit for unit in units if unit["code"] == code)

    def officials(self) -> list[Record]:
        """Returns the officials of the sample by their names, 示例干部01 first."""
        if not self._officials:
            found: list[Record] = self.get("/officials", q="示例干部", limit=50)["items"]
            self._officials = sorted(found, key=lambda one: str(one["name"]))
        return self._officials

    def project(self, name: str, **fields: object) -> Record:
        """Enters a project of promotion at its first stage, with no leader, team or plan. No figure counts it."""
        unit = self.unit()
        body = {
            "name": f"示例：{name}",
            "industry_code": "38",
            "unit_id": unit["id"],
            "place_unit_id": unit["id"],
            "direct_entry_reason": "示例：网页走查",
            "source": "示例",
            **fields,
        }
        made: Record = self.post("/projects", body)
        return made

    def again(self, project: Record) -> Record:
        """Returns a project as it is now."""
        found: Record = self.get(f"/projects/{project['id']}")
        return found

    def contact(self, project: Record) -> None:
        """A contact with the investor."""
        body = {"kind": "visit", "with_investor": True, "on": TODAY, "summary": "示例：与投资方洽谈"}
        self.post(f"/projects/{project['id']}/follow-ups", body)

    def leader(self, project: Record) -> None:
        self.post(f"/projects/{project['id']}/leaders", {"official_id": self.officials()[0]["id"]})

    def team(self, project: Record) -> None:
        chief, first, second = (one["id"] for one in self.officials()[1:4])
        members = [{"official_id": first}, {"official_id": second}]
        body = {"lead_unit_id": self.unit()["id"], "leader_id": chief, "contact_id": first, "members": members}
        self.post(f"/projects/{project['id']}/teams", body)

    def plan(self, project: Record) -> None:
        milestones = [{"name": "签约", "leads_to": "signed", "planned_on": "2024-06-30"}]
        body = {"title": "示例推进方案", "milestones": milestones}
        self.post(f"/projects/{project['id']}/plans", body, self.again(project)["version"])

    def move(self, project: Record, to: str) -> None:
        body = {"to": to, "happened_on": TODAY}
        self.post(f"/projects/{project['id']}/moves", body, self.again(project)["version"])

    def in_talks(self, name: str, *, without: Sequence[str] = ()) -> Record:
        """A project that has all that talks ask for but what is left out; in talks where nothing is."""
        project = self.project(name)
        for one in ("contact", "leader", "team", "plan"):
            if one not in without:
                getattr(self, one)(project)
        if not without:
            self.move(project, "negotiating")
        return project


def plain(record: Record) -> str:
    """Returns the name as pages write it beside the mark of the sample."""
    return str(record["name"]).removeprefix("示例：")


def choose(page: Page, field: Locator, option: str, typed: str | None = None) -> None:
    """Chooses in a field that opens a list; typed is what finds the option in it."""
    field.click()
    if typed is not None:
        field.fill(typed)
    page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter(has_text=option).first.click()


def pick_day(field: Locator, day: str) -> None:
    """Types a day, key by key as a hand does."""
    field.fill("")
    field.press_sequentially(day)
    field.press("Enter")
