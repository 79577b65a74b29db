"""How often somebody may, counted by this process in windows that begin with the first: to shed load, not to keep a
secret. What must hold across processes is counted in the database."""

from datetime import datetime, timedelta

_MOST_KEYS = 10_000


class RateLimit:
    """At most `most` of one key in `window`."""

    def __init__(self, most: int, window: timedelta) -> None:
        self._most = most
        self._window = window
        self._seen: dict[str, tuple[datetime, int]] = {}

    def take(self, key: str, now: datetime) -> timedelta | None:
        """Count one; how long to wait where that is too many."""
        since, count = self._seen.get(key, (now, 0))
        if not since <= now < since + self._window:
            since, count = now, 0
        if len(self._seen) >= _MOST_KEYS and key not in self._seen:
            self._seen.clear()  # a flood from everywhere: begin anew rather than grow
        self._seen[key] = since, count + 1
        return since + self._window - now if count >= self._most else None
