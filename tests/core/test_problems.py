"""`x-problems` of the document: complete, and without codes that are gone. That no operation answers with another code
is seen by `tests.transport`, in every test."""

import ast
import json
from collections.abc import Iterator

from app.core import errors
from tests.conftest import ROOT

DECLARED_NOWHERE = {
    "already_registered": "stands in the inbox, beside the message",
    "client_gone": "is answered to nobody",
    "gone": "is narrowed by whoever says it",
    "method_not_allowed": "there is no such operation",
    "no_policy": "the policy names every operation",
}
"""Codes of no operation, and why."""


def _kinds(kind: type[errors.Problem] = errors.Problem) -> Iterator[type[errors.Problem]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


def _texts(nodes: list[ast.expr]) -> set[str]:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _in_source() -> tuple[set[str], set[str]]:
    """Returns all texts of the source that are not arguments of `problems`, and the codes with which problems are
    made."""
    kinds = {kind.__name__ for kind in _kinds()}
    texts, codes = set(), {kind.code for kind in _kinds()}
    for path in (ROOT / "app").rglob("*.py"):
        declaring: set[ast.AST] = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", None))
                if name == "problems":
                    declaring.update(node.args)
                elif name == "on_conflict":
                    codes |= _texts(node.args[1:2])
                elif name in kinds:
                    codes |= _texts([word.value for word in node.keywords if word.arg == "code"])
            elif isinstance(node, ast.expr) and node not in declaring:
                texts |= _texts([node])
    return texts, codes


def test_operations_declare_the_codes_of_the_source_and_no_others() -> None:
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]
    assert [one["operationId"] for one in operations if not one["x-problems"]] == []
    assert [one["operationId"] for one in operations if one["x-problems"] != sorted(set(one["x-problems"]))] == []
    declared = {code for one in operations for code in one["x-problems"]}
    texts, codes = _in_source()
    assert declared - texts == set(), "no problem has this code any more: take it out of @problems"
    assert codes - declared == DECLARED_NOWHERE.keys(), "declare it by @problems at the routes whose verb refuses so"
