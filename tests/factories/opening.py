"""Opens every number of an answer: reads all rows at the address beside it, and compares what they add up to."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.conftest import World
from tests.factories.figures import nearest_rank

Rows = list[dict[str, Any]]
WHOLE = ("entries_url", "rows_url", "cards_url")
"""Addresses of the rows of the object itself; any other `x_url` is that of its field `x`."""


class Opener:
    """Reads rows page by page, each address once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.read: dict[str, Rows] = {}

    async def rows(self, url: str) -> Rows:
        if url not in self.read:
            items: Rows = []
            cursor, page = "", {}
            while cursor is not None:
                more = f"&limit=200&cursor={cursor}" if cursor else "&limit=200"
                answer = await self.world.client.get(url + more)
                assert answer.status_code == 200, (url, answer.text)
                page = answer.json()
                items += page["items"]
                cursor = page["next_cursor"]
            if page["count"] is not None:
                assert page["count"]["value"] == len(items), url
            if isinstance(told := page.get("sum"), dict):
                assert told.get("count", len(items)) == count(url, items), url
            self.read[url] = items
        return self.read[url]

    async def open(self, answer: Any) -> int:
        """Opens every number of the answer. Returns how many addresses it had."""
        opened = 0
        for held in objects(answer):
            for name in [name for name in held if name.endswith("_url")]:
                rows = await self.rows(held[name])
                agree(held, name, rows)
                opened += 1
            for cohort in held.get("cohorts", ()):
                signed = await self.rows(cohort["signed_url"])
                for reached in cohort["reached"]:
                    assert reached["rate"] == f"{reached['count'] / len(signed):.4f}"
        return opened


def objects(answer: Any) -> Iterator[dict[str, Any]]:
    if isinstance(answer, dict):
        yield answer
        for held in answer.values():
            yield from objects(held)
    elif isinstance(answer, list):
        for held in answer:
            yield from objects(held)


def count(url: str, rows: Rows) -> int:
    """Returns what the rows count: a ledger entry counts one, nothing, or one less."""
    return sum(row["count"] for row in rows) if "/signings/entries?" in url else len(rows)


def total(rows: Rows, *names: str) -> str:
    """Returns the sum of the amounts that the rows hold under the first of these names that they have."""
    held = [row[next(name for name in names if name in row)] for row in rows]
    return f"{sum((Decimal(one) for one in held if one is not None), Decimal(0)):.2f}"


def agree(held: dict[str, Any], name: str, rows: Rows) -> None:
    """Asserts that the rows at an address add up to the numbers beside it."""
    if name not in WHOLE:
        _part_agrees(held, name.removesuffix("_url"), held[name], rows)
    elif "reached" in held.get("signings", ()):
        told = (held["signings"]["reached"], held["amount"]["reached"], held["same_quarter_landed"]["reached"])
        sums = (str(count(held[name], rows)), total(rows, "amount"), str(sum(row["landed"] for row in rows)))
        assert told == sums, held[name]
    else:
        _whole_agrees(held, held[name], rows)


def _part_agrees(held: dict[str, Any], part: str, url: str, rows: Rows) -> None:
    if (amount := part.removeprefix("without_")) in ("planned_total", "planned_this_year"):
        assert held["without_amount"][amount] == len(rows), url
        return
    is_landed = part == "same_quarter_landed"
    assert held[part] == (sum(row["landed"] for row in rows) if is_landed else count(url, rows)), url
    if part == "left":
        days = sorted(row["days"] for row in rows)
        assert (held["median_days"], held["p90_days"]) == (nearest_rank(days, 50), nearest_rank(days, 90)), url


def _whole_agrees(held: dict[str, Any], url: str, rows: Rows) -> None:
    assert held["count"] == count(url, rows), url
    amounts = held.get("amount", held.get("planned_total"))
    if isinstance(amounts, dict):
        for name in ("planned_total", "planned_this_year"):
            assert amounts[name] == total(rows, name), url
    elif amounts is not None:
        assert amounts == total(rows, "amount", "planned_total", "agreed_amount"), url
    if isinstance(without := held.get("without_amount"), int):
        amount_of = "agreed_amount" if "/deals?" in url else "planned_total"
        assert without == sum(row.get(amount_of, row.get("amount")) is None for row in rows), url
    for pool in held.get("sum", ()):
        of_pool = [row for row in rows if row["program"] in (pool["pool"], "both")]
        assert (pool["count"], pool["planned_total"]) == (len(of_pool), total(of_pool, "planned_total")), url
    if "planned_this_year" in held:
        assert held["planned_this_year"] == total(rows, "planned_this_year"), url
    if "median_days" in held:
        assert held["median_days"] == nearest_rank(sorted(row["days"] for row in rows), 50), url
    if isinstance(landed := held.get("same_quarter_landed"), int):
        assert landed == sum(row["landed"] for row in rows), url
