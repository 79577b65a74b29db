"""Opening figures into their rows."""

from decimal import Decimal
from typing import Any

from tests.conftest import World


async def rows(world: World, figure: dict[str, Any], limit: int = 2) -> Any:
    """The rows of a figure, read page by page; they add up to it."""
    items: list[Any] = []
    url, cursor = figure["rows_url"], ""
    while cursor is not None:
        page = (await world.client.get(url + f"&limit={limit}" + (f"&cursor={cursor}" if cursor else ""))).json()
        items += page["items"]
        cursor = page["next_cursor"]
    assert len(items) == page["count"]["value"] == figure["count"]
    assert page["caliber"] == figure["caliber"]
    return items


async def adds_up(world: World, *, limit: int = 2, **asked: Any) -> dict[str, Any]:
    """The overview, after seeing that every figure opens into rows that sum to it."""
    found: dict[str, Any] = await world.get("/totals/overview", **asked)
    for name in ("collective_start", "started_or_resumed"):
        items = await rows(world, found[name], limit)
        amounts = [Decimal(item["planned_total"]) for item in items if item["planned_total"] is not None]
        assert sum(amounts) == Decimal(found[name]["amount"])
        assert len(items) - len(amounts) == found[name]["without_amount"]
    items = await rows(world, found["planned_year"], limit)
    for name in ("planned_total", "planned_this_year"):
        amounts = [Decimal(item[name]) for item in items if item[name] is not None]
        assert sum(amounts) == Decimal(found["planned_year"]["amount"][name])
        assert len(items) - len(amounts) == found["planned_year"]["without_amount"][name]
    waiting = await rows(world, found["awaiting_signed"], limit)
    assert sum(Decimal(item["amount"]) for item in waiting) == Decimal(found["awaiting_signed"]["amount"])
    entries = (await world.client.get(found["signings"]["rows_url"])).json()
    assert (entries["sum"]["count"], entries["sum"]["amount"]) == (
        found["signings"]["count"],
        found["signings"]["amount"],
    )
    return found
