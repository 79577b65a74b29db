"""The address to go on to after signing in: always one of this site, whatever the link asks for."""

_MOST_BYTES = 1500
"""The address is stored in a cookie."""


def within_this_site(wanted: str | None) -> str:
    """Returns the wanted address, or `/` for one that leads, or might lead, to another site."""
    if not wanted or not wanted.startswith("/") or not wanted.isprintable() or len(wanted.encode()) > _MOST_BYTES:
        return "/"
    path = wanted.partition("?")[0].partition("#")[0]
    # To a browser «//host» and «/\\host» are addresses of another site, and «/.//host» may become one.
    return "/" if "//" in path or "\\" in path else wanted
