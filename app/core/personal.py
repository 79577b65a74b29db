"""Personal data is shown masked; the event log names the changed field and never its value."""

from app.core.records import Changes

PERSONAL = frozenset({"phone", "email"})


def masked(value: str | None) -> str | None:
    """`13800001234` → `138****1234`; an address keeps its first letter and its domain."""
    if value is None:
        return None
    name, at, domain = value.partition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 11 else "****"


def without_values(changes: Changes) -> Changes:
    """`{"phone": [old, new]}` → `{"phone": "changed"}`."""
    return {name: "changed" if name in PERSONAL else change for name, change in changes.items()}
