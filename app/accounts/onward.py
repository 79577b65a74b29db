"""Where to go on to after signing in, whichever way: an address of this site, whatever the link said."""

_LONGEST = 2000


def within_this_site(wanted: str | None) -> str:
    """The address that was wanted, or the first page for one that leads, or might lead, elsewhere."""
    if not wanted or len(wanted) > _LONGEST or not wanted.startswith("/") or not wanted.isprintable():
        return "/"
    # To a browser «//host» and «/\\host» are addresses of another site.
    return "/" if wanted[1:2] in ("/", "\\") else wanted
