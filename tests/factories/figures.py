"""Reads figures together with their rows."""

import math
from decimal import Decimal
from typing import Any

from tests.conftest import World


async def rows(world: World, figure: dict[str, Any], limit: int = 2) -> Any:
    """Returns the rows of a figure, read page by page, after asserting that their number is the figure's."""
    items: list[Any] = []
    url, cursor = figure["rows_url"], ""
    while cursor is not None:
        page = (await world.client.get(url + f"&limit={limit}" + (f"&cursor={cursor}" if cursor else ""))).json()
        items += page["items"]
        cursor = page["next_cursor"]
    assert len(items) == page["count"]["value"] == figure["count"]
    assert page["caliber"] == figure["caliber"]
    return items


def nearest_rank(ordered: list[int], per_cent: int) -> int | None:
    """Returns the smallest of the days that at least so many per cent of them do not exceed."""
    return ordered[math.ceil(len(ordered) * per_cent / 100) - 1] if ordered else None


def without_addresses(value: Any) -> Any:
    """Returns an answer without the addresses of rows and the moment that these name."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if key != "known_at" and not key.endswith("_url")}
        return {key: without_addresses(one) for key, one in kept.items()}
    return [without_addresses(one) for one in value] if isinstance(value, list) else value


async def adds_up(world: World, *, limit: int = 2, **asked: Any) -> dict[str, Any]:
    """Returns the overview, after asserting that the rows of every figure add up to it."""
    overview: dict[str, Any] = await world.get("/totals/overview", **asked)
    for name in ("collective_start", "started_or_resumed"):
        items = await rows(world, overview[name], limit)
        amounts = [Decimal(item["planned_total"]) for item in items if item["planned_total"] is not None]
        assert sum(amounts) == Decimal(overview[name]["amount"])
        assert len(items) - len(amounts) == overview[name]["without_amount"]
    items = await rows(world, overview["planned_year"], limit)
    for name in ("planned_total", "planned_this_year"):
        amounts = [Decimal(item[name]) for item in items if item[name] is not None]
        assert sum(amounts) == Decimal(overview["planned_year"]["amount"][name])
        assert len(items) - len(amounts) == overview["planned_year"]["without_amount"][name]
    waiting = await rows(world, overview["awaiting_signed"], limit)
    assert sum(Decimal(item["amount"]) for item in waiting) == Decimal(overview["awaiting_signed"]["amount"])
    entries = (await world.client.get(overview["signings"]["entries_url"])).json()
    assert (entries["sum"]["count"], entries["sum"]["amount"]) == (
        overview["signings"]["count"],
        overview["signings"]["amount"],
    )
    return overview
