"""Rate limits counted by this process in fixed windows, to shed load. Limits that must hold across processes are
counted in the database."""

from datetime import datetime, timedelta

_MOST_KEYS = 10_000


class RateLimit:
    """At most `most` calls of one key in each `window`, which starts with a call."""

    def __init__(self, most: int, window: timedelta) -> None:
        self._most = most
        self._window = window
        self._seen: dict[str, tuple[datetime, int]] = {}

    def take(self, key: str, now: datetime) -> timedelta | None:
        """Counts a call. Returns how long to wait where it exceeds the limit, else None."""
        since, count = self._seen.get(key, (now, 0))
        if not since <= now < since + self._window:
            since, count = now, 0
        if len(self._seen) >= _MOST_KEYS and key not in self._seen:
            self._seen.clear()  # a flood of different keys: reset rather than grow
        self._seen[key] = since, count + 1
        return since + self._window - now if count >= self._most else None
