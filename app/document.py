"""Completes the OpenAPI document: an introduction, the parts of every answer, the headers of acts."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from app.accounts import policy
from app.core import errors, field_descriptions
from app.core.routing import VERSION_FIELDS
from app.enterprises.twins import EnterpriseNamed
from app.webhooks.inbound.schemas import HookMessage

DESCRIPTION = """
招商局的工作系统：项目从入库到投产，随时知道谁在负责；领导问到的每一个总数都能展开到逐笔台账。

One place where a city's investment-promotion bureau follows every project until it is running, knows who answers for
it, and can tell a leader a total that opens up, row by row, into the facts it was added from.

## 约定 Conventions

* 金额一律为以元为单位的十进制文本 / money is a decimal string in yuan: `"8680000000.00"`.
* 错误为 RFC 9457 文档，语言随 `Accept-Language`（默认中文），`code` 不变 / errors are problem documents in the language
  asked for; `code` never changes.
* 办理已有记录须带 `If-Match`，值为读到的 `ETag`；缺少为 428，已变为 412。
  在记录之下新增（跟进、依据、金额、首任领导和班子）不需要；发布方案需要 /
  acts on a record need its `ETag` as `If-Match` (428 without, 412 when stale); rows added beneath it (follow-ups,
  evidence, amounts, the first leader and team) need none; publishing a plan does.
* `version`、`ETag`、`updated_at` 只随记录本身变化，不随其下新增的行和推算的 `due_on`；轮询者请订阅推送或重新读取 /
  `version`, `ETag` and `updated_at` follow the record itself, not rows added beneath it, nor `due_on`, which is
  computed: who polls subscribes to the messages, or reads what is beneath anew.
* POST 可带 `Idempotency-Key`，重发只办一次 / any POST may carry an `Idempotency-Key`; sent again it is done once.
* 编码及其中英文名称、阶段、门槛、行业等字典见 `GET /api/v1/meta` / all dictionaries are at `GET /api/v1/meta`.
* 每个操作的 `x-permission` 写明所需权限 / `x-permission` of each operation names the rights it wants.
* 每个操作的 `x-problems` 写明可能答复的错误 `code` / `x-problems` of each operation lists the `code`s of the problem
  documents it may answer with.

## 一个项目的全程（路径均在 /api/v1 之下） The way of a project (below /api/v1)

1. `POST /units`、`POST /officials`（含任职 with a post）、
   `POST /enterprises`（审核签约前须有 `credit_code` / needed for approval）
2. `POST /projects`：入库 / enter it at `screened`
3. `POST /projects/{id}/follow-ups`（`with_investor: true`）、`/leaders`、`/teams`、
   `/plans`（里程碑通向 landed、started、completed、operating / with milestones leading to these）
4. `POST /projects/{id}/moves`：`negotiating`
5. `POST /deals`；`POST /projects/{id}/evidence`（`legality_review`、`fair_competition_review`）；
   `GET /deals/{id}/gates` 看还缺什么 / says what is missing; `POST /deals/{id}/approval`
6. `POST /projects/{id}/moves`：`signed`；随时可看 `GET /projects/{id}/gates` / says what the next stage wants
7. `GET /totals/signings?from=&to=`，其 `entries_url` 展开到逐笔 / opens into its rows
"""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "请求有误、找不到、冲突、版本已变 / bad input, not found, conflict, stale",
        "content": {errors.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    },
    503: {
        "description": "系统忙，什么都没有改动 / busy, nothing was changed",
        "headers": {"Retry-After": {"description": "秒 / seconds", "schema": {"type": "integer"}}},
        "content": {errors.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    },
}

_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "令牌，见 `POST /me/tokens` 或 `five-ones token add` / an API token",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "five_ones_session",
        "description": "`POST /session` 登录所得；https 下名为 `__Host-five_ones_session` / given by a sign-in",
    },
    "display": {
        "type": "apiKey",
        "in": "cookie",
        "name": "five_ones_display",
        "description": "大屏接入所得，只读大屏 / given by `POST /display-session`; reads the wall alone",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "`GET /session` 的 `csrf_token`，以会话办理时附上 / sent with every write by session",
    },
}
_PARTS_OF_PROBLEMS = {
    "gates": ("GateRead",),
    "conflicts": ("MergeItem",),
    "candidates": ("Candidate", "EnterpriseNamed"),
    "successor": ("Successor", "EnterpriseSuccessor"),
    "current": (
        "ProjectPage",
        "LeadWithRights",
        "DealWithRights",
        "EnterpriseWithRights",
        "UnitWithRights",
        "OfficialWithRights",
        "TaskForceWithRights",
    ),
}
"""The schemas of the members of a problem document, whose rooms stand above the one that defines it."""
_OF_ANY_WRITE = frozenset({"conflict", "idempotency_key_reused"})
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "同一键重发只办一次，48 小时内返回同一响应 / sent again, done once; kept 48 hours",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
_ETAG = {
    "description": "记录的版本，办理时作为 If-Match 送回 / the record's version, sent back as If-Match",
    "schema": {"type": "string", "examples": ['"3"']},
}


def describe(app: FastAPI) -> None:
    """Adds to the document what all operations share: problem documents, authentication and headers."""
    generate = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            for model in (errors.ProblemDocument, HookMessage, EnterpriseNamed):
                schema = TypeAdapter(model).json_schema(ref_template="#/components/schemas/{model}")
                parts = schema.pop("$defs", {})
                document["components"]["schemas"] |= {**parts, model.__name__: schema}
            members = document["components"]["schemas"]["ProblemDocument"]["properties"]
            for member, names in _PARTS_OF_PROBLEMS.items():
                _type_member(members[member], names)
            document["components"]["securitySchemes"] = _SCHEMES
            for path, operations in document["paths"].items():
                for method, operation in operations.items():
                    if path.startswith("/api/"):
                        _complete(method, operation, document["components"]["schemas"])
                        operation["security"] = _security(method, operation["operationId"])
                        operation["x-permission"] = _permission(operation["operationId"])
                    _name_problems(method, operation)
            _describe_fields(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _describe_fields(document: dict[str, Any]) -> None:
    """Describes the fields of answers that do not say themselves what they hold."""
    schemas = document["components"]["schemas"]
    responses = [operation["responses"] for methods in document["paths"].values() for operation in methods.values()]
    waiting, answered = list(_named_in(responses)), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in answered:
            answered.add(name)
            waiting += _named_in(schemas[name])
    for name in answered:
        for field, schema in schemas[name].get("properties", {}).items():
            may_be_null = {"type": "null"} in schema.get("anyOf", ())
            said = field_descriptions.describe(name, field, may_be_null=may_be_null)
            if said is not None:
                schema.setdefault("description", said)


def _named_in(part: Any) -> Iterator[str]:
    """Yields the names of the schemas that a part of the document refers to."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].rpartition("/")[2]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _named_in(inner)


def _type_member(schema: dict[str, Any], names: Sequence[str]) -> None:
    """Gives a member of the problem document, or the items of a list there, the type of one of these schemas."""
    parts = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    kind = parts[0] if len(parts) == 1 else {"anyOf": parts}
    if schema["anyOf"][0]["type"] == "array":
        schema["anyOf"][0]["items"] = kind
    else:
        schema["anyOf"][:1] = parts


def _security(method: str, operation: str) -> list[dict[str, list[str]]]:
    """Returns the security schemes that an operation accepts; empty where it needs no authentication."""
    if operation in policy.OPEN:
        return []
    session: dict[str, list[str]] = {"session": []} if method == "get" else {"session": [], "csrf": []}
    if policy.wanted(operation).in_person:
        return [session]
    display: list[dict[str, list[str]]] = [{"display": []}] if operation in policy.DISPLAYED else []
    return [{"token": []}, session, *display]


def _permission(operation: str) -> dict[str, Any]:
    """Returns what the policy wants of who calls an operation: `any_of` the rights, empty where any role will do."""
    if operation in policy.OPEN:
        return {"any_of": [], "is_open": True, "in_person": False}
    wants = policy.wanted(operation)
    return {"any_of": sorted(wants.any_of), "is_open": False, "in_person": wants.in_person}


def _name_problems(method: str, operation: dict[str, Any]) -> None:
    """Completes the codes of problems that the route declares, and describes by them what is its own to refuse."""
    declared, derived = set(operation.get("x-problems", ())), _derived(method, operation)
    operation["x-problems"] = sorted(declared | derived)
    if own := declared - derived - _OF_ANY_WRITE:
        answer = operation["responses"]["4XX"]
        description = f"{answer['description']}。本操作特有的 Of its own: {', '.join(sorted(own))}"
        operation["responses"]["4XX"] = {**answer, "description": description}


def _derived(method: str, operation: dict[str, Any]) -> set[str]:
    """Returns the codes of problems that follow from what an operation is: what it wants of the caller, its body, its
    headers and its path."""
    codes = {"internal_error", "too_large"}
    permission = operation.get("x-permission")
    if permission is None:  # health, which load balancers ask for by the address of the machine
        return codes
    codes |= {"busy", "host_unknown", "invalid_input"}
    if not permission["is_open"]:
        codes |= _of_caller(method, operation["operationId"])
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "if-match":
            codes |= {"if_match_required", "stale"}
        elif parameter["in"] == "path" and parameter["schema"].get("format") == "uuid":
            codes.add("not_found")
    if "requestBody" in operation or _IDEMPOTENCY_KEY in operation.get("parameters", ()):
        codes.add("too_slow")  # a key is kept with a hash of the body, even of none
    return codes


def _of_caller(method: str, operation: str) -> set[str]:
    """Returns the codes with which authentication and policy refuse an operation."""
    wants = policy.wanted(operation)
    codes = {"too_many_bad_tokens", "unauthorized"}
    if method != "get":
        codes.add("csrf_token")
    if wants.any_of:
        codes.add("forbidden")
    if wants.in_person:
        codes.add("in_person")
    if not wants.at_once:
        codes.add("first_do_this")
    if not wants.without_role:
        codes |= {"no_role", "role_suspended"}
    return codes


def _complete(method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        schema = parameter.get("schema", {})
        for part in (schema, *schema.get("anyOf", [])):
            # A type that explains itself, such as a period, explains its parameters.
            if "description" in part:
                parameter.setdefault("description", part["description"])
        if parameter["name"] == "if-match":
            # The code declares it as optional, so that its absence is our 428 and not a 422.
            parameter.update(required=True, schema={"type": "string"})
    if method == "post" and not operation.get("x-shown-once"):
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    for status, answer in operation["responses"].items():
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        model = schemas.get(schema.get("$ref", "").rpartition("/")[2], {})
        if status.startswith("2") and VERSION_FIELDS & set(model.get("properties", {})):
            answer.setdefault("headers", {})["ETag"] = _ETAG
