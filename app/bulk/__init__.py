"""One act on many projects: each item is a transaction of its own, as if it had been sent alone."""
