"""Administration: what did not arrive is sent again, what did not fit linked or set aside, what was done named."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import expect
from standardwebhooks.webhooks import Webhook

from tests.e2e.conftest import SignedIn
from tests.e2e.records import Records, choose, plain, word
from tests.e2e.service import Service


class Receiver(ThreadingHTTPServer):
    """Another system, which answers each message with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status = 500
        self.messages: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks"


class _Answer(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.messages.append(self.headers["webhook-id"])
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing of requests."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


def test_what_did_not_arrive_is_sent_again(signed_in: SignedIn, receiver: Receiver) -> None:
    page = signed_in("demo-bureau")
    name = f"示例{word()}"
    page.goto("/admin/endpoints")
    page.get_by_role("button", name="新增推送地址").click()
    form = page.get_by_role("dialog", name="新增推送地址")
    form.get_by_label("名称").fill(name)
    form.get_by_label("地址", exact=True).fill(receiver.url)
    choose(page, form.get_by_label("推送哪些事"), "deal.terminated", "deal.terminated")
    page.keyboard.press("Escape")
    form.get_by_role("button", name="新增推送地址").click()
    secret = page.get_by_role("dialog", name=f"「{name}」的密钥")
    expect(secret.get_by_role("code")).to_contain_text("whsec_")
    secret.get_by_role("button", name="我已存好").click()

    page.get_by_role("row", name=re.compile(name)).click()
    sheet = page.get_by_role("dialog", name=name)
    sheet.get_by_role("button", name="试推送").click()
    page.get_by_role("status").get_by_role("button", name="查看").click()
    delivery = page.get_by_role("dialog", name=re.compile(r"ping"))
    expect(delivery).to_contain_text("500")
    # It is among what has not arrived, of all addresses.
    page.goto("/admin/endpoints")
    line = page.get_by_role("listitem").filter(has_text=name)
    expect(line).to_contain_text("未送达")
    line.get_by_role("button", name="查看").click()
    receiver.status = 200
    delivery.get_by_role("button", name="重新发送").click()
    expect(delivery.get_by_role("definition").first).to_have_text("已送达")
    assert len(receiver.messages) == 2
    assert len(set(receiver.messages)) == 1
    page.keyboard.press("Escape")
    expect(page.get_by_role("listitem").filter(has_text=name)).to_have_count(0)

    records = Records(page.context)
    endpoint = next(one for one in records.get("/webhook-endpoints")["items"] if one["name"] == name)
    path = f"/webhook-endpoints/{endpoint['id']}"
    headers = {"X-CSRF-Token": records.token, "If-Match": f'"{records.get(path)["version"]}"'}
    assert page.context.request.delete(f"/api/v1{path}", headers=headers).ok


def send(service: Service, source: str, secret: str, project: str, summary: str) -> None:
    """Sends a message of progress, as the other system would."""
    external = word()
    data = {"id": external, "code": project, "version": 1, "on": "2023-03-30", "summary": summary}
    body = json.dumps({"type": "project.progress", "timestamp": "2023-03-30T09:00:00+08:00", "data": data})
    moment = datetime.now(UTC)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": f"msg_{external}",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(f"msg_{external}", moment, body),
    }
    url = f"{service.url}/api/v1/hooks/{source}"
    answer = httpx.post(url, content=body.encode(), headers=headers, trust_env=False)
    assert answer.status_code == 202, answer.text


def test_what_does_not_fit_is_linked_or_set_aside(signed_in: SignedIn, service: Service) -> None:
    system, page = Records(signed_in("demo-system-admin").context), signed_in("demo-bureau")
    name = f"示例{word()}"
    source = system.post("/webhook-sources", {"name": name, "reason": name})

    # The scope of a source, and the second part of its secret, are of another person.
    page.goto("/admin/control-changes?state=pending")
    page.get_by_role("row", name=re.compile(name)).click()
    page.get_by_role("dialog").get_by_role("button", name="确认").click()
    once = page.get_by_role("dialog", name="来源的密钥")
    secret = source["secret"] + once.get_by_role("code").inner_text()
    once.get_by_role("button", name="我已存好").click()

    records = Records(page.context)
    project = records.project(f"{word()}项目")
    linked, set_aside = word(), word()
    send(service, source["id"], secret, f"P2023-{linked}", f"示例：{linked}已受理")
    send(service, source["id"], secret, f"P2023-{set_aside}", f"示例：{set_aside}已受理")

    page.goto("/admin/inbox")
    rows = page.get_by_role("row", name=re.compile(name))
    expect(rows).to_have_count(2)
    for row in (0, 1):
        expect(rows.nth(row)).to_contain_text("待人处理")
    rows.nth(1).click()
    message = page.get_by_role("dialog").first
    expect(message).to_contain_text(linked)
    message.get_by_role("button", name="重办").click()
    expect(page.get_by_role("status").filter(has_text="状态")).to_be_visible()
    message.get_by_role("button", name="指明对象").click()
    link = page.get_by_role("dialog", name="指明对象")
    choose(page, link.get_by_label("哪一条"), plain(project), project["code"])
    link.get_by_role("button", name="指明对象").click()
    expect(link).to_be_hidden()
    expect(message).to_contain_text("已办")
    page.goto(f"/projects/{project['id']}")
    expect(page.get_by_text(f"示例：{linked}已受理", exact=True)).to_be_visible()

    page.goto("/admin/inbox")
    rows.first.click()
    expect(message).to_contain_text(set_aside)
    message.get_by_role("button", name="不再办理").click()
    why = page.get_by_role("dialog", name="不再办理")
    why.get_by_label("理由").fill("示例：对方发错了")
    why.get_by_role("button", name="不再办理").click()
    expect(why).to_be_hidden()
    expect(message.get_by_role("button", name="不再办理")).to_have_count(0)


def test_the_audit_names_what_was_done(signed_in: SignedIn) -> None:
    Records(signed_in("demo-bureau").context).project(f"{word()}号项目")
    page = signed_in("demo-auditor")
    page.goto("/admin/audit?type=rows.written")
    table = page.get_by_role("table", name="审计")
    expect(table.get_by_title("rows.written").first).to_have_text("写入数据")
    page.get_by_role("button", name="今天").click()
    expect(page).to_have_url(re.compile(r"from=(\d{4}-\d\d-\d\d)&to=\1"))
    table.get_by_title("rows.written").first.click()
    sheet = page.get_by_role("dialog", name="写入数据")
    expect(sheet.get_by_role("definition").get_by_text("系统", exact=True)).to_be_visible()
    expect(sheet.get_by_text("(rows.written)")).to_have_count(0)
