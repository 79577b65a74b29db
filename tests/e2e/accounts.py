"""Accounts that journeys make for themselves, as two administrators do it, and codes of their authenticator app."""

import secrets
import time
from collections.abc import Callable

import pyotp
from playwright.sync_api import Page

from tests.e2e.records import Records

CITY = "210400"
"""The code of the whole city, the unit of the bureau."""


class Accounts:
    def __init__(self, signed_in: Callable[[str], Page], passwords: dict[str, str]) -> None:
        self._signed_in = signed_in
        self._passwords = passwords
        self.system = Records(signed_in("demo-system-admin").context)
        self.security = Records(signed_in("demo-security-admin").context)

    def add(self, role: str = "bureau", unit: str = CITY) -> str:
        """Adds an account that may sign in. Returns its name, under which its password is found from then on."""
        name = f"e2e-{secrets.token_hex(4)}"
        body = {"name": name, "display_name": f"示例{name}", "unit_id": self.system.unit(unit)["id"]}
        path = f"/users/{self.system.post('/users', body)['id']}"
        first = self.system.post(f"{path}/password", None)["password"]
        second = self.security.post(f"{path}/password/release", None)["password"]
        self.security.write("PUT", f"{path}/roles", {"roles": [role]}, self.security.get(path)["version"])
        self._passwords[name] = self._chosen(name, first + second)
        return name

    def _chosen(self, name: str, password: str) -> str:
        """Signs in with a password that has to be changed. Returns the one that was chosen."""
        self._passwords[name] = password
        context = self._signed_in(name).context
        token = context.request.get("/api/v1/session").json()["csrf_token"]
        body = {"current": password, "new": new_password()}
        answer = context.request.put("/api/v1/me/password", data=body, headers={"X-CSRF-Token": token})
        assert answer.status == 204, answer.text()
        context.close()
        return body["new"]


def new_password() -> str:
    return f"青山不改 {secrets.token_hex(6)}"


def code(key: str, later: int = 0) -> str:
    """Returns what an authenticator app shows now, or `later` times thirty seconds from now: no code holds twice."""
    return pyotp.TOTP(key.replace(" ", "")).at(int(time.time()) + 30 * later)
