"""Where to go on to after signing in, whichever way: an address of this site, whatever the link said."""

_MOST_BYTES = 1500
"""It travels in a cookie."""


def within_this_site(wanted: str | None) -> str:
    """The address that was wanted, or the first page for one that leads, or might lead, elsewhere."""
    if not wanted or not wanted.startswith("/") or not wanted.isprintable() or len(wanted.encode()) > _MOST_BYTES:
        return "/"
    path = wanted.partition("?")[0].partition("#")[0]
    # To a browser «//host» and «/\\host» are addresses of another site, and «/.//host» may become one.
    return "/" if "//" in path or "\\" in path else wanted
